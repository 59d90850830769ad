/**
 * What became of the operations of clients, by their names (the routes of requests): outcomes, and
 * a histogram of how long those took that went well.
 *
 * Source: the bounds of the histogram are those of the Prometheus client libraries (DefBuckets),
 * whose last one is +Inf.
 * Differs: two more, of 15 and 30 s, because patience of so long is common.
 */
import type { ClientCompleted } from '../contracts/facts.ts';
import { Histogram } from './histogram.ts';
import type { HistogramImage } from './histogram.ts';

const BOUNDS_MICROS: readonly number[] = [
  5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
  10_000_000, 15_000_000, 30_000_000,
];

export interface OperationBucket {
  /** Null is without a bound: JSON has no infinity. That bucket is the last, and counts all. */
  readonly atMostMicros: number | null;
  readonly count: number;
}

export interface OperationTotal {
  readonly operation: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** Of those that went well. */
  readonly latencyMicros: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
    readonly mean: number;
  };
  /** Of those that went well, too: how many took at most so long, to three significant digits. */
  readonly histogram: readonly OperationBucket[];
}

interface Tally {
  fail: number;
  unknown: number;
  readonly latencies: Histogram;
}

export type OperationsImage = readonly (readonly [
  operation: string,
  fail: number,
  unknown: number,
  latencies: HistogramImage,
])[];

export class Operations {
  readonly #tallies = new Map<string, Tally>();

  complete({ f, outcome, latencyMicros }: ClientCompleted): void {
    let tally = this.#tallies.get(f);
    if (tally === undefined) {
      tally = { fail: 0, unknown: 0, latencies: new Histogram() };
      this.#tallies.set(f, tally);
    }
    if (outcome === 'ok') tally.latencies.record(latencyMicros);
    else tally[outcome] += 1;
  }

  /** In the order of their names. */
  totals(): readonly OperationTotal[] {
    const totals = [...this.#tallies].map(([operation, tally]) => totalOf(operation, tally));
    return totals.sort((a, b) =>
      a.operation < b.operation ? -1 : a.operation > b.operation ? 1 : 0,
    );
  }

  save(): OperationsImage {
    return [...this.#tallies].map(([operation, { fail, unknown, latencies }]) => [
      operation,
      fail,
      unknown,
      latencies.save(),
    ]);
  }

  restore(image: OperationsImage): void {
    this.#tallies.clear();
    for (const [operation, fail, unknown, saved] of image) {
      const latencies = new Histogram();
      latencies.restore(saved);
      this.#tallies.set(operation, { fail, unknown, latencies });
    }
  }
}

function totalOf(operation: string, { fail, unknown, latencies }: Tally): OperationTotal {
  const { count, p50, p95, p99, max, mean } = latencies.summary();
  const counts = latencies.countsAtMost(BOUNDS_MICROS);
  return {
    operation,
    ok: count,
    fail,
    unknown,
    latencyMicros: { p50, p95, p99, max, mean },
    histogram: [
      ...BOUNDS_MICROS.map((atMostMicros, i) => ({ atMostMicros, count: counts[i] ?? 0 })),
      { atMostMicros: null, count },
    ],
  };
}
