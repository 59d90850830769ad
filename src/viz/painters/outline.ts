/** Outlines of nodes: the shape tells the role, the pattern tells the state. */
import type { Graphics } from 'pixi.js';
import type { NodeStatus } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';

export type Outline = 'circle' | 'hexagon' | 'octagon' | 'star' | 'rounded' | 'cylinder';

/** Traces an outline of the given radius; the caller fills or strokes it. */
export function trace(graphics: Graphics, outline: Outline, radius: number): Graphics {
  if (outline === 'circle') return graphics.circle(0, 0, radius);
  if (outline === 'rounded') {
    return graphics.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.45);
  }
  // Its last side is drawn like the others: not every renderer strokes what merely closes it.
  const points = cornersOf(outline, radius);
  return graphics.poly([...points, points[0]!, points[1]!]);
}

/** The corners of an outline, enough of them that what is round looks round: x, y, x, y .. */
export function cornersOf(outline: Outline, radius: number): number[] {
  switch (outline) {
    case 'circle':
      return corners(48, radius, 0);
    case 'rounded':
      return roundedCorners(radius, radius * 0.45);
    case 'cylinder':
      return [...bow(radius, LID, -1), ...bow(radius, LID, 1)];
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

function roundedCorners(radius: number, bend: number): number[] {
  const points: number[] = [];
  for (let i = 0; i < 24; i++) {
    // Six points for each of the four bends.
    const bendNumber = Math.floor(i / 6);
    const angle = ((bendNumber + (i % 6) / 5) * Math.PI) / 2;
    const right = bendNumber === 0 || bendNumber === 3 ? 1 : -1;
    const low = bendNumber < 2 ? 1 : -1;
    points.push(right * (radius - bend) + bend * Math.cos(angle));
    points.push(low * (radius - bend) + bend * Math.sin(angle));
  }
  return points;
}

/** How wide an outline is at the height `y`, 0 above and below it. */
export function widthAt(outline: Outline, radius: number, y: number): number {
  const points = cornersOf(outline, radius);
  const crossed: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [points.at(i - 2)!, points.at(i - 1)!];
    const [qx, qy] = [points[i]!, points[i + 1]!];
    if (qy >= y !== py >= y) crossed.push(px + ((y - py) / (qy - py)) * (qx - px));
  }
  return crossed.length === 0 ? 0 : Math.max(...crossed) - Math.min(...crossed);
}

/** How flat the lid of a cylinder is. */
const LID = 0.26;

/** Half of the lid's rim: from left to right over the top, or back along the bottom. */
function bow(radius: number, flat: number, side: 1 | -1): number[] {
  const points: number[] = [];
  for (let i = 0; i <= 12; i++) {
    const angle = Math.PI * (1 - i / 12);
    points.push(-side * radius * 0.94 * Math.cos(angle));
    points.push(side * radius * (1 - flat) + side * radius * flat * Math.sin(angle));
  }
  return points;
}

/** The near rim of a cylinder's lid: x, y, x, y .. */
export function lidOf(radius: number): number[] {
  const rim = bow(radius, LID, -1);
  const hinge = -radius * (1 - LID);
  return rim.map((value, i) => (i % 2 === 0 ? value : 2 * hinge - value));
}

/** What of a convex outline lies below `level`: x, y, x, y .. */
export function below(points: readonly number[], level: number): number[] {
  const cut: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    const [px, py] = [points.at(i - 2)!, points.at(i - 1)!];
    if (y >= level !== py >= level) {
      cut.push(px + ((level - py) / (y - py)) * (x - px), level);
    }
    if (y >= level) cut.push(x, y);
  }
  return cut;
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
