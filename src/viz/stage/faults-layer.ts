/** Partitions on the map: tinted islands with their names, and the cut as a thick zigzag. */
import { Container, Graphics } from 'pixi.js';
import type { Point } from '../layout/geometry.ts';
import { mix, zigzag } from '../layout/geometry.ts';
import { islandsOf } from '../layout/islands.ts';
import type { Disc } from '../layout/islands.ts';
import type { MapLayout } from '../layout/map.ts';
import type { FaultFrame } from '../../sim/index.ts';
import { serversLabel } from '../state/islands.ts';
import type { Counted } from '../state/islands.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Labels } from './labels.ts';
import type { Sharpness } from './labels.ts';

const NAME_SIZE = 13;
/** Below a server: its log and its numbers. */
const LOG_ROOM = 50;
const LOG_HALF = 68;
/** A cut ends so far from a box. */
const GAP = 10;
/** A name may stand so far beside its node. */
const SHIFT = 46;

interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const meet = (a: Rect, b: Rect): boolean =>
  a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** What a name must not hide: boxes, nodes and their logs. */
function obstaclesOf({ boxes, places }: MapLayout): Rect[] {
  const rects = boxes.map(({ x, y, width, height }) => ({
    x0: x,
    y0: y,
    x1: x + width,
    y1: y + height,
  }));
  const inBox = new Set(boxes.flatMap((box) => box.members));
  for (const { index, x, y, radius } of places.values()) {
    if (inBox.has(index)) continue;
    rects.push({ x0: x - radius - 8, y0: y - radius - 8, x1: x + radius + 8, y1: y + radius + 8 });
    const top = y + radius + 8;
    rects.push({ x0: x - LOG_HALF, y0: top, x1: x + LOG_HALF, y1: top + LOG_ROOM - 8 });
  }
  return rects;
}

/** The parts of a line that touch no box: callers have their own sides. */
function outsideOf(line: readonly Point[], boxes: MapLayout['boxes']): Point[][] {
  const parts: Point[][] = [[]];
  for (const point of line) {
    const covered = boxes.some(
      ({ x, y, width, height }) =>
        point.x > x - GAP &&
        point.x < x + width + GAP &&
        point.y > y - GAP &&
        point.y < y + height + GAP,
    );
    if (covered) parts.push([]);
    else parts.at(-1)!.push(point);
  }
  return parts.filter((part) => part.length > 2);
}

export class FaultsLayer {
  /** Under everything. */
  readonly islands = new Graphics();
  /** Over the boxes: whose callers are on which side. */
  readonly callers = new Graphics();
  /** Over the links, under the messages. */
  readonly cuts = new Graphics();
  /** Over everything. */
  readonly names = new Container();
  readonly #labels: Labels;
  /** Where names stand already. */
  readonly #taken: Rect[] = [];
  #key = '';
  #layout: MapLayout | null = null;
  #tokens: Tokens | null = null;

  constructor(sharpness: Sharpness) {
    this.#labels = new Labels(sharpness);
    this.names.addChild(this.#labels.view);
  }

  setSharpness(sharpness: Sharpness): void {
    this.#labels.setSharpness(sharpness);
    // Names of another size may need other places.
    this.#layout = null;
  }

  update(faults: readonly FaultFrame[], layout: MapLayout, counted: Counted, tokens: Tokens): void {
    const key = faults
      .map((f) => `${f.id}:${f.islands.map((island) => island.join(' ')).join('|')}`)
      .join(',');
    if (key === this.#key && layout === this.#layout && tokens === this.#tokens) return;
    this.#key = key;
    this.#layout = layout;
    this.#tokens = tokens;
    this.islands.clear();
    this.cuts.clear();
    this.callers.clear();
    this.#taken.length = 0;
    this.#labels.begin();
    for (const fault of faults) {
      if (fault.islands.length > 0) this.#drawSplit(fault, layout, counted, tokens);
      else this.#drawCutLinks(fault, layout, tokens);
    }
    this.#labels.end();
  }

  #drawSplit(fault: FaultFrame, layout: MapLayout, counted: Counted, tokens: Tokens): void {
    // Territories are those of the servers: callers stand at the edges and only take the colour of
    // their side, so that the cut runs between those it matters for.
    const sides = fault.islands.map((island) => {
      const own = island.filter((index) => counted.servers.has(index));
      return own.length > 0 ? own : island;
    });
    const groups = sides.map((side) => side.flatMap((index) => layout.places.get(index) ?? []));
    const drawn = islandsOf(groups);
    fault.islands.forEach((island, i) => {
      const colour = tokens.islands[i % tokens.islands.length]!;
      this.#drawCallers(new Set(island), new Set(sides[i]), colour, layout);
    });
    drawn.islands.forEach((island, i) => {
      const colour = tokens.islands[i % tokens.islands.length]!;
      for (const outline of island.outlines) {
        const flat = outline.flatMap((p) => [p.x, p.y]);
        this.islands.poly(flat).fill({ color: colour, alpha: 0.13 });
        this.islands.poly(flat).stroke({ width: 1.5, color: colour, alpha: 0.7 });
      }
      const members = fault.islands[i] ?? [];
      const text = serversLabel(i, members, counted);
      this.#name(text, colour, island.anchors, layout, drawn.cuts.flat(), tokens);
    });
    for (const line of drawn.cuts.flatMap((cut) => outsideOf(cut, layout.boxes))) {
      this.#drawZigzag(line, tokens, 15, 7, 4.5);
    }
  }

  /** A box whose members are all on one side takes its colour; else each member does. */
  #drawCallers(
    island: ReadonlySet<number>,
    shores: ReadonlySet<number>,
    colour: string,
    layout: MapLayout,
  ): void {
    const g = this.callers;
    const inBox = new Set<number>();
    for (const box of layout.boxes) {
      if (!box.members.every((index) => island.has(index))) continue;
      for (const index of box.members) inBox.add(index);
      g.roundRect(box.x, box.y, box.width, box.height, 14).fill({ color: colour, alpha: 0.16 });
      g.roundRect(box.x, box.y, box.width, box.height, 14).stroke({ width: 2, color: colour });
    }
    for (const index of island) {
      const place = layout.places.get(index);
      if (place === undefined || shores.has(index) || inBox.has(index)) continue;
      g.circle(place.x, place.y, place.radius + 6).fill({ color: colour, alpha: 0.3 });
      g.circle(place.x, place.y, place.radius + 6).stroke({ width: 1.5, color: colour });
    }
  }

