/**
 * A hybrid logical clock: as near to the wall clock as that is to true time, and yet e happened
 * before f means e's stamp is less than f's, even while wall clocks stand still or go back.
 *
 * Invariants: stamps of one node rise strictly; `l` is at least the node's wall clock and is the
 * wall clock of some event that happened before; so l - pt is at most the largest difference of two
 * wall clocks (epsilon), and c is bounded by what can happen while `l` stays.
 *
 * Source: Kulkarni, Demirbas, Madappa, Avva, Leone, Logical Physical Clocks (OPODIS 2014), figure 5
 */

/** A stamp: immutable. The start of a clock is `HYBRID_ZERO`. */
export interface HybridTime {
  /** The largest wall clock heard of, in the unit of the wall clock. */
  readonly l: number;
  /** Orders the events that share `l`. */
  readonly c: number;
}

export const HYBRID_ZERO: HybridTime = Object.freeze({ l: 0, c: 0 });

/** The stamp of the next local event or sending, while the node's wall clock shows `wall`. */
export function hybridTick({ l, c }: HybridTime, wall: number): HybridTime {
  return wall > l ? { l: wall, c: 0 } : { l, c: c + 1 };
}

/** The stamp of receiving a message that carries the stamp `sent`. */
export function hybridReceive(own: HybridTime, sent: HybridTime, wall: number): HybridTime {
  const l = Math.max(own.l, sent.l, wall);
  if (l === own.l && l === sent.l) return { l, c: Math.max(own.c, sent.c) + 1 };
  if (l === own.l) return { l, c: own.c + 1 };
  if (l === sent.l) return { l, c: sent.c + 1 };
  return { l, c: 0 };
}

/**
 * Whether a stamp is further ahead of the own wall clock than clocks may differ. Whoever takes it
 * in would carry the sender's broken clock to everybody (CockroachDB refuses it: max-offset).
 */
export const isHybridTooFar = (sent: HybridTime, wall: number, epsilon: number): boolean =>
  sent.l - wall > epsilon;

/** Less than, equal to or greater than 0, as for `sort`. Concurrent events may have one stamp. */
export const compareHybrid = (a: HybridTime, b: HybridTime): number =>
  a.l === b.l ? a.c - b.c : a.l - b.l;
