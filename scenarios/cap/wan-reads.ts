/**
 * One consensus group on three continents, and three ways to read: what each costs is a sum of
 * round trips, and what the cheap one shows is as old as the way from the leader is long.
 */
import { defineScenario, exp, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { regionalClients } from '../quorum-parts.ts';
import { AWS_PINGS, ETCD_GUARANTEES, PACELC, RAFT_DISSERTATION } from '../sources.ts';

const params = {
  reads: field.choice(['local', 'read-index', 'lease'], {
    about:
      'How a server answers a read: from what it has; after asking the leader, which asks a ' +
      'majority whether it still leads; or after asking a leader that holds a lease.',
    default: 'local',
    source: 'Dissertation 6.4; etcd serializable and linearizable reads',
  }),
  writesPerSecond: field.number({
    about: 'How often the one object is written, in Virginia.',
    default: 4,
    min: 1,
    max: 6,
    unit: '1/s',
  }),
};

type Params = Static<TObject<typeof params>>;

const REGIONS = ['virginia', 'ireland', 'tokyo'] as const;
type Region = (typeof REGIONS)[number];

/** Average pings between regions of AWS, 2016-17: there and back. */
const VIRGINIA_IRELAND_MS = 80.55;
const VIRGINIA_TOKYO_MS = 145.3;
const IRELAND_TOKYO_MS = 212.4;
/** From a client to the server of its region, one way. */
const NEAR_MS = 0.5;

const TO_LEADER_MS: { readonly [region in Region]: number } = {
  virginia: 0,
  ireland: VIRGINIA_IRELAND_MS,
  tokyo: VIRGINIA_TOKYO_MS,
};
/** From the leader to the nearest other server, with which it is a majority. */
const QUORUM_MS = VIRGINIA_IRELAND_MS;

const BEGIN_MS = 100;
/** All three servers have had a vote for long by then. */
const READY_MS = 6_000;
const STOP_MS = 58_000;
const DURATION_MS = 60_000;
/** So few that most find the leader with no round under way, which they would have to wait out. */
const READS_PER_SECOND = 2;
/** Disks, the way to the nearest server, and what is under way. */
const TOLERANCE_MS = 4;

function readMs({ reads }: Params, region: Region): number {
  if (reads === 'local') return 0;
  return TO_LEADER_MS[region] + (reads === 'lease' ? 0 : QUORUM_MS);
}

/**
 * A read is stale if it begins after a write was acknowledged and is answered before the news of it
 * arrives: if a write was acknowledged within that time. Poisson: 1 - exp(-rate time).
 */
function staleShareOf({ reads, writesPerSecond }: Params): number {
  if (reads !== 'local') return 0;
  const shares = REGIONS.map((region) => {
    const windowMs = Math.max(0, TO_LEADER_MS[region] / 2 - 2 * NEAR_MS);
    return 1 - exp((-writesPerSecond * windowMs) / 1_000);
  });
  return shares.reduce((sum, share) => sum + share, 0) / REGIONS.length;
}

function groups(p: Params): readonly GroupPlan[] {
  const rates = { writesPerSecond: p.writesPerSecond, readsPerSecond: READS_PER_SECOND };
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: REGIONS.length,
      placement: 'spread',
      config: {
        // The first leads alone, until the others get their vote: so it is known who leads.
        initialVoters: 1,
        electionTimeoutMinMs: 300,
        electionTimeoutMaxMs: 600,
        heartbeatMs: 100,
        readMode: p.reads,
        followerReads: p.reads === 'local' ? 'local' : 'forward',
      },
      disk: { fsync: { kind: 'constant', ms: 0.2 } },
    },
    {
      name: 'operator',
      component: 'raft-operator',
      count: 1,
      placement: { zone: 'virginia' },
      links: { servers: 'n' },
      config: { orders: [{ atMs: BEGIN_MS, add: ['n2', 'n3'] }] },
    },
    ...regionalClients(REGIONS, rates, { startMs: BEGIN_MS, stopMs: STOP_MS }),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  // Who comes while a round is out waits for its rest, too: half a round for half of them.
  const roundMs = p.reads === 'read-index' ? QUORUM_MS / 2 : 0;
  const p50 = (clients: string, expectedMs: number, laterMs = 0): CheckPlan['args'] => ({
    metric: 'p50-ms',
    clients,
    ...(expectedMs === 0 ? {} : { atLeast: expectedMs }),
    atMost: expectedMs + laterMs + TOLERANCE_MS,
    operationsMin: 20,
    fromMs: READY_MS,
  });
  const share = staleShareOf(p);
  const stale: CheckPlan = {
    id: 'stale-as-computed',
    use: 'staleness',
    args: { shareAtLeast: Math.max(0, share - 0.07), shareAtMost: share + 0.07 },
    about: `About ${(share * 100).toFixed(0)} % of all reads are stale: 1 - exp(-rate time).`,
  };
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'writes-as-computed',
      use: 'slo',
      args: p50('writer', QUORUM_MS),
      about: `A write takes the round trip to the nearest other region: ${QUORUM_MS} ms.`,
    },
    ...REGIONS.map((region): CheckPlan => ({
      id: `${region}-as-computed`,
      use: 'slo',
      args: p50(region, readMs(p, region), roundMs),
      about: `A read takes ${Math.round(readMs(p, region))} ms, and the way to the nearest server.`,
    })),
    {
      id: 'reads-are-local',
      use: 'slo',
      args: { metric: 'p50-ms', operation: 'get', atMost: TOLERANCE_MS, fromMs: READY_MS },
      about: 'Half of all reads leave their region for nothing.',
    },
    ...(p.reads === 'local' ? [stale] : []),
    {
      id: 'never-stale',
      use: 'staleness',
      about: 'No read misses a write that was acknowledged before it began.',
    },
    { id: 'linearizable', use: 'linearizable', about: 'Everybody in the world sees one copy.' },
  ];
}

