/**
 * The numbers of a run, counted from facts: operations by outcome, latencies, how often what was
 * told. Windows of client traffic feed the charts. Nothing in the run can read them.
 *
 * A window keeps no latencies of its own: its percentiles are those of what the histogram of the
 * run has gained since the window began, so its memory does not grow with the traffic.
 */
import type { ClientCompleted, Fact } from '../contracts/facts.ts';
import type { ErrorCount, MetricsFrame } from './frame.ts';
import { Histogram } from './histogram.ts';
import type { HistogramImage } from './histogram.ts';
import { Operations } from './operations.ts';
import type { OperationsImage } from './operations.ts';

export interface MetricsImage {
  readonly latencies: HistogramImage;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
  readonly hedges: number;
  readonly invoked: number;
  readonly facts: readonly (readonly [string, number])[];
  readonly errors: readonly (readonly [string, number])[];
  readonly operations: OperationsImage;
  readonly windows: number;
  readonly window: WindowImage;
}

/** What had been counted when the open window began. */
interface WindowImage {
  readonly from: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
  readonly hedges: number;
  readonly invoked: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly latencies: HistogramImage;
  /** The longest latency in it so far. */
  readonly maxMicros: number;
}

const PERCENTS: readonly number[] = [50, 95, 99];

export class Metrics {
  readonly latencies = new Histogram();
  readonly operations = new Operations();
  ok = 0;
  fail = 0;
  unknown = 0;
  retries = 0;
  hedges = 0;
  invoked = 0;
  /** Counted in place: facts are told by the hundred thousand. */
  readonly #facts = new Map<string, Counter>();
  /** Of facts many of one kind are told in a row. */
  #lastType = '';
  #last: Counter = { count: 0 };
  readonly #errors = new Map<string, Counter>();
  readonly #windowMicros: number;
  readonly #durationMicros: number;
  /** Those that a rewind left behind stay: a later checkpoint may be restored from here. */
  readonly #windows: MetricsFrame[] = [];
  #windowCount = 0;
  #window: WindowImage;
  #maxMicros = 0;
  /** Where the open window ends; Infinity once the run's last one has closed. */
  #to: number;

  constructor(windowMicros: number, durationMicros = Infinity) {
    this.#windowMicros = windowMicros;
    this.#durationMicros = durationMicros;
    this.#window = this.#begin(0);
    this.#to = windowEnd(0, windowMicros, durationMicros);
  }

