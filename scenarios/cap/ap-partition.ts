/**
 * An available store is cut in two: both sides go on, and what becomes of what they wrote.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsAt, person } from '../quorum-parts.ts';
import { DYNAMO, GILBERT_LYNCH, PBS } from '../sources.ts';

const params = {
  level: field.choice(['one', 'quorum'], {
    about: 'How many of the three replicas a read and a write wait for: one, or two.',
    default: 'one',
    source: 'Cassandra consistency levels',
  }),
  conflicts: field.choice(['last-write-wins', 'version-vectors'], {
    about: 'What becomes of concurrent writes: the later stamp stays, or both do.',
    default: 'last-write-wins',
  }),
  repair: field.choice(['anti-entropy', 'hints', 'none'], {
    about:
      'How replicas catch up: they compare Merkle trees every second, they hand over the writes ' +
      'that they kept for each other, or they do not.',
    default: 'anti-entropy',
  }),
  healAtMs: field.millis({
    about: 'When the cut is mended.',
    default: 8_000,
    min: 7_000,
    max: 9_000,
  }),
};

type Params = Static<TObject<typeof params>>;

const CUT_MS = 3_000;
/** Operations under way at the cut have ended, and whoever does not answer is known. */
const SETTLED_MS = 4_800;
const ANN_WRITES_MS = 5_000;
const BOB_WRITES_MS = 5_500;
const BOTH_READ_MS = 6_000;
const ASK_AGAIN_MS = 12_500;
const DURATION_MS = 13_500;
const STOP_MS = 11_000;

function groups(p: Params): readonly GroupPlan[] {
  const load = { keys: 5, thinkMs: 80, tryTimeoutMs: 1_500, deadlineMs: 1_500, stopMs: STOP_MS };
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        readConsistency: p.level,
        writeConsistency: p.level,
        conflicts: p.conflicts,
        antiEntropyMs: p.repair === 'anti-entropy' ? 1_000 : 0,
        hintedHandoff: p.repair === 'hints',
        hintDispatchMs: 1_000,
        readRepair: p.level === 'quorum' ? 'blocking' : 'off',
        writeTimeoutMs: 1_000,
        readTimeoutMs: 1_000,
      },
    },
    clientsAt('a', 1, 2, load),
    clientsAt('b', 2, 2, load),
    person('ann', 1, [
      { atMs: 1_000, do: 'put', key: 'cart', value: 'milk' },
      { atMs: ANN_WRITES_MS, do: 'put', key: 'cart', value: 'milk and eggs' },
      { atMs: BOTH_READ_MS, do: 'get', key: 'cart' },
      { atMs: ASK_AGAIN_MS, do: 'get-all', key: 'cart' },
    ]),
    person('bob', 2, [
      { atMs: 2_000, do: 'get', key: 'cart' },
      { atMs: BOB_WRITES_MS, do: 'put', key: 'cart', value: 'milk and bread' },
      { atMs: BOTH_READ_MS, do: 'get', key: 'cart' },
      { atMs: ASK_AGAIN_MS, do: 'get-all', key: 'cart' },
    ]),
  ];
}

const BOTH_CARTS = ['milk and eggs', 'milk and bread'];

function checks(p: Params): readonly CheckPlan[] {
  const whileCut = { fromMs: SETTLED_MS, untilMs: p.healAtMs };
  const put = { operation: 'put', key: 'cart', fromMs: CUT_MS };
  const afterwards = { operation: 'get-all', key: 'cart', fromMs: p.healAtMs };
  return [
    {
      id: 'network-was-cut',
      use: 'sometimes',
      args: { predicate: 'link-cut' },
      about: 'The fault bit: n1 could not reach the others.',
    },
    {
      id: 'small-side-serves',
      use: 'slo',
      args: { metric: 'success-share', clients: 'a', atLeast: 1, operationsMin: 5, ...whileCut },
      about: 'On the small side every read and every write is answered.',
    },
    {
      id: 'small-side-stalls',
      use: 'slo',
      args: { metric: 'ok-count', clients: 'a', atMost: 0, ...whileCut },
      about: 'On the small side nothing is answered at all.',
    },
    {
      id: 'large-side-serves',
      use: 'slo',
      args: { metric: 'success-share', clients: 'b', atLeast: 1, operationsMin: 5, ...whileCut },
      about: 'On the large side every read and every write is answered.',
    },
    {
      id: 'ann-was-told-done',
      use: 'answers',
      args: { clients: 'ann', values: [true], atLeast: 1, ...put },
      about: 'Ann, on the small side, was told that her cart with eggs is written.',
    },
    {
      id: 'eggs-are-kept',
      use: 'answers',
      args: { values: [BOTH_CARTS], atLeast: 2, ...afterwards },
      about: 'After the cut both find both carts, the one with eggs beside the one with bread.',
    },
    {
      id: 'bread-is-kept',
      use: 'answers',
      args: { values: [BOTH_CARTS, ['milk and bread']], atLeast: 2, ...afterwards },
      about: 'After the cut both find the cart with bread: the later of the two writes.',
    },
    {
      id: 'siblings',
      use: 'sometimes',
      args: { predicate: 'siblings-held' },
      about: 'Some replica holds two values of one key that know nothing of each other.',
    },
    {
      id: 'replicas-agree',
      use: 'eventually',
      args: { predicate: 'replicas-agree', withinMs: DURATION_MS - p.healAtMs },
      about: 'Once the cut is mended all replicas come to hold the same.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Everybody could believe that there is just one copy.',
    },
  ];
}

