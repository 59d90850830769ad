/**
 * What a record of a replicated log costs on its way: produced, held by three brokers, read. In
 * large batches nothing may cost per record that can cost per batch; and a cluster under load.
 */
import { cpuNanos, goal, median } from './benchmark.ts';
import type { Benchmark, Goal, Row } from './benchmark.ts';
import { byFloor, profileOf } from './profiler.ts';
import type { LogCounts, LogLoad } from './messaging-run.ts';
import {
  CLUSTER,
  countsOf,
  LARGE_BATCHES,
  logSession,
  SETTLED_MICROS,
  SMALL_BATCHES,
} from './messaging-run.ts';

const WARM_UP_MICROS = 1_000_000;
/** Runs in which V8 still compiles: they are not counted, and the dearest one is shown. */
const WARM_UPS = 2;
const MICROS = 30_000_000;
const CLUSTER_MICROS = 60_000_000;

interface LogRun {
  readonly micros: number;
  readonly seconds: number;
  readonly records: number;
  readonly batch: number;
  readonly events: number;
  readonly traceHash: string;
  readonly faults: readonly string[];
}

function measure(load: LogLoad, micros: number): LogRun {
  const session = logSession(load);
  const from = SETTLED_MICROS + WARM_UP_MICROS;
  session.advance({ untilMicros: from });
  const [before, events] = [countsOf(session), session.eventNumber];
  const began = cpuNanos();
  session.advance({ untilMicros: from + micros });
  const seconds = (cpuNanos() - began) / 1e9;
  const after = countsOf(session);
  const records = after.acknowledged - before.acknowledged;
  return {
    micros: (seconds * 1e6) / records,
    seconds,
    records,
    batch: records / (after.batches - before.batches),
    events: (session.eventNumber - events) / records,
    traceHash: session.traceHash,
    faults: faultsOf(session, load, after, micros + WARM_UP_MICROS),
  };
}

/** What is not slow but wrong. */
function faultsOf(
  session: ReturnType<typeof logSession>,
  { recordsPerSecond }: LogLoad,
  { acknowledged, read }: LogCounts,
  micros: number,
): string[] {
  const faults: string[] = [];
  const expected = (recordsPerSecond * micros) / 1_000_000;
  const { verdict, text } = session.observers.checks[0]!.running.standing(true);
  if (verdict !== 'pass') faults.push(`messaging: the log is not safe: ${text}.`);
  if (Math.abs(acknowledged / expected - 1) > 0.05) {
    faults.push(`messaging: ${acknowledged} records were acknowledged, not about ${expected}.`);
  }
  if (read < 0.98 * acknowledged) faults.push(`messaging: only ${read} records were read.`);
  return faults;
}

/** By floor, of the CPU time of a record in large batches. */
async function whereRow(label: string, load: LogLoad): Promise<Row> {
  const session = logSession(load);
  session.advance({ untilMicros: SETTLED_MICROS + WARM_UP_MICROS });
  const profile = await profileOf(() => {
    session.advance({ untilMicros: session.nowMicros + MICROS });
  });
  const shares = [...byFloor(profile)].filter(([, share]) => share >= 0.005);
  const values = Object.fromEntries(
    shares.map(([floor, share]) => [floor, `${(100 * share).toFixed(0)} %`]),
  );
  return { label, values, goals: [] };
}

const LOADS = [
  { label: 'large', load: LARGE_BATCHES, atMost: 2 },
  { label: 'small', load: SMALL_BATCHES, atMost: 20 },
] as const;

const NOTES: readonly string[] = [
  'a record: it comes, is acknowledged (acks=all, three replicas), and is returned by a poll.',
  'microsCold: of two runs before those that are counted, in which V8 still compiles, the dearest.',
  'where: shares of the CPU time of large batches by floor of src/sim; engine is V8.',
];

export const messaging: Benchmark = {
  name: 'messaging',
  summary: 'a record produced, replicated three times and read; invariants and the history on',
  async run({ rounds, progress }) {
    const faults = new Set<string>();
    const rows: Row[] = [];
    for (const { label, load, atMost } of LOADS) {
      const runs: LogRun[] = [];
      let microsCold = 0;
      for (let round = 1 - WARM_UPS; round <= rounds; round++) {
        const run = measure(load, MICROS);
        progress(`messaging: ${label}, round ${round} of ${rounds}, ${run.micros.toFixed(2)} us`);
        for (const fault of run.faults) faults.add(fault);
        if (round > 0) runs.push(run);
        else microsCold = Math.max(microsCold, run.micros);
      }
      if (new Set(runs.map(({ traceHash }) => traceHash)).size > 1) {
        faults.add(`messaging: different runs of one seed (${label}).`);
      }
      const row = rowOf(label, load, runs, (values) => goal(values, 'microsPerRecord', atMost));
      rows.push({ ...row, values: { ...row.values, microsCold } });
    }
    progress('messaging: the cluster');
    const cluster = measure(CLUSTER, CLUSTER_MICROS);
    for (const fault of cluster.faults) faults.add(fault);
    rows.push(rowOf('cluster', CLUSTER, [cluster], (values) => goal(values, 'cpuSeconds', 60)));
    rows.push(await whereRow('where', LARGE_BATCHES));
    return { rows, notes: NOTES, faults: [...faults] };
  },
};

function rowOf(
  label: string,
  { lingerMs }: LogLoad,
  runs: readonly LogRun[],
  goals: (values: Row['values']) => Goal[],
): Row {
  const [first] = runs as readonly [LogRun, ...LogRun[]];
  const micros = runs.map((run) => run.micros);
  const values = {
    microsPerRecord: median(micros),
    microsMin: Math.min(...micros),
    cpuSeconds: median(runs.map(({ seconds }) => seconds)),
    records: first.records,
    lingerMs,
    meanBatch: first.batch,
    eventsPerRecord: first.events,
  };
  return { label, values, goals: goals(values) };
}
