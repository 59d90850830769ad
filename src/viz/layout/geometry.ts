/** Points and segments of the map, in world units. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const mix = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});

/** Twice the signed area of the triangle: which side of the line a-b the point lies on. */
export const side = (a: Point, b: Point, p: Point): number =>
  (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);

export function segmentsCross(a: Point, b: Point, c: Point, d: Point): boolean {
  const abc = side(a, b, c);
  const abd = side(a, b, d);
  const cda = side(c, d, a);
  const cdb = side(c, d, b);
  return abc * abd < 0 && cda * cdb < 0;
}

/** The part of a-b outside the two circles: where a message leaves one node and meets another. */
export function betweenEdges(
  a: Point,
  aRadius: number,
  b: Point,
  bRadius: number,
): readonly [Point, Point] {
  const length = distance(a, b);
  if (length <= aRadius + bRadius) {
    const middle = mix(a, b, 0.5);
    return [middle, middle];
  }
  return [mix(a, b, aRadius / length), mix(b, a, bRadius / length)];
}

/** Points along a polyline, `step` apart, its ends included. */
export function resample(line: readonly Point[], step: number): Point[] {
  const first = line[0];
  if (first === undefined) return [];
  const points: Point[] = [first];
  let left = step;
  for (let i = 1; i < line.length; i++) {
    let from = line[i - 1]!;
    const to = line[i]!;
    let length = distance(from, to);
    while (length >= left) {
      from = mix(from, to, left / length);
      points.push(from);
      length -= left;
      left = step;
    }
    left -= length;
  }
  const last = line[line.length - 1]!;
  if (distance(points[points.length - 1]!, last) > step / 4) points.push(last);
  return points;
}

/** A line that goes left and right of the given one by `height`: how a cut is drawn. */
export function zigzag(line: readonly Point[], step: number, height: number): Point[] {
  const points = resample(line, step);
  return points.map((point, i) => {
    const before = points[i - 1] ?? point;
    const after = points[i + 1] ?? point;
    const length = distance(before, after);
    if (length === 0 || i === 0 || i === points.length - 1) return point;
    const lean = (i % 2 === 0 ? height : -height) / length;
    return { x: point.x - (after.y - before.y) * lean, y: point.y + (after.x - before.x) * lean };
  });
}
