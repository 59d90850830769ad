/**
 * Others stand in for replicas that cannot be reached: writes always find a quorum, and quorums no
 * longer overlap until the hints are handed over.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import { CASSANDRA_GUARANTEES, DYNAMO } from '../sources.ts';

const params = {
  sloppy: field.flag({
    about: 'The next healthy nodes stand in for replicas that cannot be reached.',
    default: true,
    source: 'Dynamo 4.6; Riak; Cassandra has no such quorums',
  }),
  handoff: field.flag({
    about: 'Who stands in hands the write over once the replica is back.',
    default: true,
  }),
  healAtMs: field.millis({
    about: 'When the cut is mended.',
    default: 6_000,
    min: 5_500,
    max: 7_000,
  }),
};

type Params = Static<TObject<typeof params>>;

/** Its replicas are n3, n1 and n2; n5 and n4 stand in for them, in this order. */
const KEY = 'price';
const CUT_MS = 2_000;
const BOB_WRITES_MS = 3_000;
const BOTH_READ_MS = 5_000;
const ASK_AGAIN_MS = 10_000;
const DURATION_MS = 11_000;

const read = (atMs: number) => ({ atMs, do: 'get', key: KEY }) as const;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 5,
      config: {
        sloppyQuorum: p.sloppy,
        hintedHandoff: p.handoff,
        hintDispatchMs: 1_000,
        // So that nothing but handoff can help.
        readRepair: 'off',
        writeTimeoutMs: 1_000,
        readTimeoutMs: 1_000,
      },
    },
    person('ann', 1, [read(BOTH_READ_MS), read(ASK_AGAIN_MS)]),
    person('bob', 3, [
      { atMs: 1_000, do: 'put', key: KEY, value: 10 },
      { atMs: BOB_WRITES_MS, do: 'put', key: KEY, value: 20 },
      read(BOTH_READ_MS),
    ]),
  ];
}

