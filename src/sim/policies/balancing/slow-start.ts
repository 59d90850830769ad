/**
 * What part of its weight a backend has that has just come up, so that a cold one is not flooded.
 *
 * Sources: Envoy, SlowStartConfig (slow_start_window, aggression 1, min_weight_percent 10 %);
 * HAProxy, `slowstart`: linear from 1 % to 100 %.
 */
import { pow } from '../../kernel/maths.ts';

export interface SlowStart {
  /** 0 is off: at once the whole weight. */
  readonly windowMicros: number;
  /** 1 is linear; above 1 the weight rises faster at first. */
  readonly aggression: number;
  readonly minWeightPercent: number;
}

/** Envoy has no default window: without one, no slow start. */
export const ENVOY_SLOW_START: SlowStart = {
  windowMicros: 0,
  aggression: 1,
  minWeightPercent: 10,
};

/** HAProxy's, for the given window. */
export function linearSlowStart(windowMicros: number): SlowStart {
  return { windowMicros, aggression: 1, minWeightPercent: 1 };
}

/** A factor in (0, 1] for the weight. */
export function slowStartFactor(sinceMicros: number, slowStart: SlowStart): number {
  const { windowMicros, aggression, minWeightPercent } = slowStart;
  if (sinceMicros >= windowMicros) return 1;
  const time = Math.max(0, sinceMicros) / windowMicros;
  const grown = aggression === 1 ? time : pow(time, 1 / aggression);
  return Math.max(minWeightPercent / 100, grown);
}
