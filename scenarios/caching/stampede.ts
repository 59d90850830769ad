/**
 * A popular object expires, and everybody who asks for it before it is made anew asks the database
 * for it as well.
 *
 * Why the number is exact: requests come evenly, links take half a millisecond each way, and the
 * object is missing from the cache from the first miss until the first answer is stored.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { MEMCACHE_AT_FACEBOOK, STALE_WHILE_REVALIDATE, XFETCH } from '../sources.ts';

const PROTECTIONS = ['none', 'single-flight', 'leases', 'stale', 'early'] as const;

const params = {
  protection: field.choice(PROTECTIONS, {
    about: 'What keeps readers of an object that has expired from making it all at once.',
    default: 'none',
  }),
  ratePerSecond: field.count({
    about: 'Requests for the one object.',
    default: 10,
    min: 5,
    max: 20,
  }),
  makeMs: field.millis({
    about: 'How long the database takes to make it.',
    default: 3_000,
    min: 2_500,
    max: 3_500,
  }),
};
type Params = Static<TObject<typeof params>>;

const TTL_MS = 6_000;
const LINK_MS = 0.5;
const WORK_MS = 1;
/** From the look-up at the cache to the set: two links there and two back, and the making. */
const missingMs = (p: Params): number => p.makeMs + 4 * LINK_MS;
/** Whoever asks while it is missing reads; the first of them comes as it begins. */
const crowd = (p: Params): number => Math.ceil((missingMs(p) * p.ratePerSecond) / 1_000);
/** The first crowd, which found the cache empty, has been served. */
const warmMs = (p: Params): number => 2 * missingMs(p) + 500;
const END_MS = 20_700;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('app', {
    arrivals: { kind: 'constant', ratePerSecond: p.ratePerSecond },
    popularity: { keys: 1 },
    call: { timeoutMs: 10_000 },
  }),
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: WORK_MS } },
        {
          do: 'cached',
          in: 'cache',
          miss: [{ do: 'query', to: 'db' }],
          singleFlight: p.protection === 'single-flight',
          staleWhileRevalidate: p.protection === 'stale' || p.protection === 'early',
        },
      ],
      upstreams: [{ to: 'db', timeoutMs: 10_000 }],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: {
      ttlMs: TTL_MS,
      leases: p.protection === 'leases',
      staleMs: p.protection === 'stale' ? TTL_MS : 0,
      earlyRefresh: p.protection === 'early' ? 'xfetch' : 'at-expiry',
    },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 128,
    config: { read: { time: { kind: 'constant', ms: p.makeMs } } },
  },
];

const reads = { group: 'db', gauge: 'Reads', measure: 'total' } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'a-crowd-of-readers',
    use: 'gauge',
    args: { ...reads, fromMs: warmMs(p), atLeast: crowd(p), atMost: crowd(p) },
    about:
      `Everybody who asks in the ${p.makeMs / 1_000} s that it takes reads the database: exactly ` +
      `${crowd(p)} times for one object.`,
  },
  {
    id: 'made-once',
    use: 'gauge',
    args: { ...reads, fromMs: warmMs(p), atMost: 1 },
    about: 'When it has expired it is made once.',
  },
  {
    id: 'made-once-when-cold',
    use: 'gauge',
    args: { ...reads, untilMs: warmMs(p), atMost: 1 },
    about: 'It is made once, too, when the cache has never had it.',
  },
  {
    id: 'it-expires',
    use: 'gauge',
    args: { ...reads, fromMs: warmMs(p), atLeast: 1 },
    about: 'In the window it has to be made anew.',
  },
  {
    id: 'nobody-waits',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 50, fromMs: warmMs(p) },
    about: 'Once there is a value, nobody waits for the next one.',
  },
];

/** What the protection makes of those who come while the object is missing. */
const GUARDS: Readonly<Record<Params['protection'], string>> = {
  none: 'Nothing keeps them from making it all at once.',
  'single-flight':
    'The service has a rule, single-flight: whoever misses waits for the read that is under way.',
  leases: 'The cache gives the first a lease to make it, and tells all others to wait.',
  stale: 'Once there is an old value, readers get that while one of them makes the new one.',
  early: 'Once there is a value, each reader may draw the lot to make the next one early.',
};

const WHY: Readonly<Record<Params['protection'], string>> = {
  none:
    'A cache beside the database knows only that the object is missing, not that somebody is ' +
    'making it already. So each of the requests of those seconds misses and makes it: the ' +
    'first one, and rate times time to make more. The more popular the object and the slower ' +
    'the database, the larger the crowd, and a crowd makes the database slower still.',
  'single-flight':
    'Without the rule each of the requests of those seconds misses and makes the object. With it ' +
    'the service knows that a read is under way, and those who come later take its answer: one ' +
    'read in each process. They wait for it, though.',
  leases:
    'The cache knows that a lease is out, so it sends nobody else to the database, whichever ' +
    'process they come from. They ask again until the object is there: one read, and all wait.',
  stale:
    'The cache still has the old value and hands it out. Only the first reader after the expiry ' +
    'is sent to make the new one, behind the scenes: one read, and nobody waits.',
  early:
    'The nearer the expiry, the likelier is the lot, so the object is made before it ' +
    'expires. But ' +
    'readers draw without knowing of each other: some more of them draw it while it is being made.',
};

