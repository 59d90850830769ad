/**
 * How a log goes from a primary to whoever follows, over a network that loses and reorders: the
 * part that every primary-replica model has in common.
 *
 * Each piece names the position that was sent before it, so that a follower puts pieces in order
 * and sees gaps. It says from time to time up to where it has everything; what it still lacks of
 * what had been sent when it last said so is lost, and is sent again from there.
 *
 * Invariant: a follower takes each piece once, in the order of the log.
 *
 * Differs: PostgreSQL and MySQL stream over TCP, which does both itself, until it breaks.
 */

/** What a primary remembers of one who follows. */
export interface Shipment {
  /** The position that was sent last, now and when the follower last said what it has. */
  sent: number;
  sentAtReport: number;
}

/**
 * The follower regularly says what it has. One that starts anew, or that lacks what had been sent
 * when it last said so, is sent everything after that again; then `ship` sends what it lacks.
 */
export function onReport(
  shipment: Shipment,
  position: number,
  startsAnew: boolean,
  ship: (again: boolean) => void,
): void {
  const again = startsAnew || position < shipment.sentAtReport;
  if (again) shipment.sent = position;
  ship(again);
  shipment.sentAtReport = shipment.sent;
}

/** A piece of the log that ends at `position`. */
export interface Piece {
  readonly position: number;
}

/** Of a follower: how much it has, and what came too early, by the position that it comes after. */
export interface Inbox<P extends Piece> {
  received: number;
  readonly early: Map<number, P>;
}

/** A piece came: takes it, and all that waited for it, in order. */
export function takeInOrder<P extends Piece>(
  inbox: Inbox<P>,
  after: number,
  piece: P,
  take: (piece: P) => void,
): void {
  if (piece.position <= inbox.received) return;
  inbox.early.set(after, piece);
  for (;;) {
    const next = inbox.early.get(inbox.received);
    if (next === undefined) break;
    inbox.early.delete(inbox.received);
    inbox.received = next.position;
    take(next);
  }
  if (inbox.early.size === 0) return;
  for (const [before, early] of inbox.early) {
    if (early.position <= inbox.received) inbox.early.delete(before);
  }
}

/**
 * When one applier is done with the next write: held back for `delayMicros` after it came, and
 * never before the write ahead of it is done.
 */
export const applyDueMicros = (
  lastDueMicros: number,
  arrivedMicros: number,
  delayMicros: number,
  costMicros = 0,
): number => Math.max(lastDueMicros, arrivedMicros + Math.round(delayMicros)) + costMicros;

/** Of a follower: what it has taken and not applied yet, the first to be applied first. */
export interface Held {
  readonly dueMicros: number;
}

/** Applies what is due, in order. When the next one is: to look again then; null: none is left. */
export function applyDueNow<H extends Held>(
  held: H[],
  nowMicros: number,
  apply: (one: H) => void,
): number | null {
  let done = 0;
  while (done < held.length && (held[done] as H).dueMicros <= nowMicros) apply(held[done++] as H);
  held.splice(0, done);
  return held[0]?.dueMicros ?? null;
}
