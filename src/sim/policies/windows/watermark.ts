/**
 * Event-time clocks: how far a stream believes to have seen everything.
 *
 * A watermark of t says that no record with a time of t or less is expected any more. It never
 * goes back.
 *
 * Source: Flink's BoundedOutOfOrdernessWatermarks and CombinedWatermarkStatus; Kafka Streams'
 * stream time.
 */

/** Before anything has come. */
export const NO_TIME = Number.MIN_SAFE_INTEGER;

/** Flink: records come at most `delay` later than the latest of all. */
export function boundedWatermark(latest: number, delay: number): number {
  return latest === NO_TIME ? NO_TIME : latest - delay - 1;
}

/** The latest time seen: Kafka Streams' stream time, and what a bounded watermark is made from. */
export function latestOf(latest: number, at: number): number {
  return Math.max(latest, at);
}

export interface WatermarkInput {
  readonly watermark: number;
  /** Nothing has come for longer than the idle timeout: it is not waited for. */
  readonly isIdle: boolean;
}

/**
 * The watermark of an operator with several inputs: the least of those that are not idle. So one
 * input that has nothing to say stalls all, unless it is declared idle.
 *
 * @param before what it was; it stays so if all inputs are idle
 */
export function combinedWatermark(inputs: readonly WatermarkInput[], before: number): number {
  const active = inputs.filter(({ isIdle }) => !isIdle).map(({ watermark }) => watermark);
  return active.length === 0 ? before : Math.max(before, Math.min(...active));
}