  onFact(fact: Fact, nowMicros: number): void {
    const { type } = fact;
    if (type !== this.#lastType) {
      this.#lastType = type;
      this.#last = counterOf(this.#facts, type);
    }
    this.#last.count += 1;
    if (type === 'client.invoked') {
      if (nowMicros >= this.#to) this.#roll(nowMicros);
      this.invoked += 1;
    } else if (type === 'client.completed') {
      if (nowMicros >= this.#to) this.#roll(nowMicros);
      this.#complete(fact as ClientCompleted);
    }
  }

  /** How often each kind of fact was told, in the order in which they came first. */
  get facts(): readonly (readonly [type: string, count: number])[] {
    return pairs(this.#facts);
  }

  /** Why operations did not end well, in the order of their codes. */
  get errors(): readonly ErrorCount[] {
    return sorted(pairs(this.#errors));
  }

  #complete(fact: ClientCompleted): void {
    this.retries += fact.retries;
    this.operations.complete(fact);
    this.hedges += fact.hedges ?? 0;
    if (fact.outcome === 'ok') {
      this.ok += 1;
      this.latencies.record(fact.latencyMicros);
      if (fact.latencyMicros > this.#maxMicros) this.#maxMicros = fact.latencyMicros;
      return;
    }
    if (fact.outcome === 'fail') this.fail += 1;
    else this.unknown += 1;
    counterOf(this.#errors, fact.error ?? fact.outcome).count += 1;
  }

  /** Closes the windows that are over. Empty ones are kept: silence is what a chart must show. */
  #roll(nowMicros: number): void {
    while (nowMicros >= this.#to) this.#close();
  }

  #close(): void {
    const { from, ok, fail, unknown, retries, hedges, invoked, errors, latencies } = this.#window;
    const [p50, p95, p99] = this.latencies.percentilesSince(latencies, PERCENTS, this.#maxMicros);
    const since: (readonly [string, number])[] = [];
    for (const [code, { count }] of this.#errors) {
      const more = count - (errors.get(code) ?? 0);
      if (more > 0) since.push([code, more]);
    }
    this.#windows[this.#windowCount++] = {
      fromMicros: from,
      toMicros: this.#to,
      offered: this.invoked - invoked,
      ok: this.ok - ok,
      fail: this.fail - fail,
      unknown: this.unknown - unknown,
      retries: this.retries - retries,
      hedges: this.hedges - hedges,
      errors: sorted(since),
      p50Micros: p50 ?? 0,
      p95Micros: p95 ?? 0,
      p99Micros: p99 ?? 0,
      inFlight: this.invoked - this.ok - this.fail - this.unknown,
    };
    this.#maxMicros = 0;
    this.#window = this.#begin(this.#to);
    this.#to = windowEnd(this.#to, this.#windowMicros, this.#durationMicros);
  }

  #begin(from: number): WindowImage {
    return {
      from,
      ok: this.ok,
      fail: this.fail,
      unknown: this.unknown,
      retries: this.retries,
      hedges: this.hedges,
      invoked: this.invoked,
      errors: new Map(pairs(this.#errors)),
      latencies: this.latencies.save(),
      maxMicros: 0,
    };
  }

  /** Windows that closed by `nowMicros`, from number `first` on. */
  windowsFrom(first: number, nowMicros: number): readonly MetricsFrame[] {
    this.#roll(nowMicros);
    return this.#windows.slice(first, this.#windowCount);
  }

  /** How many windows closed by `nowMicros`. */
  windowCount(nowMicros: number): number {
    this.#roll(nowMicros);
    return this.#windowCount;
  }

  save(): MetricsImage {
    return {
      latencies: this.latencies.save(),
      ok: this.ok,
      fail: this.fail,
      unknown: this.unknown,
      retries: this.retries,
      hedges: this.hedges,
      invoked: this.invoked,
      facts: pairs(this.#facts),
      errors: pairs(this.#errors),
      operations: this.operations.save(),
      windows: this.#windowCount,
      window: { ...this.#window, maxMicros: this.#maxMicros },
    };
  }

  /** Windows are append-only, so an image holds how many there were. */
  restore(image: MetricsImage): void {
    this.latencies.restore(image.latencies);
    this.ok = image.ok;
    this.fail = image.fail;
    this.unknown = image.unknown;
    this.retries = image.retries;
    this.hedges = image.hedges;
    this.invoked = image.invoked;
    refill(this.#facts, image.facts);
    this.#lastType = '';
    refill(this.#errors, image.errors);
    this.operations.restore(image.operations);
    this.#windowCount = image.windows;
    this.#window = image.window;
    this.#maxMicros = image.window.maxMicros;
    this.#to = windowEnd(image.window.from, this.#windowMicros, this.#durationMicros);
  }
}

/** Where the window that begins at `from` ends: the last one with the run. */
export function windowEnd(from: number, windowMicros: number, durationMicros: number): number {
  return from >= durationMicros ? Infinity : Math.min(from + windowMicros, durationMicros);
}

interface Counter {
  count: number;
}
type Counts = Map<string, Counter>;

function counterOf(counts: Counts, name: string): Counter {
  let counter = counts.get(name);
  if (counter === undefined) counts.set(name, (counter = { count: 0 }));
  return counter;
}

const pairs = (counts: Counts): readonly (readonly [string, number])[] =>
  [...counts].map(([name, { count }]) => [name, count] as const);

function refill(counts: Counts, image: readonly (readonly [string, number])[]): void {
  counts.clear();
  for (const [name, count] of image) counts.set(name, { count });
}

const sorted = (counts: readonly (readonly [string, number])[]): readonly ErrorCount[] =>
  counts
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
