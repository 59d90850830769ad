/**
 * Random histories of events at a few nodes, with what happened before what, computed apart from
 * all clocks: as sets of events.
 */
import fc from 'fast-check';

/** A step of a history: an event at a node, which may receive an earlier message. */
export interface Step {
  readonly node: number;
  /** Which of the messages sent so far it receives; null: none. */
  readonly from: number | null;
  /** How far the node's wall clock has moved since the last step anywhere; may be negative. */
  readonly wallStep: number;
}

export const NODES = 4;

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    node: fc.nat(NODES - 1),
    from: fc.option(fc.nat(1_000), { nil: null }),
    wallStep: fc.integer({ min: -3, max: 12 }),
  }),
  { maxLength: 60 },
);

export interface Happened<T> {
  readonly node: number;
  readonly stamp: T;
  /** The places of all events that happened before it. */
  readonly past: ReadonlySet<number>;
}

/** Plays a history: `local` and `receive` stamp its events. */
export function play<T>(
  history: readonly Step[],
  first: T,
  local: (own: T, step: Step) => T,
  receive: (own: T, sent: T, step: Step) => T,
): readonly Happened<T>[] {
  const events: Happened<T>[] = [];
  const last = new Map<number, number>();
  for (const step of history) {
    const before = last.get(step.node);
    const own = before === undefined ? first : events[before]!.stamp;
    const sentAt = step.from === null || events.length === 0 ? null : step.from % events.length;
    const past = new Set<number>();
    for (const place of [before, sentAt ?? undefined]) {
      if (place === undefined) continue;
      for (const earlier of events[place]!.past) past.add(earlier);
      past.add(place);
    }
    const stamp = sentAt === null ? local(own, step) : receive(own, events[sentAt]!.stamp, step);
    last.set(step.node, events.length);
    events.push({ node: step.node, stamp, past });
  }
  return events;
}
