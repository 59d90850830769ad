/**
 * The limit follows the queue that it estimates: limit * (1 - best time / this time) requests are
 * waiting somewhere. Few: grow; many: shrink; the best time is forgotten now and then, since what
 * was best may have changed.
 *
 * Invariant: 1 <= limit <= maxLimit before smoothing. A sample that is the best so far, or comes
 * while less than half of the limit is used, changes no limit.
 *
 * Source: Netflix/concurrency-limits at 78a74b98, `VegasLimit`; Brakmo & Peterson, TCP Vegas, 1995.
 * Differs: the jitter of the probe is drawn from the limit's own stream, first at the first sample.
 */
import type { Stream } from '../../kernel/random.ts';
import {
  CONCURRENCY_DEFAULTS,
  type ConcurrencyLimit,
  type ConcurrencySettings,
} from './concurrency-limit.ts';
import { scaled } from './scale.ts';

export interface VegasState {
  /** With its fraction; the limit is the whole part. */
  estimated: number;
  /** The best time since the last probe; 0 before the first sample. */
  rttNoloadMicros: number;
  /** Samples since the last probe. */
  probeCount: number;
  /** 0.5 to 1; 0 before it is drawn. */
  probeJitter: number;
}

const log10 = (log10Times: number) => ({ times: 0, log10Times, plus: 0 });

export const vegasLimit: ConcurrencyLimit<VegasState> = {
  name: 'vegas',
  about: 'Grows while the estimated queue is short and shrinks when it is long, as TCP Vegas does.',
  source: 'Netflix/concurrency-limits at 78a74b98, VegasLimit; Brakmo & Peterson 1995',
  defaults: {
    ...CONCURRENCY_DEFAULTS,
    initialLimit: 20,
    minLimit: 1,
    maxLimit: 1_000,
    smoothing: 1,
    alpha: log10(3),
    beta: log10(6),
    threshold: log10(1),
    increase: { times: 1, log10Times: 1, plus: 0 },
    decrease: { times: 1, log10Times: -1, plus: 0 },
    probeMultiplier: 30,
  },
  reads: [
    'initialLimit',
    'maxLimit',
    'smoothing',
    'alpha',
    'beta',
    'threshold',
    'increase',
    'decrease',
    'probeMultiplier',
  ],
  start: ({ initialLimit }) => ({
    estimated: initialLimit,
    rttNoloadMicros: 0,
    probeCount: 0,
    probeJitter: 0,
  }),
  limit: ({ estimated }) => Math.floor(estimated),
  onSample(state, settings, rttMicros, inflight, isDropped, stream) {
    if (state.probeJitter === 0) drawJitter(state, stream);
    state.probeCount++;
    if (state.probeJitter * settings.probeMultiplier * state.estimated <= state.probeCount) {
      drawJitter(state, stream);
      state.probeCount = 0;
      state.rttNoloadMicros = rttMicros;
    } else if (state.rttNoloadMicros === 0 || rttMicros < state.rttNoloadMicros) {
      state.rttNoloadMicros = rttMicros;
    } else {
      adjust(state, settings, rttMicros, inflight, isDropped);
    }
  },
};

function drawJitter(state: VegasState, stream: Stream): void {
  state.probeJitter = 0.5 + 0.5 * stream.open01();
}

function adjust(
  state: VegasState,
  settings: ConcurrencySettings,
  rttMicros: number,
  inflight: number,
  isDropped: boolean,
): void {
  const { estimated } = state;
  const queue = Math.ceil(estimated * (1 - state.rttNoloadMicros / rttMicros));
  const beta = scaled(settings.beta, estimated);
  let limit: number;
  if (isDropped) limit = scaled(settings.decrease, estimated);
  else if (inflight * 2 < estimated) return;
  else if (queue <= scaled(settings.threshold, estimated)) limit = estimated + beta;
  else if (queue < scaled(settings.alpha, estimated)) limit = scaled(settings.increase, estimated);
  else if (queue > beta) limit = scaled(settings.decrease, estimated);
  else return;
  limit = Math.max(1, Math.min(settings.maxLimit, limit));
  state.estimated = (1 - settings.smoothing) * estimated + settings.smoothing * limit;
}
