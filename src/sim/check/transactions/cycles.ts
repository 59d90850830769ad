/**
 * The shortest dependency cycle of each class, in each strongly connected component.
 *
 *  - G0: overwriting alone. G1c: with reading. G-single: exactly one transaction missed a write.
 *  - G-nonadjacent: several did, never two in a row. G2-item: two in a row did.
 *  - The same with session or real-time edges, looked for only where the plain class is absent: it
 *    is the worse finding and implies the other.
 *
 * Invariants
 *  - Every cycle answered is simple and of the class that it is answered for. It has the fewest
 *    transactions of its class in its component: a way along real time or a session is one edge,
 *    which is added to the graph where it was only implied. Of G-nonadjacent this is so unless the
 *    shortest way crosses itself; then there is a smaller G-single.
 *  - A class that is neither answered nor `undecided` is absent. Where edges may begin a cycle of a
 *    class is decided by components (of the graph, or of its product with "the last edge missed a
 *    write"), so a history without anomalies costs two linear passes.
 *  - A search stops after so many edges looked at, never after a time.
 *
 * Sources: Adya 1999; Kingsbury and Alvaro, VLDB 2020 (classes, components first); Cerone and
 * Gotsman 2016 (cycles without two anti-dependencies in a row are those that snapshot isolation
 * forbids).
 */
import { RW, WR, WW, adjacencyOf } from './graph.ts';
import type { Adjacency, DependencyGraph } from './graph.ts';
import { componentsOf } from './components.ts';
import type { Components } from './components.ts';
import { PathSearch } from './paths.ts';
import type { LocalGraph } from './paths.ts';

export const CYCLE_CLASSES = ['G0', 'G1c', 'G-single', 'G-nonadjacent', 'G2-item'] as const;
export type CycleClass = (typeof CYCLE_CLASSES)[number];

export interface Cycle {
  readonly class: CycleClass;
  readonly suffix: string;
  /** Edges of the graph, each beginning where the one before ended. */
  readonly edges: readonly number[];
  /** False: the budget ended before it was certain that there is no shorter one. */
  readonly isShortest: boolean;
}

interface CycleSearchResult {
  readonly cycles: readonly Cycle[];
  /** Classes with suffix that the budget left open. */
  readonly undecided: readonly string[];
  readonly steps: number;
}

export interface Suffix {
  readonly name: string;
  readonly kind: number;
}

/** Looks for all classes with edges between single items, then with the edges of `suffix`. */
export function findCycles(
  graph: DependencyGraph,
  suffix: Suffix | undefined,
  stepsMax: number,
): CycleSearchResult {
  const out = adjacencyOf(graph.nodes, graph.from, () => true);
  const components = componentsOf(graph.nodes, out, graph.to);
  const cycles: Cycle[] = [];
  const undecided = new Set<string>();
  let steps = 0;
  for (const local of localGraphs(graph, components)) {
    const search = new ComponentSearch(local, stepsMax);
    for (const name of CYCLE_CLASSES) {
      const plain = search.find(name, WW | WR, '');
      if (plain !== undefined) cycles.push(plain);
      else if (search.isCut) undecided.add(name);
      if (plain !== undefined || suffix === undefined) continue;
      const wider = search.find(name, WW | WR | suffix.kind, suffix.name);
      if (wider !== undefined) cycles.push(wider);
      else if (search.isCut) undecided.add(`${name}${suffix.name}`);
    }
    steps += search.steps;
  }
  return { cycles, undecided: [...undecided], steps };
}

/** The components with more than one node, each with its own numbers, in the order of nodes. */
function localGraphs(graph: DependencyGraph, components: Components): LocalGraph[] {
  const localOf = new Int32Array(graph.nodes);
  const parts = new Map<number, { nodes: number[]; edges: number[] }>();
  for (let node = 0; node < graph.nodes; node++) {
    const component = components.of[node] ?? 0;
    if ((components.size[component] ?? 0) < 2) continue;
    let part = parts.get(component);
    if (part === undefined) parts.set(component, (part = { nodes: [], edges: [] }));
    localOf[node] = part.nodes.push(node) - 1;
  }
  for (let edge = 0; edge < graph.edges; edge++) {
    const component = components.of[graph.from[edge] ?? 0] ?? 0;
    if (component === components.of[graph.to[edge] ?? 0]) parts.get(component)?.edges.push(edge);
  }
  return [...parts.values()].map(({ nodes, edges }) => {
    const from = edges.map((edge) => localOf[graph.from[edge] ?? 0] ?? 0);
    const to = edges.map((edge) => localOf[graph.to[edge] ?? 0] ?? 0);
    const kind = edges.map((edge) => graph.kind[edge] ?? 0);
    const join = (a: number, b: number, of: number): number => {
      edges.push(graph.add(nodes[a] ?? 0, nodes[b] ?? 0, of));
      from.push(a);
      to.push(b);
      return kind.push(of) - 1;
    };
    return { nodes: nodes.length, edges, from, to, kind, join };
  });
}

class ComponentSearch {
  readonly #graph: LocalGraph;
  readonly #paths: PathSearch;
  readonly #stepsMax: number;
  /** True when the last search met its budget. */
  isCut = false;
  steps = 0;

  constructor(graph: LocalGraph, stepsMax: number) {
    this.#graph = graph;
    this.#paths = new PathSearch(graph);
    this.#stepsMax = stepsMax;
  }

