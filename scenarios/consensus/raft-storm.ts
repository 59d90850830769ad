/**
 * Five Raft servers in a storm: crashes, cuts, loss, duplicates and messages that come late, one
 * upon the other. With all rules on every promise holds; each rule has a run here in which one
 * breaks without it, where chance can find it at all.
 *
 * PreVote and CheckQuorum are off: the argument for safety does without them, and they keep away
 * many of the coincidences that its rules are for.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  members: field.choice(['fixed', 'changing'], {
    about:
      'All five vote throughout; or three of them begin, and two operators change who votes, and ' +
      'who leads, all the time.',
    default: 'fixed',
  }),
  crashEveryMs: field.millis({
    about: 'Each server crashes so often in the mean, and is back soon.',
    default: 700,
    min: 300,
    max: 1_500,
  }),
  cutEveryMs: field.millis({
    about: 'The leader is cut off with one other server so often in the mean, for 250 ms.',
    default: 500,
    min: 250,
    max: 1_000,
  }),
};

type Params = Static<TObject<typeof params>>;

const SERVERS = ['n1', 'n2', 'n3', 'n4', 'n5'];
const HEAL_MS = 6_500;
const DURATION_MS = 8_000;
const AGREE_WITHIN_MS = 1_400;
const TIMEOUT_MS = 60;
const CUT_MS = 250;
/** One operator's next order, and how far the two are apart. */
const ORDER_APART_MS = 250;
const OPERATORS_APART_MS = 60;
const ORDERS_FROM_MS = 400;
const ORDERS = (HEAL_MS - ORDERS_FROM_MS) / ORDER_APART_MS;

/** Two voters for two others and back, with the leader each time among those who stay. */
const SWAPS = [
  { add: ['n4', 'n5'], remove: ['n1', 'n2'] },
  { transferTo: 'n4' },
  { add: ['n1', 'n2'], remove: ['n4', 'n5'] },
  { transferTo: 'n1' },
];
/** Meanwhile the third goes and comes. */
const THIRD = [{ remove: ['n3'] }, { add: ['n3'] }];

function operator(name: string, orders: readonly object[], fromMs: number): GroupPlan {
  return {
    name,
    component: 'raft-operator',
    count: 1,
    links: { servers: 'n' },
    config: {
      timeoutMs: 150,
      retryMs: 20,
      orders: Array.from({ length: Math.floor(ORDERS) }, (_, i) => ({
        atMs: fromMs + i * ORDER_APART_MS,
        catchUp: false,
        ...orders[i % orders.length],
      })),
    },
  };
}

function groups(p: Params): readonly GroupPlan[] {
  const operators = [
    operator('swaps', SWAPS, ORDERS_FROM_MS),
    operator('third', THIRD, ORDERS_FROM_MS + OPERATORS_APART_MS),
  ];
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: SERVERS.length,
      config: {
        ...(p.members === 'changing' ? { initialVoters: 3 } : {}),
        electionTimeoutMinMs: TIMEOUT_MS,
        electionTimeoutMaxMs: 2 * TIMEOUT_MS,
        heartbeatMs: TIMEOUT_MS / 3,
        // Servers that were removed, and do not know, would depose one leader after another.
        preVote: p.members === 'changing',
        preVoteLease: p.members === 'changing',
        checkQuorum: false,
        maxEntriesPerAppend: 2,
        maxInflight: 8,
        snapshotThreshold: 30,
        trailingEntries: 5,
      },
      disk: { fsync: { kind: 'exponential', meanMs: 3 } },
    },
    ...(p.members === 'changing' ? operators : []),
    {
      name: 'c',
      component: 'kv-client',
      count: 4,
      links: { servers: 'n' },
      config: {
        keys: 3,
        thinkMs: 10,
        routing: 'random',
        tryTimeoutMs: 100,
        deadlineMs: 400,
        stopMs: HEAL_MS,
      },
    },
  ];
}

