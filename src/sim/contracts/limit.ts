/**
 * The conversation with a central store of rate-limit counters.
 *
 * Source: Redis as used by limiters: GET then SET (which races), or a script that takes atomically
 * (throttled, redis-cell), or nodes that report what they let through from time to time.
 */
import { defineContract } from './contract.ts';

export interface LimitRead {
  readonly type: 'limit.read';
  readonly key: number;
}
/** Writes back what the reader counted itself: whatever came in between is lost. */
export interface LimitWrite {
  readonly type: 'limit.write';
  readonly key: number;
  readonly count: number;
}
/** Decides and counts in one step. */
export interface LimitTake {
  readonly type: 'limit.take';
  readonly key: number;
}
/** Tells what this node let through since it last told; the answer is what all did. */
export interface LimitReport {
  readonly type: 'limit.report';
  readonly key: number;
  readonly admitted: number;
}
export interface LimitCount {
  readonly type: 'limit.count';
  /** In the present window, of all nodes. */
  readonly count: number;
}
export interface LimitDecision {
  readonly type: 'limit.decision';
  readonly admitted: boolean;
  readonly retryAfterMs: number;
}

export type LimitMessage =
  LimitRead | LimitWrite | LimitTake | LimitReport | LimitCount | LimitDecision;

export const limit = defineContract<LimitMessage>({
  name: 'limit',
  about: 'Limiters share their counters in one store.',
  source: 'Redis GET and SET; redis-cell CL.THROTTLE',
  overConnections: true,
  messages: {
    'limit.read': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.key | 0,
      label: (m) => `count of ${m.key}?`,
    },
    'limit.write': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.key, 31) + m.count) | 0,
      label: (m) => `count of ${m.key} = ${m.count}`,
    },
    'limit.take': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.key | 0,
      label: (m) => `take one of ${m.key}`,
    },
    'limit.report': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.key, 31) + m.admitted) | 0,
      label: (m) => `${m.admitted} more of ${m.key}`,
    },
    'limit.count': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.count | 0,
      label: (m) => `count ${m.count}`,
    },
    'limit.decision': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.admitted ? 1 : 0),
      label: (m) => (m.admitted ? 'admitted' : `refused, again in ${m.retryAfterMs} ms`),
    },
  },
  errors: [],
});
