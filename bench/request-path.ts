/**
 * What a request costs on its way through client, balancer, service, cache and database, with
 * metrics on; beside the same model in SimPy, in the same run. And how much memory a million takes.
 */
import { cpuNanos, goal, median } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { requestPathSession } from './request-path-run.ts';
import { findSimpy } from './simpy.ts';
import type { Simpy, SimpyRun } from './simpy.ts';

const REQUESTS = 100_000;
const WARM_UP = 20_000;
const SIMPY_REQUESTS = 20_000;
const MANY = 1_000_000;
/** How far the means of the two models may be apart: both are random. */
const TOLERANCE = 0.04;

interface OwnRun {
  readonly microsPerRequest: number;
  readonly eventsPerRequest: number;
  readonly meanMs: number;
}

function runOwn(): OwnRun {
  const session = requestPathSession();
  const done = (): number => session.report().metrics.operations;
  const advanceTo = (requests: number): void => {
    while (done() < requests) session.advance({ untilMicros: session.nowMicros + 1_000_000 });
  };
  advanceTo(WARM_UP);
  const [from, events, began] = [done(), session.eventNumber, cpuNanos()];
  advanceTo(WARM_UP + REQUESTS);
  const requests = done() - from;
  return {
    microsPerRequest: (cpuNanos() - began) / 1_000 / requests,
    eventsPerRequest: (session.eventNumber - events) / requests,
    meanMs: session.report().metrics.latencyMicros.mean / 1_000,
  };
}

/** What is not slow but wrong: the two are not the same model. */
function faultsOf(own: OwnRun, peers: readonly SimpyRun[]): string[] {
  return peers
    .filter((peer) => Math.abs(own.meanMs / peer.meanMs - 1) > TOLERANCE)
    .map((peer) => `request-path: mean ${own.meanMs} ms, in SimPy ${peer.meanMs} ms.`);
}

function memoryRow(): Row {
  const session = requestPathSession();
  let peak = 0;
  while (session.report().metrics.operations < MANY) {
    session.advance({ untilMicros: session.nowMicros + 20_000_000 });
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  const values = { requests: MANY, peakMegabytes: peak / 1e6 };
  return { label: 'memory', values, goals: goal(values, 'peakMegabytes', 500) };
}

export const requestPath: Benchmark = {
  name: 'request-path',
  summary: 'a request through client, balancer, service, cache and database, metrics on',
  run({ rounds, progress }) {
    const simpy: Simpy | null = findSimpy();
    if (simpy === null) progress('No Python with SimPy 3 was found: running without it.');
    const faults = new Set<string>();
    const own: OwnRun[] = [];
    const shares: { readonly plain: number[]; readonly timeouts: number[] } = {
      plain: [],
      timeouts: [],
    };
    const peers: SimpyRun[] = [];
    // The first run warms the engine up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const mine = runOwn();
      progress(`request-path: round ${round} of ${rounds}, ${mine.microsPerRequest} us`);
      if (round === 0) continue;
      own.push(mine);
      if (simpy === null) continue;
      for (const mode of ['plain', 'timeouts'] as const) {
        const peer = simpy.run(SIMPY_REQUESTS, round, mode);
        peers.push(peer);
        shares[mode].push(mine.microsPerRequest / peer.microsPerRequest);
      }
    }
    for (const fault of faultsOf(own[0]!, peers)) faults.add(fault);
    const micros = own.map(({ microsPerRequest }) => microsPerRequest);
    const values = {
      microsPerRequest: median(micros),
      microsMin: Math.min(...micros),
      requestsPerCpuSecond: 1e6 / median(micros),
      eventsPerRequest: own[0]!.eventsPerRequest,
    };
    const rows: Row[] = [
      { label: 'own', values, goals: goal(values, 'microsPerRequest', 10) },
      ...(simpy === null
        ? []
        : (['timeouts', 'plain'] as const).map((mode): Row => {
            const share = { simpy: simpy.version, timesFaster: 1 / median(shares[mode]) };
            const share_ = { ...share, shareOfSimpy: median(shares[mode]) };
            return { label: mode, values: share_, goals: goal(share_, 'shareOfSimpy', 0.2) };
          })),
      memoryRow(),
    ];
    return { rows, faults: [...faults] };
  },
};
