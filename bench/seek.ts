/**
 * Seeking in runs of a million events: to moments drawn uniformly, back and forth. What is measured
 * is the CPU time from the request to the state being there; the state is then compared, by its
 * hash, with that of a run that went there straight.
 */
import { cpuNanos, goal, percentile } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { RAFT_EVENTS, raftSession } from './raft-run.ts';
import { mulberry32 } from './tables.ts';

const TARGETS = 200;

interface Target {
  readonly event: number;
  readonly traceHash: string;
  readonly stateHash: string;
}

/** Uniformly drawn moments and what a straight run looks like there, in the order of the draw. */
function drawTargets(seed: number): Target[] {
  const draw = mulberry32(seed);
  const events = Array.from({ length: TARGETS }, () => draw() % RAFT_EVENTS);
  const straight = raftSession(seed);
  const found = new Map<number, Target>();
  for (const event of events.toSorted((a, b) => a - b)) {
    straight.advance({ events: event - straight.eventNumber });
    const { traceHash } = straight;
    found.set(event, { event, traceHash, stateHash: straight.stateHash() });
  }
  return events.map((event) => found.get(event)!);
}

export const seek: Benchmark = {
  name: 'seek',
  summary: `${TARGETS} uniformly drawn moments of a Raft run of a million events`,
  run({ rounds, progress }) {
    const faults: string[] = [];
    const millis: number[] = [];
    // Two runs tell as much as more of them; each has its own moments.
    const seeds = Math.min(rounds, 2);
    for (let seed = 1; seed <= seeds; seed++) {
      const targets = drawTargets(seed);
      const session = raftSession(seed, { checkpoints: true });
      session.advance({ events: RAFT_EVENTS });
      progress(`seek: run ${seed} of ${seeds}`);
      for (const { event, traceHash, stateHash } of targets) {
        const before = cpuNanos();
        session.seek({ event });
        millis.push((cpuNanos() - before) / 1_000_000);
        if (session.traceHash === traceHash && session.stateHash() === stateHash) continue;
        faults.push(`seek: event ${event} of seed ${seed} is not where a straight run is.`);
      }
    }
    const values: Row['values'] = {
      p50Millis: percentile(millis, 0.5),
      p95Millis: percentile(millis, 0.95),
      maxMillis: Math.max(...millis),
      seeks: millis.length,
    };
    const label = `${RAFT_EVENTS / 1_000_000} M`;
    return { rows: [{ label, values, goals: goal(values, 'p95Millis', 100) }], faults };
  },
};