function checks(): readonly CheckPlan[] {
  return [
    {
      id: 'bob-was-told-done',
      use: 'answers',
      args: { clients: 'bob', operation: 'put', values: [true], atLeast: 1, fromMs: CUT_MS },
      about: 'Bob’s write is acknowledged although he reaches only one of the three replicas.',
    },
    {
      id: 'ann-is-served',
      use: 'slo',
      args: { metric: 'success-share', clients: 'ann', atLeast: 1, operationsMin: 2 },
      about: 'Ann reaches two of the three replicas, so her reads are answered.',
    },
    {
      id: 'never-stale',
      use: 'staleness',
      about: 'R + W > N: no read misses a write that was acknowledged before it began.',
    },
    {
      id: 'stand-ins-keep-hints',
      use: 'sometimes',
      args: { predicate: 'role-played', with: { group: 'n', role: 'holder', count: 2 } },
      about: 'Two nodes keep a write for replicas that missed it.',
    },
    {
      id: 'handed-over',
      use: 'fact-count',
      args: { fact: 'quorum.handed-off', atLeast: 2 },
      about: 'Both replicas that missed the write are given it afterwards.',
    },
    {
      id: 'fresh-in-the-end',
      use: 'answers',
      args: { clients: 'ann', values: [20], atLeast: 1, fromMs: ASK_AGAIN_MS },
      about: 'After the handoff Ann reads what Bob wrote.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  return [
    {
      title: 'Three of five',
      at: { ms: 1_000 },
      text:
        'There are five nodes, and each key has three of them as its replicas: the price is on ' +
        'n1, n2 and n3. Reads and writes wait for two: 2 + 2 > 3.',
      focus: ['n1', 'n2', 'n3'],
    },
    {
      title: 'The cut',
      at: { ms: CUT_MS },
      text:
        'Ann is left with n1 and n2: two replicas. Bob is left with n3, n4 and n5: one replica, ' +
        'and two nodes that do not hold this key. He is about to set the price to 20.',
      predict: {
        question: 'May his write be acknowledged?',
        options: [
          'No: he reaches one replica, and two are needed.',
          'Yes: n4 and n5 take it in the place of n1 and n2.',
        ],
        answer: p.sloppy ? 1 : 0,
        because: p.sloppy
          ? 'A sloppy quorum counts any healthy node. n5 and n4 take the write, each with a hint ' +
            'that says for whom it is. Writes are nearly always possible: that is what Dynamo ' +
            'was built for.'
          : 'A strict quorum counts only the replicas of the key. n3 stores the write, waits in ' +
            'vain for a second replica, and says write-timeout: the fate of the write is unknown.',
      },
      focus: ['n3', 'n4', 'n5', 'bob'],
      check: 'bob-was-told-done',
    },
    {
      title: 'Two prices',
      at: { ms: BOTH_READ_MS },
      text: p.sloppy
        ? 'Bob reads 20. Ann asks n1 and n2, a quorum as well, and reads 10. Two and two of ' +
          'three must overlap, but the two that took Bob’s write were not among the three.'
        : 'Ann reads 10, and that is right: nobody was told that the price is 20.',
      focus: ['ann', 'bob'],
      check: 'never-stale',
    },
    {
      title: 'Handoff',
      at: { ms: p.healAtMs },
      text: p.handoff
        ? 'The network is whole again. ' +
          (p.sloppy
            ? 'Whoever keeps a hint hands it over to its replica and forgets it.'
            : 'n3 has kept the write for the two others, and hands it over.')
        : 'The network is whole again. Nobody hands anything over: n1 and n2 stay as they are.',
      focus: ['n'],
      check: 'handed-over',
    },
    {
      title: 'Asked again',
      at: { ms: ASK_AGAIN_MS },
      text: p.handoff
        ? 'Ann reads 20 at last. ' +
          (p.sloppy
            ? 'The quorums were never wrong about how many, only about who.'
            : 'Bob was told that its fate is unknown, and that was the truth.')
        : 'Ann still reads 10 from n1 and n2, and she will until somebody repairs them.',
      focus: ['ann', 'n1', 'n2'],
      check: 'fresh-in-the-end',
    },
  ];
}

const FAR = { kind: 'uniform', minMs: 8, maxMs: 10 } as const;

function plan(p: Params): Plan {
  return {
    title: 'A sloppy quorum',
    summary:
      'Two nodes that do not hold a key stand in for two that cannot be reached. The write is ' +
      'acknowledged. Who sees it?',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 2 },
      // n1 and n2 hear of each other before they hear of n3.
      links: ['n1', 'n2'].flatMap((near) => [
        { from: near, to: 'n3', latency: FAR },
        { from: 'n3', to: near, latency: FAR },
      ]),
    },
    groups: groups(p),
    faults: [
      { id: 'cut', atMs: CUT_MS, fault: { type: 'partition', groups: [['n1', 'n2', 'ann']] } },
    ],
    healAtMs: p.healAtMs,
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/sloppy-quorum',
  title: 'A sloppy quorum, and its hints',
  summary:
    'Others stand in for replicas that are out of reach. Writes go on, reads are stale although ' +
    'R + W > N, and all is well again once the hints are handed over.',
  tier: 'hostile',
  sources: [{ ...DYNAMO, title: `${DYNAMO.title}, section 4.6` }, CASSANDRA_GUARANTEES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Sloppy: Bob’s write is acknowledged, and Ann reads the old price until handoff.',
      expect: { 'never-stale': { breaks: { witness: 'missed 1 newer' } } },
    },
    {
      name: 'strict',
      about: 'Strict: Bob’s write is not acknowledged, and nobody reads anything stale.',
      params: { sloppy: false },
      expect: {
        'bob-was-told-done': { breaks: {} },
        'stand-ins-keep-hints': { breaks: {} },
      },
    },
    {
      name: 'no-handoff',
      about: 'Sloppy without handoff: the stand-ins keep the write to themselves, for good.',
      params: { handoff: false },
      expect: {
        'never-stale': { breaks: {} },
        'handed-over': { breaks: {} },
        'fresh-in-the-end': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Crash n4 and n5 by hand before the cut is mended: where is Bob’s write then?',
    'Let Ann write a price of her own during the cut. Which of the two is left?',
    'Switch to a strict quorum and compare what Bob is told with what Ann reads.',
  ],
  leavesOut: [
    'Racks and datacenters: stand-ins are simply the next nodes on the ring.',
    'Throttling of handoff after long outages.',
  ],
});
