/**
 * Time in three brands that do not mix.
 *
 * The kernel counts integer microseconds from the start of the run. A node never sees that clock:
 * it has a monotonic one (drifts, never jumps) and a wall one (may jump). Durations are made only
 * by `micros`, `ms` and `seconds`, so that a bare number does not compile.
 */
declare const brand: unique symbol;

/** Microseconds since the start of the run: the kernel's own clock, integer. */
export type SimMicros = number & { readonly [brand]: 'SimMicros' };
/** A node's monotonic clock, integer microseconds: for timers. It drifts and never jumps. */
export type MonoMicros = number & { readonly [brand]: 'MonoMicros' };
/** A node's wall clock, integer microseconds: for timestamps, leases, TTL. It may jump. */
export type WallMicros = number & { readonly [brand]: 'WallMicros' };
/** A length of time, integer microseconds. */
export type Duration = number & { readonly [brand]: 'Duration' };

export const micros = (count: number): Duration => Math.round(count) as Duration;
export const ms = (count: number): Duration => Math.round(count * 1_000) as Duration;
export const seconds = (count: number): Duration => Math.round(count * 1_000_000) as Duration;

/** The instant `duration` after `instant`, on the same clock. */
export function after<T extends SimMicros | MonoMicros | WallMicros>(
  instant: T,
  duration: Duration,
): T {
  return (instant + duration) as T;
}

/** The time from `start` to `end`, both on one clock. */
export function elapsed<T extends SimMicros | MonoMicros | WallMicros>(start: T, end: T): Duration {
  return (end - start) as Duration;
}

/**
 * The longest delay that there is, 115 days: what is drawn or stretched beyond it is cut to it. No
 * run lasts so long, so what waits so long never comes.
 */
export const LONGEST_MS = 1e10;
export const LONGEST_MICROS = LONGEST_MS * 1_000;

/** However many faults slow one thing down, it takes no more than so many times as long. */
export const SLOWEST_FACTOR = 1e12;

export const SIM_START = 0 as SimMicros;
