/**
 * When to send a second request although the first may still be answered: after the time in which
 * most requests of late were answered.
 *
 * Invariant: the window holds the last latencies twice, in order of time and in order of size, so
 * that a percentile is a look-up.
 *
 * Source: Dean & Barroso, "The Tail at Scale", 2013 (hedge after the 95th percentile); resilience4j
 * at af9e7c97 for the window of 100. Differs: a percentile is the nearest rank of the window.
 */
export interface HedgeSettings {
  /** The delay until the window has as many latencies as `minimumSamples`. */
  readonly delayMicros: number;
  /** 0.95: the 95th percentile. */
  readonly percentile: number;
  readonly windowSize: number;
  readonly minimumSamples: number;
}

/** How many latencies are remembered, and how many must be known. */
export const HEDGE_WINDOW = { windowSize: 100, minimumSamples: 20 } as const;

export interface HedgeState {
  /** The latencies in order of time, in a ring. */
  readonly recent: Float64Array;
  /** The same, ascending; the first `size` count. */
  readonly sorted: Float64Array;
  size: number;
  next: number;
}

export function newHedge({ windowSize }: HedgeSettings): HedgeState {
  return {
    recent: new Float64Array(windowSize),
    sorted: new Float64Array(windowSize),
    size: 0,
    next: 0,
  };
}

/**
 * A first request was answered after that time, or was not by then when its hedge was: it counts
 * with what it had taken, or the percentile would sink by the very hedges that it causes.
 */
export function onLatency(state: HedgeState, latencyMicros: number): void {
  const { recent, sorted } = state;
  if (state.size === recent.length) {
    const gone = place(sorted, state.size, recent[state.next]!);
    sorted.copyWithin(gone, gone + 1, state.size);
    state.size--;
  }
  const at = place(sorted, state.size, latencyMicros);
  sorted.copyWithin(at + 1, at, state.size);
  sorted[at] = latencyMicros;
  state.size++;
  recent[state.next] = latencyMicros;
  state.next = state.next + 1 === recent.length ? 0 : state.next + 1;
}

/** How long to wait for an answer before asking again. */
export function hedgeDelayMicros(state: HedgeState, settings: HedgeSettings): number {
  if (state.size < Math.max(1, settings.minimumSamples)) {
    return settings.delayMicros;
  }
  const rank = Math.ceil(settings.percentile * state.size - 1e-9);
  return state.sorted[Math.min(state.size, Math.max(1, rank)) - 1]!;
}

/** The first place among the ascending whose latency is not less. */
function place(sorted: Float64Array, size: number, latencyMicros: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < latencyMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}
