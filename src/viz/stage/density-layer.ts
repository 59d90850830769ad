/**
 * Messages without movement: a link is lit while something is under way on it, with a number where
 * it is more than one. Used where motion is unwanted, and where there are too many to tell apart.
 */
import { Container, Graphics } from 'pixi.js';
import type { Point } from '../layout/geometry.ts';
import { betweenEdges, mix } from '../layout/geometry.ts';
import type { MapLayout } from '../layout/map.ts';
import { FLIGHT_KINDS } from '../../sim/index.ts';
import { flightProgress } from '../state/scene.ts';
import type { Scene } from '../state/scene.ts';
import type { Tokens } from '../theme/tokens.ts';
import { Labels } from './labels.ts';
import type { Sharpness } from './labels.ts';

interface Lit {
  readonly from: number;
  readonly to: number;
  kind: number;
  count: number;
  lost: boolean;
}

export class DensityLayer {
  readonly view = new Container();
  readonly #graphics = new Graphics();
  readonly #labels: Labels;

  constructor(sharpness: Sharpness) {
    this.#labels = new Labels(sharpness);
    this.view.addChild(this.#graphics, this.#labels.view);
  }

  setSharpness(sharpness: Sharpness): void {
    this.#labels.setSharpness(sharpness);
  }

  clear(): void {
    this.#graphics.clear();
    this.#labels.begin();
    this.#labels.end();
  }

  draw(scene: Scene, layout: MapLayout, tokens: Tokens): void {
    const g = this.#graphics.clear();
    this.#labels.begin();
    for (const lit of litLinks(scene)) {
      const a = layout.places.get(lit.from);
      const b = layout.places.get(lit.to);
      if (a === undefined || b === undefined) continue;
      const [start, end] = betweenEdges(a, a.radius + 2, b, b.radius + 2);
      const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
      const shift = { x: (-(end.y - start.y) / length) * 5, y: ((end.x - start.x) / length) * 5 };
      const colour = tokens.flights[FLIGHT_KINDS[lit.kind]!];
      const width = Math.min(9, 2 + Math.log2(lit.count));
      const [p, q] = [plus(start, shift), plus(end, shift)];
      g.moveTo(p.x, p.y).lineTo(q.x, q.y).stroke({ width, color: colour, alpha: 0.85 });
      arrowHead(g, p, q, width);
      g.fill({ color: colour });
      const middle = mix(p, q, 0.6);
      if (lit.count > 1) {
        this.#labels.add(String(lit.count), middle.x, middle.y - 9, {
          size: 12,
          colour: tokens.text,
          bold: true,
        });
      }
      if (lit.lost) cross(g, mix(p, q, 0.5), tokens.fault);
    }
    this.#labels.end();
  }
}

const plus = (a: Point, b: Point): Point => ({ x: a.x + b.x, y: a.y + b.y });

/** One entry for each direction of each link that carries something. */
function litLinks(scene: Scene): Lit[] {
  const lit = new Map<number, Lit>();
  for (const { columns, rows } of scene.flights) {
    for (const row of rows) {
      const from = columns.from[row]!;
      const to = columns.to[row]!;
      const key = from * 65_536 + to;
      const { crossed } = flightProgress(columns, row, scene.position.micros);
      const known = lit.get(key);
      if (known === undefined) {
        lit.set(key, { from, to, kind: columns.kind[row]!, count: 1, lost: crossed });
      } else {
        known.kind = columns.kind[row]!;
        known.count += 1;
        known.lost ||= crossed;
      }
    }
  }
  return [...lit.values()];
}

function arrowHead(g: Graphics, from: Point, to: Point, width: number): void {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const size = 8 + width;
  const wing = (turn: number): number[] => [
    to.x - Math.cos(angle + turn) * size,
    to.y - Math.sin(angle + turn) * size,
  ];
  g.poly([to.x, to.y, ...wing(0.4), ...wing(-0.4)]);
}

function cross(g: Graphics, at: Point, colour: string): void {
  const r = 7;
  g.moveTo(at.x - r, at.y - r).lineTo(at.x + r, at.y + r);
  g.moveTo(at.x + r, at.y - r).lineTo(at.x - r, at.y + r);
  g.stroke({ width: 3, color: colour });
}
