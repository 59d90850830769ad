/**
 * Somebody saves a page and opens it again, behind a load balancer that spreads reads over a
 * primary and its replicas, which are a moment behind.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { MYSQL_SEMI_SYNC, POSTGRESQL_REPLICATION, SESSION_GUARANTEES } from '../sources.ts';
import { clientsOf } from '../quorum-parts.ts';
import type { Deed } from '../quorum-parts.ts';
import { SQL_DISK, SQL_NETWORK } from '../sql-parts.ts';

const params = {
  routing: field.choice(['random', 'primary', 'replica'], {
    about:
      'Where requests go first: to any of the servers, all to the primary, or all to one ' +
      'replica (which sends writes on to the primary).',
    default: 'random',
  }),
  tokens: field.choice(['none', 'wait', 'redirect'], {
    about:
      'Whether a read names the newest position of the log that its client was told of, and ' +
      'what a replica that is not there yet does: wait for it, or send the client to the primary.',
    default: 'none',
    source: 'MySQL WAIT_FOR_EXECUTED_GTID_SET; PostgreSQL pg_last_wal_replay_lsn',
  }),
  lagMs: field.millis({
    about: 'How far the replicas are behind.',
    default: 100,
    min: 60,
    max: 150,
  }),
};
type Params = Static<TObject<typeof params>>;

const FIRST_MS = 500;
const ROUND_MS = 200;
const ROUNDS = 125;
/** After a write, and after the lag. */
const SOON_MS = 30;
/** A friend looks twice within the lag. */
const FRIEND_MS = [35, 45] as const;
const STOP_MS = FIRST_MS + ROUNDS * ROUND_MS;
const END_MS = STOP_MS + 1_000;
const SERVERS = 3;
/** Without waiting for anybody: there and back, and once on to the primary. */
const QUICK_MS = 15;
/** The share of the reads that go to replicas, and four standard deviations of 125 draws. */
const SHARE = (SERVERS - 1) / SERVERS;
const CHANCE = 0.17;

/** Four a round; a third of them is 167, and five standard deviations are 53. */
const PRIMARY_READS_MAX = 220;

const SAVE = 0;

/** What somebody does with a page in each round: save it, or open it so long after. */
function rounds(key: string, afterMs: readonly number[]): readonly Deed[] {
  return Array.from({ length: ROUNDS }, (_, i) => {
    const startMs = FIRST_MS + i * ROUND_MS;
    return afterMs.map((ms): Deed => {
      const atMs = startMs + ms;
      return ms === SAVE ? { atMs, do: 'put', key, value: i + 1 } : { atMs, do: 'get', key };
    });
  }).flat();
}

const person = (p: Params, name: string, operations: readonly Deed[]): GroupPlan =>
  clientsOf(name, 1, {
    mode: 'listed',
    operations,
    routing: p.routing === 'random' ? 'random' : 'home',
    firstServer: p.routing === 'replica' ? 2 : 1,
    lsnTokens: p.tokens !== 'none',
    backoffMs: 1,
  });

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'n',
    component: 'sql-node',
    count: SERVERS,
    disk: SQL_DISK,
    config: {
      recoveryMinApplyDelayMs: p.lagMs,
      tokenPolicy: p.tokens === 'redirect' ? 'redirect' : 'wait',
    },
  },
  person(p, 'soon', rounds('page-a', [SAVE, SOON_MS])),
  person(p, 'late', rounds('page-b', [SAVE, p.lagMs + SOON_MS])),
  person(p, 'friend', rounds('page-a', FRIEND_MS)),
];

/** The share of the reads within the lag that miss the last write, at least and at most. */
function staleShare(p: Params): readonly [number, number] {
  if (p.tokens !== 'none' || p.routing === 'primary') return [0, 0];
  return p.routing === 'replica' ? [1, 1] : [SHARE - CHANCE, SHARE + CHANCE];
}

