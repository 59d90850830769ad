/**
 * Latency histogram with three significant decimal digits over integer microseconds, 0 to 2^53 - 1.
 *
 * Invariant: two values share a bucket only if they differ by less than one part in 1,024; count,
 * sum, minimum and maximum are exact. A percentile is the highest value equivalent to the bucket
 * that holds its rank, never above the recorded maximum.
 *
 * Source: the bucket layout of HdrHistogram (Gil Tene, public domain), 2,048 sub-buckets.
 * Differs: this is our own code and not the package hdr-histogram-js, for these reasons.
 *  - Its bucket index is `floor(Math.log2(value))` and its widths are `Math.pow`; ECMA-262 leaves
 *    both "implementation-approximated", so a value near a power of two may land in another bucket
 *    in another engine. Here the exponent is read with `clz32` and the widths are a table.
 *  - It keeps a module-level instance counter, which survives the first run.
 *  - It is CommonJS whose entry (and whose `browser` bundle, 94 kB) carries WebAssembly and pako;
 *    the narrower files are not a public entry.
 *  - Its mean is rebuilt from bucket midpoints, and it has no cheap save.
 * The package stays the oracle of this file's test.
 *
 * A checkpoint shares the count chunks and the next record into a shared chunk copies that chunk
 * (8 kB), so saving costs some forty references however many values were recorded.
 */
import { InvariantError } from '../kernel/errors.ts';

const CHUNK_SIZE = 1024;
/** Chunk 0 holds 0..1023 and chunk 1 holds 1024..2047, both by ones; then one chunk per octave. */
const CHUNK_COUNT = 44;
const TWO_POW_32 = 4294967296;

function powersOfTwo(): readonly number[] {
  const powers = [1];
  for (let power = 1; power <= CHUNK_COUNT; power++) powers.push((powers[power - 1] ?? 0) * 2);
  return powers;
}
const POWERS = powersOfTwo();

/** What a checkpoint keeps. The chunks are shared and must not be written. */
export interface HistogramImage {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly chunks: readonly (Float64Array | undefined)[];
}

/** The numbers that a report shows, all in the unit recorded (microseconds). */
export interface HistogramSummary {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export class Histogram {
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;
  #chunks: (Float64Array | undefined)[] = new Array<Float64Array | undefined>(CHUNK_COUNT);
  /** 1 = a checkpoint or another histogram may hold this chunk too: copy before writing. */
  readonly #shared = new Uint8Array(CHUNK_COUNT);

  /** Counts `value` `times` times. Both are non-negative safe integers. */
  record(value: number, times = 1): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new InvariantError(`a histogram records non-negative integer microseconds: ${value}`);
    }
    if (times === 0) return;
    const octave = chunkOf(value);
    const offset =
      octave === 0 ? value : Math.floor(value / (POWERS[octave - 1] ?? 1)) - CHUNK_SIZE;
    const chunk = this.#writable(octave);
    chunk[offset] = (chunk[offset] ?? 0) + times;
    if (this.#count === 0 || value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#count += times;
    this.#sum += value * times;
  }

  get count(): number {
    return this.#count;
  }

  /** The largest value recorded, exactly; 0 when empty. */
  get max(): number {
    return this.#max;
  }

  /** The smallest value recorded, exactly; 0 when empty. */
  get min(): number {
    return this.#min;
  }