  find(name: CycleClass, plain: number, suffix: string): Cycle | undefined {
    this.#paths.begin(this.#stepsMax);
    const edges = this.#shortest(name, plain);
    this.isCut = this.#paths.isCut;
    this.steps += this.#paths.steps;
    if (edges === undefined) return undefined;
    const original = edges.map((edge) => this.#graph.edges[edge] ?? 0);
    return { class: name, suffix, edges: original, isShortest: !this.isCut };
  }

  #shortest(name: CycleClass, plain: number): number[] | undefined {
    switch (name) {
      case 'G0':
        return this.#through(WW, plain & ~WR);
      case 'G1c':
        return this.#through(WR, plain);
      case 'G-single':
        return this.#throughOneMiss(plain);
      case 'G-nonadjacent':
        return this.#throughApartMisses(plain);
      case 'G2-item':
        return this.#throughAdjacentMisses(plain | RW);
    }
  }

  /** The shortest cycle of edges in `mask` with an edge of kind `pivot`. */
  #through(pivot: number, mask: number): number[] | undefined {
    const component = this.#componentsWith(mask).of;
    let best: number[] | undefined;
    for (let edge = 0; edge < this.#graph.edges.length; edge++) {
      if (((this.#graph.kind[edge] ?? 0) & pivot) === 0) continue;
      const from = this.#graph.from[edge] ?? 0;
      const to = this.#graph.to[edge] ?? 0;
      if (component[from] !== component[to]) continue;
      best = shorter(best, edge, this.#paths.path(to, from, mask, limitOf(best)));
      if (best?.length === 2 || this.#paths.isCut) break;
    }
    return best;
  }

  #throughOneMiss(plain: number): number[] | undefined {
    let best: number[] | undefined;
    for (const edge of this.#apartPivots(plain)) {
      const from = this.#graph.from[edge] ?? 0;
      const to = this.#graph.to[edge] ?? 0;
      best = shorter(best, edge, this.#paths.path(to, from, plain, limitOf(best)));
      if (best?.length === 2 || this.#paths.isCut) break;
    }
    return best;
  }

  #throughApartMisses(plain: number): number[] | undefined {
    let best: number[] | undefined;
    for (const edge of this.#apartPivots(plain)) {
      const from = this.#graph.from[edge] ?? 0;
      const to = this.#graph.to[edge] ?? 0;
      const path = this.#paths.pathWithApartMisses(to, from, plain, limitOf(best));
      // A walk that crosses itself falls apart into cycles of other classes, found as those.
      if (path !== undefined && this.#isSimple([edge, ...path])) best = shorter(best, edge, path);
      if (best?.length === 4 || this.#paths.isCut) break;
    }
    return best;
  }

  #throughAdjacentMisses(mask: number): number[] | undefined {
    const component = this.#componentsWith(mask).of;
    const misses = adjacencyOf(
      this.#graph.nodes,
      this.#graph.from,
      (edge) => ((this.#graph.kind[edge] ?? 0) & RW) !== 0,
    );
    let best: number[] | undefined;
    for (let first = 0; first < this.#graph.edges.length; first++) {
      if (((this.#graph.kind[first] ?? 0) & RW) === 0) continue;
      const from = this.#graph.from[first] ?? 0;
      const middle = this.#graph.to[first] ?? 0;
      if (component[from] !== component[middle]) continue;
      for (const second of edgesOf(misses, middle)) {
        const to = this.#graph.to[second] ?? 0;
        if (to === from) return [first, second];
        if (component[to] !== component[middle]) continue;
        const path = this.#paths.path(to, from, mask, limitOf(best) - 1, middle);
        if (path !== undefined) best = shorter(best, first, [second, ...path]);
        if (this.#paths.isCut) return best;
      }
    }
    return best;
  }

  #componentsWith(mask: number): Components {
    const { nodes, from, to, kind } = this.#graph;
    const out = adjacencyOf(nodes, from, (edge) => ((kind[edge] ?? 0) & mask) !== 0);
    return componentsOf(nodes, out, to);
  }

  /**
   * The anti-dependencies that lie on a closed walk without two of them in a row: components of the
   * graph in which each node stands twice, reached by an anti-dependency or not.
   */
  #apartPivots(plain: number): number[] {
    const { nodes, edges, from, to, kind } = this.#graph;
    const doubledFrom: number[] = [];
    const doubledTo: number[] = [];
    const pivots: number[] = [];
    for (let edge = 0; edge < edges.length; edge++) {
      const tail = from[edge] ?? 0;
      const head = to[edge] ?? 0;
      if (((kind[edge] ?? 0) & plain) !== 0) {
        doubledFrom.push(tail, tail + nodes);
        doubledTo.push(head, head);
      } else if (kind[edge] === RW) {
        doubledFrom.push(tail);
        doubledTo.push(head + nodes);
        pivots.push(edge);
      }
    }
    const out = adjacencyOf(nodes * 2, doubledFrom, () => true);
    const component = componentsOf(nodes * 2, out, doubledTo).of;
    return pivots.filter(
      (edge) => component[from[edge] ?? 0] === component[(to[edge] ?? 0) + nodes],
    );
  }

  #isSimple(cycle: readonly number[]): boolean {
    const seen = new Set<number>();
    for (const edge of cycle) seen.add(this.#graph.from[edge] ?? 0);
    return seen.size === cycle.length;
  }
}

function shorter(
  best: number[] | undefined,
  pivot: number,
  path: readonly number[] | undefined,
): number[] | undefined {
  if (path === undefined || (best !== undefined && best.length <= path.length + 1)) return best;
  return [pivot, ...path];
}

/** The longest path that still makes a shorter cycle. */
function limitOf(best: readonly number[] | undefined): number {
  return best === undefined ? Infinity : best.length - 2;
}

function edgesOf({ start, edge }: Adjacency, node: number): Int32Array {
  return edge.subarray(start[node] ?? 0, start[node + 1] ?? 0);
}
