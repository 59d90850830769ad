/**
 * The gauges of the nodes over time: what each living node shows, looked at many times in each
 * window. Nothing in the run can read them, and looking changes nothing.
 *
 * Whoever runs events says, before time passes on, what moment it passes on to; that costs one
 * comparison an event. A moment of sampling sees the state as the events before it left it. So the
 * series depend on the run alone: not on who watches, nor on where it was stopped or restored.
 *
 * A level is the mean over the samples of a window, a count the rate of what each sample found
 * counted since the one before, a share the quotient of two such counts. A node that is down has
 * no samples; what it counts after a restart begins at 0.
 */
import type { AnyBehaviour, Gauge } from '../node/behaviour.ts';
import type { Host } from '../node/host.ts';
import type { SimNode } from '../node/node.ts';
import type { GaugeFrame, GaugeSeries } from './frame.ts';
import { windowEnd } from './metrics.ts';

export interface GaugesImage {
  readonly windows: number;
  readonly from: number;
  readonly sample: number;
  readonly nodes: number;
  readonly series: readonly GaugeSeries[];
  readonly gauges: readonly Gauge<unknown>[];
  readonly book: Float64Array;
}

/** Over the run so far: of one title and group. */
export interface GaugeTotal {
  readonly title: string;
  readonly group: string;
  readonly kind: GaugeSeries['kind'];
  readonly unit: string;
  readonly mean: number;
  /** The highest window of any member. */
  readonly max: number;
  /** The last window: the mean over its members; null where it has nothing to show. */
  readonly last: number | null;
}

/** Of an idle server with one core a sample says 0 or 1: few of them would make a ragged line. */
export const SAMPLES_PER_WINDOW = 32;

/** The numbers kept of each series, one after the other in the book. */
const FIELDS = 12;
/** Of the open window: samples, and the sum of the level or of what was counted, and of what. */
const SAMPLES = 0;
const SUM = 1;
const OUT_OF = 2;
/** What the last sample found, and in which life of the node. */
const LAST = 3;
const LAST_OUT_OF = 4;
const LIFE = 5;
/** Over the closed windows: the time sampled, and the sums, of a level over that time. */
const ALL_MICROS = 6;
const ALL_SUM = 7;
const ALL_OUT_OF = 8;
/** The same of the window that closed last. */
const LAST_MICROS = 9;
const LAST_SUM = 10;
const LAST_OF = 11;

/** Cores at work are known of every node that works, whether or not its component tells them. */
const UTILISATION: Gauge<unknown> = {
  title: 'Utilisation',
  about: 'Cores at work, of those there are.',
  kind: 'level',
  of: (_state, cores) => cores.busy / cores.count,
};

function gaugesOf(behaviour: AnyBehaviour): readonly Gauge<unknown>[] {
  const own = behaviour.gauges ?? [];
  const works = behaviour.onWorked !== undefined;
  if (!works || own.some(({ title }) => title === UTILISATION.title)) return own;
  return [...own, UTILISATION];
}

export class Gauges {
  readonly #host: Host;
  readonly #windowMicros: number;
  readonly #durationMicros: number;
  /** Those that a rewind left behind stay, as those of client traffic do. */
  readonly #frames: GaugeFrame[] = [];
  #frameCount = 0;
  #from = 0;
  #to: number;
  /** Samples taken in the open window. */
  #sample = 0;
  /** Nodes whose gauges are series already. */
  #nodes = 0;
  /** Never changed in place: frames refer to it. */
  #series: readonly GaugeSeries[] = [];
  #gauges: readonly Gauge<unknown>[] = [];
  #book = new Float64Array(0);

  constructor(host: Host, windowMicros: number, durationMicros: number) {
    this.#host = host;
    this.#windowMicros = windowMicros;
    this.#durationMicros = durationMicros;
    this.#to = windowEnd(0, windowMicros, durationMicros);
  }

  /** The moment of the next sample: before anything happens then or later, say so to `passTo`. */
  get nextMicros(): number {
    return this.#at(this.#sample + 1);
  }

