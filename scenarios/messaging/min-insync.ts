/**
 * Both followers are down, and then the last broker dies for good. What acks=all has promised in
 * between depends on how few replicas "all" may be.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  consumer,
  controllerOf,
  everythingThere,
  FOLLOWERS,
  LEADER,
  lostExactly,
  nothingCommittedLost,
  producerOf,
  sentWithin,
  SESSION_MS,
  UNDER_WAY_MS,
} from '../log-parts.ts';
import { KAFKA_PRODUCER_CONFIGS, KAFKA_REPLICATION, KIP_966 } from '../sources.ts';

const params = {
  minInsyncReplicas: field.count({
    about: 'With fewer in sync acks=all is refused, and nothing is committed.',
    default: 1,
    min: 1,
    max: 2,
    source: 'Kafka min.insync.replicas: 1',
  }),
  downMs: field.millis({
    about: 'How long the followers are down before the last broker dies.',
    default: 15_000,
    min: 12_000,
    max: 25_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
const DOWN_MS = 5_000;
/** Then the two are surely fenced: their last heartbeat came before they went down. */
const FENCED_MS = DOWN_MS + SESSION_MS + 200;
const lossMs = (p: Params): number => DOWN_MS + p.downMs;
const upMs = (p: Params): number => lossMs(p) + 2_000;
/** The session of the last broker is over, and the others are back. */
const againMs = (p: Params): number => lossMs(p) + SESSION_MS + 3_000;
const endMs = (p: Params): number => againMs(p) + 5_000;

/** The last one that the leader hears of in time is acknowledged at once. */
const taken = (p: Params): number => sentWithin(p.downMs - UNDER_WAY_MS, RATE);
const lost = (p: Params): number => (p.minInsyncReplicas === 1 ? taken(p) : 0);

const okCount = (
  id: string,
  atLeast: number,
  [fromMs, untilMs]: readonly [number, number],
  about: string,
): CheckPlan => ({
  id,
  use: 'slo',
  args: { metric: 'ok-count', clients: 'p', atLeast, fromMs, untilMs, operationsMin: 0 },
  about,
});

const checks = (p: Params): readonly CheckPlan[] => [
  everythingThere,
  lostExactly(
    lost(p),
    lost(p) === 0
      ? 'No acknowledged record is lost.'
      : `All that came while only one had it is lost: ${RATE} records a second.`,
  ),
  okCount(
    'written-alone',
    10,
    [FENCED_MS, lossMs(p)],
    'Records are acknowledged although one replica is left.',
  ),
  {
    id: 'too-few-in-sync',
    use: 'gauge',
    args: {
      group: 'b',
      gauge: 'Under min ISR',
      measure: 'max',
      across: 'sum',
      ...(p.minInsyncReplicas > 1 ? { atLeast: 1 } : { atMost: 0 }),
    },
    about:
      p.minInsyncReplicas > 1
        ? 'The leader has fewer in sync than it must have.'
        : 'The leader alone is as many in sync as it must have.',
  },
  nothingCommittedLost,
  okCount(
    'written-in-the-end',
    (RATE * 2_000) / 1_000,
    [againMs(p), endMs(p)],
    'The two others go on, and records are acknowledged again.',
  ),
];

const WORDS = {
  1: {
    because: (p: Params) =>
      'All in-sync replicas: that is the leader alone, and min.insync.replicas=1 is content with ' +
      `that. ${RATE} a second for ${p.downMs / 1_000} s: acks=all has promised ${taken(p)} ` +
      'records that nobody else has.',
    alone:
      'The controller has fenced the two, and the list of in-sync replicas is the leader. ' +
      'Everything that waited is acknowledged at once, and all that comes as well.',
    end: (p: Params) =>
      `One of the others leads. ${lost(p)} records that were acknowledged with acks=all are gone.`,
  },
  2: {
    because: () =>
      'With fewer than two in sync nothing is committed. Five requests may be under way: they ' +
      'wait for an answer, and what comes behind them waits at the producer. Nothing was ' +
      'promised, so nothing is lost: the producer still has it all.',
    alone:
      'The controller has fenced the two. The leader has fewer in sync than it must have, and ' +
      'commits nothing. It would refuse what comes, too; but the producer sends nothing more ' +
      'before it is answered.',
    end: () =>
      'One of the others leads, and the other one follows: two are in sync. The producer sends ' +
      'all that it has kept.',
  },
} as const;

