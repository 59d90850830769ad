/**
 * How many requests may be under way at once, learned from how long they take: what every
 * concurrency limit offers. The defaults and names are those of Netflix's concurrency-limits.
 */
import type { Stream } from '../../kernel/random.ts';

/** times * limit + log10Times * (whole log10 of the limit, at least 1) + plus. */
export interface LimitScale {
  readonly times: number;
  readonly log10Times: number;
  readonly plus: number;
}

/** The settings of any limit; each limit has its own defaults, and leaves some unread. */
export interface ConcurrencySettings {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
  /** How much of the way to each new limit is gone: 1 = all of it. */
  readonly smoothing: number;
  /** AIMD: a request that took longer counts as dropped. */
  readonly timeoutMicros: number;
  /** AIMD: what remains of the limit after a drop. */
  readonly backoffRatio: number;
  /** Vegas: an estimated queue below it lets the limit grow. */
  readonly alpha: LimitScale;
  /** Vegas: an estimated queue above it lets the limit shrink. Also the step of fast growth. */
  readonly beta: LimitScale;
  /** Vegas: up to this estimated queue the limit grows fast. */
  readonly threshold: LimitScale;
  /** Vegas: the limit after growing. */
  readonly increase: LimitScale;
  /** Vegas: the limit after shrinking. */
  readonly decrease: LimitScale;
  /** Vegas: the best time is forgotten about every so many times the limit samples. */
  readonly probeMultiplier: number;
  /** Gradient2: the queue that is allowed. */
  readonly queueSize: number;
  /** Gradient2: over how many samples the long average goes. */
  readonly longWindow: number;
  /** Gradient2: how much longer than the long average a request may take without consequence. */
  readonly rttTolerance: number;
}

export interface ConcurrencyLimit<S> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  readonly defaults: ConcurrencySettings;
  /** Which of the settings it reads. */
  readonly reads: readonly (keyof ConcurrencySettings)[];
  start(settings: ConcurrencySettings): S;
  /** How many may be under way at once: a whole number. */
  limit(state: S): number;
  /**
   * A request has ended.
   * @param rttMicros from its start to its end; at least 1
   * @param inflight how many were under way when it started, itself included
   * @param isDropped it was refused or timed out further on
   * @param stream the limit's own; only Vegas draws
   */
  onSample(
    state: S,
    settings: ConcurrencySettings,
    rttMicros: number,
    inflight: number,
    isDropped: boolean,
    stream: Stream,
  ): void;
}

const NOTHING: LimitScale = { times: 0, log10Times: 0, plus: 0 };

/** What a limit's own defaults start from: the fields that it does not read. */
export const CONCURRENCY_DEFAULTS: ConcurrencySettings = {
  initialLimit: 20,
  minLimit: 20,
  maxLimit: 200,
  smoothing: 1,
  timeoutMicros: 5_000_000,
  backoffRatio: 0.9,
  alpha: NOTHING,
  beta: NOTHING,
  threshold: NOTHING,
  increase: { times: 1, log10Times: 0, plus: 0 },
  decrease: { times: 1, log10Times: 0, plus: 0 },
  probeMultiplier: 30,
  queueSize: 4,
  longWindow: 600,
  rttTolerance: 1.5,
};
