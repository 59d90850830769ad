/**
 * The only replica that is in sync dies. Whether another may lead decides between two evils: nobody
 * can write until it is back, or what only it had is lost, and consumers have read it.
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
  truncatedExactly,
  UNDER_WAY_MS,
} from '../log-parts.ts';
import { KAFKA_REPLICATION, KIP_106, KIP_320 } from '../sources.ts';

const params = {
  uncleanLeaderElection: field.flag({
    about: 'Where nobody in sync lives, a replica that lags may lead.',
    default: true,
    source: 'Kafka unclean.leader.election.enable: false since 0.11, true before',
  }),
  aloneMs: field.millis({
    about: 'How long the leader goes on without its followers before it dies.',
    default: 10_000,
    min: 8_000,
    max: 20_000,
  }),
  replicaLagTimeMaxMs: field.millis({
    about: 'A follower that has not caught up for so long is not in sync any more.',
    default: 4_000,
    min: 1_000,
    max: 30_000,
    source: 'Kafka replica.lag.time.max.ms: 30 s',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
const CUT_MS = 5_000;
const deathMs = (p: Params): number => CUT_MS + p.aloneMs;
/** Its last heartbeat was at most two seconds before its end. */
const missedMs = (p: Params): number => deathMs(p) + SESSION_MS + 200;
const backMs = (p: Params): number => deathMs(p) + 14_000;
const stopMs = (p: Params): number => backMs(p) + 2_000;
const endMs = (p: Params): number => backMs(p) + 5_000;

/** The scan comes every half of the time, and the controller answers in a few milliseconds. */
const isAlone = (p: Params): boolean => p.aloneMs > 1.5 * p.replicaLagTimeMaxMs + 100;
/** Whether it is still in time depends on when it looks. */
const isOpen = (p: Params): boolean => !isAlone(p) && p.aloneMs > p.replicaLagTimeMaxMs - 100;
const taken = (p: Params): number => sentWithin(p.aloneMs - UNDER_WAY_MS, RATE);
const lost = (p: Params): number => (p.uncleanLeaderElection && isAlone(p) ? taken(p) : 0);

/** max.in.flight.requests.per.connection: what a leader that commits nothing has of acks=all. */
const IN_FLIGHT = 5;
/** What the old leader has, and the new one has not. */
function dropped(p: Params): number {
  if (!isAlone(p)) return IN_FLIGHT;
  return p.uncleanLeaderElection ? taken(p) : 0;
}

const countOf = (id: string, fact: string, count: number, about: string): CheckPlan => ({
  id,
  use: 'fact-count',
  args: { fact, atLeast: count === 0 ? null : count, atMost: count },
  about,
});

function checks(p: Params): readonly CheckPlan[] {
  const gone = lost(p);
  return [
    everythingThere,
    lostExactly(
      p.uncleanLeaderElection && isOpen(p) ? null : gone,
      gone === 0
        ? 'No acknowledged record is lost.'
        : `What the leader took alone is lost: ${RATE} records a second.`,
    ),
    {
      id: 'written-meanwhile',
      use: 'slo',
      args: {
        metric: 'ok-count',
        clients: 'p',
        atLeast: 20,
        fromMs: missedMs(p),
        untilMs: backMs(p),
        operationsMin: 0,
      },
      about: 'Records are written again while the old leader is down.',
    },
    nothingCommittedLost,
    ...(isOpen(p) ? [] : [wentTooFar(gone), droppedInTheEnd(dropped(p))]),
  ];
}

const wentTooFar = (gone: number): CheckPlan =>
  countOf(
    'consumers-went-too-far',
    'consumer.truncated',
    gone === 0 ? 0 : 1,
    gone === 0
      ? 'Nothing that the consumer has read goes away.'
      : 'The consumer is told that what it read last is not there any more.',
  );

