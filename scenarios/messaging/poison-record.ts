/**
 * One record of a log that nobody can work on. A consumer cannot put it back: it stands in front of
 * its partition until it is passed over, put aside, or the consumer gives up.
 */
import { defineScenario, field, often } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, controllerOf, GROUP_BROKERS, membersOf, producerOf } from '../log-parts.ts';
import { KAFKA_CONSUMER_CONFIGS, SPRING_KAFKA_ERRORS } from '../sources.ts';
import {
  ACCOUNT,
  ANSWERS,
  BECAUSE,
  BEFORE,
  BEHIND,
  DEAD,
  EACH,
  PARTITIONS,
  POISON_IS,
  TOTAL,
} from './poison-record-words.ts';
import type { Ending } from './poison-record-words.ts';

const params = {
  errorHandler: field.choice(['default', 'container-stopping'], {
    about: 'A record that fails is tried again, or the consumer ends at it.',
    default: 'default',
    source: 'Spring for Apache Kafka DefaultErrorHandler, CommonContainerStoppingErrorHandler',
  }),
  backOffMaxAttempts: field.count({
    about: 'How often it is tried again; -1: for ever.',
    default: 9,
    min: -1,
    max: 20,
    source: 'Spring FixedBackOff maxAttempts',
  }),
  backOffIntervalMs: field.millis({
    about: 'The pause before the next try.',
    default: 0,
    max: 10_000,
    source: 'Spring FixedBackOff interval',
  }),
  maxPollIntervalMs: field.millis({
    about: 'Who does not poll for so long leaves the group.',
    default: 300_000,
    min: 6_000,
    max: 300_000,
    source: 'Kafka max.poll.interval.ms: 300 s',
  }),
  recovery: field.choice(['none', 'dead-letters', 'too-few-replicas', 'crash'], {
    about:
      'What becomes of a record that was tried so often: it is passed over; it is written to a ' +
      'topic for dead letters; that topic takes nothing while a broker is down; or it does, and ' +
      'the consumer dies before it has heard of that.',
    default: 'none',
    source: 'Spring for Apache Kafka DeadLetterPublishingRecoverer',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const DOWN_MS = 1_000;
const REQUEST_MS = 2_000;
const DELIVERY_MS = 5_000;
const SHORT_MS = 8_000;
/** It is down before records come, until the consumers have tried to write for half a minute. */
const BACK_MS = 60_000;

const isShort = ({ recovery }: Params): boolean => recovery === 'too-few-replicas';
/** The group is there; where a broker goes first, its partitions have another leader by then. */
const startMs = (p: Params): number => (isShort(p) ? 24_000 : 6_000);
const stopMs = (p: Params): number => startMs(p) + (TOTAL * 1_000) / RATE;
const poisonMs = (p: Params): number => startMs(p) + (POISON_IS * 1_000) / RATE;

function endingOf({ errorHandler, recovery, ...p }: Params): Ending {
  if (errorHandler === 'container-stopping') return 'stops';
  if (p.backOffMaxAttempts !== 0 && p.backOffIntervalMs >= p.maxPollIntervalMs) return 'put-out';
  if (p.backOffMaxAttempts < 0) return 'stuck';
  if (recovery === 'none') return 'passed';
  if (recovery === 'crash') return 'lettered-twice';
  return recovery === 'dead-letters' ? 'lettered' : 'late';
}

const tries = ({ backOffMaxAttempts }: Params): number => backOffMaxAttempts + 1;
const isAtEnd = (p: Params): boolean =>
  ['passed', 'lettered', 'late', 'lettered-twice'].includes(endingOf(p));
const hasLetters = ({ errorHandler, backOffMaxAttempts, recovery }: Params): boolean =>
  errorHandler === 'default' && backOffMaxAttempts >= 0 && recovery !== 'none';

/** All tries, twice, and time for a session to run out. */
function endMs(p: Params): number {
  if (endingOf(p) === 'put-out') return 60_000;
  const all = 2 * Math.max(0, p.backOffMaxAttempts) * p.backOffIntervalMs;
  return (isShort(p) ? BACK_MS + 30_000 : 40_000) + all;
}

/** Exactly so many: null, where that depends on how long one waits. */
function triesIn(p: Params): number | null {
  const ending = endingOf(p);
  if (ending === 'stops') return 2;
  if (ending === 'put-out' || ending === 'stuck' || ending === 'late') return null;
  return ending === 'lettered-twice' ? 2 * tries(p) : tries(p);
}

/** Pauses bound how many tries there are; of a letter that fails all tries come again. */
const manyTries = (p: Params): number => (endingOf(p) === 'late' ? 2 * tries(p) : 3);

const accountOf = (p: Params) => {
  const ending = endingOf(p);
  return {
    lost: ending === 'passed' ? 1 : 0,
    repeated: ending === 'lettered-twice' ? 1 : 0,
    deadLettered: ['lettered', 'late', 'lettered-twice'].includes(ending) ? 1 : 0,
  };
};

function checks(p: Params): readonly CheckPlan[] {
  const { lost, repeated, deadLettered } = accountOf(p);
  const count = triesIn(p);
  const counted = count === null ? { atLeast: manyTries(p) } : { atLeast: count, atMost: count };
  const done = { group: 'c', gauge: 'Processed', measure: 'total', across: 'sum' };
  return [
    {
      id: 'nothing-lost',
      use: 'group-deliveries',
      about: 'Each record is worked on, or a dead letter.',
    },
    {
      id: 'worked-off',
      use: 'gauge',
      args: { ...done, atLeast: TOTAL - 1 },
      about: 'All records but the one are worked on.',
    },
    {
      id: 'as-reckoned',
      use: 'group-deliveries',
      args: { lost, repeated, deadLettered },
      about:
        `Exactly ${lost} lost, ${deadLettered} put aside, and work or a letter ` +
        `${often(repeated)} again.`,
    },
    {
      id: 'tries-counted',
      use: 'fact-count',
      args: { fact: 'consumer.record-failed', ...counted },
      about: `It is tried ${count === null ? `at least ${often(manyTries(p))}` : often(count)}.`,
    },
    ...(endingOf(p) === 'stops' ? [bothStop] : [doneOf(p, done)]),
    ...(endingOf(p) === 'late' ? [notBefore] : []),
  ];
}

/** Who is put out at the record may have to leave the other partition that it has as it is. */
function doneOf(p: Params, gauge: object): CheckPlan {
  const most = isAtEnd(p) ? TOTAL - 1 : TOTAL - 1 - BEHIND;
  const least = endingOf(p) === 'put-out' ? EACH + BEFORE : most;
  return {
    id: 'done-as-reckoned',
    use: 'gauge',
    args: { ...gauge, atLeast: least, atMost: most },
    about:
      least === most
        ? `Exactly ${most} records are worked on.`
        : `From ${least} to ${most} records are worked on.`,
  };
}

const notBefore: CheckPlan = {
  id: 'not-before',
  use: 'fact-count',
  args: { fact: 'consumer.dead-lettered', atMost: 0, untilMs: BACK_MS },
  about: 'No letter counts as written while a broker is missing.',
};

const bothStop: CheckPlan = {
  id: 'both-stop',
  use: 'fact-count',
  args: { fact: 'consumer.stopped', atLeast: 2, atMost: 2 },
  about: 'Each stops at it.',
};

/** Once all orders have come. */
function meanwhile(p: Params): string {
  if (endingOf(p) === 'stops') {
    return (
      'Each of the two has met the record, and ended at its first failure. What came since then ' +
      'is in the log, and nobody asks for it.'
    );
  }
  if (tries(p) === 1) {
    return 'A try that fails costs as much as one that succeeds. Here it is only one.';
  }
  return (
    'A try that fails costs as much as one that succeeds, and the consumer goes back to the ' +
    'record by a seek: what it had fetched is dropped, and a fetch that still waits at the ' +
    'broker has to come back before the next one goes out.'
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three partitions, two consumers',
    at: { ms: startMs(p) - 500 },
    text:
      'One consumer has two partitions, the other one has one. They commit what they have done ' +
      'when the records of a poll are done. Orders begin to come.',
    focus: ['b', 'c'],
  },
  {
    title: 'The record that fails',
    at: { ms: poisonMs(p) + 50 },
    text:
      `Order number ${POISON_IS} cannot be worked on: it is record ${BEFORE} of the first ` +
      'partition. A queue could hand it to somebody else. A log has an order: whoever reads the ' +
      'partition comes to it next.',
    focus: ['c'],
    predict: {
      question: `What becomes of the ${BEHIND} records that come behind it?`,
      options: [
        'Nobody reads them, nor those of the other partitions.',
        'They wait. The other partitions go on.',
        'They are worked on: the one record is passed over, and nobody is told.',
        'They are worked on: the one record is put aside.',
      ],
      answer: ANSWERS[endingOf(p)],
      because: BECAUSE[endingOf(p)],
    },
  },
  {
    title: 'All orders are there',
    at: { ms: stopMs(p) + 500 },
    text: meanwhile(p),
    focus: ['b', 'c'],
  },
  {
    title: 'The account',
    at: { ms: endMs(p) - 1_000 },
    text: ACCOUNT[endingOf(p)],
    focus: ['c'],
    check: 'as-reckoned',
  },
];

const SUMMARY =
  'One record always fails. Tried for ever it stops its partition; passed over it is lost; as a ' +
  'dead letter it is kept, once or, after a crash, twice.';

const topicOf = (topic: string) => ({ topic, partitions: PARTITIONS, replicationFactor: 3 });

function consumersOf(p: Params): GroupPlan {
  const { errorHandler, backOffMaxAttempts, backOffIntervalMs } = p;
  const isTriedAgain = errorHandler === 'default' && backOffMaxAttempts !== 0;
  return membersOf(2, {
    enableAutoCommit: false,
    processMs: 10,
    maxPollIntervalMs: p.maxPollIntervalMs,
    ...(errorHandler === 'default' ? { backOffMaxAttempts } : { errorHandler }),
    ...(isTriedAgain ? { backOffIntervalMs } : {}),
    // The broker that is down may be the coordinator: its successor shall find all members.
    ...(isShort(p) ? { sessionTimeoutMs: 45_000 } : {}),
    ...(hasLetters(p)
      ? { deadLetterTopic: DEAD, requestTimeoutMs: REQUEST_MS, deliveryTimeoutMs: DELIVERY_MS }
      : {}),
  });
}

const DIES: FaultEntry = {
  id: 'dies',
  fault: { type: 'crash', target: { role: 'failing', group: 'c' } },
  when: { use: 'log-reaches', args: { group: 'b', log: `${DEAD}-0`, records: 1 } },
  forMs: DOWN_MS,
};
const MISSING: FaultEntry = {
  id: 'missing',
  fault: { type: 'crash', target: 'b3' },
  atMs: SHORT_MS,
  forMs: BACK_MS - SHORT_MS,
};

const faultsOf = ({ recovery }: Params): readonly FaultEntry[] =>
  recovery === 'crash' ? [DIES] : recovery === 'too-few-replicas' ? [MISSING] : [];

const plan = (p: Params): Plan => ({
  title: 'A record that always fails',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf(
      {},
      {
        topics: [
          topicOf('orders'),
          {
            ...topicOf(DEAD),
            ...(isShort(p) ? { minInsyncReplicas: 3 } : {}),
          },
        ],
        ...GROUP_BROKERS,
      },
    ),
    producerOf(
      { ratePerSecond: RATE, startMs: startMs(p), stopMs: stopMs(p) + 5 },
      {
        topic: 'orders',
        partitioner: 'round-robin',
        poisonEvery: POISON_IS,
        poisonMax: 1,
        ...(isShort(p) ? { requestTimeoutMs: 1_000 } : {}),
      },
    ),
    consumersOf(p),
  ],
  faults: faultsOf(p),
  checks: checks(p),
  story: story(p),
});

const STUCK = { 'worked-off': { breaks: {} } } as const;

export default defineScenario({
  id: 'messaging/poison-record',
  title: 'A record that always fails',
  summary: SUMMARY,
  tier: 'calm',
  sources: [SPRING_KAFKA_ERRORS, KAFKA_CONSUMER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Tried ten times, and passed over: it is lost, and nobody is told.',
      expect: { 'nothing-lost': { breaks: { witness: '1 lost' } } },
    },
    {
      name: 'dead-letters',
      about: 'Tried ten times, and written to a topic for dead letters: nothing is lost.',
      params: { recovery: 'dead-letters' },
    },
    {
      name: 'for-ever',
      about: 'Tried every second for ever: 19 records wait behind it, the other partitions go on.',
      params: { backOffMaxAttempts: -1, backOffIntervalMs: 1_000 },
      expect: STUCK,
    },
    {
      name: 'stops',
      about: 'Each consumer ends at it: after the second one nobody reads any more.',
      params: { errorHandler: 'container-stopping' },
      expect: STUCK,
    },
    {
      name: 'long-pause',
      about: 'Pauses are longer than max.poll.interval.ms: each is put out, the next counts anew.',
      params: {
        recovery: 'dead-letters',
        backOffIntervalMs: 8_000,
        maxPollIntervalMs: 6_000,
      },
      expect: STUCK,
    },
    {
      name: 'crash',
      about: 'The consumer dies between the dead letter and its commit: there are two letters.',
      params: { recovery: 'crash', backOffIntervalMs: 500 },
    },
    {
      name: 'too-few-replicas',
      about: 'A broker is down, the topic for dead letters takes nothing: it waits, and is kept.',
      params: { recovery: 'too-few-replicas' },
    },
  ],
  thingsToTry: [
    'With too few replicas, let it be tried only once: how often is it tried until it is written?',
    'In the variant with long pauses, raise max.poll.interval.ms to nine seconds.',
    'Stop a consumer by hand in a pause: does it wait for the end of that?',
  ],
  leavesOut: [
    'Topics for another try after a while (non-blocking retries): order is lost with them.',
    'Errors of which it is plain that no other try helps: those are put aside after the first.',
  ],
});
