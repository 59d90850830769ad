/**
 * What a request costs on its way through client, balancer, service, cache and database, with
 * metrics on and history off; beside the same stations, links and histogram in SimPy, in the same
 * run. Where the time goes, and how much memory a million requests take.
 *
 * There are two models in SimPy, and NOTES, which are printed, say which is like for like and why.
 */
import { cpuNanos, goal, median } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { byFloor, profileOf } from './profiler.ts';
import { REQUESTS_PER_SECOND, requestPathSession } from './request-path-run.ts';
import { findSimpy } from './simpy.ts';
import type { Simpy, SimpyRun } from './simpy.ts';

const WARM_UP_MICROS = 15_000_000;
const MICROS = 50_000_000;
const SIMPY_REQUESTS = 20_000;
const MANY = 1_000_000;
/** How far the means of the two models may be apart: both are random. */
const TOLERANCE = 0.04;
const MODES = ['timeouts', 'plain'] as const;
const LABELS = { timeouts: 'like for like', plain: 'plain SimPy' };
const NOTES: readonly string[] = [
  'like for like: SimPy with timeouts. Each of our calls is given up when it takes too long, so',
  '  each call there is a process, too, that its caller waits for at most so long.',
  'plain SimPy: a request is one process and nobody can give up: it does less than our model.',
  'where: shares of CPU time by floor of src/sim; engine is V8 (garbage, compiling, built-ins).',
  'memory: the peak of the whole process while a million requests are answered.',
];

interface OwnRun {
  readonly microsPerRequest: number;
  readonly eventsPerRequest: number;
  readonly meanMs: number;
}

/** A report walks the whole state for its hash: it is taken before and after, not within. */
function runOwn(): OwnRun {
  const session = requestPathSession();
  session.advance({ untilMicros: WARM_UP_MICROS });
  const [from, events] = [session.report().metrics.operations, session.eventNumber];
  const began = cpuNanos();
  session.advance({ untilMicros: WARM_UP_MICROS + MICROS });
  const nanos = cpuNanos() - began;
  const { operations, latencyMicros } = session.report().metrics;
  const requests = operations - from;
  return {
    microsPerRequest: nanos / 1_000 / requests,
    eventsPerRequest: (session.eventNumber - events) / requests,
    meanMs: latencyMicros.mean / 1_000,
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
  for (let requests = 0; requests < MANY; requests += REQUESTS_PER_SECOND) {
    session.advance({ untilMicros: session.nowMicros + 1_000_000 });
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  const requests = session.report().metrics.operations;
  const values = { requests, peakMegabytes: peak / 1e6 };
  return { label: 'memory', values, goals: goal(values, 'peakMegabytes', 500) };
}

/** Of the CPU time of a request, by floor; `engine` is V8: garbage, compiling, built-ins. */
async function whereRow(): Promise<Row> {
  const session = requestPathSession();
  session.advance({ untilMicros: WARM_UP_MICROS });
  const profile = await profileOf(() => {
    session.advance({ untilMicros: WARM_UP_MICROS + MICROS });
  });
  const shares = [...byFloor(profile)].filter(([, share]) => share >= 0.005);
  const values = Object.fromEntries(
    shares.map(([floor, share]) => [floor, `${(100 * share).toFixed(0)} %`]),
  );
  return { label: 'where', values, goals: [] };
}

/** What a peer's run costs, and how many times as much as ours. */
function peerRow(
  { version }: Simpy,
  mode: (typeof MODES)[number],
  runs: readonly SimpyRun[],
  own: readonly OwnRun[],
): Row {
  const shares = runs.map((run, i) => own[i]!.microsPerRequest / run.microsPerRequest);
  const values = {
    simpy: version,
    simpyMicrosPerRequest: median(runs.map(({ microsPerRequest }) => microsPerRequest)),
    timesFaster: 1 / median(shares),
    shareOfSimpy: median(shares),
  };
  return { label: LABELS[mode], values, goals: goal(values, 'shareOfSimpy', 0.2) };
}

export const requestPath: Benchmark = {
  name: 'request-path',
  summary: 'a request through client, balancer, service, cache and database, metrics on',
  async run({ rounds, progress }) {
    const simpy = findSimpy();
    if (simpy === null) progress('No Python with SimPy 3 was found: running without it.');
    const own: OwnRun[] = [];
    const peers = { timeouts: [] as SimpyRun[], plain: [] as SimpyRun[] };
    // The first run warms the engine up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const mine = runOwn();
      progress(`request-path: round ${round} of ${rounds}, ${mine.microsPerRequest} us`);
      if (round === 0) continue;
      own.push(mine);
      if (simpy === null) continue;
      for (const mode of MODES) peers[mode].push(simpy.run(SIMPY_REQUESTS, round, mode));
    }
    const micros = own.map(({ microsPerRequest }) => microsPerRequest);
    const values = {
      microsPerRequest: median(micros),
      microsMin: Math.min(...micros),
      requestsPerCpuSecond: 1e6 / median(micros),
      eventsPerRequest: own[0]!.eventsPerRequest,
    };
    const rows: Row[] = [
      { label: 'own', values, goals: goal(values, 'microsPerRequest', 10) },
      ...(simpy === null ? [] : MODES.map((mode) => peerRow(simpy, mode, peers[mode], own))),
      await whereRow(),
      memoryRow(),
    ];
    return { rows, notes: NOTES, faults: faultsOf(own[0]!, [...peers.timeouts, ...peers.plain]) };
  },
};