const droppedInTheEnd = (records: number): CheckPlan =>
  truncatedExactly(
    records,
    records === 0
      ? 'No broker drops a record.'
      : `The old leader comes back and drops what the new one lacks: ${records} records.`,
  );

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const options = [
    'Nobody: the partition cannot be used until the old leader is back.',
    `One of the others: it lacks ${taken(p)} records that were acknowledged.`,
    'One of the others, after it has fetched what it lacks.',
  ] as const;
  const question = `The leader was alone for ${p.aloneMs / 1_000} s. Who leads now?`;
  if (!isAlone(p)) {
    return {
      question,
      options: [options[0], 'One of the others: nothing was acknowledged without it.', options[2]],
      answer: 1,
      because:
        `The two others count as in sync for ${p.replicaLagTimeMaxMs / 1_000} s and more. While ` +
        'they do, the leader acknowledges nothing that they do not have, so either may lead.',
    };
  }
  return {
    question,
    options,
    answer: p.uncleanLeaderElection ? 1 : 0,
    because: p.uncleanLeaderElection
      ? 'Unclean election is on: the controller would rather have a leader that lacks records ' +
        `than none. ${RATE} a second for ${p.aloneMs / 1_000} s make ${taken(p)}, and the ` +
        'consumer has read every one of them.'
      : 'Only the dead leader is in sync, and only who is in sync may lead. Whether it is better ' +
        'to wait or to go on without the records is a decision, and here it is made for waiting.',
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three in sync',
    at: { ms: 3_000 },
    text:
      'A record is acknowledged when all in-sync replicas have it (acks=all). Now ' +
      'these are all three.',
    focus: ['b'],
  },
  {
    title: 'The followers are cut off',
    at: { ms: CUT_MS },
    text:
      'The two followers do not reach the leader any more. Nothing is acknowledged ' +
      (isAlone(p)
        ? 'until the leader has taken them off the list of in-sync replicas. Then it is the ' +
          'list, and “all” means itself.'
        : 'for as long as they are on the list of in-sync replicas, and that they are for ' +
          `${p.replicaLagTimeMaxMs / 1_000} s after they were last where the leader was.`),
    focus: ['b'],
  },
  {
    title: 'The last one dies',
    at: { ms: deathMs(p) },
    text: 'The process of the leader ends. The two others can be reached again: they live.',
    focus: ['b'],
    predict: prediction(p),
  },
  {
    title: lost(p) > 0 ? 'A leader that lacks records' : isAlone(p) ? 'Nobody' : 'A clean election',
    at: { ms: missedMs(p) + 1_000 },
    text:
      lost(p) > 0
        ? 'Writes go on. The consumer asks the new leader up to where it shares what was read, ' +
          'and hears: less far than you are. It goes back, and reads other records at offsets ' +
          'that it has seen before.'
        : isAlone(p)
          ? 'The partition is offline. The producer keeps its records and tries again.'
          : 'A follower in sync leads, and the producer sends it what was not acknowledged.',
    focus: ['b', 'c'],
    check: 'written-meanwhile',
  },
  {
    title: 'The old leader is back',
    at: { ms: backMs(p) + 2_500 },
    text:
      lost(p) > 0
        ? `It has the ${lost(p)} records. It follows the new leader, so it drops them.`
        : isAlone(p)
          ? 'It has everything, and leads again. The others fetch what they have missed.'
          : 'It drops what was never acknowledged, and follows the new leader.',
    focus: ['b'],
    check: 'nothing-lost',
  },
];

const SUMMARY =
  'The last in-sync replica dies. With unclean election exactly what it took alone is lost, ' +
  'although consumers have read it; without it nobody writes until it is back.';

const plan = (p: Params): Plan => ({
  title: 'Unclean election',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf(
      { uncleanLeaderElection: p.uncleanLeaderElection },
      { replicaLagTimeMaxMs: p.replicaLagTimeMaxMs },
    ),
    producerOf({ ratePerSecond: RATE, startMs: START_MS, stopMs: stopMs(p) }),
    consumer,
  ],
  faults: [
    {
      id: 'followers-cut-off',
      fault: { type: 'cut-link', a: LEADER, b: FOLLOWERS },
      atMs: CUT_MS,
      forMs: p.aloneMs,
    },
    {
      id: 'leader-dies',
      fault: { type: 'crash', target: LEADER, machineUp: true },
      atMs: deathMs(p),
      forMs: backMs(p) - deathMs(p),
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/unclean-election',
  title: 'Unclean election',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KAFKA_REPLICATION, KIP_106, KIP_320],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Unclean election: the 200 records of the ten seconds alone are lost.',
      expect: {
        'nothing-lost': { breaks: { witness: 'of 200 lost' } },
        'committed-stays': { breaks: { witness: '200 committed records are lost' } },
        'log-history': { breaks: { witness: 'At offset' } },
      },
    },
    {
      name: 'off',
      about: 'The default since 0.11: nothing is lost, and nobody writes for 14 seconds.',
      params: { uncleanLeaderElection: false },
      expect: { 'written-meanwhile': { breaks: {} } },
    },
    {
      name: 'still-in-sync',
      about:
        'With 30 s the followers count as in sync all the time: nothing was acknowledged without ' +
        'them, and either may lead.',
      params: { replicaLagTimeMaxMs: 30_000 },
    },
  ],
  thingsToTry: [
    'Let the leader be alone for 20 s: twice as much is lost.',
    'Set min.insync.replicas to 2 in your head: what would the leader have acknowledged alone?',
    'Switch off the high watermark (partition.high-watermark): what do consumers read then?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'kafka-leader-election.sh: an operator may elect uncleanly once, where the setting is off.',
    'Consumers that commit offsets: theirs would point beyond the end of the log.',
  ],
});
