/**
 * The verdict of a sweep of which a part is missing. Invariant: nothing passes because it was never
 * run, so a sweep that left seeds out is unknown at best.
 */
import { summarise } from '../sim/index.ts';
import type { Coverage, SweepRow, SweepSummary } from '../sim/index.ts';
import type { BrokenSeed } from './broken-seeds.ts';

export interface SweepPart {
  readonly rows: readonly SweepRow[];
  readonly broken: readonly BrokenSeed[];
  /** Seeds that were asked for and never run. */
  readonly notRun: number;
}

/** `whole`: the seeds asked for are those of the whole sweep, not of one shard. */
export function judged(
  { rows, broken, notRun }: SweepPart,
  sometimes: readonly Pick<Coverage, 'check' | 'scope'>[],
  whole: boolean,
): SweepSummary {
  const complete = notRun === 0 && broken.length === 0;
  const summary = summarise(rows, sometimes, whole && complete);
  return complete || summary.verdict !== 'pass' ? summary : { ...summary, verdict: 'unknown' };
}
