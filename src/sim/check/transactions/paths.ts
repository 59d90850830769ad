/**
 * Shortest paths inside one component, breadth first, under one budget of edges looked at.
 *
 * Edges of session and real time are a reduction of an order: any number of them in a row is one
 * step, from the first to the last, as who stands between them has no part in it.
 *
 * Invariant: a path is a list of edges; of several shortest ones it is the first in the order of
 * edges, so an explanation does not change from one run to the next.
 */
import { REALTIME, RW, SESSION, adjacencyOf } from './graph.ts';
import type { Adjacency } from './graph.ts';

/** A component with its own node numbers. */
export interface LocalGraph {
  readonly nodes: number;
  /** Numbers of the edges in the whole graph. */
  readonly edges: number[];
  readonly from: number[];
  readonly to: number[];
  readonly kind: number[];
  /** Adds an edge along an order; answers its number here. */
  readonly join: (from: number, to: number, kind: number) => number;
}

const NONE = -1;
const ORDER = SESSION | REALTIME;
/** Less the kind: several edges of an order, in place of the number of one. */
const ALONG = -2;
/** States of a node on a walk with anti-dependencies: how many so far (one or more), the last. */
const LAYERS = 4;
const MANY = 2;
const AFTER_MISS = 1;

export class PathSearch {
  readonly #graph: LocalGraph;
  readonly #out: Adjacency;
  /** Per place (node and layer): the search that met it, the edge that led there, from where. */
  readonly #met: Int32Array;
  /** Per place: the search in which an order led there; what comes after it there is met, too. */
  readonly #ordered: Int32Array;
  readonly #edge: Int32Array;
  readonly #before: Int32Array;
  readonly #queue: Int32Array;
  #search = 0;
  #stepsMax = 0;
  steps = 0;
  isCut = false;

  constructor(graph: LocalGraph) {
    this.#graph = graph;
    this.#out = adjacencyOf(graph.nodes, graph.from, () => true);
    this.#met = new Int32Array(graph.nodes * LAYERS);
    this.#ordered = new Int32Array(graph.nodes * LAYERS);
    this.#edge = new Int32Array(graph.nodes * LAYERS);
    this.#before = new Int32Array(graph.nodes * LAYERS);
    this.#queue = new Int32Array(graph.nodes * LAYERS);
  }

  begin(stepsMax: number): void {
    this.#stepsMax = stepsMax;
    this.steps = 0;
    this.isCut = false;
  }

  /** From `start` to `goal` in at most `longest` steps along `mask`, not through `avoid`. */
  path(
    start: number,
    goal: number,
    mask: number,
    longest: number,
    avoid = NONE,
  ): number[] | undefined {
    if (longest < 1) return undefined;
    this.#search++;
    if (avoid !== NONE) this.#met[avoid * LAYERS] = this.#search;
    return this.#walk(start * LAYERS, goal * LAYERS, mask, longest, oneLayer);
  }

  /**
   * From `start`, reached by an anti-dependency, to `goal`, which it left: over plain edges and at
   * least one more anti-dependency, never two in a row, the closing pair included.
   */
  pathWithApartMisses(
    start: number,
    goal: number,
    plain: number,
    longest: number,
  ): number[] | undefined {
    this.#search++;
    const first = start * LAYERS + AFTER_MISS;
    return this.#walk(first, goal * LAYERS + MANY, plain, longest, apartMisses);
  }

  /** The shortest way from one place to another, level by level. */
  #walk(
    first: number,
    goal: number,
    mask: number,
    longest: number,
    layerAfter: LayerRule,
  ): number[] | undefined {
    this.#meet(first, NONE, NONE);
    this.#queue[0] = first;
    let ready = 1;
    let levelEnd = 1;
    let length = 1;
    for (let place = 0; place < ready; place++) {
      if (place === levelEnd) {
        levelEnd = ready;
        if (++length > longest) return undefined;
      }
      const from = this.#queue[place] ?? 0;
      const along = [from];
      for (const here of along) {
        const node = Math.floor(here / LAYERS);
        const end = this.#out.start[node + 1] ?? 0;
        for (let at = this.#out.start[node] ?? 0; at < end; at++) {
          const edge = this.#out.edge[at] ?? 0;
          if (++this.steps > this.#stepsMax) return this.#cut();
          const kind = this.#graph.kind[edge] ?? 0;
          const isOrder = (kind & ORDER) !== 0;
          const layer = layerAfter(here % LAYERS, kind, mask);
          if (layer === NONE || (here !== from && !isOrder)) continue;
          const next = (this.#graph.to[edge] ?? 0) * LAYERS + layer;
          if (isOrder && this.#ordered[next] !== this.#search) {
            this.#ordered[next] = this.#search;
            along.push(next);
          }
          if (this.#met[next] === this.#search) continue;
          this.#meet(next, here === from ? edge : ALONG - kind, from);
          if (next === goal) return this.#trace(next);
          this.#queue[ready++] = next;
        }
      }
    }
    return undefined;
  }

  #meet(place: number, edge: number, before: number): void {
    this.#met[place] = this.#search;
    this.#edge[place] = edge;
    this.#before[place] = before;
  }

  #cut(): undefined {
    this.isCut = true;
    return undefined;
  }

  #joined(from: number, to: number, kind: number): number {
    return this.#graph.join(Math.floor(from / LAYERS), Math.floor(to / LAYERS), kind);
  }

  #trace(end: number): number[] {
    const edges: number[] = [];
    for (let place = end; this.#edge[place] !== NONE; place = this.#before[place] ?? NONE) {
      const edge = this.#edge[place] ?? 0;
      const before = this.#before[place] ?? 0;
      edges.push(edge > NONE ? edge : this.#joined(before, place, ALONG - edge));
    }
    return edges.reverse();
  }
}

/** The layer that an edge of this kind leads to, `NONE` where it may not be taken. */
type LayerRule = (layer: number, kind: number, mask: number) => number;

const oneLayer: LayerRule = (layer, kind, mask) => ((kind & mask) === 0 ? NONE : layer);

const apartMisses: LayerRule = (layer, kind, plain) => {
  if ((kind & plain) !== 0) return layer & MANY;
  if (kind !== RW || (layer & AFTER_MISS) !== 0) return NONE;
  return MANY | AFTER_MISS;
};