function checks(p: Params): readonly CheckPlan[] {
  const [shareAtLeast, shareAtMost] = staleShare(p);
  return [
    {
      id: 'reads-its-writes',
      use: 'session',
      args: { guarantee: 'read-your-writes' },
      about: 'Who has saved a page does not find an older one.',
    },
    {
      id: 'never-goes-back',
      use: 'session',
      args: { guarantee: 'monotonic-reads' },
      about: 'Who has seen a page does not see an older one later, whoever wrote it.',
    },
    {
      id: 'stale-as-reckoned',
      use: 'staleness',
      args: { clients: 'soon', shareAtLeast, shareAtMost },
      about: 'Of the reads within the lag, those that ask a replica without a token are stale.',
    },
    {
      id: 'fresh-after-the-lag',
      use: 'staleness',
      args: { clients: 'late' },
      about: 'A read that begins when the lag is over finds what was written.',
    },
    {
      id: 'reads-are-quick',
      use: 'slo',
      args: { metric: 'p95-ms', operation: 'get', clients: 'soon', atMost: QUICK_MS },
      about: 'No read waits for a replica.',
    },
    {
      id: 'replicas-take-reads',
      use: 'gauge',
      args: {
        group: 'n',
        member: 1,
        gauge: 'Reads',
        measure: 'total',
        atMost: PRIMARY_READS_MAX,
      },
      about: 'The primary is asked for about a third of the reads: that is what replicas are for.',
    },
  ];
}

type Course = 'lucky' | 'never' | 'primary' | 'waits' | 'redirected';

function courseOf({ routing, tokens }: Params): Course {
  if (routing === 'primary') return 'primary';
  if (tokens !== 'none') return tokens === 'wait' ? 'waits' : 'redirected';
  return routing === 'replica' ? 'never' : 'lucky';
}

interface Words {
  readonly goes: string;
  readonly answer: number;
  readonly because: string;
  readonly price: string;
}

const WORDS: { readonly [course in Course]: Words } = {
  lucky: {
    goes: 'A load balancer sends each request to any of the three servers.',
    answer: 1,
    because:
      'Two of the three servers are replicas, and a replica has not applied the write yet. The ' +
      'primary has. So two reads of three are stale, and opening the page again may help or not.',
    price:
      'Reads are quick and the primary is spared. People lose their work and find it again when ' +
      'they look a tenth of a second later; a test rarely does.',
  },
  never: {
    goes: 'All requests go to the replica n2, which names the primary to those who write.',
    answer: 2,
    because:
      'Sticking to one server helps only if that server has taken the write. This one has heard ' +
      'of it, and applies it later. It never goes back in time, which is something.',
    price:
      'Nothing that was seen vanishes again, and yet no read within the lag sees the write that ' +
      'came before it. Stickiness to a replica repairs one guarantee, not the other.',
  },
  primary: {
    goes: 'All requests go to the primary n1.',
    answer: 0,
    because:
      'The primary has applied a write before it answers it, so whoever reads there afterwards ' +
      'finds it. The lag of the replicas does not matter to those who do not ask them.',
    price:
      'Everything is right, and the replicas have nothing to do: reads do not scale. A common ' +
      'half-way house is to read from the primary for some seconds after a write.',
  },
  waits: {
    goes: 'A load balancer sends each request to any server, and each read names what it needs.',
    answer: 0,
    because:
      'The answer to a write says where in the log it is, and the next read of this client names ' +
      'that place. A replica that has not come so far waits until it has.',
    price:
      'Everything is right, and replicas take most reads. Those that come soon after a write of ' +
      'the same client wait for what is left of the lag.',
  },
  redirected: {
    goes: 'A load balancer sends each request to any server, and each read names what it needs.',
    answer: 0,
    because:
      'The answer to a write says where in the log it is, and the next read of this client names ' +
      'that place. A replica that has not come so far sends the client on to the primary.',
    price:
      'Everything is right and quick. The primary gets the reads that come soon after a write, ' +
      'and more of them the longer the lag is: when replicas fall behind, it is flooded.',
  },
};

