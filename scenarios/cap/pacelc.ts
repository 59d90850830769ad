/**
 * PACELC: even while nothing is broken one pays for consistency with latency.
 */
import { defineScenario, exp, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { regionalClients } from '../quorum-parts.ts';
import { PACELC, PBS, RAFT_DISSERTATION } from '../sources.ts';

const params = {
  store: field.choice(['one', 'quorum', 'raft'], {
    about:
      'Three replicas, one in each region: without a leader, answered by the nearest one; ' +
      'without ' +
      'a leader, answered by two of three; or a consensus group.',
    default: 'one',
  }),
  writesPerSecond: field.number({
    about: 'How often the one object is written, in Europe.',
    default: 4,
    min: 1,
    max: 8,
    unit: '1/s',
  }),
};

type Params = Static<TObject<typeof params>>;
type Region = 'eu' | 'us' | 'asia';

/** One way, in milliseconds. */
const EU_US_MS = 40;
const US_ASIA_MS = 70;
const EU_ASIA_MS = 90;
const LOCAL_MS = 0.5;

/** From a region to the nearest other one, and back. */
const NEAREST_RTT_MS: { readonly [region in Region]: number } = {
  eu: 2 * EU_US_MS,
  us: 2 * EU_US_MS,
  asia: 2 * US_ASIA_MS,
};
/** How long after Europe a region hears of a write. */
const BEHIND_MS: { readonly [region in Region]: number } = {
  eu: 0,
  us: EU_US_MS,
  asia: EU_ASIA_MS,
};
const REGIONS: readonly Region[] = ['eu', 'us', 'asia'];

const BEGIN_MS = 300;
/** A consensus group has found its leader by then. */
const READY_MS = 6_000;
const STOP_MS = 46_000;
const DURATION_MS = 48_000;
const READS_PER_SECOND = 8;
/** Between a client and its node, both ways, and what is drawn at random. */
const TOLERANCE_MS = 4;

/**
 * A read is stale if a write was acknowledged before it began and has not arrived where it reads:
 * if one was made in the last so many milliseconds. With Poisson writes: 1 - exp(-rate time).
 */
function staleShareOf({ writesPerSecond }: Params): number {
  const shares = REGIONS.map((region) => {
    const windowMs = Math.max(0, BEHIND_MS[region] - LOCAL_MS);
    return 1 - exp((-writesPerSecond * windowMs) / 1_000);
  });
  return shares.reduce((sum, share) => sum + share, 0) / REGIONS.length;
}

function groups(p: Params): readonly GroupPlan[] {
  const isRaft = p.store === 'raft';
  const rates = { writesPerSecond: p.writesPerSecond, readsPerSecond: READS_PER_SECOND };
  return [
    {
      name: 'n',
      component: isRaft ? 'raft-kv' : 'quorum-store',
      count: 3,
      placement: 'spread',
      config: isRaft
        ? { electionTimeoutMinMs: 1_000, electionTimeoutMaxMs: 2_000, heartbeatMs: 200 }
        : {
            readConsistency: p.store,
            writeConsistency: p.store,
            readRepair: p.store === 'quorum' ? 'blocking' : 'off',
          },
    },
    ...regionalClients(REGIONS, rates, {
      routing: isRaft ? 'last' : 'pinned',
      startMs: BEGIN_MS,
      stopMs: STOP_MS,
    }),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const share = staleShareOf(p);
  const p50 = (clients: string, atLeast: number, atMost: number) => ({
    metric: 'p50-ms',
    clients,
    atLeast,
    atMost,
    operationsMin: 30,
    fromMs: READY_MS,
  });
  const nearest: readonly CheckPlan[] = [
    {
      id: 'writes-wait-for-the-nearest',
      use: 'slo',
      args: p50('writer', NEAREST_RTT_MS.eu, NEAREST_RTT_MS.eu + TOLERANCE_MS),
      about: 'A write takes one round trip to the nearest other region.',
    },
    ...REGIONS.map((region): CheckPlan => {
      const rtt = NEAREST_RTT_MS[region];
      return {
        id: `${region}-waits-for-the-nearest`,
        use: 'slo',
        args: p50(region, rtt, rtt + TOLERANCE_MS),
        about: `A read takes one round trip to the nearest other region: ${rtt} ms.`,
      };
    }),
  ];
  return [
    {
      id: 'writes-are-local',
      use: 'slo',
      args: p50('writer', 0, TOLERANCE_MS),
      about: 'A write takes as long as the way to the nearest node and back.',
    },
    ...REGIONS.map((region): CheckPlan => ({
      id: `${region}-reads-locally`,
      use: 'slo',
      args: p50(region, 0, TOLERANCE_MS),
      about: 'So does a read in this region.',
    })),
    // With a leader it depends on where that lives.
    ...(p.store === 'raft' ? [] : nearest),
    {
      id: 'nobody-below-one-round-trip',
      use: 'slo',
      args: { metric: 'p50-ms', atLeast: NEAREST_RTT_MS.eu, operationsMin: 100, fromMs: READY_MS },
      about: 'No majority is nearer than another region, whoever leads.',
    },
    {
      id: 'stale-as-computed',
      use: 'staleness',
      args: {
        shareAtLeast: Math.max(0, share - 0.06),
        shareAtMost: share + 0.06,
      },
      about: `About ${(share * 100).toFixed(0)} % of all reads are stale: 1 - exp(-rate time).`,
    },
    { id: 'linearizable', use: 'linearizable', about: 'Everybody in the world sees one copy.' },
  ];
}

interface Words {
  readonly how: string;
  readonly options: readonly [string, string, string];
  readonly answer: number;
  readonly because: string;
  readonly end: string;
}

const WORDS: { readonly [store in Params['store']]: Words } = {
  one: {
    how: 'Whoever is asked stores the write, answers, and passes it on.',
    options: ['About a millisecond.', '80 ms.', '180 ms.'],
    answer: 0,
    because:
      'The nearest copy is enough. The other regions hear of the write 40 and 90 ms later; until ' +
      'then whoever reads there reads the old value, and nobody tells him so.',
    end:
      'Else latency: about one read in seven is stale, and everybody is answered at once. ' +
      'How often ' +
      'can be computed beforehand: it depends on how often the object is written and how far ' +
      'away ' +
      'the readers are.',
  },
  quorum: {
    how: 'Two of the three copies must have a write before it is answered, and a read asks two.',
    options: ['About a millisecond.', '80 ms.', '180 ms.'],
    answer: 1,
    because:
      'It waits for the nearest other region, not for the furthest: Europe and America are 40 ms ' +
      'apart, there and back 80.',
    end:
      'Else consistency: no read is stale, and each costs a round trip across an ocean. From ' +
      'Asia ' +
      'it costs 140 ms: nobody is near.',
  },
  raft: {
    how: 'A leader somewhere in the world takes all writes, and asks a majority before it reads.',
    options: ['About a millisecond.', '80 ms at least.', '20 ms.'],
    answer: 1,
    because:
      'The leader needs one other region, which is 80 ms there and back at best. Whoever ' +
      'does not ' +
      'live in the leader’s region has the way to the leader on top.',
    end:
      'Else consistency, with a leader: one order of everything, for reads and writes, and ' +
      'compare-and-set as well. Where the leader lives decides who waits for how long.',
  },
};

function story(p: Params): readonly StoryStep[] {
  const words = WORDS[p.store];
  return [
    {
      title: 'Three regions',
      at: { ms: BEGIN_MS },
      text:
        'One copy in Europe, one in America, one in Asia. One way takes 40 ms from Europe to ' +
        'America, 70 from America to Asia, 90 from Europe to Asia. Nothing is broken, and ' +
        'nothing ' +
        'will be.',
      focus: ['n'],
    },
    {
      title: 'Else',
      at: { ms: READY_MS },
      text:
        'CAP asks what a store gives up while the network is cut. Most days it is not. ' +
        'PACELC asks ' +
        `for the rest of the year, too: else, latency or consistency? ${words.how}`,
      predict: {
        question: 'How long does a write in Europe take?',
        options: words.options,
        answer: words.answer,
        because: words.because,
      },
      focus: ['writer', 'n'],
      check: p.store === 'one' ? 'writes-are-local' : 'nobody-below-one-round-trip',
    },
    {
      title: 'What the readers see',
      at: { ms: 30_000 },
      text: words.end,
      focus: ['eu', 'us', 'asia'],
      check: p.store === 'one' ? 'stale-as-computed' : 'linearizable',
    },
    {
      title: 'No third way',
      at: { ms: 44_000 },
      text:
        'News travels at the speed of light at best. Either one waits until enough others have ' +
        'heard it, or one answers before they have.',
      focus: ['n'],
    },
  ];
}

const constant = (ms: number) => ({ kind: 'constant', ms }) as const;

function plan(p: Params): Plan {
  return {
    title: 'Else: latency or consistency',
    summary:
      'Three copies on three continents, and no fault at all. How long do reads and writes take, ' +
      'and how often are reads stale?',
    durationMs: DURATION_MS,
    network: {
      latency: constant(LOCAL_MS),
      regions: REGIONS.map((region) => ({ name: `region-${region}`, zones: [region] })),
      between: [
        { a: 'eu', b: 'us', latency: constant(EU_US_MS) },
        { a: 'us', b: 'asia', latency: constant(US_ASIA_MS) },
        { a: 'eu', b: 'asia', latency: constant(EU_ASIA_MS) },
      ],
    },
    groups: groups(p),
    faults: [],
    checks: checks(p),
    story: story(p),
  };
}

const LOCAL_CHECKS = ['writes-are-local', ...REGIONS.map((region) => `${region}-reads-locally`)];
const NEAREST_CHECKS = [
  'writes-wait-for-the-nearest',
  ...REGIONS.map((region) => `${region}-waits-for-the-nearest`),
];
const breaking = (...checks: readonly string[]) =>
  Object.fromEntries(checks.map((check) => [check, { breaks: {} }]));

export default defineScenario({
  id: 'cap/pacelc',
  title: 'Else: latency or consistency',
  summary:
    'Without any fault, on three continents: answered by the nearest copy in a millisecond and ' +
    'stale as often as computed, or by a quorum after a round trip to the nearest other region.',
  tier: 'calm',
  sources: [PACELC, PBS, RAFT_DISSERTATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'PA/EL: the nearest copy answers, and one read in seven is stale.',
      expect: breaking(...NEAREST_CHECKS, 'nobody-below-one-round-trip', 'linearizable'),
    },
    {
      name: 'quorum',
      about: 'EC: two of three, so each waits for the nearest other region.',
      params: { store: 'quorum' },
      expect: breaking(...LOCAL_CHECKS, 'stale-as-computed'),
    },
    {
      name: 'raft',
      about: 'PC/EC: one leader for the world, and a majority for each read and write.',
      params: { store: 'raft' },
      expect: breaking(...LOCAL_CHECKS, 'stale-as-computed'),
    },
  ],
  thingsToTry: [
    'Write eight times a second: how many reads are stale then? Compute it first.',
    'Cut Asia off by hand, with each of the three stores: who is served?',
    'With consensus, look where the leader lives, crash it, and look at the latencies again.',
  ],
  leavesOut: [
    'Levels that count within a region (LOCAL_QUORUM), and leases that let a leader read locally.',
    'Jitter and loss on the way: each way always takes the same time.',
  ],
});
