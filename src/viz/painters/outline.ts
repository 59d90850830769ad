/** Outlines of nodes: the shape tells the role, the pattern tells the state. */
import type { Graphics } from 'pixi.js';
import type { NodeStatus } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';

export type Outline = 'circle' | 'hexagon' | 'octagon' | 'star' | 'rounded';

/** Traces an outline of the given radius; the caller fills or strokes it. */
export function trace(graphics: Graphics, outline: Outline, radius: number): Graphics {
  if (outline === 'circle') return graphics.circle(0, 0, radius);
  if (outline === 'rounded') {
    return graphics.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.45);
  }
  return graphics.poly(cornersOf(outline, radius));
}

/** The corners of an outline that has some: x, y, x, y .. */
export function cornersOf(outline: 'hexagon' | 'octagon' | 'star', radius: number): number[] {
  switch (outline) {
    case 'hexagon':
      return corners(6, radius * 1.08, 0);
    case 'octagon':
      return corners(8, radius * 1.06, Math.PI / 8);
    case 'star':
      return starCorners(12, radius * 1.16, radius * 1.0);
  }
}

function corners(count: number, radius: number, turn: number): number[] {
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    const angle = turn + (i / count) * 2 * Math.PI;
    points.push(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return points;
}

function starCorners(count: number, outer: number, inner: number): number[] {
  const points: number[] = [];
  for (let i = 0; i < 2 * count; i++) {
    const angle = (i / (2 * count)) * 2 * Math.PI - Math.PI / 2;
    const radius = i % 2 === 0 ? outer : inner;
    points.push(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return points;
}

/** Crashed: hatched. Paused: two bars. Both over a dimmed body. */
export function drawStatus(
  graphics: Graphics,
  status: NodeStatus,
  radius: number,
  tokens: Tokens,
): void {
  if (status === 'down') {
    hatch(graphics, radius * 0.96);
    graphics.stroke({ width: 2, color: tokens.fault, alpha: 0.75 });
  }
  if (status === 'paused') {
    const w = radius * 0.2;
    const h = radius * 0.62;
    const y = -radius - h - 6;
    graphics
      .roundRect(-w * 1.6, y, w, h, 2)
      .roundRect(w * 0.6, y, w, h, 2)
      .fill({ color: tokens.warning });
  }
}

function hatch(graphics: Graphics, radius: number): void {
  for (let offset = -radius * 1.2; offset <= radius * 1.2; offset += 9) {
    // Chords of the circle at 45 degrees.
    const reach = radius * radius - (offset * offset) / 2;
    if (reach <= 0) continue;
    const half = Math.sqrt(reach) / Math.SQRT2;
    const x = offset / 2;
    const y = -offset / 2;
    graphics.moveTo(x - half, y - half).lineTo(x + half, y + half);
  }
}