function faults(p: Params): readonly FaultEntry[] {
  const between = { from: 'n', to: 'n' } as const;
  const leader = { role: 'leader', group: 'n' } as const;
  return [
    { id: 'lost', atMs: 0, fault: { type: 'loss', probability: 0.03 } },
    { id: 'twice', atMs: 0, fault: { type: 'duplicate', ...between, probability: 0.1 } },
    {
      id: 'late',
      atMs: 0,
      fault: {
        type: 'reorder',
        ...between,
        probability: 0.03,
        by: { kind: 'exponential', meanMs: 200 },
      },
    },
    ...SERVERS.map((server, i) => ({
      id: `${server}-crashes`,
      fault: { type: 'crash' as const, target: server },
      every: { interval: { kind: 'exponential' as const, meanMs: p.crashEveryMs } },
      forMs: 40 + 60 * i,
    })),
    ...SERVERS.map((server, i) => ({
      id: `${server}-and-next`,
      fault: {
        type: 'partition' as const,
        groups: [[server, SERVERS[(i + 1) % SERVERS.length] as string]],
      },
      every: {
        interval: { kind: 'exponential' as const, meanMs: SERVERS.length * p.cutEveryMs },
      },
      forMs: CUT_MS,
    })),
    {
      id: 'leader-and-one',
      fault: { type: 'partition', groups: [{ including: leader, size: 2, group: 'n' }] },
      every: { interval: { kind: 'exponential', meanMs: p.cutEveryMs } },
      forMs: CUT_MS,
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Clients see one store, whoever leads and whoever has crashed.',
    },
    {
      id: 'nothing-is-lost',
      use: 'acknowledged',
      about: 'What was acknowledged is there when the storm is over.',
    },
    {
      id: 'servers-crash',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The storm bites: servers go down.',
    },
    {
      id: 'leaders-come-and-go',
      use: 'fact-count',
      args: { fact: 'raft.leader', atLeast: 3 },
      about: 'One leader follows another.',
    },
    {
      id: 'leaders-are-cut-off',
      use: 'sometimes',
      args: { predicate: 'leader-in-minority' },
      about: 'A leader goes on leading where it reaches only one other server.',
    },
    ...(p.members === 'changing'
      ? [
          {
            id: 'members-change',
            use: 'fact-count',
            args: { fact: 'raft.members-changed', atLeast: 3, untilMs: HEAL_MS },
            about: 'Voters come and go.',
          },
        ]
      : [
          {
            id: 'logs-agree',
            use: 'eventually',
            args: { predicate: 'logs-agree', withinMs: AGREE_WITHIN_MS },
            about: 'Once it is calm all five have the same log.',
          },
        ]),
  ];
}

function story(p: Params, off: readonly string[]): readonly StoryStep[] {
  const isWhole = off.length === 0;
  return [
    {
      title: 'The storm',
      at: { ms: 300 },
      text:
        `Each server crashes every ${p.crashEveryMs} ms in the mean, and loses what was not on ` +
        `its disk. Every ${p.cutEveryMs} ms the leader is cut off with one other. One message in ` +
        'ten comes twice, one in thirty-three is lost, and as many come a fifth of a second late.' +
        (p.members === 'changing' ? ' And two operators change the voters all the while.' : ''),
      focus: ['n'],
      check: 'servers-crash',
    },
    {
      title: 'What is an answer worth?',
      at: { ms: 2_000 },
      text:
        'A leader that is cut off goes on taking writes, which ' +
        (p.members === 'changing'
          ? 'it can commit only if those that are left to it are a majority of the voters. Who ' +
            'these are changes all the time; if the others are a majority, they '
          : 'two of five can never commit. The other three ') +
        'elect another, and when the cut is over the two logs differ.',
      predict: {
        question: 'Which promise will not be kept in this weather?',
        options: ['None.', 'At least one of those that the servers rely on.'],
        answer: isWhole ? 0 : 1,
        because: isWhole
          ? 'Raft’s argument needs no luck: no timing, no order of messages, no server that ' +
            'stays up. Only that a majority comes back, which is what liveness needs.'
          : 'A rule is off. Each of them is there because of some order of crashes and late ' +
            'messages in which the others are not enough, and in a storm that order comes.',
      },
      focus: ['n'],
      check: 'raft-safety',
    },
    {
      title: 'Calm',
      at: { ms: HEAL_MS },
      text:
        'All servers run, and all of them reach each other. One of them is elected, and brings ' +
        'the others to its log.',
      focus: ['n'],
      check: 'nothing-is-lost',
    },
  ];
}

function plan(p: Params, ablations: readonly string[]): Plan {
  return {
    title: 'Raft in a storm',
    summary: 'Everything goes wrong at once, and no promise is broken, unless a rule is off.',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 8 } },
    groups: groups(p),
    faults: faults(p),
    healAtMs: HEAL_MS,
    checks: checks(p),
    story: story(p, ablations),
  };
}

export default defineScenario({
  id: 'consensus/raft-storm',
  title: 'Raft in a storm',
  summary:
    'Crashes, partitions, loss, duplicates and late messages at once: the weather in which each ' +
    'rule of Raft is needed. Switch one off and sweep.',
  tier: 'hostile',
  sources: [RAFT_PAPER, RAFT_DISSERTATION],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Five voters, all rules on: every promise holds.' },
    {
      name: 'changing-members',
      about: 'Two operators change the voters and the leader all the time: it holds as well.',
      params: { members: 'changing' },
    },
    {
      name: 'forgetful-of-terms',
      about: 'Servers do not write down their term: after a crash they fall back to an older one.',
      ablations: ['raft.persist-term'],
      expect: { 'raft-safety': { breaks: { witness: 'TermMonotonic' } } },
    },
  ],
  thingsToTry: [
    'sweep consensus/raft-storm --off raft.election-restriction: what do clients notice?',
    'Sweep with raft.persist-vote off, then with crashEveryMs at 300: it takes a voter that is ' +
      'back at once.',
    'Watch a find in the browser: the event that breaks the promise is on the timeline.',
  ],
  leavesOut: [
    'Disks that lie, and servers that do: Raft promises nothing for those (consensus/lost-fsync).',
    'Requests that the network repeats: clients come over connections, which do not.',
  ],
});
