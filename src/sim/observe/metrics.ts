/**
 * The numbers of a run, counted from facts: operations by outcome, latencies, how often what was
 * told. Windows of client traffic feed the charts. Nothing in the run can read them.
 */
import type { ClientCompleted, Fact } from '../contracts/facts.ts';
import { ChunkedList } from '../protocols/chunked-list.ts';
import { Histogram } from './histogram.ts';
import type { HistogramImage } from './histogram.ts';
import type { MetricsFrame } from './frame.ts';

export interface MetricsImage {
  readonly latencies: HistogramImage;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
  readonly invoked: number;
  readonly facts: readonly (readonly [string, number])[];
  readonly windows: number;
  readonly window: WindowImage;
}

interface WindowImage {
  readonly from: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly latencies: ChunkedList<number>;
}

export class Metrics {
  readonly latencies = new Histogram();
  ok = 0;
  fail = 0;
  unknown = 0;
  retries = 0;
  invoked = 0;
  /** Counted in place: facts are told by the hundred thousand. */
  readonly #facts = new Map<string, { count: number }>();
  readonly #windowMicros: number;
  /** Those that a rewind left behind stay: a later checkpoint may be restored from here. */
  readonly #windows: MetricsFrame[] = [];
  #windowCount = 0;
  #from = 0;
  #ok = 0;
  #fail = 0;
  #unknown = 0;
  /** Of the open window. */
  #latencies = ChunkedList.empty<number>();

  constructor(windowMicros: number) {
    this.#windowMicros = windowMicros;
  }

  onFact(fact: Fact, nowMicros: number): void {
    const counted = this.#facts.get(fact.type);
    if (counted === undefined) this.#facts.set(fact.type, { count: 1 });
    else counted.count += 1;
    if (fact.type === 'client.invoked') {
      this.#roll(nowMicros);
      this.invoked += 1;
    } else if (fact.type === 'client.completed') {
      this.#roll(nowMicros);
      this.#complete(fact as ClientCompleted);
    }
  }

  /** How often each kind of fact was told, in the order in which they came first. */
  get facts(): readonly (readonly [type: string, count: number])[] {
    return [...this.#facts].map(([type, { count }]) => [type, count] as const);
  }

  #complete(fact: ClientCompleted): void {
    this.retries += fact.retries;
    if (fact.outcome === 'ok') {
      this.ok += 1;
      this.#ok += 1;
      this.latencies.record(fact.latencyMicros);
      this.#latencies.push(fact.latencyMicros);
    } else if (fact.outcome === 'fail') {
      this.fail += 1;
      this.#fail += 1;
    } else {
      this.unknown += 1;
      this.#unknown += 1;
    }
  }

  /** Closes the windows that are over. Empty ones are kept: silence is what a chart must show. */
  #roll(nowMicros: number): void {
    while (nowMicros >= this.#from + this.#windowMicros) this.#close();
  }

  #close(): void {
    const { length } = this.#latencies;
    const sorted = this.#latencies.slice(0, length).sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    this.#windows[this.#windowCount++] = {
      fromMicros: this.#from,
      toMicros: this.#from + this.#windowMicros,
      ok: this.#ok,
      fail: this.#fail,
      unknown: this.#unknown,
      p50Micros: at(0.5),
      p99Micros: at(0.99),
      inFlight: this.invoked - this.ok - this.fail - this.unknown,
    };
    this.#from += this.#windowMicros;
    this.#ok = 0;
    this.#fail = 0;
    this.#unknown = 0;
    this.#latencies = ChunkedList.empty<number>();
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
      invoked: this.invoked,
      facts: this.facts,
      windows: this.#windowCount,
      window: {
        from: this.#from,
        ok: this.#ok,
        fail: this.#fail,
        unknown: this.#unknown,
        latencies: this.#latencies.clone(),
      },
    };
  }

  /** Windows are append-only, so an image holds how many there were. */
  restore(image: MetricsImage): void {
    this.latencies.restore(image.latencies);
    this.ok = image.ok;
    this.fail = image.fail;
    this.unknown = image.unknown;
    this.retries = image.retries;
    this.invoked = image.invoked;
    this.#facts.clear();
    for (const [type, count] of image.facts) this.#facts.set(type, { count });
    this.#windowCount = image.windows;
    this.#from = image.window.from;
    this.#ok = image.window.ok;
    this.#fail = image.window.fail;
    this.#unknown = image.window.unknown;
    this.#latencies = image.window.latencies.clone();
  }
}
