/**
 * Two brokers lead in turn, and neither has fetched from the other in between. In the end one asks
 * the other where an epoch ends that the other has never heard of.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  everythingThere,
  FOLLOWERS,
  LEADER,
  lostExactly,
  producerOf,
  sentWithin,
  SESSION_MS,
} from '../log-parts.ts';
import { KIP_101, KIP_106, KIP_279 } from '../sources.ts';

const params = {
  truncateOnFetch: field.flag({
    about: 'A fetch says where logs part; without it a follower asks first, as before 2.7.',
    default: true,
    source: 'KIP-595',
  }),
  uncleanLeaderElection: field.flag({
    about: 'Where nobody in sync lives, a replica that lags may lead.',
    default: true,
    source: 'Kafka unclean.leader.election.enable: false since 0.11, true before',
  }),
  acks: field.choice(['all', '1'], {
    about: 'Whether a record counts as written once its leader has it.',
    default: '1',
    source: 'Kafka acks',
  }),
  aloneMs: field.millis({
    about: 'How long the first leader goes on without the other one.',
    default: 2_000,
    min: 500,
    max: 4_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'partition.epoch-lookup';
const RATE = 20;
const GAP_MS = 1_000 / RATE;
const START_MS = 1_000;
/** Between two records, as all that happens: each of them is taken by one leader. */
const CUT_MS = 10_025;
/** To the leader: nothing lingers here. */
const TRIP_MS = 1;
const DOWN_MS = 1_000;
const SECOND_MS = 15_000;
const HEAL_MS = 44_000;
const END_MS = 52_000;

const firstDeathMs = ({ aloneMs }: Params): number => CUT_MS + aloneMs;
/** Between two records again, whenever the first one died. */
const secondDeathMs = ({ aloneMs }: Params): number =>
  CUT_MS + sentWithin(aloneMs, RATE) * GAP_MS + SECOND_MS;
/** Of what is sent after the cut: what comes to a leader before so long after it. */
const comeIn = (ms: number): number => sentWithin(ms - GAP_MS / 2 - TRIP_MS, RATE);
/** What only the first leader has. */
const tail = ({ aloneMs }: Params): number => comeIn(aloneMs);
/** What one of the two has; while a leader is down, records wait at their producer. */
const either = (p: Params): number => comeIn(secondDeathMs(p) - CUT_MS);

const faults = (p: Params): FaultEntry[] => [
  {
    id: 'brokers-apart',
    fault: { type: 'cut-link', a: LEADER, b: FOLLOWERS },
    atMs: CUT_MS,
    forMs: HEAL_MS - CUT_MS,
  },
  {
    id: 'first-leader-restarts',
    fault: { type: 'crash', target: LEADER, machineUp: true },
    atMs: firstDeathMs(p),
    forMs: DOWN_MS,
  },
  {
    id: 'second-leader-restarts',
    fault: { type: 'crash', target: LEADER, machineUp: true },
    atMs: secondDeathMs(p),
    forMs: DOWN_MS,
  },
];

interface Outcome {
  readonly lost: number;
  readonly diverged: number;
}

/** With acks=all no more are sent before these are answered: max.in.flight, one in each batch. */
const IN_FLIGHT = 5;
/** What the first leader gets alone: where it cannot acknowledge any, that are few. */
const alone = (p: Params): number => (p.acks === 'all' ? IN_FLIGHT : tail(p));

function outcome(p: Params, asksAgain: boolean): Outcome {
  const isAll = p.acks === 'all';
  if (!p.uncleanLeaderElection) return { lost: isAll ? 0 : tail(p), diverged: 0 };
  // What the first leader could not acknowledge goes to the second one, and is lost there.
  const held = alone(p);
  return { lost: either(p) - held, diverged: asksAgain ? 0 : held };
}

const checks = (p: Params, { lost, diverged }: Outcome): readonly CheckPlan[] => [
  {
    id: 'logs-agree',
    use: 'records',
    args: { duplicated: null, reordered: null, lost: null },
    about: 'In the end no two replicas hold different records at one offset.',
  },
  {
    ...lostExactly(
      lost,
      'As many records are lost, and at as many offsets logs differ, as can be reckoned.',
    ),
    // Without idempotence what is sent again after an election comes behind what is newer.
    args: { reordered: null, lost, diverged },
  },
  everythingThere,
  {
    id: 'leaders-change',
    use: 'fact-count',
    args: { fact: 'partition.led', atLeast: 3, atMost: 3 },
    about: 'Three leaders, one after the other.',
  },
];

const because = (p: Params, asksAgain: boolean): string =>
  !p.uncleanLeaderElection
    ? 'Only the second broker is in sync, so it leads again. The first one asks it where epoch 0 ' +
      'ends, and drops what it had alone.'
    : asksAgain
      ? 'The leader has nothing of epoch 1. It answers with the epoch before that and where it ' +
        'ends. The other one drops all that it has of later epochs, and looks on from there.'
      : 'The leader has nothing of epoch 1, so it answers where it has something newer: epoch 2. ' +
        `That is ${alone(p)} offsets too far: what both wrote there by themselves stays.`;

