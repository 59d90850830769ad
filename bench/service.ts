/**
 * What an event of a busy service costs: 50,000 requests a simulated second through nodes, network,
 * calls and cores; without any observation, with what every run has on (history, metrics, checks),
 * and with what the page shows besides (flights, facts in words, views of nodes).
 */
import type { Session, SessionOptions } from '../src/sim/index.ts';
import { cpuNanos, median } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { expectedMicros, REQUESTS_PER_SECOND, served, serviceSession } from './service-run.ts';

const EVENTS = 600_000;
/** In turn, so that a machine that others slow down for a second slows down all alike. */
const SLICE_EVENTS = 20_000;
/** How far the means of a run may be from theory. */
const TOLERANCE = 0.02;

interface Level {
  readonly label: string;
  readonly options: SessionOptions;
}
const LEVELS: readonly Level[] = [
  { label: 'bare', options: { observe: { history: false, checks: false, metrics: false } } },
  { label: 'default', options: {} },
  { label: 'shown', options: { observe: { frames: true }, checkpoints: false } },
];

/** Nanoseconds of each level over one run. */
function runAll(sessions: readonly Session[]): number[] {
  const nanos = LEVELS.map(() => 0);
  for (let done = 0; done < EVENTS; done += SLICE_EVENTS) {
    LEVELS.forEach(({ options }, level) => {
      const session = sessions[level]!;
      const before = cpuNanos();
      session.advance({ events: SLICE_EVENTS });
      if (options.observe?.frames === true) session.takeChunk();
      nanos[level]! += cpuNanos() - before;
    });
  }
  return nanos;
}

/** What is not slow but wrong. */
function faultsOf(sessions: readonly Session[]): string[] {
  const faults: string[] = [];
  const hashes = new Set(sessions.map(({ traceHash }) => traceHash));
  if (hashes.size > 1) faults.push('service: observing the run changed it.');
  const { count, meanMicros } = served(sessions[0]!);
  const rate = (count * 1_000_000) / sessions[0]!.nowMicros;
  const isOff = (measured: number, expected: number): boolean =>
    !(Math.abs(measured / expected - 1) <= TOLERANCE);
  if (isOff(rate, REQUESTS_PER_SECOND)) faults.push(`service: ${rate} requests a second.`);
  if (isOff(meanMicros, expectedMicros())) {
    faults.push(`service: ${meanMicros} us in the service, not ${expectedMicros()} as by Erlang.`);
  }
  return faults;
}

export const service: Benchmark = {
  name: 'service',
  summary: '50,000 requests a simulated second to one service with eight cores, M/M/8 at 0.7',
  run({ rounds, progress }) {
    const faults = new Set<string>();
    const micros: number[][] = LEVELS.map(() => []);
    // The first run warms the engine up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const sessions = LEVELS.map(({ options }) => serviceSession(options));
      const spent = runAll(sessions).map((nanos) => nanos / 1_000 / EVENTS);
      const list = spent.map((value, level) => `${LEVELS[level]!.label} ${value.toFixed(2)}`);
      progress(`service: round ${round} of ${rounds}, us per event: ${list.join(', ')}`);
      for (const fault of faultsOf(sessions)) faults.add(fault);
      if (round > 0) spent.forEach((value, level) => micros[level]!.push(value));
    }
    const rows = LEVELS.map(({ label }, level): Row => {
      const own = micros[level]!;
      return {
        label,
        values: { microsPerEvent: median(own), microsMin: Math.min(...own) },
        goals: [],
      };
    });
    return { rows, faults: [...faults] };
  },
};
