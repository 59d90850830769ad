/**
 * How the level of a limit goes on by itself, for pictures: a bucket fills again between requests,
 * when nothing happens at its node. Lines between points, from the moment it is looked at until it
 * is at rest; looking changes nothing.
 *
 * Differs: in true time, where the node's clock may drift by parts of a million.
 */
import type { Sight } from '../node/behaviour.ts';
import type { RateLimitSettings, RateLimitState, RateLimiter } from '../policies/limiting/index.ts';
import { windowLeftMicros, windowOf } from './limit-policy.ts';
import type { Busiest } from './limit-policy.ts';

export interface LevelPoint {
  /** Simulated time. */
  readonly atMicros: number;
  /** 0 at rest, 1 nothing may pass. */
  readonly level: number;
}

/** A window that slides goes down in steps: so many parts stand for them. */
const PARTS = 8;

/** Of a limiter's own state for one key; null: it was forgotten, which is being at rest. */
export function courseOfLimiter(
  limiter: RateLimiter<RateLimitState>,
  state: RateLimitState | null,
  settings: RateLimitSettings,
  { nowMicros, monoMicros }: Sight,
): readonly LevelPoint[] {
  if (state === null) return [{ atMicros: nowMicros, level: 0 }];
  const rest = limiter.resetAfterMicros(state, settings, monoMicros);
  const afters = [0, rest];
  if (limiter.reads.includes('windowMicros')) {
    const end = windowLeftMicros(monoMicros, settings);
    afters.push(end - 1, end, rest - 1);
    for (let part = 1; part < PARTS; part++) afters.push(Math.floor((rest * part) / PARTS));
  }
  return [...new Set(afters)]
    .filter((after) => after >= 0 && after <= rest)
    .sort((a, b) => a - b)
    .map((after) => ({
      atMicros: nowMicros + after,
      level: limiter.level(state, settings, monoMicros + after),
    }));
}

/** Of a count that begins anew with each window: as it was noted, until the window ends. */
export function courseOfWindow(
  { level, atMicros }: Busiest,
  settings: RateLimitSettings,
  { nowMicros, monoMicros }: Sight,
): readonly LevelPoint[] {
  if (windowOf(atMicros, settings) !== windowOf(monoMicros, settings)) {
    return [{ atMicros: nowMicros, level: 0 }];
  }
  const end = nowMicros + windowLeftMicros(monoMicros, settings);
  return [
    { atMicros: nowMicros, level },
    { atMicros: end - 1, level },
    { atMicros: end, level: 0 },
  ];
}
