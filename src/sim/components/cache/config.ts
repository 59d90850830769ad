/** What a cache may be told: how much it holds, for how long, and how it stands to its store. */
import { over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { EVICTION_POLICY_NAMES } from '../../policies/eviction/index.ts';
import { EARLY_REFRESH_NAMES } from '../../policies/expiry/index.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';

const MODES = ['aside', 'read-through', 'write-through', 'write-back', 'write-around'];

/** What is not aside has its store behind it. */
const BEFORE_A_STORE = MODES.filter((mode) => mode !== 'aside');
const expires = [over('ttlMs'), over('negativeTtlMs')];

const NEEDS: readonly Need[] = [
  { settings: ['ttlJitter', 'staleMs'], any: expires, why: 'an object lives for ever' },
  { settings: ['beta'], any: [word('earlyRefresh', 'xfetch')] },
  { settings: ['leaseMs'], any: [word('mode', 'aside')] },
  {
    settings: ['leaseMs'],
    any: [word('leases', true), over('staleMs'), word('earlyRefresh', 'xfetch')],
    why: 'it gives out no leases',
  },
  { settings: ['writeBackMs'], any: [word('mode', 'write-back')] },
  { settings: ['origin'], any: [word('mode', ...BEFORE_A_STORE)] },
];

export const cacheConfig = Type.Object(
  {
    capacity: field.count({
      about: 'Objects that it holds.',
      default: 1_000,
      min: 1,
      max: 10_000_000,
    }),
    policy: field.choice(EVICTION_POLICY_NAMES, {
      about: 'Which object goes when it is full.',
      default: 'lru',
    }),
    mode: field.choice(MODES, {
      about: 'Aside: callers fill it. The others read what they miss from `origin`, and write so.',
      default: 'aside',
    }),
    ttlMs: field.millis({
      about: 'How long an object is fresh, by the wall clock; 0: for ever.',
      default: 0,
      source: 'memcached exptime',
    }),
    ttlJitter: field.probability({
      about: 'The share by which a time to live may be shorter or longer, drawn for each set.',
      default: 0,
    }),
    negativeTtlMs: field.millis({
      about: 'How long it is known that there is no such object; 0: as long as objects.',
      default: 0,
    }),
    staleMs: field.millis({
      about: 'So long after its end an object may be used while one caller refreshes it.',
      default: 0,
      source: 'RFC 5861 stale-while-revalidate',
    }),
    earlyRefresh: field.choice(EARLY_REFRESH_NAMES, {
      about: 'When an object is made anew.',
      default: 'at-expiry',
    }),
    beta: field.number({
      about: 'Of xfetch: above 1 refreshes earlier.',
      default: 1,
      min: 0,
      max: 100,
      unit: '',
    }),
    leases: field.flag({
      about: 'A miss gives one caller the lease to fill it; the others are told to wait.',
      default: false,
      source: 'Nishtala et al., Scaling Memcache at Facebook (NSDI 2013)',
    }),
    leaseMs: field.millis({
      about: 'A new lease for an object is given out only so long after the last one.',
      default: 10_000,
      min: 0.001,
      source: 'Nishtala et al. (NSDI 2013): once every 10 seconds per key',
    }),
    keepNewest: Type.Optional(
      Type.Boolean({
        description: 'A set of an older version than the one it holds is refused. Default: no.',
        source: 'Versions of objects as in Bronson et al., TAO (USENIX ATC 2013)',
      }),
    ),
    writeBackMs: field.millis({
      about: 'Of write-back: how long a write may wait until it goes to the store.',
      default: 1_000,
    }),
    opMicros: field.number({
      about: 'What one operation costs on a core; 0: nothing.',
      default: 0,
      min: 0,
      max: 1_000_000,
      unit: 'us',
    }),
    origin: callPolicySchema,
  },
  { additionalProperties: false, needs: NEEDS },
);

export type CacheConfig = Static<typeof cacheConfig>;
