/**
 * What the stage and the buttons over it share: the layout of the run's nodes, the viewport, and
 * the stroke of the knife. No Pixi here, so the page can place its buttons before Pixi has come.
 */
import type { Point } from '../layout/geometry.ts';
import { strokeOf } from '../layout/knife.ts';
import type { Stroke } from '../layout/knife.ts';
import { alongFlow } from '../layout/flow.ts';
import type { MapLayout } from '../layout/map.ts';
import { layoutOf, screenOf } from '../layout/layout.ts';
import { between, sidesTogether } from '../layout/arrange.ts';
import type { Viewport } from '../layout/viewport.ts';
import { fit, keepInSight, toWorld, zoomAt } from '../layout/viewport.ts';
import { painterOf } from '../painters/index.ts';
import type { Counted } from '../state/islands.ts';
import type { FaultFrame, GroupPlan, NodeFrame } from '../../sim/index.ts';

/** How long the nodes take to the sides of a cut. */
const MOVE_MS = 350;

const EMPTY: MapLayout = { width: 1, height: 1, places: new Map(), boxes: [], links: [] };

const standsInRow = (component: string): boolean => painterOf(component).standsInRow;
const flowOf = (component: string): readonly string[] => painterOf(component).flow;

function countedOf(groups: readonly GroupPlan[], nodes: readonly NodeFrame[]): Counted {
  const called = new Set(groups.flatMap((group) => Object.values(group.links ?? {})));
  const those = (isOne: (node: NodeFrame) => boolean) =>
    new Set(nodes.filter(isOne).map(({ index }) => index));
  return {
    servers: those(({ group }) => called.size === 0 || called.has(group)),
    voters: groups
      .filter(({ component, count }) => count > 1 && painterOf(component).needsMajority)
      .map(({ name }) => ({ group: name, members: those(({ group }) => group === name) })),
  };
}

export class StageView {
  #groups: readonly GroupPlan[] = [];
  #key = '';
  #size = { width: 0, height: 0 };
  /** Until someone pans or zooms, the whole map stays in sight. */
  #touched = false;
  readonly #changed: () => void;
  /** The layout of the nodes without any cut, and the one that is on its way to. */
  #whole: MapLayout = EMPTY;
  #goal: MapLayout = EMPTY;
  #sidesKey = '';
  #from: MapLayout | null = null;
  #startedMs: number | null = null;
  /** Whether anything was drawn since the nodes were laid out. */
  #shown = false;
  layout: MapLayout = EMPTY;
  viewport: Viewport = { x: 0, y: 0, scale: 1 };
  counted: Counted = { servers: new Set(), voters: [] };
  strokeLine: readonly [Point, Point] | null = null;
  stroke: Stroke = { cuts: 'nothing' };

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  setGroups(groups: readonly GroupPlan[]): void {
    if (groups === this.#groups) return;
    this.#groups = groups;
    this.#key = '';
    this.#touched = false;
  }

  setSize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#key = '';
    this.#touched = false;
  }

  /** Lays the nodes out again if there are others than before, or other sides of a cut. */
  setNodes(nodes: readonly NodeFrame[], faults: readonly FaultFrame[]): void {
    this.#lay(nodes);
    this.#takeSides(nodes, faults);
  }

  #lay(nodes: readonly NodeFrame[]): void {
    if (nodes.length === 0 || this.#size.width === 0) return;
    const screen = screenOf(this.#size);
    const who = nodes.map((node) => `${node.index}${node.group}`).join(',');
    const key = `${screen.aspect}${screen.small}:${who}`;
    if (key === this.#key) return;
    this.#key = key;
    const members = nodes.map(({ index, group }) => ({ index, group }));
    this.#whole = layoutOf(alongFlow(this.#groups, flowOf), members, screen, standsInRow);
    this.#goal = this.#whole;
    this.#from = null;
    this.#shown = false;
    this.#sidesKey = '';
    this.layout = this.#whole;
    this.counted = countedOf(this.#groups, nodes);
    if (!this.#touched) this.viewport = fit(this.layout, this.#size);
  }

  /** While one cut is in force its sides stand together; several at once leave all in place. */
  #takeSides(nodes: readonly NodeFrame[], faults: readonly FaultFrame[]): void {
    const splits = faults.filter((fault) => fault.islands.length > 1);
    const islands = splits.length === 1 ? splits[0]!.islands : [];
    const key = islands.map((island) => island.join()).join('|');
    if (key === this.#sidesKey || this.#whole === EMPTY) return;
    this.#sidesKey = key;
    const rings = new Map<string, number[]>();
    for (const { index, group } of nodes) {
      if (!this.counted.servers.has(index)) continue;
      rings.set(group, [...(rings.get(group) ?? []), index]);
    }
    this.#goal = sidesTogether(this.#whole, [...rings.values()], islands);
    this.#from = this.layout;
    this.#startedMs = null;
    // A run that opens during a cut has nothing to move from.
    if (!this.#shown) this.#arrive();
    this.#changed();
  }

  #arrive(): void {
    this.#from = null;
    this.#startedMs = null;
    this.layout = this.#goal;
  }

  /** One picture further on the way to where the nodes belong. */
  advance(nowMs: number, reducedMotion: boolean): void {
    this.#shown = true;
    if (this.#from === null) return;
    this.#startedMs ??= nowMs;
    const share = reducedMotion ? 1 : (nowMs - this.#startedMs) / MOVE_MS;
    if (share >= 1) this.#arrive();
    else {
      this.layout = between(this.#from, this.#goal, share);
      this.#changed();
    }
  }

  fit(): void {
    this.#touched = false;
    this.viewport = fit(this.layout, this.#size);
    this.#changed();
  }

  zoom(factor: number): void {
    const middle = { x: this.#size.width / 2, y: this.#size.height / 2 };
    this.setViewport(zoomAt(this.viewport, middle, factor));
  }

  setViewport(next: Viewport): void {
    this.#touched = true;
    this.viewport = keepInSight(next, this.layout, this.#size);
    this.#changed();
  }

  /** The stroke so far, in screen coordinates. */
  setStroke(line: readonly [Point, Point] | null): void {
    this.strokeLine =
      line === null ? null : [toWorld(this.viewport, line[0]), toWorld(this.viewport, line[1])];
    this.stroke =
      this.strokeLine === null
        ? { cuts: 'nothing' }
        : strokeOf(this.layout, this.strokeLine[0], this.strokeLine[1]);
    this.#changed();
  }

  get farSide(): ReadonlySet<number> {
    if (this.stroke.cuts === 'network') return new Set(this.stroke.sides[1]);
    if (this.stroke.cuts === 'link') return new Set([this.stroke.link.a, this.stroke.link.b]);
    return new Set();
  }
}
