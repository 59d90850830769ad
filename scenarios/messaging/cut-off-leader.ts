/**
 * The leader of a partition is cut off from the controller and from nobody else: another one leads,
 * and clients that know the old one go on writing to it. The other replicas leave it, and it may
 * not count itself alone: whom it wants off the list of those in sync, the controller decides.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  consumer,
  controllerOf,
  countedExactly,
  everythingThere,
  LEADER,
  lostExactly,
  nothingCommittedLost,
  producerOf,
  sentWithin,
  truncatedExactly,
} from '../log-parts.ts';
import { KAFKA_PRODUCER_CONFIGS, KAFKA_REPLICATION, KIP_497 } from '../sources.ts';

const params = {
  acks: field.choice(['1', 'all'], {
    about: 'Who must have a record before it counts as written: the leader, or all in sync.',
    default: '1',
    source: 'Kafka acks: all since 3.0, 1 before',
  }),
  cutMs: field.millis({
    about: 'How long the leader does not hear the controller.',
    default: 45_000,
    min: 42_000,
    max: 60_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'partition.maximal-isr';
/** None comes while it is open whether another leads by now. */
const RATE = 5;
const START_MS = 1_000;
const CUT_MS = 5_000;
/**
 * The first record that the others lack. The last heartbeat came at four seconds and 0.1 to 0.17 s,
 * as long as a controller takes to be active; a whole session later another is elected.
 */
const ALONE_MS = 13_200;
/** Kafka's before 2.5: at 30 s the producer would have left before the leader wants to be alone. */
const LAG_MS = 10_000;
/** Each half of that the leader looks who is late. */
const WANTS_MS = 25_000;
/** request.timeout.ms */
const REQUEST_MS = 30_000;
/** Short of Kafka's 30 s: a question to the controller that was lost is soon asked again. */
const SOCKET_MS = 1_000;
/** At the end the controller hears the leader, and the leader does not hear the controller. */
const HALF_MS = 5_000;
/** max.in.flight.requests.per.connection */
const IN_FLIGHT = 5;

const healMs = (p: Params): number => CUT_MS + p.cutMs;
const halfMs = (p: Params): number => healMs(p) - HALF_MS;
/** So that the last record comes before the old leader hears of anything. */
const stopMs = (p: Params): number => healMs(p) - 1_000 / RATE;
const takenBy = (p: Params): number => sentWithin(stopMs(p) - ALONE_MS, RATE);

/** Whether the old leader says "written" without the others. */
const isAlone = (p: Params, ablations: readonly string[]): boolean =>
  p.acks === '1' || ablations.includes(RULE);

interface Outcome {
  /** What it says so of, and what it drops in the end. */
  readonly lost: number;
  readonly dropped: number;
  readonly expired: number;
}

function outcomeOf(p: Params, ablations: readonly string[]): Outcome {
  const taken = takenBy(p);
  if (isAlone(p, ablations)) return { lost: taken, dropped: taken, expired: 0 };
  return { lost: 0, dropped: IN_FLIGHT, expired: IN_FLIGHT };
}

const expiredExactly = (expired: number): CheckPlan =>
  countedExactly(
    'expired-as-reckoned',
    'Expired writes',
    expired,
    expired === 0
      ? 'No write waits for others until its time is over.'
      : `${expired} writes are answered REQUEST_TIMED_OUT: as many as are under way at once.`,
  );

