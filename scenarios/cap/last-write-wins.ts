/**
 * The last write wins, by whose clock? Acknowledged writes are lost with no fault in sight.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import type { Deed } from '../quorum-parts.ts';
import { CASSANDRA_GUARANTEES, DOTTED_VERSION_VECTORS, DYNAMO, HYBRID_CLOCKS } from '../sources.ts';

const params = {
  skewMs: field.millis({
    about: 'How far the clock of n2, which takes Bob’s writes, is behind.',
    default: 500,
    min: 0,
    max: 1_000,
  }),
  conflicts: field.choice(['last-write-wins', 'version-vectors'], {
    about: 'How a replica tells which write is newer: by its timestamp, or by what it had seen.',
    default: 'last-write-wins',
  }),
  clock: field.choice(['physical', 'hybrid'], {
    about:
      'What stamps a write: the wall clock of its node, or a hybrid clock, which is never behind ' +
      'a stamp that the node has seen.',
    default: 'physical',
    source: 'Kulkarni et al., Logical Physical Clocks (2014)',
  }),
};

type Params = Static<TObject<typeof params>>;

/** One key after the other: Ann writes it, and Bob so long after her. */
const KEYS = 20;
const GAP_FIRST_MS = 25;
const GAP_STEP_MS = 50;
const BEGIN_MS = 1_000;
const TURN_MS = 200;
const READ_ALL_MS = 7_000;
const DURATION_MS = 8_000;
/** How long before his write Bob looks, and how long after. */
const LOOK_MS = 12;

const turns = Array.from({ length: KEYS }, (_, i) => ({
  key: `k${i}`,
  annMs: BEGIN_MS + i * TURN_MS,
  gapMs: GAP_FIRST_MS + i * GAP_STEP_MS,
}));

/** Bob’s writes that are less than the skew behind Ann’s have an earlier stamp than hers. */
const lostOf = (p: Params): number =>
  p.clock === 'hybrid' ? 0 : turns.filter(({ gapMs }) => gapMs < p.skewMs).length;

/** Version vectors ask no clock. */
const storeOf = ({ conflicts, clock }: Params): { readonly [setting: string]: string } =>
  conflicts === 'last-write-wins' ? { conflicts, clock } : { conflicts };

