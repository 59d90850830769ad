/**
 * Who stands where while the network is cut: nodes of one side next to each other, so that the
 * cut is one line and a side is one place, beside its own clients. Where every side is together
 * already, and no clients are cut apart, nobody moves.
 *
 * The places stay; only who stands on them changes. A pure function of the layout and the sides.
 */
import type { Point } from './geometry.ts';
import type { MapLayout, Place } from './map.ts';

/** One node more that moves outweighs every distance on the map ... */
const MOVED = 1e9;
/** ... but where clients are cut apart, not that a side stands beyond the cut from its own. */
const MOVED_TO_CALLERS = 150_000;
/** Moving far costs less than standing far from one's callers, and more than nothing. */
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

/**
 * Who takes each slot, where a side is scattered: sides as arcs of the ring. As few nodes move as
 * can be, because a person may have the pointer on one; then the nearest way counts.
 */
function cheapest(
  ring: Side,
  slots: readonly Place[],
  islands: readonly Side[],
  layout: MapLayout,
): Side {
  const named = islands.map((island) => ring.filter((index) => island.includes(index)));
  const rest = ring.filter((index) => !islands.some((island) => island.includes(index)));
  const sides = [...named, rest].filter((side) => side.length > 0);
  const callersOf = (side: Side): readonly Point[] => {
    const island = islands.find((members) => members.includes(side[0]!)) ?? [];
    return island
      .filter((index) => !ring.includes(index))
      .flatMap((i) => layout.places.get(i) ?? []);
  };
  const callers = new Map(sides.map((side) => [side, callersOf(side)]));
  // Where callers are cut apart, too, a side stands by its own: else the cut would be no line.
  const called = sides.filter((side) => callersOf(side).length > 0);
  const areCallersSplit = called.length > 1 && sides.every((side) => side.length > 1);
  if (!areCallersSplit && sides.every((side) => isArc(side, ring))) return ring;
  let best: Side = ring;
  let bestCost = Infinity;
  for (const order of ordersOf(sides)) {
    for (let turn = 0; turn < ring.length; turn++) {
      const taken = seated(order, turn, ring, slots, layout);
      const cost = costOf(
        taken,
        slots,
        callers,
        layout,
        areCallersSplit ? MOVED_TO_CALLERS : MOVED,
      );
      if (cost < bestCost - 1e-6) {
        best = taken;
        bestCost = cost;
      }
    }
  }
  return best;
}

/** Whether a side stands in a row of the ring, with nobody of another side between. */
function isArc(side: Side, ring: Side): boolean {
  const borders = ring.filter((index, i) => {
    const next = ring[(i + 1) % ring.length]!;
    return side.includes(index) !== side.includes(next);
  });
  return borders.length <= 2;
}

/** The sides in turn, from slot `turn` on; whoever stands on a slot of their side stays. */
function seated(
  order: readonly Side[],
  turn: number,
  ring: Side,
  slots: readonly Place[],
  layout: MapLayout,
): Side {
  const taken = [...ring];
  let from = turn;
  for (const side of order) {
    const own = side.map((_, i) => (from + i) % ring.length);
    from += side.length;
    const free = own.filter((slot) => !side.includes(ring[slot]!));
    for (const index of side.filter((member) => !own.includes(ring.indexOf(member)))) {
      const home = layout.places.get(index)!;
      const far = (slot: number): number => squared(slots[slot]!, home);
      const nearest = free.reduce((a, b) => (far(b) < far(a) - 1e-6 ? b : a));
      free.splice(free.indexOf(nearest), 1);
      taken[nearest] = index;
    }
  }
  return taken;
}

function ordersOf(sides: readonly Side[]): (readonly Side[])[] {
  if (sides.length <= 1 || sides.length > PERMUTED_SIDES_MAX) return [sides];
  return sides.flatMap((first, i) =>
    ordersOf(sides.filter((_, j) => j !== i)).map((others) => [first, ...others]),
  );
}

function costOf(
  taken: Side,
  slots: readonly Place[],
  callers: ReadonlyMap<Side, readonly Point[]>,
  layout: MapLayout,
  moved: number,
): number {
  let cost = 0;
  taken.forEach((index, i) => {
    const way = squared(slots[i]!, layout.places.get(index)!);
    if (way > 1e-6) cost += moved + MOVING * way;
    for (const [side, points] of callers) {
      if (!side.includes(index)) continue;
      for (const caller of points) cost += squared(slots[i]!, caller) / points.length;
    }
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