  /** Exact while the sum of all values stays below 2^53 (285 years of microseconds). */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /**
   * The value that `percent` per cent of the records do not exceed, to three significant digits; 0
   * when empty. `percent` is read to a thousandth, so that the rank is integer arithmetic: a
   * floating product would move a rank by one for 99.9 % of 1,000.
   */
  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    const thousandths = Math.min(100_000, Math.max(0, Math.round(percent * 1000)));
    const rank = Math.max(1, Math.ceil((thousandths * this.#count) / 100_000));
    let seen = 0;
    for (let octave = 0; octave < CHUNK_COUNT; octave++) {
      const chunk = this.#chunks[octave];
      if (chunk === undefined) continue;
      for (let offset = 0; offset < CHUNK_SIZE; offset++) {
        seen += chunk[offset] ?? 0;
        if (seen >= rank) return Math.min(highestEquivalent(octave, offset), this.#max);
      }
    }
    return this.#max;
  }

  /**
   * The values at these ascending percentages of what was recorded after `earlier` was saved, to
   * three significant digits and never above `max`, the largest of those records; 0 where there
   * are none.
   */
  percentilesSince(earlier: HistogramImage, percents: readonly number[], max: number): number[] {
    const found: number[] = [];
    const count = this.#count - earlier.count;
    const rankOf = (percent: number): number =>
      Math.max(1, Math.ceil((Math.round(percent * 1000) * count) / 100_000));
    let seen = 0;
    for (let octave = 0; octave < CHUNK_COUNT && found.length < percents.length; octave++) {
      const chunk = this.#chunks[octave];
      const before = earlier.chunks[octave];
      if (chunk === undefined || chunk === before) continue;
      for (let offset = 0; offset < CHUNK_SIZE; offset++) {
        const more = (chunk[offset] as number) - (before === undefined ? 0 : before[offset]!);
        if (more === 0) continue;
        seen += more;
        while (found.length < percents.length && seen >= rankOf(percents[found.length] as number)) {
          found.push(Math.min(highestEquivalent(octave, offset), max));
        }
      }
    }
    while (found.length < percents.length) found.push(count === 0 ? 0 : max);
    return found;
  }

  /**
   * How many records are at most each of these ascending bounds, to three significant digits: a
   * bucket counts where its lowest value does.
   */
  countsAtMost(bounds: readonly number[]): readonly number[] {
    const counts = new Array<number>(bounds.length).fill(0);
    for (let octave = 0; octave < CHUNK_COUNT; octave++) {
      const chunk = this.#chunks[octave];
      if (chunk === undefined) continue;
      for (let offset = 0; offset < CHUNK_SIZE; offset++) {
        const count = chunk[offset] as number;
        if (count === 0) continue;
        const lowest = lowestEquivalent(octave, offset);
        bounds.forEach((bound, i) => (counts[i]! += lowest <= bound ? count : 0));
      }
    }
    return counts;
  }

  get p50(): number {
    return this.percentile(50);
  }
  get p90(): number {
    return this.percentile(90);
  }
  get p95(): number {
    return this.percentile(95);
  }
  get p99(): number {
    return this.percentile(99);
  }
  get p999(): number {
    return this.percentile(99.9);
  }

  summary(): HistogramSummary {
    return {
      count: this.count,
      mean: this.mean,
      min: this.min,
      p50: this.p50,
      p90: this.p90,
      p95: this.p95,
      p99: this.p99,
      p999: this.p999,
      max: this.max,
    };
  }

  /** Adds every record of `other`. The result does not depend on the order of merges. */
  merge(other: Histogram): void {
    if (other.#count === 0) return;
    for (let octave = 0; octave < CHUNK_COUNT; octave++) {
      const source = other.#chunks[octave];
      if (source === undefined) continue;
      const chunk = this.#writable(octave);
      for (let offset = 0; offset < CHUNK_SIZE; offset++) {
        chunk[offset] = (chunk[offset] ?? 0) + (source[offset] ?? 0);
      }
    }
    this.#min = this.#count === 0 ? other.#min : Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#count += other.#count;
    this.#sum += other.#sum;
  }

  save(): HistogramImage {
    this.#shared.fill(1);
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      chunks: [...this.#chunks],
    };
  }

  restore(image: HistogramImage): void {
    this.#count = image.count;
    this.#sum = image.sum;
    this.#min = image.min;
    this.#max = image.max;
    this.#chunks = [...image.chunks];
    this.#shared.fill(1);
  }

  #writable(octave: number): Float64Array {
    const chunk = this.#chunks[octave];
    if (chunk !== undefined && this.#shared[octave] === 0) return chunk;
    const own = chunk === undefined ? new Float64Array(CHUNK_SIZE) : chunk.slice();
    this.#chunks[octave] = own;
    this.#shared[octave] = 0;
    return own;
  }
}

/** floor(log2(value)) - 9, from the leading zeros of the double's two 32-bit halves: exact. */
function chunkOf(value: number): number {
  if (value < CHUNK_SIZE) return 0;
  const high = Math.floor(value / TWO_POW_32);
  return high === 0 ? 22 - Math.clz32(value) : 54 - Math.clz32(high);
}

const lowestEquivalent = (octave: number, offset: number): number =>
  octave === 0 ? offset : (offset + CHUNK_SIZE) * (POWERS[octave - 1] ?? 1);

function highestEquivalent(octave: number, offset: number): number {
  if (octave === 0) return offset;
  return lowestEquivalent(octave, offset) + (POWERS[octave - 1] ?? 1) - 1;
}