interface Words {
  readonly how: string;
  readonly answer: number;
  readonly because: string;
  readonly end: string;
}

const OPTIONS = ['About a millisecond.', '145 ms.', '226 ms.'] as const;

const WORDS: { readonly [reads in Params['reads']]: Words } = {
  local: {
    how: 'Each server answers reads from what it has.',
    answer: 0,
    because:
      'It asks nobody. But the leader told a writer that its write is safe as soon as Ireland ' +
      'had it on disk; that it is so Tokyo hears 73 ms later.',
    end:
      'About one read in seven was stale: in Tokyo one in four, in Virginia none. Nothing is ' +
      'lost, and nobody can tell from an answer whether it is old.',
  },
  'read-index': {
    how:
      'A server that is asked asks the leader how far the log is committed. The leader first ' +
      'asks a majority whether it still leads, and only then says so.',
    answer: 2,
    because:
      'From Tokyo to Virginia and back, 145 ms; and within that the leader’s own round to ' +
      'Ireland and back, 81 ms. Even who sits next to the leader waits for that one.',
    end:
      'No read was stale. Each has paid for the leader’s question whether it still leads, which ' +
      'it has answered with yes every time.',
  },
  lease: {
    how:
      'The leader holds a lease: those who answered its last heartbeat elect nobody else for a ' +
      'while. Until that is over it need not ask whether it still leads.',
    answer: 1,
    because:
      'From Tokyo to Virginia and back. The leader knows that it leads, by its clock, and asks ' +
      'nobody: in Virginia a read takes a millisecond.',
    end:
      'No read was stale, and the round to a majority is saved. What it rests on is that no ' +
      'clock runs much faster than another.',
  },
};

function story(p: Params): readonly StoryStep[] {
  const words = WORDS[p.reads];
  return [
    {
      title: 'One group, three continents',
      at: { ms: READY_MS },
      text:
        'The leader is in Virginia, followers are in Ireland (81 ms there and back) and Tokyo ' +
        '(145 ms). These are pings that somebody has measured. Writes come from Virginia.',
      focus: ['n', 'writer'],
    },
    {
      title: 'A reader in Tokyo',
      at: { ms: READY_MS + 4_000 },
      text: words.how,
      focus: ['tokyo', 'n3', 'n1'],
      predict: {
        question: 'How long does a read in Tokyo take?',
        options: [...OPTIONS],
        answer: words.answer,
        because: words.because,
      },
      check: 'tokyo-as-computed',
    },
    {
      title: 'How old is it?',
      at: { ms: 40_000 },
      text: words.end,
      focus: [...REGIONS],
      check: 'never-stale',
    },
    {
      title: 'Three prices',
      at: { ms: STOP_MS - 500 },
      text:
        'Local, by lease, by majority: in Tokyo 1, 145 and 226 ms, in Virginia 1, 1 and 81. The ' +
        'first may be old, the second trusts clocks, the third trusts nobody. Stores let you ' +
        'choose for each read; choose for each what an old answer would cost.',
      focus: ['n'],
    },
  ];
}

const constant = (ms: number) => ({ kind: 'constant', ms }) as const;
const halfway = (a: Region, b: Region, roundTripMs: number) => ({
  a,
  b,
  latency: constant(roundTripMs / 2),
});

function plan(p: Params): Plan {
  return {
    title: 'Three ways to read around the world',
    summary:
      'A leader in Virginia, followers in Ireland and Tokyo, and no fault at all. How long does ' +
      'a read take, and how old is what it shows?',
    durationMs: DURATION_MS,
    network: {
      latency: constant(NEAR_MS),
      regions: REGIONS.map((region) => ({ name: `region-${region}`, zones: [region] })),
      between: [
        halfway('virginia', 'ireland', VIRGINIA_IRELAND_MS),
        halfway('virginia', 'tokyo', VIRGINIA_TOKYO_MS),
        halfway('ireland', 'tokyo', IRELAND_TOKYO_MS),
      ],
    },
    groups: groups(p),
    faults: [],
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/wan-reads',
  title: 'Three ways to read around the world',
  summary:
    'A consensus group on three continents: local reads take a millisecond and are stale as ' +
    'often as computed; reads by lease cost the way to the leader, by majority a round more.',
  tier: 'calm',
  sources: [
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 6.4` },
    AWS_PINGS,
    ETCD_GUARANTEES,
    PACELC,
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Each server answers from what it has: at once, and one read in seven is stale.',
      expect: { 'never-stale': { breaks: {} }, linearizable: { breaks: {} } },
    },
    {
      name: 'read-index',
      about: 'The leader asks a majority first: never stale, and the longest way.',
      params: { reads: 'read-index' },
      expect: { 'reads-are-local': { breaks: {} } },
    },
    {
      name: 'lease',
      about: 'The leader holds a lease: never stale, and a round less.',
      params: { reads: 'lease' },
      expect: { 'reads-are-local': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Transfer leadership to Tokyo by hand: who pays for reads and writes then?',
    'Cut Virginia off while local reads go on: how old do they become?',
    'With leases, let the leader’s clock run slow: when is a read stale?',
  ],
  leavesOut: [
    'Jitter and loss: each way always takes the same time.',
    'Many readers: reads that come while the leader’s round is out wait for the next, so up to ' +
      'two rounds.',
    'A leader that moves to where most of the load is, and a group for each part of the data.',
    'Reads at a time in the past that each region is sure to have (bounded staleness).',
  ],
});