function story(p: Params): readonly StoryStep[] {
  const words = WORDS[courseOf(p)];
  return [
    {
      title: 'One writes, two follow',
      at: { ms: 400 },
      text:
        'n1 is the primary. The replicas n2 and n3 have its log within a millisecond, and apply ' +
        `each write ${p.lagMs} ms after it was made. ${words.goes}`,
      focus: ['n'],
    },
    {
      title: 'Save, then open',
      at: { ms: FIRST_MS + 10 },
      text:
        'A client saves its page, is told that it is done, and opens it again three hundredths ' +
        'of a second later. A friend opens the same page twice.',
      predict: {
        question: 'Does it find what it saved?',
        options: ['Always.', 'One time in three.', 'Never, so soon after.'],
        answer: words.answer,
        because: words.because,
      },
      focus: ['soon', 'n'],
      check: 'reads-its-writes',
    },
    {
      title: 'When the lag is over',
      at: { ms: FIRST_MS + 4 * ROUND_MS + p.lagMs + SOON_MS },
      text:
        `This client opens its page ${p.lagMs + SOON_MS} ms after it saved it, and always finds ` +
        'what it wrote: the anomaly lasts for as long as the lag, and no longer.',
      focus: ['late'],
      check: 'fresh-after-the-lag',
    },
    {
      title: 'What it costs',
      at: { ms: 10_000 },
      text: words.price,
      focus: ['n'],
      check: 'replicas-take-reads',
    },
  ];
}

const SUMMARY =
  'Reads are spread over replicas that are a tenth of a second behind. Clients miss what they ' +
  'wrote for about as long, unless they ask the primary or say what they need to see.';

const plan = (p: Params): Plan => ({
  title: 'I saved it, and it is gone',
  summary: SUMMARY,
  durationMs: END_MS,
  network: SQL_NETWORK,
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'storage/read-your-writes',
  title: 'I saved it, and it is gone: reading from replicas',
  summary: SUMMARY,
  tier: 'calm',
  sources: [SESSION_GUARANTEES, POSTGRESQL_REPLICATION, MYSQL_SEMI_SYNC],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Reads go anywhere: two of three that come soon after a write miss it.',
      expect: {
        'reads-its-writes': { breaks: { witness: 'read-your-writes' } },
        'never-goes-back': { breaks: { witness: 'monotonic-reads' } },
      },
    },
    {
      name: 'primary',
      about: 'Reads go to the primary: all is right, and the replicas are idle.',
      params: { routing: 'primary' },
      expect: { 'replicas-take-reads': { breaks: {} } },
    },
    {
      name: 'sticky',
      about: 'A client sticks to a replica: nothing goes back, and its writes are missing.',
      params: { routing: 'replica' },
      expect: { 'reads-its-writes': { breaks: { witness: 'read-your-writes' } } },
    },
    {
      name: 'tokens',
      about: 'Reads name a position of the log, and replicas wait for it: right, and slower.',
      params: { tokens: 'wait' },
      expect: { 'reads-are-quick': { breaks: {} } },
    },
    {
      name: 'tokens-redirect',
      about: 'Replicas that are not there yet send the reader to the primary: right, and quick.',
      params: { tokens: 'redirect' },
      expect: { 'replicas-take-reads': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Set the lag to 60 ms: are fewer of the quick reads stale?',
    'Cut the link from n1 to n2 for some seconds, with tokens that wait: who pays?',
    'Crash n1 with tokens: what do reads wait for, and for how long?',
  ],
  leavesOut: [
    'A lag that grows with the load: here it is always the same.',
    'Tokens that pass from one client to another, so that a reader sees what a friend wrote.',
    'Proxies that read from the primary for some seconds after a write.',
  ],
});
