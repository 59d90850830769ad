/**
 * Unique ids without asking anybody: milliseconds since an epoch, the number of the worker, and a
 * sequence within the millisecond, side by side in 63 bits.
 *
 * Invariants, while the rule `ids.clock-guard` holds: the ids of one worker rise strictly, so none
 * comes twice; workers of different numbers never make the same one, whatever their clocks show.
 * Between workers ids are in order only as far as their clocks agree.
 *
 * Source: Twitter's snowflake (2010), IdWorker.scala: 41, 10 and 12 bits. (Sonyflake shares 63 bits
 * out as 39 of ten milliseconds, 8 of the sequence, 16 of the machine.)
 */

/** Of 41 bits: 69 years. */
export const MILLIS_MAX = 2_199_023_255_551;
export const WORKER_BITS = 10;
export const SEQUENCE_BITS = 12;

/** An id, taken apart. */
export interface SnowflakeId {
  /** Since the epoch. */
  readonly millis: number;
  readonly worker: number;
  readonly sequence: number;
}

/** Of the last id of a worker: all that it remembers. */
export interface LastId {
  readonly millis: number;
  readonly sequence: number;
}

/** Before the first id. */
export const NO_ID_YET: LastId = Object.freeze({ millis: -1, sequence: 0 });

export type NextId =
  | { readonly kind: 'id'; readonly last: LastId }
  /** All numbers of this millisecond are given out: there is none before the clock shows this. */
  | { readonly kind: 'spent'; readonly untilMillis: number }
  /** The clock shows less than it did at the last id. */
  | { readonly kind: 'back'; readonly untilMillis: number }
  /** The clock shows a time that has no place in an id: before the epoch, or beyond 41 bits. */
  | { readonly kind: 'out-of-range' };

export interface SnowflakeRules {
  /** Numbers within one millisecond: two to the power of these. */
  readonly sequenceBits: number;
  readonly 'ids.clock-guard': boolean;
}

/** The id after `last` of a worker whose clock shows `millis` since the epoch. */
export function nextId(last: LastId, millis: number, rules: SnowflakeRules): NextId {
  if (millis < 0 || millis > MILLIS_MAX) return { kind: 'out-of-range' };
  if (millis < last.millis && rules['ids.clock-guard']) {
    return { kind: 'back', untilMillis: last.millis };
  }
  if (millis !== last.millis) return { kind: 'id', last: { millis, sequence: 0 } };
  const sequence = last.sequence + 1;
  if (sequence >= 1 << rules.sequenceBits) return { kind: 'spent', untilMillis: millis + 1 };
  return { kind: 'id', last: { millis, sequence } };
}

/** As people and programs pass it on: in decimals, for not every language holds 63 bits. */
export function idText({ millis, worker, sequence }: SnowflakeId): string {
  const high = (BigInt(millis) << BigInt(WORKER_BITS)) | BigInt(worker);
  return String((high << BigInt(SEQUENCE_BITS)) | BigInt(sequence));
}

/** What an id tells of where and when it was made. */
export function idParts(text: string): SnowflakeId {
  const id = BigInt(text);
  return {
    millis: Number(id >> BigInt(WORKER_BITS + SEQUENCE_BITS)),
    worker: Number(BigInt.asUintN(WORKER_BITS, id >> BigInt(SEQUENCE_BITS))),
    sequence: Number(BigInt.asUintN(SEQUENCE_BITS, id)),
  };
}

/** By size, of ids in decimals: less than, equal to or greater than 0, as for `sort`. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
