/**
 * The words for tries, the same wherever they are counted, told, drawn or listed. A try is one
 * request of an operation or call, numbered from 1. After the first it is one of two things:
 *
 * - a retry comes after a try that failed, or was refused before it was even sent;
 * - a hedge is sent beside a try that is still out, and races it.
 *
 * All tries are the first, the retries and the hedges together.
 *
 * Source: Dean & Barroso, "The Tail at Scale" (CACM 2013): hedged requests; gRFC A6 of gRPC, which
 * has the same two kinds and the same word for what they share.
 */

/** The number of a try, below zero for a hedge: what a packet says of its try without a record. */
export type TryMark = number;

export const FIRST_TRY: TryMark = 1;

export const tryMark = (tryNumber: number, isHedge: boolean): TryMark =>
  isHedge ? -tryNumber : tryNumber;

export function flightOfTry(mark: TryMark): 'request' | 'retry' | 'hedge' {
  if (mark === FIRST_TRY) return 'request';
  return mark > 0 ? 'retry' : 'hedge';
}

/** ", try 3 (retry)"; nothing for a first try. */
export const tryWords = (mark: TryMark): string =>
  mark === FIRST_TRY ? '' : `, try ${String(mark > 0 ? mark : -mark)} (${flightOfTry(mark)})`;
