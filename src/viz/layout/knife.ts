/**
 * The knife: what a line drawn over the map cuts.
 *
 * Across one link it cuts that link. Across more it splits the network: nodes on either side of the
 * line, drawn on to the edges, no longer hear one another.
 */
import type { Point } from './geometry.ts';
import { segmentsCross, side } from './geometry.ts';
import type { MapLayout, MapLink } from './map.ts';

export type Stroke =
  | { readonly cuts: 'nothing' }
  | { readonly cuts: 'link'; readonly link: MapLink }
  /** Indexes of the nodes on the two sides; both have members. */
  | { readonly cuts: 'network'; readonly sides: readonly [readonly number[], readonly number[]] };

/** Shorter than this is a slip of the hand. */
const STROKE_MIN = 24;

export function strokeOf(layout: MapLayout, from: Point, to: Point): Stroke {
  if (Math.hypot(to.x - from.x, to.y - from.y) < STROKE_MIN) return { cuts: 'nothing' };
  const crossed = layout.links.filter((link) => {
    const a = layout.places.get(link.a);
    const b = layout.places.get(link.b);
    return a !== undefined && b !== undefined && segmentsCross(from, to, a, b);
  });
  const only = crossed[0];
  if (only === undefined) return { cuts: 'nothing' };
  if (crossed.length === 1) return { cuts: 'link', link: only };
  const left: number[] = [];
  const right: number[] = [];
  for (const place of layout.places.values()) {
    (side(from, to, place) > 0 ? left : right).push(place.index);
  }
  if (left.length === 0 || right.length === 0) return { cuts: 'nothing' };
  return { cuts: 'network', sides: [left, right] };
}
