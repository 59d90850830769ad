/** Moments of interest: what the keys N and P go to. */
import type { Ledger } from './ledger.ts';
import type { Moment, Position } from './position.ts';
import { comparePositions } from './position.ts';

export function marksOf(ledger: Ledger): Moment[] {
  const moments: Moment[] = [
    ...ledger.leaders,
    ...ledger.faults,
    ...ledger.faults.flatMap((span) => span.until ?? []),
    ...ledger.findings,
  ];
  return moments
    .map(({ micros, event }) => ({ micros, event }))
    .sort(comparePositions)
    .filter((moment, i, all) => i === 0 || moment.event !== all[i - 1]!.event);
}

/** The next mark that way, among those that were shown. */
export function nextMark(
  ledger: Ledger,
  position: Position,
  shown: Position,
  direction: 1 | -1,
): Moment | null {
  const marks = marksOf(ledger).filter((mark) => comparePositions(mark, shown) <= 0);
  return direction === 1
    ? (marks.find((mark) => mark.event > position.event) ?? null)
    : (marks.findLast((mark) => mark.event < position.event) ?? null);
}