function groups(p: Params): readonly GroupPlan[] {
  const ann = turns.map(({ key, annMs }): Deed => ({ atMs: annMs, do: 'put', key, value: 'ann' }));
  const bob = turns.flatMap(({ key, annMs, gapMs }): Deed[] => [
    { atMs: annMs + gapMs - LOOK_MS, do: 'get', key },
    { atMs: annMs + gapMs, do: 'put', key, value: 'bob' },
    { atMs: annMs + gapMs + LOOK_MS, do: 'get', key },
  ]);
  const carol = turns.map(({ key }, i): Deed => ({ atMs: READ_ALL_MS + i * 20, do: 'get', key }));
  return [
    { name: 'n', component: 'quorum-store', count: 3, config: storeOf(p) },
    person('ann', 1, ann),
    person('bob', 2, bob),
    person('carol', 3, carol),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const final = { clients: 'carol', values: ['ann'], fromMs: READ_ALL_MS };
  return [
    {
      id: 'all-acknowledged',
      use: 'answers',
      args: { operation: 'put', values: [true], atLeast: 2 * KEYS },
      about: 'Every write of both is acknowledged by two of three replicas.',
    },
    {
      id: 'none-lost',
      use: 'acknowledged',
      about: 'Each write that was acknowledged is there, or a later one has replaced it.',
    },
    {
      id: 'lost-as-computed',
      use: 'answers',
      args: { ...final, atLeast: lostOf(p), atMost: lostOf(p) },
      about:
        p.clock === 'hybrid'
          ? 'None is lost: each of Bob’s writes has a later stamp than what its node had seen.'
          : `Exactly ${lostOf(p)} of ${KEYS} are lost: those less than the skew behind Ann’s.`,
    },
    {
      id: 'bob-sees-his-writes',
      use: 'session',
      args: { clients: '', guarantee: 'read-your-writes' },
      about: 'Who has written a value and reads again does not get an older one.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'One order of all reads and writes explains what everybody saw.',
    },
    {
      id: 'no-siblings',
      use: 'fact-count',
      args: { fact: 'quorum.siblings', atMost: 0 },
      about: 'No replica ever holds two values: Bob’s write says that it replaces Ann’s.',
    },
  ];
}

const BUT: { readonly [clock in Params['clock']]: string } = {
  physical: '',
  hybrid: ', but never lower than a stamp that it has seen',
};

function because({ conflicts, clock, skewMs }: Params, lost: number): string {
  if (conflicts !== 'last-write-wins') {
    return (
      'No clock is asked. Bob’s write names the version that he had read, so every replica ' +
      'knows that his replaces it.'
    );
  }
  if (clock === 'hybrid') {
    return (
      'Ann’s write has reached n2 before Bob writes there. Its stamp is ahead of the clock of ' +
      'n2, so Bob’s write takes the same microsecond and counts one on: the later write has ' +
      'the later stamp, although the clock is still wrong.'
    );
  }
  if (skewMs === 0) {
    return (
      'All stamps are of one clock, as it were: who writes later has the later stamp. Nothing ' +
      'but luck keeps clocks like that.'
    );
  }
  return (
    `A stamp of n2 is ${skewMs} ms too low. Where Bob followed Ann within that time, his later ` +
    `write carries the earlier stamp, and every replica drops it: ${lost} of ${KEYS}. Bob is ` +
    'told "done" all the same.'
  );
}

function story(p: Params): readonly StoryStep[] {
  const lost = lostOf(p);
  const isLww = p.conflicts === 'last-write-wins';
  return [
    {
      title: 'Turn by turn',
      at: { ms: BEGIN_MS },
      text:
        'Ann writes a key through n1. A little later Bob reads it through n2, sees what she ' +
        `wrote, and writes his own value. So it goes for ${KEYS} keys; Bob’s pause grows from ` +
        `${GAP_FIRST_MS} ms to ${GAP_FIRST_MS + (KEYS - 1) * GAP_STEP_MS} ms. All with quorums, ` +
        'and nothing is broken.',
      focus: ['ann', 'bob'],
    },
    {
      title: p.skewMs === 0 ? 'Clocks that agree' : 'A clock that is behind',
      at: { ms: BEGIN_MS + TURN_MS },
      text:
        p.skewMs === 0
          ? 'All clocks agree to the microsecond, as no real clocks do.'
          : `The clock of n2 is ${p.skewMs} ms behind. Nobody notices: each node stamps the ` +
            `writes that it coordinates by its own clock${BUT[p.clock]}.`,
      predict: {
        question: `How many of Bob’s ${KEYS} acknowledged writes are lost?`,
        options: [
          'None: he wrote after Ann each time.',
          'Those that he wrote less than the skew after her.',
          'All: his clock is behind.',
        ],
        answer: isLww && lost > 0 ? (lost === KEYS ? 2 : 1) : 0,
        because: because(p, lost),
      },
      focus: ['n2', 'bob'],
      check: 'lost-as-computed',
    },
    {
      title: 'Bob looks again',
      at: { ms: BEGIN_MS + 3 * TURN_MS },
      text:
        isLww && lost > 0
          ? 'Right after his write Bob reads the key, and finds Ann’s value: his own is gone ' +
            'before ' +
            'anybody has seen it.'
          : 'Right after his write Bob reads the key, and finds what he wrote.',
      focus: ['bob'],
      check: 'bob-sees-his-writes',
    },
    {
      title: 'The tally',
      at: { ms: READ_ALL_MS },
      text:
        `Carol reads all ${KEYS} keys: ` +
        (isLww && lost > 0
          ? `${lost} still hold Ann’s value. No log mentions it, no error was returned.`
          : 'each holds Bob’s value.'),
      focus: ['carol'],
      check: 'none-lost',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'The last write wins, by whose clock?',
    summary:
      'Two people take turns in writing. The clock of one node is behind. Quorums are met, ' +
      'nothing fails, and acknowledged writes vanish.',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.6 } },
    groups: groups(p),
    faults: [
      { id: 'skew', atMs: 500, fault: { type: 'clock-jump', target: 'n2', byMs: -p.skewMs } },
    ],
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/last-write-wins',
  title: 'The last write wins, by whose clock?',
  summary:
    'With a clock 500 ms behind, half of Bob’s acknowledged writes are dropped in favour of ' +
    'older ' +
    'ones, with no fault at all. Version vectors lose none, nor do hybrid clocks.',
  tier: 'calm',
  sources: [
    {
      title: 'Kingsbury: The trouble with timestamps (2013)',
      url: 'https://aphyr.com/posts/299-the-trouble-with-timestamps',
    },
    HYBRID_CLOCKS,
    DOTTED_VERSION_VECTORS,
    DYNAMO,
    CASSANDRA_GUARANTEES,
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Half a second of skew: 10 of 20 acknowledged writes are lost.',
      expect: {
        'none-lost': { breaks: { count: 10 } },
        'bob-sees-his-writes': { breaks: { witness: 'read-your-writes' } },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'clocks-agree',
      about: 'Without skew the last write is the last one.',
      params: { skewMs: 0 },
    },
    {
      name: 'small-skew',
      about: 'A tenth of a second: the two quickest answers are lost.',
      params: { skewMs: 100 },
      expect: {
        'none-lost': { breaks: { count: 2 } },
        'bob-sees-his-writes': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'version-vectors',
      about: 'The same skew with version vectors: nothing is lost, and nothing doubled.',
      params: { conflicts: 'version-vectors' },
      expect: { 'lost-as-computed': { breaks: {} } },
    },
    {
      name: 'hybrid-clock',
      about: 'The same skew with hybrid clocks: the last write wins, and it is the last one.',
      params: { clock: 'hybrid' },
    },
  ],
  thingsToTry: [
    'Let the clock be behind by 300 ms: how many are lost? Compute it first.',
    'Make the clock of n2 jump ahead by hand instead: whose writes are lost now?',
    'Take version vectors and crash n3: does that change anything?',
  ],
  leavesOut: [
    'NTP, which keeps clocks within milliseconds on a good day and within seconds on a bad one.',
    'Clients that carry a stamp along: a hybrid clock knows only what its node has seen.',
    'Stamps given by clients, as Cassandra’s drivers may do: then it is their clocks that count.',
  ],
});
