/**
 * Counts of the last so many seconds, in slices of time: what is older than the window is forgotten
 * a slice at a time.
 *
 * Slices lie at whole multiples of their length. Invariant: `totals` is the sum of the slices that
 * the window still holds; the window covers the slice of now, so far, and all slices before it but
 * one window's worth: between (slices - 1) and (slices) slice lengths.
 */
export interface RollingCounts {
  /** How many kinds of things are counted. */
  readonly kinds: number;
  readonly sliceMicros: number;
  /** Slices in a ring; a slice holds its counts side by side. */
  readonly counts: Float64Array;
  /** The sums over the window, by kind. */
  readonly totals: Float64Array;
  /** The number of the newest slice since time 0. */
  newest: number;
}

export function startCounts(kinds: number, slices: number, sliceMicros: number): RollingCounts {
  return {
    kinds,
    sliceMicros,
    counts: new Float64Array(kinds * slices),
    totals: new Float64Array(kinds),
    newest: 0,
  };
}

/** Forgets what is too old at that time. A clock that went back is taken to have stood still. */
export function roll(rolling: RollingCounts, nowMicros: number): void {
  const slice = Math.floor(nowMicros / rolling.sliceMicros);
  if (slice <= rolling.newest) return;
  const { counts, totals, kinds } = rolling;
  const slices = counts.length / kinds;
  if (slice - rolling.newest >= slices) {
    counts.fill(0);
    totals.fill(0);
  } else {
    for (let gone = rolling.newest + 1; gone <= slice; gone++) {
      const from = (gone % slices) * kinds;
      for (let kind = 0; kind < kinds; kind++) {
        totals[kind]! -= counts[from + kind]!;
        counts[from + kind] = 0;
      }
    }
  }
  rolling.newest = slice;
}

/** Adds to the slice of now; call `roll` first. */
export function count(rolling: RollingCounts, kind: number, amount: number): void {
  const slices = rolling.counts.length / rolling.kinds;
  rolling.counts[(rolling.newest % slices) * rolling.kinds + kind]! += amount;
  rolling.totals[kind]! += amount;
}

/** The sum over the window as of that time, without forgetting anything. */
export function sumAt(rolling: RollingCounts, kind: number, nowMicros: number): number {
  const slice = Math.floor(nowMicros / rolling.sliceMicros);
  const slices = rolling.counts.length / rolling.kinds;
  const gone = Math.min(slices, Math.max(0, slice - rolling.newest));
  let sum = rolling.totals[kind]!;
  for (let i = 1; i <= gone; i++) {
    sum -= rolling.counts[((rolling.newest + i) % slices) * rolling.kinds + kind]!;
  }
  return sum;
}