const checks = (p: Params, { lost, dropped, expired }: Outcome): readonly CheckPlan[] => [
  everythingThere,
  lostExactly(
    lost,
    lost === 0
      ? 'No acknowledged record is lost.'
      : `All that came since another leads is lost: ${RATE} records a second.`,
  ),
  truncatedExactly(
    dropped,
    `The old leader drops the ${dropped} records that it has taken alone, and nobody drops more.`,
  ),
  expiredExactly(expired),
  {
    id: 'writes-go-on',
    use: 'slo',
    args: {
      metric: 'ok-count',
      clients: 'p',
      atLeast: sentWithin(REQUEST_MS, RATE) - 2,
      fromMs: ALONE_MS,
      untilMs: ALONE_MS + REQUEST_MS,
      operationsMin: 0,
    },
    about: 'Records are acknowledged as before although the old leader has no followers.',
  },
  {
    id: 'watermark-stands',
    use: 'gauge',
    args: {
      group: 'b',
      gauge: 'Uncommitted',
      measure: 'max',
      across: 'sum',
      atLeast: dropped,
    },
    about: 'The high watermark of the old leader stands still: it commits nothing that it takes.',
  },
  nothingCommittedLost,
  {
    id: 'another-leads',
    use: 'fact-count',
    args: { fact: 'controller.elected', atLeast: 1, atMost: 1 },
    about: 'The controller misses the heartbeats of the leader and elects another.',
  },
  {
    id: 'list-refused',
    use: 'fact-count',
    args: { fact: 'controller.alter-refused', atLeast: 1, fromMs: halfMs(p) },
    about: 'The old leader wants to be alone in sync, and the controller refuses (AlterPartition).',
  },
  {
    id: 'all-written',
    use: 'slo',
    args: {
      metric: 'ok-count',
      clients: 'p',
      atLeast: sentWithin(stopMs(p) - START_MS, RATE) - 1,
      operationsMin: 0,
    },
    about: 'In the end each record that was sent is acknowledged.',
  },
];

function prediction(p: Params, { lost }: Outcome): NonNullable<StoryStep['predict']> {
  const taken = takenBy(p);
  return {
    question:
      `${RATE} records a second come to the old leader with acks=${p.acks}, for ` +
      `${Math.round((healMs(p) - ALONE_MS) / 1_000)} s more. How many of them will be ` +
      'acknowledged and lost?',
    options: [
      'None: who does not hear the controller stops to lead.',
      'None: nothing is acknowledged until others have it.',
      `${taken}: all that it takes while nobody follows it.`,
    ],
    answer: lost > 0 ? 2 : 1,
    because:
      p.acks === '1'
        ? 'A broker goes by the metadata that it has: these say that it leads. For acks=1 its ' +
          `own log is enough: ${taken} times it says “written”, and nobody else has any of it.`
        : lost > 0
          ? `From ${WANTS_MS / 1_000} s on it takes itself for the only one in sync, though the ` +
            `controller has not agreed: it commits all that waits, and all that comes: ${taken}.`
          : 'On its list are three, and until the controller agrees to a shorter one all of them ' +
            'count. They do not fetch from it any more, so nothing it takes is ever committed.',
  };
}

const ALONE = {
  '1':
    'Nobody follows the old leader; all clients that know it reach it. It says “written” each ' +
    'time. The consumer reads from it, too, and sees nothing new: nothing is committed.',
  all:
    'Nobody follows the old leader. The producer has five requests under way and waits: what the ' +
    'others do not have is not acknowledged. Everything else it keeps.',
  unruled:
    'It takes the two others off its list and does not wait for the controller to agree. “All in ' +
    'sync” is itself now: it acknowledges what has waited, and all that comes.',
} as const;

const HALF = {
  '1':
    'The controller hears the old leader again: the others are late, so it wants to be alone in ' +
    'sync. The answer is FENCED_LEADER_EPOCH, as it would have been at any time.',
  all:
    'The first five writes have timed out after 30 s; the producer has asked who leads and goes ' +
    'there. The controller hears the old leader, and refuses its list: FENCED_LEADER_EPOCH.',
  unruled:
    'The controller hears the old leader again, and refuses the list that it has used so long: ' +
    'FENCED_LEADER_EPOCH. Too late for what was acknowledged by it.',
} as const;

