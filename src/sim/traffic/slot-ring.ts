/**
 * Slots in the order in which they came, from which any can leave: a ring of links in one array, so
 * that adding, taking the first and leaving from the middle cost the same however many there are.
 *
 * Slot s has its next at 2s + 2 and its previous at 2s + 3, as links, which are slots + 1; the two
 * places at the front close the ring: the first and the last. Empty where nobody ever came.
 *
 * Invariant: a slot is in the ring at most once; the caller knows whether it is.
 */
export type SlotRing = number[];

const link = (ring: SlotRing, from: number, to: number): void => {
  ring[2 * from] = to;
  ring[2 * to + 1] = from;
};

/** The slot comes after all others. */
export function addLast(ring: SlotRing, slot: number): void {
  while (ring.length < 2 * slot + 4) ring.push(0);
  const last = ring[1] as number;
  link(ring, last, slot + 1);
  link(ring, slot + 1, 0);
}

/** The slot that came first, or -1. */
export const firstOf = (ring: SlotRing): number => (ring[0] ?? 0) - 1;

export function leaveRing(ring: SlotRing, slot: number): void {
  const at = 2 * slot + 2;
  link(ring, ring[at + 1] as number, ring[at] as number);
  ring[at] = 0;
  ring[at + 1] = 0;
}
