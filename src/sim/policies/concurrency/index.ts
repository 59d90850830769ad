/** The concurrency limits of the catalogue: an explicit list; and what sheds load beside them. */
import { aimdLimit, type AimdState } from './aimd.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { fixedLimit, type FixedState } from './fixed.ts';
import { gradient2Limit, type Gradient2State } from './gradient2.ts';
import { vegasLimit, type VegasState } from './vegas.ts';

export type { ConcurrencyLimit, ConcurrencySettings, LimitScale } from './concurrency-limit.ts';
export * from './adaptive-throttle.ts';
export * from './codel.ts';
export * from './priority-shed.ts';

/** The state of any limit: plain data, for the limit that started it. */
export type ConcurrencyState = FixedState | AimdState | VegasState | Gradient2State;

export const CONCURRENCY_LIMITS: readonly ConcurrencyLimit<ConcurrencyState>[] = [
  fixedLimit,
  aimdLimit,
  vegasLimit,
  gradient2Limit,
];

export const CONCURRENCY_LIMIT_NAMES: readonly string[] = CONCURRENCY_LIMITS.map((l) => l.name);
