/**
 * A workload of the event queue against its C++ reference.
 *
 * First both run without a clock and the hashes of their event orders are compared: a queue that is
 * fast and wrong has no time worth reporting. Then every round measures all sizes, each time the
 * reference and the engine one after the other, so that a busy moment of the machine meets both;
 * the ratio is that of one round, and the median of the rounds is reported.
 */
import {
  type Benchmark,
  type BenchmarkOptions,
  cpuNanos,
  goal,
  median,
  type Result,
  type Row,
} from './benchmark.ts';
import type { Reference } from './reference.ts';

/** A queue under load: `run` executes events, `hash` tells in which order they came. */
export interface Workload {
  run(events: number): void;
  hash(): number;
}

interface Size {
  readonly size: number;
  /** CPU time of an event, engine / reference. */
  readonly ratioMax: number;
  /** Events of a measured block, where not the usual number. */
  readonly events?: number;
}

export interface Contest {
  readonly name: string;
  readonly summary: string;
  /** What the reference program calls it. */
  readonly reference: string;
  readonly sizes: readonly Size[];
  readonly create: (size: number) => Workload;
}

const BLOCK_EVENTS = 500_000;
const CHECK_EVENTS = 200_000;
/**
 * A run is asked for in slices, as a host asks for them: no code is compiled inside a long call.
 */
const SLICE_EVENTS = 1000;

interface Times {
  readonly engine: number[];
  readonly reference: number[];
  readonly ratio: number[];
}

export function queueContest(contest: Contest): Benchmark {
  return {
    name: contest.name,
    summary: contest.summary,
    run: (options) => run(contest, options),
  };
}

function run(contest: Contest, { rounds, reference, progress }: BenchmarkOptions): Result {
  const { name, sizes } = contest;
  const faults = reference === null ? [] : differences(contest, reference);
  if (faults.length > 0) return { rows: [], faults };
  const times = sizes.map((): Times => ({ engine: [], reference: [], ratio: [] }));
  for (let round = 0; round < rounds; round++) {
    progress(`${name}: round ${round + 1} of ${rounds}`);
    for (const [index, { size, events = BLOCK_EVENTS }] of sizes.entries()) {
      const of = times[index]!;
      const referenceNanos = reference?.run(contest.reference, size, events).nanosPerEvent;
      const engineNanos = measure(contest.create(size), events);
      of.engine.push(engineNanos);
      if (referenceNanos === undefined) continue;
      of.reference.push(referenceNanos);
      of.ratio.push(engineNanos / referenceNanos);
    }
  }
  return { rows: sizes.map((size, index) => rowOf(size, times[index]!)), faults };
}

/** One sentence for each size at which the engine and the reference disagree. */
function differences(contest: Contest, reference: Reference): string[] {
  return contest.sizes.flatMap(({ size }) => {
    const expected = reference.run(contest.reference, size, CHECK_EVENTS).hash;
    const workload = contest.create(size);
    execute(workload, CHECK_EVENTS / 2 + CHECK_EVENTS);
    const found = workload.hash();
    return found === expected
      ? []
      : [`${contest.name} ${size}: the event order has hash ${found}, the reference ${expected}`];
  });
}

function measure(workload: Workload, events: number): number {
  execute(workload, events / 2);
  const start = cpuNanos();
  execute(workload, events);
  return (cpuNanos() - start) / events;
}

function execute(workload: Workload, events: number): void {
  for (let left = events; left > 0; left -= SLICE_EVENTS) {
    workload.run(Math.min(left, SLICE_EVENTS));
  }
}

function rowOf({ size, ratioMax }: Size, times: Times): Row {
  const label = size.toLocaleString('en');
  const engineNanos = median(times.engine);
  if (times.ratio.length === 0) return { label, values: { engineNanos }, goals: [] };
  const values = {
    engineNanos,
    referenceNanos: median(times.reference),
    ratio: median(times.ratio),
    ratioMin: Math.min(...times.ratio),
    ratioMax: Math.max(...times.ratio),
  };
  return { label, values, goals: goal(values, 'ratio', ratioMax) };
}
