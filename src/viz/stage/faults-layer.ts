/** Partitions on the map: tinted islands with their names, and the cut as a thick zigzag. */
import { Container, Graphics } from 'pixi.js';
import type { Point } from '../layout/geometry.ts';
import { mix, zigzag } from '../layout/geometry.ts';
import { islandsOf } from '../layout/islands.ts';
import type { Disc } from '../layout/islands.ts';
import type { MapLayout } from '../layout/layout.ts';
import type { FaultFrame } from '../../sim/index.ts';
import { islandLabel } from '../state/islands.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Labels } from './labels.ts';

export class FaultsLayer {
  /** Under everything. */
  readonly islands = new Graphics();
  /** Over the links, under the messages. */
  readonly cuts = new Graphics();
  /** Over everything. */
  readonly names = new Container();
  readonly #plates = new Graphics();
  readonly #labels: Labels;
  #key = '';
  #layout: MapLayout | null = null;
  #tokens: Tokens | null = null;

  constructor(resolution: number) {
    this.#labels = new Labels(resolution);
    this.names.addChild(this.#plates, this.#labels.view);
  }

  setResolution(resolution: number): void {
    this.#labels.setResolution(resolution);
  }

  update(
    faults: readonly FaultFrame[],
    layout: MapLayout,
    servers: ReadonlySet<number>,
    tokens: Tokens,
  ): void {
    const key = faults
      .map((f) => `${f.id}:${f.islands.map((island) => island.join(' ')).join('|')}`)
      .join(',');
    if (key === this.#key && layout === this.#layout && tokens === this.#tokens) return;
    this.#key = key;
    this.#layout = layout;
    this.#tokens = tokens;
    this.islands.clear();
    this.cuts.clear();
    this.#plates.clear();
    this.#labels.begin();
    for (const fault of faults) {
      if (fault.islands.length > 0) this.#drawSplit(fault, layout, servers, tokens);
      else this.#drawCutLinks(fault, layout, tokens);
    }
    this.#labels.end();
  }

  #drawSplit(
    fault: FaultFrame,
    layout: MapLayout,
    servers: ReadonlySet<number>,
    tokens: Tokens,
  ): void {
    // Territories are those of the servers: callers stand at the edges and only take the colour of
    // their side, so that the cut runs between those it matters for.
    const sides = fault.islands.map((island) => {
      const own = island.filter((index) => servers.has(index));
      return own.length > 0 ? own : island;
    });
    const groups = sides.map((side) => side.flatMap((index) => layout.places.get(index) ?? []));
    const drawn = islandsOf(groups);
    fault.islands.forEach((island, i) => {
      const colour = tokens.islands[i % tokens.islands.length]!;
      for (const index of island) {
        const place = layout.places.get(index);
        if (place === undefined || sides[i]!.includes(index)) continue;
        this.islands.circle(place.x, place.y, place.radius + 9).fill({ color: colour, alpha: 0.3 });
        this.islands
          .circle(place.x, place.y, place.radius + 9)
          .stroke({ width: 1.5, color: colour });
      }
    });
    drawn.islands.forEach((island, i) => {
      const colour = tokens.islands[i % tokens.islands.length]!;
      for (const outline of island.outlines) {
        const flat = outline.flatMap((p) => [p.x, p.y]);
        this.islands.poly(flat).fill({ color: colour, alpha: 0.13 });
        this.islands.poly(flat).stroke({ width: 1.5, color: colour, alpha: 0.7 });
      }
      const members = fault.islands[i] ?? [];
      const text = islandLabel(i, members, servers);
      this.#name(text, colour, island.anchors, layout, tokens);
    });
    for (const line of drawn.cuts) this.#drawZigzag(line, tokens, 15, 7, 4.5);
  }

  /** Over the first of the nodes where the name hides no box. */
  #name(
    text: string,
    colour: string,
    anchors: readonly Disc[],
    layout: MapLayout,
    tokens: Tokens,
  ): void {
    const half = text.length * 3.3 + 8;
    const spots = anchors.map((anchor) => ({
      x: Math.min(layout.width - half, Math.max(half, anchor.x)),
      y: Math.max(12, anchor.y - anchor.radius - 27),
    }));
    const isFree = ({ x, y }: Point) =>
      layout.boxes.every(
        (box) =>
          x + half < box.x ||
          x - half > box.x + box.width ||
          y + 10 < box.y ||
          y - 10 > box.y + box.height,
      );
    const spot = spots.find(isFree) ?? spots[0];
    if (spot === undefined) return;
    const plate = () => this.#plates.roundRect(spot.x - half, spot.y - 10, 2 * half, 20, 10);
    plate().fill({ color: tokens.stage });
    plate().stroke({ width: 1.5, color: colour });
    this.#labels.add(text, spot.x, spot.y, { size: 12, colour: tokens.text, bold: true });
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
