/**
 * What the stage and the buttons over it share: the layout of the run's nodes, the viewport, and
 * the stroke of the knife. No Pixi here, so the page can place its buttons before Pixi has come.
 */
import type { Point } from '../layout/geometry.ts';
import { strokeOf } from '../layout/knife.ts';
import type { Stroke } from '../layout/knife.ts';
import type { MapLayout } from '../layout/layout.ts';
import { layoutOf, screenOf } from '../layout/layout.ts';
import type { Viewport } from '../layout/viewport.ts';
import { fit, keepInSight, toWorld, zoomAt } from '../layout/viewport.ts';
import type { GroupPlan, NodeFrame } from '../../sim/index.ts';

const EMPTY: MapLayout = { width: 1, height: 1, places: new Map(), boxes: [], links: [] };

export class StageView {
  #groups: readonly GroupPlan[] = [];
  #key = '';
  #size = { width: 0, height: 0 };
  /** Until someone pans or zooms, the whole map stays in sight. */
  #touched = false;
  readonly #changed: () => void;
  layout: MapLayout = EMPTY;
  viewport: Viewport = { x: 0, y: 0, scale: 1 };
  servers: ReadonlySet<number> = new Set();
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

  /** Lays the nodes out again if there are others than before. */
  setNodes(nodes: readonly NodeFrame[]): void {
    if (nodes.length === 0 || this.#size.width === 0) return;
    const screen = screenOf(this.#size);
    const who = nodes.map((node) => `${node.index}${node.group}`).join(',');
    const key = `${screen.aspect}${screen.small}:${who}`;
    if (key === this.#key) return;
    this.#key = key;
    const members = nodes.map(({ index, group }) => ({ index, group }));
    this.layout = layoutOf(this.#groups, members, screen);
    const called = new Set(this.#groups.flatMap((group) => Object.values(group.links ?? {})));
    const isServer = (node: NodeFrame) => called.size === 0 || called.has(node.group);
    this.servers = new Set(nodes.filter(isServer).map((node) => node.index));
    if (!this.#touched) this.viewport = fit(this.layout, this.#size);
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