  /** Over one of its nodes or under it, where the name hides least. */
  #name(
    text: string,
    colour: string,
    anchors: readonly Disc[],
    layout: MapLayout,
    cut: readonly Point[],
    tokens: Tokens,
  ): void {
    const size = this.#labels.sizeOf(NAME_SIZE);
    const half = text.length * size * 0.29 + size * 0.5;
    const inWorld = (x: number) => Math.min(layout.width - half, Math.max(half, x));
    const rectAt = (x: number, y: number): Rect => ({
      x0: x - half,
      x1: x + half,
      y0: y - size * 0.8,
      y1: y + size * 0.8,
    });
    const spots = anchors.flatMap((anchor) =>
      [0, -SHIFT, SHIFT].flatMap((by) => [
        { x: inWorld(anchor.x + by), y: Math.max(size, anchor.y - anchor.radius - 22) },
        { x: inWorld(anchor.x + by), y: anchor.y + anchor.radius + LOG_ROOM + size },
      ]),
    );
    const full = [...this.#taken, ...obstaclesOf(layout)];
    const hides = (spot: Point) => {
      const rect = rectAt(spot.x, spot.y);
      const onCut = cut.some((p) => meet(rect, { x0: p.x - 9, x1: p.x + 9, y0: p.y, y1: p.y }));
      return 2 * full.filter((other) => meet(rect, other)).length + (onCut ? 1 : 0);
    };
    const spot = spots.toSorted((a, b) => hides(a) - hides(b))[0];
    if (spot === undefined) return;
    this.#taken.push(rectAt(spot.x, spot.y));
    this.#labels.add(text, spot.x, spot.y, {
      size: NAME_SIZE,
      colour: tokens.text,
      bold: true,
      plate: { fill: tokens.stage, edge: colour },
    });
  }

  #drawCutLinks(fault: FaultFrame, layout: MapLayout, tokens: Tokens): void {
    const done = new Set<string>();
    const both = new Set(fault.cutLinks.map(([from, to]) => `${from}>${to}`));
    for (const [from, to] of fault.cutLinks) {
      const pair = from < to ? `${from}-${to}` : `${to}-${from}`;
      const a = layout.places.get(from);
      const b = layout.places.get(to);
      if (done.has(pair) || a === undefined || b === undefined) continue;
      done.add(pair);
      const oneWay = !both.has(`${to}>${from}`);
      const middle = mix(a, b, 0.5);
      const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
      const nx = (-(b.y - a.y) / length) * 22;
      const ny = ((b.x - a.x) / length) * 22;
      const line = [
        { x: middle.x - nx, y: middle.y - ny },
        { x: middle.x + nx, y: middle.y + ny },
      ];
      this.#drawZigzag(line, tokens, 9, 5, 4);
      if (oneWay) this.#drawArrow(mix(a, b, 0.5 - 34 / length), middle, tokens);
    }
  }

  #drawZigzag(line: readonly Point[], tokens: Tokens, step: number, height: number, width: number) {
    const points = zigzag(line, step, height);
    const flat = points.flatMap((p) => [p.x, p.y]);
    this.cuts.poly(flat, false).stroke({ width: width + 3, color: tokens.stage, alpha: 0.9 });
    this.cuts.poly(flat, false).stroke({ width, color: tokens.fault, join: 'round', cap: 'round' });
  }

  /** Which way is cut, where the other way still works. */
  #drawArrow(from: Point, to: Point, tokens: Tokens): void {
    const angle = Math.atan2(to.y - from.y, to.x - from.x);
    const wing = (turn: number): Point => ({
      x: to.x - Math.cos(angle + turn) * 10,
      y: to.y - Math.sin(angle + turn) * 10,
    });
    const [a, b] = [wing(0.5), wing(-0.5)];
    this.cuts
      .moveTo(from.x, from.y)
      .lineTo(to.x, to.y)
      .moveTo(a.x, a.y)
      .lineTo(to.x, to.y)
      .lineTo(b.x, b.y)
      .stroke({ width: 2.5, color: tokens.fault });
  }
}