const story = (p: Params, ablations: readonly string[], outcome: Outcome): readonly StoryStep[] => {
  const which = p.acks === 'all' && outcome.lost > 0 ? 'unruled' : p.acks;
  return [
    {
      title: 'Three in sync',
      at: { ms: 3_000 },
      text:
        'One partition, three replicas. The leader tells the controller each two seconds that it ' +
        'lives, and only the controller writes down who is in sync and who leads.',
      focus: ['b', 'ctl'],
    },
    {
      title: 'A single link',
      at: { ms: CUT_MS },
      text:
        'The leader and the controller do not reach each other. Everybody else does: followers ' +
        'fetch, clients write and read, and nobody notices anything for a while.',
      focus: ['ctl', 'b'],
    },
    {
      title: 'Two leaders',
      at: { ms: ALONE_MS },
      text:
        'Nine seconds without a heartbeat: the controller fences the leader and elects another. ' +
        'The third broker follows that one. The old leader hears nothing of it.',
      focus: ['ctl', 'b'],
      predict: prediction(p, outcome),
      check: 'another-leads',
    },
    {
      title: isAlone(p, ablations) ? 'Written, it says' : 'Nothing is written',
      at: { ms: WANTS_MS + 200 },
      text: ALONE[which],
      focus: ['b', 'p'],
      check: 'writes-go-on',
    },
    {
      title: 'Refused',
      at: { ms: halfMs(p) + 1_500 },
      text: HALF[which],
      focus: ['ctl', 'b'],
      check: 'list-refused',
    },
    {
      title: 'Together again',
      at: { ms: healMs(p) + 4_000 },
      text:
        `The old leader hears that another leads, and drops the ${outcome.dropped} records that ` +
        'it does not share with it. ' +
        (outcome.lost > 0
          ? 'The producer was told that each of them is written.'
          : 'The new leader has them all: the producer has sent them again.'),
      focus: ['b'],
      check: 'nothing-lost',
    },
  ];
};

const faults = (p: Params): readonly FaultEntry[] => [
  {
    id: 'unheard',
    fault: { type: 'one-way', from: LEADER, to: 'ctl' },
    atMs: CUT_MS,
    forMs: p.cutMs - HALF_MS,
  },
  {
    id: 'hears-nothing',
    fault: { type: 'one-way', from: 'ctl', to: LEADER },
    atMs: CUT_MS,
    forMs: p.cutMs,
  },
];

const SUMMARY =
  'A leader that the controller does not reach is replaced and does not know it. With acks=1 all ' +
  'that it takes then is lost; with acks=all it can commit nothing, for it may not shorten the ' +
  'list of in-sync replicas by itself.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const outcome = outcomeOf(p, ablations);
  return {
    title: 'A leader without a controller',
    summary: SUMMARY,
    durationMs: healMs(p) + 6_000,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [
      controllerOf(),
      brokersOf({}, { replicaLagTimeMaxMs: LAG_MS, controllerSocketTimeoutMs: SOCKET_MS }),
      producerOf(
        { ratePerSecond: RATE, startMs: START_MS, stopMs: stopMs(p) },
        { acks: p.acks, enableIdempotence: p.acks === 'all' },
      ),
      consumer,
    ],
    faults: faults(p),
    checks: checks(p, outcome),
    story: story(p, ablations, outcome),
  };
}

export default defineScenario({
  id: 'messaging/cut-off-leader',
  title: 'A leader without a controller',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_497, KAFKA_REPLICATION, KAFKA_PRODUCER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'acks=1: from the election to the end of the cut 183 records are taken, and all lost.',
      expect: { 'nothing-lost': { breaks: { witness: 'of 183 lost' } } },
    },
    {
      name: 'all',
      about:
        'acks=all: the old leader commits nothing, five writes time out, and none is lost: the ' +
        'new leader has them all in the end.',
      params: { acks: 'all' },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'by-itself',
      about:
        'acks=all, and a leader that does not wait for the controller: the 183 are lost as well.',
      params: { acks: 'all' },
      ablations: [RULE],
      expect: {
        'nothing-lost': { breaks: { witness: 'of 183 lost' } },
        'watermark-stands': { breaks: {} },
        'committed-stays': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Cut the producer off from the old leader by hand at 20 s: whom does it ask who leads?',
    'Cut the leader off for 60 s: how many more are lost, and how many more writes time out?',
    'With acks=all, crash the new leader at 30 s by hand. May the old one lead again?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'Two seconds after the cut in which the old leader still takes records: nobody writes then.',
    'metadata.max.age.ms: after five minutes the producer would ask who leads without an error.',
  ],
});
