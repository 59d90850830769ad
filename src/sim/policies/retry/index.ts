/** The retry policies of the catalogue: an explicit list. */
import { constantPause } from './constant.ts';
import { decorrelatedJitterPause } from './decorrelated-jitter.ts';
import { equalJitterPause } from './equal-jitter.ts';
import { exponentialPause } from './exponential.ts';
import { fullJitterPause } from './full-jitter.ts';
import { noPause } from './none.ts';
import type { RetryPolicy } from './retry-policy.ts';

export const RETRY_POLICIES: readonly RetryPolicy[] = [
  noPause,
  constantPause,
  exponentialPause,
  equalJitterPause,
  fullJitterPause,
  decorrelatedJitterPause,
];

export const RETRY_POLICY_NAMES: readonly string[] = RETRY_POLICIES.map((policy) => policy.name);