const HOW_IT_WENT: Readonly<Record<Params['protection'], string>> = {
  none:
    'Every request misses and starts the same work again. Each brings the same value back, and ' +
    'sets it again: all but one of these reads are for nothing.',
  'single-flight':
    'Compare the requests that wait in the service with the reads of the database: with the rule ' +
    'there is one read for all of them, without it one for each.',
  leases: 'One reader makes it. All others wait, and ask the cache again and again until then.',
  stale: 'One reader makes it behind the scenes. The others get the old value meanwhile.',
  early: 'A few readers made it before its time. Nobody had to wait for it.',
};

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const question =
    `It expires once. Making it takes ${p.makeMs / 1_000} s, and ${p.ratePerSecond} ask each ` +
    `second. ${GUARDS[p.protection]} How often is the database asked to make it`;
  const because = WHY[p.protection];
  if (p.protection === 'single-flight') {
    return {
      question: `${question}, with that rule and with the rule switched off?`,
      options: [
        'Once in both cases: the first who misses it brings it back.',
        `Once with the rule, and about ${crowd(p)} times without it.`,
        `About ${crowd(p)} times in both cases.`,
      ],
      answer: 1,
      because,
    };
  }
  const answers = { none: 2, leases: 0, stale: 0, early: 1 } as const;
  return {
    question: `${question}?`,
    options: [
      'Once.',
      'A few times.',
      `About ${crowd(p)} times: as often as somebody asks before it is there.`,
    ],
    answer: answers[p.protection],
    because,
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'An empty cache',
    at: { ms: 1_000 },
    text:
      `${p.ratePerSecond} times a second somebody asks for the same object, which takes the ` +
      `database ${p.makeMs / 1_000} seconds to make. The cache is empty, so the first requests ` +
      `all miss. ${GUARDS[p.protection]}`,
    focus: ['cache', 'db'],
    check: 'made-once-when-cold',
  },
  {
    title: 'All is well',
    at: { ms: warmMs(p) + 1_000 },
    text:
      'Now the cache has it, and answers within three milliseconds. The database has nothing to ' +
      `do. But the object lives for ${TTL_MS / 1_000} seconds only.`,
    focus: ['cache'],
    predict: prediction(p),
  },
  {
    title: p.protection === 'early' ? 'It would have expired' : 'It has expired',
    at: { ms: warmMs(p) + TTL_MS + 2_000 },
    text: HOW_IT_WENT[p.protection],
    focus: ['app', 'db'],
    check: 'a-crowd-of-readers',
  },
  {
    title: 'Three ways out',
    at: { ms: END_MS - 700 },
    text:
      'Let readers wait for the one that is under way (single-flight within one process, leases ' +
      'across all of them), let them have the old value meanwhile, or make the new one before ' +
      'the old one expires. The last two keep everybody fast, but need an old value.',
    focus: ['cache', 'db'],
    check: 'made-once',
  },
];

const asRun = (p: Params, ablations: readonly string[]): Params =>
  p.protection === 'single-flight' && ablations.includes('traffic.single-flight')
    ? { ...p, protection: 'none' }
    : p;

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A cache stampede',
  summary: 'A popular object expires; everybody who asks for it makes it.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: LINK_MS } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(asRun(p, ablations)),
});

const WAITS = { 'a-crowd-of-readers': { breaks: {} }, 'nobody-waits': { breaks: {} } } as const;
const CROWD = {
  'made-once': { breaks: {} },
  'made-once-when-cold': { breaks: {} },
  'nobody-waits': { breaks: {} },
} as const;

export default defineScenario({
  id: 'caching/stampede',
  title: 'A cache stampede',
  summary:
    'One object expires. Ten requests a second, three seconds to make it: thirty-one reads of ' +
    'the database where one would do.',
  tier: 'calm',
  sources: [MEMCACHE_AT_FACEBOOK, XFETCH, STALE_WHILE_REVALIDATE],
  params,
  plan,
  variants: [
    { name: 'default', about: 'A look-up, and a read when it misses.', expect: CROWD },
    {
      name: 'single-flight',
      about: 'Within the service, those who miss it wait for the read that is under way.',
      params: { protection: 'single-flight' },
      expect: WAITS,
    },
    {
      name: 'no-single-flight',
      about: 'The same with that one rule switched off.',
      params: { protection: 'single-flight' },
      ablations: ['traffic.single-flight'],
      expect: CROWD,
    },
    {
      name: 'leases',
      about: 'The cache lets one reader make it and tells all others to wait, in every process.',
      params: { protection: 'leases' },
      expect: WAITS,
    },
    {
      name: 'stale',
      about: 'One reader makes it behind the scenes; the others get the old value.',
      params: { protection: 'stale' },
      expect: {
        'a-crowd-of-readers': { breaks: {} },
        'made-once-when-cold': { breaks: {} },
      },
    },
    {
      name: 'early',
      about: 'Readers draw lots to make it before it expires: more often, but never in a crowd.',
      params: { protection: 'early' },
      expect: {
        'a-crowd-of-readers': { breaks: {} },
        'made-once': { breaks: {} },
        'made-once-when-cold': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Double the rate: how many reads are there now? And with half a second more to make it?',
    'Slow the database by hand while it makes the object: by how many does the crowd grow?',
    'Crash the service in the middle of a lease: who makes the object then, and when?',
  ],
  leavesOut: [
    'Many objects that expire together: a time to live with jitter keeps them apart.',
    'A database that becomes slower under the crowd: here it has a core for everybody.',
  ],
});
