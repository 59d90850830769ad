/** What checkpoints cost: the Raft run with and without them, one after the other, in turn. */
import { cpuNanos, goal, median } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { RAFT_EVENTS, raftSession } from './raft-run.ts';

function microsPerEvent(checkpoints: boolean): { micros: number; traceHash: string } {
  const session = raftSession(1, { checkpoints });
  const before = cpuNanos();
  session.advance({ events: RAFT_EVENTS });
  const micros = (cpuNanos() - before) / 1_000 / session.eventNumber;
  return { micros, traceHash: session.traceHash };
}

export const checkpoints: Benchmark = {
  name: 'checkpoints',
  summary: 'the Raft run with checkpoints and without, in pairs',
  run({ rounds, progress }) {
    const faults: string[] = [];
    const overheads: number[] = [];
    microsPerEvent(true);
    for (let round = 1; round <= rounds; round++) {
      // Who goes first changes, so that neither always meets the warmer cache.
      const first = microsPerEvent(round % 2 === 0);
      const second = microsPerEvent(round % 2 !== 0);
      const [without, with_] = round % 2 === 0 ? [second, first] : [first, second];
      overheads.push(100 * (with_.micros / without.micros - 1));
      progress(`checkpoints: round ${round} of ${rounds}, ${overheads.at(-1)?.toFixed(1)} %`);
      if (with_.traceHash !== without.traceHash) {
        faults.push('checkpoints: the run with checkpoints is another one.');
      }
    }
    const values: Row['values'] = {
      overheadPercent: median(overheads),
      overheadPercentMin: Math.min(...overheads),
      overheadPercentMax: Math.max(...overheads),
    };
    const label = `${RAFT_EVENTS / 1_000_000} M`;
    return { rows: [{ label, values, goals: goal(values, 'overheadPercent', 5) }], faults };
  },
};
