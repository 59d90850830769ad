/**
 * Pan and zoom: a pure function of what pointers and wheels did.
 *
 * A viewport maps world to screen: screen = world * scale + (x, y). Invariant: zooming about a
 * point leaves the world under that point where it was.
 */
import type { Point } from './geometry.ts';

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const SCALE_MIN = 0.25;
export const SCALE_MAX = 5;

const clampScale = (scale: number): number => Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale));

export const toScreen = (view: Viewport, p: Point): Point => ({
  x: p.x * view.scale + view.x,
  y: p.y * view.scale + view.y,
});

export const toWorld = (view: Viewport, p: Point): Point => ({
  x: (p.x - view.x) / view.scale,
  y: (p.y - view.y) / view.scale,
});

/** The whole world in the middle of the screen. */
export function fit(world: Size, screen: Size, margin = 8): Viewport {
  const scale = clampScale(
    Math.min(
      (screen.width - 2 * margin) / world.width,
      (screen.height - 2 * margin) / world.height,
    ),
  );
  return {
    scale,
    x: (screen.width - world.width * scale) / 2,
    y: (screen.height - world.height * scale) / 2,
  };
}

export function zoomAt(view: Viewport, at: Point, factor: number): Viewport {
  const scale = clampScale(view.scale * factor);
  const used = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * used, y: at.y - (at.y - view.y) * used };
}

export const pan = (view: Viewport, dx: number, dy: number): Viewport => ({
  ...view,
  x: view.x + dx,
  y: view.y + dy,
});

/** Two fingers moved: what lay under them stays under them. */
export function pinch(
  view: Viewport,
  before: readonly [Point, Point],
  now: readonly [Point, Point],
): Viewport {
  const middle = (pair: readonly [Point, Point]): Point => ({
    x: (pair[0].x + pair[1].x) / 2,
    y: (pair[0].y + pair[1].y) / 2,
  });
  const gap = (pair: readonly [Point, Point]): number =>
    Math.hypot(pair[0].x - pair[1].x, pair[0].y - pair[1].y);
  const from = middle(before);
  const to = middle(now);
  const factor = gap(before) === 0 ? 1 : gap(now) / gap(before);
  return pan(zoomAt(view, from, factor), to.x - from.x, to.y - from.y);
}

/** How a wheel's movement zooms: the same for mice and touch pads. */
export const wheelFactor = (deltaY: number): number => Math.exp(-deltaY * 0.0016);

/** Keeps at least a corner of the world on the screen. */
export function keepInSight(view: Viewport, world: Size, screen: Size): Viewport {
  const keep = 80;
  const w = world.width * view.scale;
  const h = world.height * view.scale;
  return {
    ...view,
    x: Math.min(screen.width - keep, Math.max(keep - w, view.x)),
    y: Math.min(screen.height - keep, Math.max(keep - h, view.y)),
  };
}
