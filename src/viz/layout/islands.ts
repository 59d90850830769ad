/**
 * The territories of a partition and the cut between them, drawn from where the nodes stand.
 *
 * The nodes of an island are joined by the shortest tree of paths that no other island's tree
 * crosses. Every point near belongs to the nearest tree; the cut runs where two are equally near.
 * So any split of any layout has a picture, interleaved ones too.
 * Contours come from marching squares on a fixed grid: pure and deterministic.
 */
import type { Point } from './geometry.ts';
import { distance, segmentsCross } from './geometry.ts';

export interface Disc extends Point {
  readonly radius: number;
}

export interface Island {
  /** Closed outlines. */
  readonly outlines: readonly (readonly Point[])[];
  /** Nodes that its label may stand over, the best first. */
  readonly anchors: readonly Disc[];
}

export interface Islands {
  readonly islands: readonly Island[];
  /** Open lines between two islands. */
  readonly cuts: readonly (readonly Point[])[];
}

const CELL = 14;
/** An island reaches so far around its nodes, and stays so far from the cut. */
const REACH = 74;
const SHORE = 13;
/** The cut goes on so far beyond the outermost nodes. */
const CUT_BEYOND = 62;

interface Grid {
  readonly x0: number;
  readonly y0: number;
  readonly columns: number;
  readonly rows: number;
}

export function islandsOf(groups: readonly (readonly Disc[])[]): Islands {
  const discs = groups.flat();
  if (discs.length === 0) return { islands: [], cuts: [] };
  const grid = gridAround(discs);
  const paths = pathsOf(groups);
  const near = groups.map((group, i) => sample(grid, (p) => nearness(group, paths[i]!, p)));
  const other = groups.map((_, i) => nearestOther(near, i));
  const islands = groups.map((group, i) => {
    // A whole network in one island has no shore: only its own reach bounds it.
    const field = near[i]!.map((own, k) =>
      Math.min(REACH - own, (other[i]![k]! - own) / 2 - SHORE),
    );
    return { outlines: contours(grid, field, true), anchors: anchorsOf(group) };
  });
  return { islands, cuts: cutsOf(grid, near, other, boundsOf(discs, CUT_BEYOND)) };
}

function gridAround(discs: readonly Disc[]): Grid {
  const { x0, y0, x1, y1 } = boundsOf(discs, REACH + 60);
  const columns = Math.ceil((x1 - x0) / CELL) + 1;
  const rows = Math.ceil((y1 - y0) / CELL) + 1;
  return { x0, y0, columns, rows };
}

function sample(grid: Grid, field: (point: Point) => number): number[] {
  const values: number[] = [];
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      values.push(field({ x: grid.x0 + column * CELL, y: grid.y0 + row * CELL }));
    }
  }
  return values;
}

type Path = readonly [Disc, Disc];

/** For each group the paths that join it, as far as no other group is in the way. */
export function pathsOf(groups: readonly (readonly Disc[])[]): (readonly Path[])[] {
  const trees = groups.map(treeOf);
  return trees.map((tree, i) =>
    tree.filter((path) =>
      trees.every((other, j) => {
        if (j === i) return true;
        const met = groups[j]!.some((disc) => toPath(path, disc) < 2 * disc.radius);
        return !met && other.every(([c, d]) => !segmentsCross(path[0], path[1], c, d));
      }),
    ),
  );
}

/** The shortest tree that joins all nodes. */
function treeOf(group: readonly Disc[]): readonly Path[] {
  const tree: Path[] = [];
  const joined = group.slice(0, 1);
  const left = new Set(group.slice(1));
  while (left.size > 0) {
    let best: Path | null = null;
    for (const from of joined) {
      for (const to of left) {
        if (best === null || distance(from, to) < distance(best[0], best[1])) best = [from, to];
      }
    }
    tree.push(best!);
    joined.push(best![1]);
    left.delete(best![1]);
  }
  return tree;
}

function toPath([a, b]: Path, p: Point): number {
  const length = distance(a, b);
  if (length === 0) return distance(a, p);
  const along = ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / (length * length);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(a.x + (b.x - a.x) * share - p.x, a.y + (b.y - a.y) * share - p.y);
}

/** How near a point is to a group: to its nodes or the paths between them. */
export function nearness(group: readonly Disc[], paths: readonly Path[], point: Point): number {
  let best = Infinity;
  for (const disc of group) best = Math.min(best, distance(disc, point));
  for (const path of paths) best = Math.min(best, toPath(path, point));
  return best;
}

function nearestOther(near: readonly (readonly number[])[], own: number): number[] {
  const length = near[own]!.length;
  const values = new Array<number>(length).fill(1e9);
  near.forEach((field, i) => {
    if (i === own) return;
    for (let k = 0; k < length; k++) values[k] = Math.min(values[k]!, field[k]!);
  });
  return values;
}

