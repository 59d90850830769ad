/**
 * A list page shows several objects. Read one by one, each costs a way to the cache and, where it
 * is missing, a statement; read together, the page costs one way to the cache and one statement.
 *
 * Why the bound is exact: together a page runs at most one statement, whatever is missing; one by
 * one it runs as many as objects are missing.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { GO_DATABASE_SQL, MEMCACHED_PROTOCOL, MEMCACHE_AT_FACEBOOK } from '../sources.ts';
import { RAILS_N_PLUS_ONE } from '../sources.ts';

const params = {
  reads: field.choice(['one-by-one', 'at-once', 'together'], {
    about: 'How a page gets its objects: in turn, each by a request of its own, or by one for all.',
    default: 'one-by-one',
  }),
  objects: field.count({ about: 'Objects on a page.', default: 10, min: 1, max: 15 }),
  pagesPerSecond: field.count({
    about: 'Pages that are asked for, in even steps.',
    default: 20,
    min: 10,
    max: 30,
  }),
};
type Params = Static<TObject<typeof params>>;

const END_MS = 14_000;
const WARM_MS = 4_000;
const CATALOGUE = 1_000;
/** Half of the catalogue has room, so that there is always something to read. */
const CACHED = 500;
const PAGES = 400;
const WORK_MS = 2;
const READ_MS = 4;
/** There and back. */
const WAY_MS = 1;
const TTL_MS = 300_000;
const TIMEOUT_MS = 15_000;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'shop',
    component: 'http-client',
    count: 1,
    links: { target: 'pod' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: p.pagesPerSecond },
      popularity: { kind: 'zipf', keys: PAGES, alpha: 0.6 },
      routes: [{ route: 'GET /products' }],
      call: { timeoutMs: TIMEOUT_MS },
      stopMs: END_MS - 1_000,
    },
  },
  {
    name: 'pod',
    component: 'service',
    count: 3,
    cores: 1,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: WORK_MS } },
        {
          do: 'list',
          size: p.objects,
          of: CATALOGUE,
          how: p.reads,
          steps: [
            { do: 'cached', in: 'cache', setInBackground: true, miss: [{ do: 'query', to: 'db' }] },
          ],
        },
      ],
      upstreams: [
        {
          to: 'db',
          timeoutMs: TIMEOUT_MS,
          pool: { maxOpen: 25, maxIdle: 5, maxLifetimeMs: TTL_MS },
        },
        { to: 'cache', timeoutMs: 100 },
      ],
      requestTimeoutMs: TIMEOUT_MS,
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: { capacity: CACHED, ttlMs: TTL_MS, ttlJitter: 0.1 },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 4,
    config: { read: { time: { kind: 'exponential', meanMs: READ_MS } } },
  },
];

const pagesIn = (p: Params): number => Math.ceil((p.pagesPerSecond * (END_MS - 1_000)) / 1_000);

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nobody-fails',
    use: 'slo',
    args: { metric: 'error-count', atMost: 0 },
    about: 'Every page is answered.',
  },
  {
    id: 'pages-are-quick',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 45, fromMs: WARM_MS },
    about: 'Of 100 pages 99 are there within 45 ms.',
  },
  {
    id: 'one-statement-a-page',
    use: 'gauge',
    args: { group: 'db', gauge: 'Reads', measure: 'total', across: 'sum', atMost: pagesIn(p) },
    about: `At most one statement for each of the ${pagesIn(p)} pages.`,
  },
  {
    id: 'something-is-missing',
    use: 'gauge',
    args: {
      group: 'pod',
      gauge: 'Hit ratio',
      measure: 'share',
      across: 'sum',
      fromMs: WARM_MS,
      atLeast: 0.3,
      atMost: 0.8,
    },
    about: 'The cache has some of the objects and lacks others, however they are read.',
  },
];

const ALONE_MS = WORK_MS + WAY_MS;
const inTurn = (p: Params): number => ALONE_MS + p.objects * WAY_MS;

const objectsOf = ({ objects }: Params): string =>
  objects === 1 ? 'one object' : `${objects} objects`;

const WHAT: { readonly [how in Params['reads']]: (p: Params) => string } = {
  'one-by-one': (p) =>
    `A page shows ${objectsOf(p)}. The pod looks for the first in the cache, reads it from ` +
    'the database if it is not there, and goes on to the next.',
  'at-once': (p) =>
    `A page shows ${objectsOf(p)}. The pod looks for all of them in the cache at the same ` +
    'time, each by a request of its own, and reads each that is missing.',
  together: (p) =>
    `A page shows ${objectsOf(p)}. The pod asks the cache for all of them in one message, ` +
    'and reads what is missing with one statement.',
};