const LOST: { readonly [conflicts in Params['conflicts']]: string } = {
  'last-write-wins':
    'All replicas hold the cart with bread. It has the later timestamp, and the later one wins. ' +
    'Ann was told that her eggs are written, and nobody will ever tell her that they are gone.',
  'version-vectors':
    'All replicas hold two carts. Neither write had seen the other, so neither may replace it. ' +
    'Whoever reads gets both and decides: for a shopping cart, milk, eggs and bread.',
};

/** Of copies that nobody repairs. */
const APART =
  'n1 holds the cart with eggs, n2 and n3 that with bread, and whoever asks gets the one or the ' +
  'other. Nothing is lost yet, and nothing is decided.';

const EVENTUALLY =
  'Soon they hold the same: that is what "eventually consistent" promises, and all that it ' +
  'promises.';

const TOGETHER: { readonly [repair in Params['repair']]: string } = {
  'anti-entropy': `Replicas find out what they missed and exchange it. ${EVENTUALLY}`,
  hints: `Each replica is handed what was kept for it while it was away. ${EVENTUALLY}`,
  none: 'Nobody has kept what the others missed, and nobody compares. The copies stay apart.',
};

function story(p: Params): readonly StoryStep[] {
  const one = p.level === 'one';
  return [
    {
      title: 'Three copies, no leader',
      at: { ms: 1_000 },
      text:
        'Each node takes reads and writes and passes them on to the two others. ' +
        (one
          ? 'It answers as soon as one copy has it, which is its own.'
          : 'It answers as soon as two of the three copies have it.'),
      focus: ['n', 'ann'],
    },
    {
      title: 'The cut',
      at: { ms: CUT_MS },
      text: 'n1 is alone with Ann and the clients "a"; n2 and n3 are with Bob and the clients "b".',
      predict: {
        question: 'Who may still read and write?',
        options: [
          'Everybody, on both sides.',
          'Only those on the side with two copies.',
          'Nobody, until the network is whole again.',
        ],
        answer: one ? 0 : 1,
        because: one
          ? 'One copy is enough, and each side has one. The store is available and pays for it: ' +
            'the two sides no longer know of each other’s writes.'
          : 'Two copies are needed, and only one side has them. The other side refuses: it would ' +
            'rather say nothing than something that may be wrong.',
      },
      focus: ['n1', 'ann', 'a'],
      check: 'small-side-serves',
    },
    {
      title: 'Two carts',
      at: { ms: BOTH_READ_MS },
      text: one
        ? 'Ann has put eggs into the cart, Bob bread. Both were told "done", and each reads back ' +
          'what he or she wrote. Both are right, each on one side.'
        : 'Ann wanted to put eggs into the cart and was refused. Bob put bread into it: his side ' +
          'has two copies.',
      focus: ['ann', 'bob'],
      check: 'ann-was-told-done',
    },
    {
      title: 'Together again',
      at: { ms: p.healAtMs },
      text: TOGETHER[p.repair],
      focus: ['n'],
      check: 'replicas-agree',
    },
    {
      title: 'What became of the eggs',
      at: { ms: ASK_AGAIN_MS },
      text: one
        ? p.repair === 'none'
          ? APART
          : LOST[p.conflicts]
        : 'The cart with bread is the only one: Ann was told that hers is not written.',
      focus: ['ann', 'bob'],
      check: 'eggs-are-kept',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'An AP store, cut in two',
    summary:
      'Three copies without a leader, and a cut between one and two of them. Who may read and ' +
      'write, and which of two carts is left when the network is whole again?',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: [
      { id: 'cut', atMs: CUT_MS, fault: { type: 'partition', groups: [['n1', 'a', 'ann']] } },
    ],
    healAtMs: p.healAtMs,
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/ap-partition',
  title: 'An AP store, cut in two',
  summary:
    'Three replicas, R = W = 1, cut 2/1: both sides go on reading and writing. After the cut ' +
    'one of two acknowledged carts is gone, or both are there side by side.',
  tier: 'hostile',
  sources: [DYNAMO, GILBERT_LYNCH, PBS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'One copy is enough, the last write wins: always answered, and eggs are lost.',
      expect: {
        'small-side-stalls': { breaks: {} },
        'eggs-are-kept': { breaks: { witness: '0 times of 2' } },
        siblings: { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'siblings',
      about: 'The same with version vectors: both carts are kept, and the reader merges them.',
      params: { conflicts: 'version-vectors' },
      expect: { 'small-side-stalls': { breaks: {} }, linearizable: { breaks: {} } },
    },
    {
      name: 'quorum',
      about:
        'The same with R = W = 2: the small side refuses, and what was acknowledged is not lost.',
      params: { level: 'quorum' },
      expect: {
        'small-side-serves': { breaks: {} },
        'ann-was-told-done': { breaks: {} },
        'eggs-are-kept': { breaks: {} },
        siblings: { breaks: {} },
      },
    },
    {
      name: 'hints',
      about: 'As the default, but replicas catch up by the hints kept for them.',
      params: { repair: 'hints' },
      expect: {
        'small-side-stalls': { breaks: {} },
        'eggs-are-kept': { breaks: {} },
        siblings: { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'never-repaired',
      about: 'Neither hints nor anti-entropy: the copies stay apart although the network is whole.',
      params: { repair: 'none' },
      expect: {
        'small-side-stalls': { breaks: {} },
        'eggs-are-kept': { breaks: {} },
        'bread-is-kept': { breaks: {} },
        siblings: { breaks: {} },
        'replicas-agree': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Switch to version vectors and read the cart again: it holds two values until somebody writes.',
    'Wait for two copies instead of one: who is refused now?',
    'Mend the cut without any repair and watch the same question get two answers for ever.',
  ],
  leavesOut: [
    'Clients that move to the other side: here each stays with one node.',
    'Merging of the two carts by a reader who writes the result back.',
  ],
});