function ending(p: Params, asksAgain: boolean): string {
  const { lost } = outcome(p, asksAgain);
  if (p.uncleanLeaderElection) {
    return (
      `The ${lost} records that only the second leader had acknowledged are lost either way. ` +
      (asksAgain
        ? 'But whoever leads next, a consumer reads the same.'
        : `What a consumer reads at those ${alone(p)} offsets depends on who leads.`)
    );
  }
  return (
    `The ${alone(p)} records that the first leader had alone are dropped. ` +
    (lost === 0
      ? 'None of them was acknowledged: their producer has sent them again, to the second one.'
      : 'Each of them was acknowledged: with acks=1 that says nothing about the others.')
  );
}

const story = (p: Params, asksAgain: boolean): readonly StoryStep[] => [
  {
    title: 'Epoch 0: the first leader, alone',
    at: { ms: CUT_MS },
    text:
      'The two brokers do not reach each other any more. The leader goes on by itself for ' +
      `${p.aloneMs / 1_000} s, and ${alone(p)} records are in its log only` +
      (p.acks === 'all' ? ': no more are sent before one is acknowledged' : '') +
      '. Then it restarts.',
    focus: ['b'],
  },
  {
    title: 'Epoch 1: the second leader',
    at: { ms: firstDeathMs(p) + SESSION_MS + 200 },
    text:
      'The other broker was in sync, so it leads. It writes other records at the same offsets. ' +
      'The first one is back and would follow it, but it still cannot reach it. Then this leader ' +
      'restarts, too.',
    focus: ['b'],
  },
  {
    title: p.uncleanLeaderElection ? 'Epoch 2: the first one again' : 'Only who is in sync',
    at: { ms: secondDeathMs(p) + SESSION_MS + DOWN_MS + 2_000 },
    text: p.uncleanLeaderElection
      ? 'Nobody in sync is up, and unclean election is on: the first broker leads again. It has ' +
        'never heard of a record of epoch 1.'
      : 'The first broker is up, but not in sync: nobody leads until the second one is back.',
    focus: ['b'],
    predict: {
      question:
        'When they reach each other again, the one that follows asks its leader up to where it ' +
        'has what was written in the epoch of its own last record. What is the outcome?',
      options: [
        'The two logs are the same again.',
        `At ${alone(p)} offsets the two logs differ for ever.`,
        'The follower drops its whole log.',
      ],
      answer: p.uncleanLeaderElection && !asksAgain ? 1 : 0,
      because: because(p, asksAgain),
    },
  },
  {
    title: p.uncleanLeaderElection && !asksAgain ? 'Two logs for ever' : 'One log again',
    at: { ms: END_MS - 3_000 },
    text: ending(p, asksAgain),
    focus: ['b'],
    check: 'logs-agree',
  },
];

const SUMMARY =
  'Leaders change so quickly that a follower has records of an epoch of which its leader has ' +
  'none. Asked for it, a leader of KIP-101 lets the follower keep too much.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const asksAgain = !ablations.includes(RULE);
  return {
    title: 'Quick elections',
    summary: SUMMARY,
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [
      controllerOf(),
      brokersOf(
        { uncleanLeaderElection: p.uncleanLeaderElection },
        { truncateOnFetch: p.truncateOnFetch, replicaSocketTimeoutMs: 3_000 },
        undefined,
        2,
      ),
      producerOf(
        { ratePerSecond: RATE, startMs: START_MS, stopMs: END_MS - 3_000 },
        { acks: p.acks, enableIdempotence: p.acks === 'all', batchSize: 0, lingerMs: 0 },
      ),
    ],
    faults: faults(p),
    checks: checks(p, outcome(p, asksAgain)),
    story: story(p, asksAgain),
  };
}

const LOSES = {
  'nothing-lost': { breaks: { witness: 'of 300 lost' } },
  'replicated-log': { breaks: { witness: '300 committed records are lost' } },
} as const;

export default defineScenario({
  id: 'messaging/quick-elections',
  title: 'Quick elections',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [KIP_279, KIP_101, KIP_106],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Since 2.7: the logs are one again. The 300 records of epoch 1 are lost with acks=1.',
      expect: LOSES,
    },
    {
      name: 'asked-first',
      about: 'As in 2.0 (KIP-279): asked first, with the same outcome.',
      params: { truncateOnFetch: false },
      expect: LOSES,
    },
    {
      name: 'kip-101',
      about: 'As in 0.11 (KIP-101 alone): the same records are lost, and 40 offsets differ.',
      params: { truncateOnFetch: false },
      ablations: [RULE],
      expect: { ...LOSES, 'logs-agree': { breaks: { witness: 'of 40 diverged' } } },
    },
    {
      name: 'in-sync-only',
      about: 'Only who is in sync may lead, and must have a record: nothing is lost, none differ.',
      params: { uncleanLeaderElection: false, acks: 'all' },
    },
  ],
  thingsToTry: [
    'Let the first leader be alone for 4 s in the variant kip-101: how many offsets differ?',
    'Heal the link by hand at 25 s in the variant kip-101. Why do the logs agree then?',
    'Take acks=1 where only who is in sync may lead: which 40 records are lost, and why?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'Batches of many records: a follower that keeps half of one cannot fetch on, and is stuck.',
    'Sessions of ZooKeeper, whose expiry made such changes quick: here leaders restart.',
  ],
});
