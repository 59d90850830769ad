/**
 * What checkpoints cost: the Raft run with and without them, side by side.
 *
 * The two go slice by slice, so that a machine that others slow down for a second slows down both
 * alike, and the result is the mean of the middle half of all pairs of slices: what is left of the
 * disturbance lies outside. Two runs without checkpoints then differ by less than half a per cent.
 */
import { cpuNanos, goal } from './benchmark.ts';
import type { Session } from '../src/sim/index.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { RAFT_EVENTS, raftSession } from './raft-run.ts';

/** About 30 ms, and more than a spacing: every slice has a checkpoint in it. */
const SLICE_EVENTS = 20_000;

interface Pair {
  /** With checkpoints by without, slice by slice. */
  readonly ratios: readonly number[];
  readonly isOneRun: boolean;
}

function runPair(round: number): Pair {
  const without = raftSession(1);
  const with_ = raftSession(1, { checkpoints: true });
  const ratios: number[] = [];
  for (let slice = 0; slice * SLICE_EVENTS < RAFT_EVENTS; slice++) {
    // Who goes first changes, so that neither always meets the warmer cache.
    const goesFirst = (slice + round) % 2 === 0;
    const early = goesFirst ? nanosOfSlice(with_) : 0;
    const plain = nanosOfSlice(without);
    ratios.push((goesFirst ? early : nanosOfSlice(with_)) / plain);
  }
  return { ratios, isOneRun: with_.traceHash === without.traceHash };
}

function nanosOfSlice(session: Session): number {
  const before = cpuNanos();
  session.advance({ events: SLICE_EVENTS });
  return cpuNanos() - before;
}

function meanOfMiddleHalf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = sorted.length >> 2;
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

const percent = (ratio: number): number => 100 * (ratio - 1);

export const checkpoints: Benchmark = {
  name: 'checkpoints',
  summary: 'the Raft run with checkpoints and without, side by side',
  run({ rounds, progress }) {
    const faults: string[] = [];
    const all: number[] = [];
    const byRound: number[] = [];
    // The first pair warms the engine up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const { ratios, isOneRun } = runPair(round);
      const overhead = percent(meanOfMiddleHalf(ratios));
      progress(`checkpoints: round ${round} of ${rounds}, ${overhead.toFixed(1)} %`);
      if (!isOneRun) faults.push('checkpoints: the run with checkpoints is another one.');
      if (round === 0) continue;
      all.push(...ratios);
      byRound.push(overhead);
    }
    const values: Row['values'] = {
      overheadPercent: percent(meanOfMiddleHalf(all)),
      overheadPercentMin: Math.min(...byRound),
      overheadPercentMax: Math.max(...byRound),
    };
    const label = `${RAFT_EVENTS / 1_000_000} M`;
    return { rows: [{ label, values, goals: goal(values, 'overheadPercent', 5) }], faults };
  },
};