function story(p: Params): readonly StoryStep[] {
  const words = WORDS[p.minInsyncReplicas === 1 ? 1 : 2];
  return [
    {
      title: 'acks=all',
      at: { ms: 3_000 },
      text: 'Three replicas are in sync. A record is acknowledged when all of them have it.',
      focus: ['b'],
    },
    {
      title: 'Two brokers are down',
      at: { ms: DOWN_MS },
      text:
        'The processes of both followers end. The leader waits for them until the controller ' +
        'takes them off the list of in-sync replicas.',
      focus: ['b'],
    },
    {
      title: 'All, that is one',
      at: { ms: FENCED_MS + 100 },
      text: words.alone,
      focus: ['b', 'p'],
      check: 'written-alone',
      predict: {
        question:
          `min.insync.replicas is ${p.minInsyncReplicas}. The last broker will burn, with its ` +
          'disk. How many acknowledged records will be lost?',
        options: [
          'None: they were sent with acks=all.',
          `${taken(p)}: all since the two others went down.`,
          'All that were ever written.',
        ],
        answer: lost(p) === 0 ? 0 : 1,
        because: words.because(p),
      },
    },
    {
      title: 'Its disk is gone',
      at: { ms: lossMs(p) },
      text:
        'The disk of the last broker breaks, and its process ends for good. The two others come ' +
        'back two seconds later, and the operators have decided beforehand that a replica that ' +
        'lags may lead then.',
      focus: ['b'],
    },
    {
      title: 'What is left',
      at: { ms: againMs(p) + 1_000 },
      text: words.end(p),
      focus: ['b'],
      check: 'nothing-lost',
    },
  ];
}

const SUMMARY =
  'acks=all waits for all in-sync replicas, and if these are one, for one. ' +
  'min.insync.replicas=2 refuses instead, and loses nothing.';

const plan = (p: Params): Plan => ({
  title: 'All of one',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ minInsyncReplicas: p.minInsyncReplicas, uncleanLeaderElection: true }),
    producerOf({ ratePerSecond: RATE, startMs: START_MS, stopMs: endMs(p) - 1_000 }),
    consumer,
  ],
  faults: [
    {
      id: 'two-down',
      fault: { type: 'crash', target: FOLLOWERS, machineUp: true },
      atMs: DOWN_MS,
      forMs: upMs(p) - DOWN_MS,
    },
    {
      id: 'disk-gone',
      fault: { type: 'crash', target: LEADER, machineUp: true },
      atMs: lossMs(p),
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/min-insync',
  title: 'All of one',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [KAFKA_REPLICATION, KAFKA_PRODUCER_CONFIGS, KIP_966],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'min.insync.replicas=1, as it is by default: 300 records sent with acks=all are lost.',
      expect: {
        'nothing-lost': { breaks: { witness: 'of 300 lost' } },
        'committed-stays': { breaks: { witness: '300 committed records are lost' } },
        'log-history': { breaks: { witness: 'At offset' } },
      },
    },
    {
      name: 'two',
      about: 'With 2 nothing is acknowledged for as long as one replica is left; nothing is lost.',
      params: { minInsyncReplicas: 2 },
      expect: { 'written-alone': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Let only one follower go down, by hand: what does min.insync.replicas=2 cost then?',
    'Let the followers be down for 25 s. Does more get lost, and with which setting?',
    'Bring the last broker back by hand at the end: what does it do with its records?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'An operator who looks before a replica that lags may lead: here the topic allows it always.',
    'min.insync.replicas=3: one broker down, and nobody writes.',
  ],
});
