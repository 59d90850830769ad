/**
 * Lamport's logical clock: one number that grows with every event and with every message.
 *
 * Invariant: if e happened before f, then e's time is less than f's; not the other way round. With
 * the node as tie-break the times are a total order that respects what happened before.
 *
 * Source: Lamport, Time, Clocks, and the Ordering of Events in a Distributed System (CACM 1978)
 */

/** The time of an event: immutable. */
export interface LamportTime {
  readonly time: number;
  readonly node: number;
}

/** The time of the next event of a node, a sending among them: `time` is that of its last. */
export const lamportTick = (time: number): number => time + 1;

/** The time at which a message that was sent at `sent` is received. */
export const lamportReceive = (time: number, sent: number): number => Math.max(time, sent) + 1;

/** Less than, equal to or greater than 0, as for `sort`; 0 only for one and the same event. */
export const compareLamport = (a: LamportTime, b: LamportTime): number =>
  a.time === b.time ? a.node - b.node : a.time - b.time;
