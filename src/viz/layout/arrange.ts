/**
 * Who stands where while the network is cut: nodes of one side next to each other, near the
 * callers of their side, so that the cut is one line and a side is one place.
 *
 * The places stay; only who stands on them changes. A pure function of the layout and the sides.
 */
import type { Point } from './geometry.ts';
import type { MapLayout, Place } from './layout.ts';

/** Moving a node costs less than standing far from one's callers, and more than nothing. */
const MOVING = 0.2;
/** More sides than these keep the order they come in. */
const PERMUTED_SIDES_MAX = 4;

type Side = readonly number[];

/** `rings`: the servers of each group, in the order of their places. */
export function sidesTogether(
  layout: MapLayout,
  rings: readonly Side[],
  islands: readonly Side[],
): MapLayout {
  if (islands.length < 2) return layout;
  const places = new Map(layout.places);
  for (const ring of rings) {
    const slots = ring.flatMap((index) => layout.places.get(index) ?? []);
    if (slots.length !== ring.length || slots.length < 3) continue;
    const best = cheapest(ring, slots, islands, layout);
    best.forEach((index, i) => {
      places.set(index, { ...slots[i]!, index });
    });
  }
  return { ...layout, places };
}

/** Who takes each slot: sides as arcs of the ring, turned and mirrored in every way. */
function cheapest(
  ring: Side,
  slots: readonly Place[],
  islands: readonly Side[],
  layout: MapLayout,
): Side {
  const sides = islands.map((island) => ring.filter((index) => island.includes(index)));
  const rest = ring.filter((index) => !islands.some((island) => island.includes(index)));
  const callers = islands.map((island, i) =>
    island
      .filter((index) => !sides[i]!.includes(index))
      .flatMap((index) => layout.places.get(index) ?? []),
  );
  let best: Side = ring;
  let bestCost = Infinity;
  for (const order of ordersOf(sides)) {
    const line = [...order.flat(), ...rest];
    for (const turned of turnsOf(line)) {
      const cost = costOf(turned, slots, sides, callers, layout);
      if (cost < bestCost - 1e-6) {
        best = turned;
        bestCost = cost;
      }
    }
  }
  return best;
}

function ordersOf(sides: readonly Side[]): (readonly Side[])[] {
  if (sides.length <= 1 || sides.length > PERMUTED_SIDES_MAX) return [sides];
  return sides.flatMap((first, i) =>
    ordersOf(sides.filter((_, j) => j !== i)).map((others) => [first, ...others]),
  );
}

function turnsOf(line: Side): Side[] {
  const mirrored = line.toReversed();
  return line.flatMap((_, by) => [
    [...line.slice(by), ...line.slice(0, by)],
    [...mirrored.slice(by), ...mirrored.slice(0, by)],
  ]);
}

function costOf(
  taken: Side,
  slots: readonly Place[],
  sides: readonly Side[],
  callers: readonly (readonly Point[])[],
  layout: MapLayout,
): number {
  let cost = 0;
  taken.forEach((index, i) => {
    cost += MOVING * squared(slots[i]!, layout.places.get(index)!);
    const side = sides.findIndex((members) => members.includes(index));
    const own = callers[side] ?? [];
    for (const caller of own) cost += squared(slots[i]!, caller) / own.length;
  });
  return cost;
}

const squared = (a: Point, b: Point): number => (a.x - b.x) ** 2 + (a.y - b.y) ** 2;

/** A layout on its way to another, `share` of the way; who is in only one of them does not move. */
export function between(from: MapLayout, to: MapLayout, share: number): MapLayout {
  if (share >= 1) return to;
  const eased = share * share * (3 - 2 * share);
  const places = new Map<number, Place>();
  for (const [index, place] of to.places) {
    const start = from.places.get(index) ?? place;
    places.set(index, {
      ...place,
      x: start.x + (place.x - start.x) * eased,
      y: start.y + (place.y - start.y) * eased,
    });
  }
  return { ...to, places };
}