  #at(sample: number): number {
    const length = this.#to - this.#from;
    return this.#from + Math.ceil((sample * length) / SAMPLES_PER_WINDOW);
  }

  /** Time passes on to `micros`; nothing has happened since the last event. */
  passTo(micros: number): void {
    while (micros >= this.nextMicros) {
      const length = this.#to - this.#from;
      const due = Math.floor(((micros - this.#from) * SAMPLES_PER_WINDOW) / length);
      const sample = Math.min(SAMPLES_PER_WINDOW, due);
      this.#look(sample - this.#sample);
      this.#sample = sample;
      if (sample === SAMPLES_PER_WINDOW) this.#close();
    }
  }

  /** So many samples of one and the same state. */
  #look(times: number): void {
    if (this.#nodes < this.#host.nodes.length) this.#meet();
    const { nodes } = this.#host;
    for (let i = 0; i < this.#gauges.length; i++) {
      const node = nodes[(this.#series[i] as GaugeSeries).node] as SimNode;
      if (node.state === null) continue;
      this.#sampled(i * FIELDS, this.#gauges[i] as Gauge<unknown>, node, times);
    }
  }

  #sampled(at: number, gauge: Gauge<unknown>, node: SimNode, times: number): void {
    const book = this.#book;
    if (gauge.kind === 'level') {
      const value = gauge.of(node.state, node.cpu);
      if (!Number.isFinite(value)) return;
      book[at + SAMPLES]! += times;
      book[at + SUM]! += value * times;
      return;
    }
    const isShare = gauge.kind === 'share';
    const count = isShare ? gauge.of(node.state) : gauge.of(node.state, node.cpu);
    const outOf = isShare ? gauge.outOf(node.state) : 0;
    const isAnew = book[at + LIFE] !== node.epoch;
    book[at + SAMPLES]! += times;
    book[at + SUM]! += count - (isAnew ? 0 : book[at + LAST]!);
    book[at + OUT_OF]! += outOf - (isAnew ? 0 : book[at + LAST_OUT_OF]!);
    book[at + LAST] = count;
    book[at + LAST_OUT_OF] = outOf;
    book[at + LIFE] = node.epoch;
  }

  /** Nodes that were spawned since the last sample. */
  #meet(): void {
    const { nodes } = this.#host;
    const more: GaugeSeries[] = [];
    const gauges: Gauge<unknown>[] = [];
    for (; this.#nodes < nodes.length; this.#nodes++) {
      const { identity, behaviour } = nodes[this.#nodes] as SimNode;
      const { index: node, name, group } = identity;
      for (const gauge of gaugesOf(behaviour)) {
        const { title, about, kind, unit = '' } = gauge;
        more.push({ title, about, kind, unit, node, name, group });
        gauges.push(gauge);
      }
    }
    this.#gauges = [...this.#gauges, ...gauges];
    const book = new Float64Array(this.#gauges.length * FIELDS);
    book.set(this.#book);
    for (let at = this.#book.length; at < book.length; at += FIELDS) book[at + LIFE] = -1;
    this.#book = book;
    this.#series = [...this.#series, ...more];
  }

  #close(): void {
    const book = this.#book;
    const length = this.#to - this.#from;
    const values = new Float64Array(this.#series.length);
    this.#series.forEach(({ kind }, i) => {
      const at = i * FIELDS;
      const samples = book[at + SAMPLES]!;
      const sum = book[at + SUM]!;
      const outOf = book[at + OUT_OF]!;
      const micros = (samples * length) / SAMPLES_PER_WINDOW;
      const all = kind === 'level' ? (sum * length) / SAMPLES_PER_WINDOW : sum;
      book[at + ALL_MICROS]! += micros;
      book[at + ALL_SUM]! += all;
      book[at + ALL_OUT_OF]! += outOf;
      book[at + LAST_MICROS] = micros;
      book[at + LAST_SUM] = all;
      book[at + LAST_OF] = outOf;
      values[i] = meanOf(kind, sum, kind === 'level' ? samples : kind === 'count' ? length : outOf);
      if (samples === 0) values[i] = NaN;
      book.fill(0, at + SAMPLES, at + OUT_OF + 1);
    });
    this.#frames[this.#frameCount++] = {
      fromMicros: this.#from,
      toMicros: this.#to,
      series: this.#series,
      values,
    };
    this.#sample = 0;
    this.#from = this.#to;
    this.#to = windowEnd(this.#from, this.#windowMicros, this.#durationMicros);
  }

  /** Windows that have closed, from number `first` on; the caller may give the values away. */
  framesFrom(first: number): readonly GaugeFrame[] {
    const frames = this.#frames.slice(first, this.#frameCount);
    return frames.map((frame) => ({ ...frame, values: frame.values.slice() }));
  }

  /**
   * Over all closed windows, by title and group in the order in which they came: the mean over the
   * members, the highest window of any of them, and the last one.
   */
  totals(): readonly GaugeTotal[] {
    const parts = new Map<string, number[]>();
    this.#series.forEach(({ title, group }, i) => {
      const key = `${group}\n${title}`;
      const members = parts.get(key);
      if (members === undefined) parts.set(key, [i]);
      else members.push(i);
    });
    const totals: GaugeTotal[] = [];
    for (const members of parts.values()) {
      const { title, group, kind, unit } = this.#series[members[0] as number] as GaugeSeries;
      const sum = (field: number): number =>
        members.reduce((all, i) => all + this.#book[i * FIELDS + field]!, 0);
      const isShare = kind === 'share';
      const mean = meanOf(kind, sum(ALL_SUM), sum(isShare ? ALL_OUT_OF : ALL_MICROS));
      if (Number.isNaN(mean)) continue;
      const last = meanOf(kind, sum(LAST_SUM), sum(isShare ? LAST_OF : LAST_MICROS));
      const max = this.#maxOf(members);
      totals.push({ title, group, kind, unit, mean, max, last: Number.isNaN(last) ? null : last });
    }
    return totals;
  }

  #maxOf(members: readonly number[]): number {
    let max = -Infinity;
    for (let frame = 0; frame < this.#frameCount; frame++) {
      const { values } = this.#frames[frame] as GaugeFrame;
      for (const i of members) {
        const value = values[i];
        if (value !== undefined && value > max) max = value;
      }
    }
    return max;
  }

  save(): GaugesImage {
    return {
      windows: this.#frameCount,
      from: this.#from,
      sample: this.#sample,
      nodes: this.#nodes,
      series: this.#series,
      gauges: this.#gauges,
      book: this.#book.slice(),
    };
  }

  restore(image: GaugesImage): void {
    this.#frameCount = image.windows;
    this.#from = image.from;
    this.#to = windowEnd(image.from, this.#windowMicros, this.#durationMicros);
    this.#sample = image.sample;
    this.#nodes = image.nodes;
    this.#series = image.series;
    this.#gauges = image.gauges;
    this.#book = image.book.slice();
  }
}

/** A rate is by the second; of nothing there is no mean. */
function meanOf(kind: GaugeSeries['kind'], sum: number, of: number): number {
  if (of === 0) return NaN;
  return kind === 'count' ? (sum * 1e6) / of : sum / of;
}
