/** What a rate limiter may be told. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';
import { limitFields, limiterReading } from '../../traffic/limit-policy.ts';

/** Who counts fixed windows, whatever the policy. */
const WINDOWS = ['store-read-then-write', 'local-sync'];
const byWindows = `where is ${WINDOWS.join(' or ')}, which count fixed windows`;

const NEEDS: readonly Need[] = [
  // Of store-atomic it is told that the store's holds.
  { settings: ['burst'], any: [word('where', 'local', 'store-atomic')], why: byWindows },
  {
    settings: ['policy'],
    any: [word('where', 'local', 'store-atomic'), word('policy', 'fixed-window')],
    why: byWindows,
  },
  { settings: ['burst'], any: [limiterReading('burst'), word('where', 'store-atomic')] },
  {
    settings: ['windowMs'],
    any: [limiterReading('windowMicros'), word('where', 'store-atomic', ...WINDOWS)],
  },
  { settings: ['maxKeys'], any: [word('per', 'session', 'key')] },
  { settings: ['maxKeys'], any: [word('where', 'local', 'local-sync')] },
  { settings: ['syncMs'], any: [word('where', 'local-sync')] },
  { settings: ['storeCall', 'onStoreFailure'], any: [word('where', 'store-atomic', ...WINDOWS)] },
];

export const rateLimiterConfig = Type.Object(
  {
    ...limitFields,
    per: field.choice(['all', 'session', 'key'], {
      about: 'Whether all requests share one limit, or each session or object has its own.',
      default: 'all',
    }),
    where: field.choice(['local', 'store-atomic', 'store-read-then-write', 'local-sync'], {
      about:
        'Who counts: each node by itself; the store, which decides (its policy holds); the node, ' +
        'by a count that it reads and writes back; or the node, which tells the store at times.',
      default: 'local',
    }),
    syncMs: field.millis({
      about: 'Of local-sync: how often a node tells what it let through, and learns of the others.',
      default: 100,
      min: 1,
      max: 3_600_000,
    }),
    onStoreFailure: field.choice(['open', 'closed'], {
      about: 'Without an answer of the store: let everything through, or nothing.',
      default: 'open',
      source: 'Envoy failure_mode_deny',
    }),
    enforce: field.flag({
      about: 'False: only count what it would refuse (shadow mode).',
      default: true,
    }),
    delay: field.flag({
      about: 'Of leaky-bucket: what it takes in flows out at the rate, one by one (shaping).',
      default: false,
      source: 'nginx limit_req, without nodelay',
    }),
    call: callPolicySchema,
    storeCall: callPolicySchema,
  },
  { additionalProperties: false, needs: NEEDS },
);

export type RateLimiterConfig = Static<typeof rateLimiterConfig>;