const OPTIONS = [
  `One way to the cache more than for a single object, and the same work for the database.`,
  'The time of a single object once for each of them, and a statement for each that is missing.',
  'Little more time than a single object, but a statement for each that is missing.',
  'Little more time than a single object, and at most one statement.',
];

const ANSWERS: {
  readonly [how in Params['reads']]: {
    readonly answer: number;
    readonly because: (p: Params) => string;
  };
} = {
  'one-by-one': {
    answer: 1,
    because: (p) =>
      `Each look-up waits for the one before it. With ${p.objects} of them a page takes at least ` +
      `${inTurn(p)} ms even if the cache has them all, and every miss adds a statement of about ` +
      `${READ_MS} ms, and its way.`,
  },
  'at-once': {
    answer: 2,
    because: () =>
      'Nobody waits for another object, so the page takes as long as its slowest one. But as ' +
      'many messages and statements are needed as one by one, only at the same time.',
  },
  together: {
    answer: 3,
    because: () =>
      'The cache is asked once and answers for all, and what is missing comes by one statement. ' +
      'A further row in it costs a fraction of a statement of its own.',
  },
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A list page',
    at: { ms: 1_000 },
    text: WHAT[p.reads](p),
    focus: ['pod', 'cache'],
  },
  {
    title: 'What it costs',
    at: { ms: WARM_MS },
    text:
      `A message takes half a millisecond, so a way to the cache and back takes ${WAY_MS} ms. ` +
      'The cache has room for half of the catalogue: of each page it has some objects.',
    focus: ['cache', 'db'],
    predict: {
      question: `What does a page of ${objectsOf(p)} cost, if they are read like this?`,
      options: OPTIONS,
      answer: p.objects === 1 ? 3 : ANSWERS[p.reads].answer,
      because:
        p.objects === 1
          ? 'A page of one object is a single object: however it is read, it costs one look-up ' +
            'and at most one statement.'
          : ANSWERS[p.reads].because(p),
    },
    check: 'pages-are-quick',
  },
  {
    title: 'What the database gets',
    at: { ms: 8_000 },
    text:
      p.reads === 'together'
        ? `At most ${p.pagesPerSecond} statements a second, one for each page, whatever is missing.`
        : 'A statement for each object that is missing, of every page. Open the charts and ' +
          `compare the reads with the ${p.pagesPerSecond} pages a second.`,
    focus: ['db'],
    check: 'one-statement-a-page',
  },
  {
    title: 'Three ways, one load',
    at: { ms: 12_500 },
    text:
      'In each variant the same pages are asked for at the same moments. At once saves the time ' +
      'of the page, and only together saves the messages and the statements, too.',
    focus: ['shop', 'db'],
  },
];

const plan = (p: Params): Plan => ({
  title: 'A page of many objects',
  summary: 'Pods that show list pages, a cache with room for half of the catalogue, a database.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: WAY_MS / 2 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'product-service/batch-reads',
  title: 'A page of many objects',
  summary:
    'A list page reads its objects one by one, each at once, or all together: what that makes of ' +
    'its time, and of the statements that the database gets.',
  tier: 'calm',
  sources: [RAILS_N_PLUS_ONE, MEMCACHED_PROTOCOL, MEMCACHE_AT_FACEBOOK, GO_DATABASE_SQL],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'One by one: a page waits for each of its objects in turn.',
      expect: { 'pages-are-quick': { breaks: {} }, 'one-statement-a-page': { breaks: {} } },
    },
    {
      name: 'at-once',
      about: 'Each at once: quick pages, and as many statements as before.',
      params: { reads: 'at-once' },
      expect: { 'one-statement-a-page': { breaks: {} } },
    },
    {
      name: 'together',
      about: 'One look-up and at most one statement for a page.',
      params: { reads: 'together' },
    },
    {
      name: 'one-object',
      about: 'With a single object on a page there is nothing to gather.',
      params: { objects: 1 },
    },
  ],
  thingsToTry: [
    'Show 15 objects on a page: which of the three ways gets slower, and by how much?',
    'Crash the cache by hand: what does a page cost now, in each of the three ways?',
    'Ask for 30 pages a second one by one. What is the database still able to do?',
  ],
  leavesOut: [
    'Bytes: a message with fifteen objects takes as long as one with a single object.',
    'A cache of several members, of which each would be asked for its share of the page.',
  ],
});