/** Each border once: between an island and those after it. */
function cutsOf(
  grid: Grid,
  near: readonly (readonly number[])[],
  other: readonly (readonly number[])[],
  bounds: Bounds,
): Point[][] {
  const cuts: Point[][] = [];
  near.forEach((own, i) => {
    if (i === near.length - 1) return;
    const field = own.map((d, k) => {
      const later = Math.min(...near.slice(i + 1).map((f) => f[k]!));
      return other[i]![k]! === later ? later - d : 1;
    });
    // Far outside a border says nothing.
    for (const line of contours(grid, field, false)) cuts.push(...clip(smooth(line), bounds));
  });
  return cuts;
}

interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function boundsOf(discs: readonly Disc[], margin: number): Bounds {
  const xs = discs.map((disc) => disc.x);
  const ys = discs.map((disc) => disc.y);
  return {
    x0: Math.min(...xs) - margin,
    y0: Math.min(...ys) - margin,
    x1: Math.max(...xs) + margin,
    y1: Math.max(...ys) + margin,
  };
}

/** Takes the corners of the grid out of a line; its ends stay. */
function smooth(line: readonly Point[]): readonly Point[] {
  let points = line;
  for (let pass = 0; pass < 8; pass++) {
    points = points.map((point, i) => {
      const before = points[i - 1];
      const after = points[i + 1];
      if (before === undefined || after === undefined) return point;
      return {
        x: (before.x + 2 * point.x + after.x) / 4,
        y: (before.y + 2 * point.y + after.y) / 4,
      };
    });
  }
  return points;
}

/** The parts of a line that lie within bounds. */
function clip(line: readonly Point[], { x0, y0, x1, y1 }: Bounds): Point[][] {
  const parts: Point[][] = [[]];
  for (const point of line) {
    const inside = point.x >= x0 && point.x <= x1 && point.y >= y0 && point.y <= y1;
    if (inside) parts.at(-1)!.push(point);
    else if (parts.at(-1)!.length > 0) parts.push([]);
  }
  return parts.filter((part) => part.length > 2);
}

/** The biggest nodes first, and of those the upper: a server rather than a client. */
const anchorsOf = (group: readonly Disc[]): readonly Disc[] =>
  [...group].sort((a, b) => b.radius - a.radius || a.y - b.y || a.x - b.x);

/** Segments where the field crosses zero, joined to lines. */
function contours(grid: Grid, field: readonly number[], closed: boolean): Point[][] {
  const next = new Map<string, string[]>();
  const points = new Map<string, Point>();
  const join = (a: string, b: string) => {
    next.set(a, [...(next.get(a) ?? []), b]);
    next.set(b, [...(next.get(b) ?? []), a]);
  };
  const at = (row: number, column: number) => field[row * grid.columns + column]!;
  const crossing = (r1: number, c1: number, r2: number, c2: number): string => {
    const key = `${r1},${c1},${r2},${c2}`;
    if (!points.has(key)) {
      const a = at(r1, c1);
      const share = a / (a - at(r2, c2));
      points.set(key, {
        x: grid.x0 + (c1 + (c2 - c1) * share) * CELL,
        y: grid.y0 + (r1 + (r2 - r1) * share) * CELL,
      });
    }
    return key;
  };
  for (let r = 0; r + 1 < grid.rows; r++) {
    for (let c = 0; c + 1 < grid.columns; c++) {
      const corners = [at(r, c) > 0, at(r, c + 1) > 0, at(r + 1, c + 1) > 0, at(r + 1, c) > 0];
      const ends: string[] = [];
      if (corners[0] !== corners[1]) ends.push(crossing(r, c, r, c + 1));
      if (corners[1] !== corners[2]) ends.push(crossing(r, c + 1, r + 1, c + 1));
      if (corners[3] !== corners[2]) ends.push(crossing(r + 1, c, r + 1, c + 1));
      if (corners[0] !== corners[3]) ends.push(crossing(r, c, r + 1, c));
      if (ends.length === 2) join(ends[0]!, ends[1]!);
      else if (ends.length === 4) {
        // A saddle: keep the two corners that are inside apart.
        if (corners[0]) {
          join(ends[0]!, ends[3]!);
          join(ends[1]!, ends[2]!);
        } else {
          join(ends[0]!, ends[1]!);
          join(ends[2]!, ends[3]!);
        }
      }
    }
  }
  return follow(next, points, closed);
}

function follow(
  next: ReadonlyMap<string, readonly string[]>,
  points: ReadonlyMap<string, Point>,
  closed: boolean,
): Point[][] {
  const lines: Point[][] = [];
  const seen = new Set<string>();
  const ends = [...next.keys()].filter((key) => next.get(key)!.length === 1);
  for (const start of closed ? next.keys() : [...ends, ...next.keys()]) {
    if (seen.has(start)) continue;
    const line: Point[] = [];
    let here: string | undefined = start;
    while (here !== undefined) {
      seen.add(here);
      line.push(points.get(here)!);
      here = next.get(here)!.find((key) => !seen.has(key));
    }
    if (line.length > 2) lines.push(line);
  }
  return lines;
}
