/**
 * A producer that hears nothing sends again. If only the answer was lost, the record is in the log
 * twice; if the record was lost and later ones were not, it is in the log too late.
 */
import { defineScenario, field, ScenarioError, often, plural } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, consumer, controllerOf, producerOf } from '../log-parts.ts';
import { KAFKA_PRODUCER_CONFIGS, KIP_98 } from '../sources.ts';

const params = {
  lost: field.choice(['answers', 'request'], {
    about: 'What the net loses: the answers of the brokers, or one request of the producer.',
    default: 'answers',
  }),
  times: field.count({
    about: 'How often in a row the answers to a batch are lost.',
    default: 1,
    min: 1,
    max: 3,
  }),
  enableIdempotence: field.flag({
    about: 'Batches are numbered: brokers refuse those that they have, and those that leave a gap.',
    default: false,
    source: 'Kafka enable.idempotence: true since 3.0',
  }),
  maxInFlight: field.count({
    about: 'Requests under way to a broker.',
    default: 5,
    min: 1,
    max: 5,
    source: 'Kafka max.in.flight.requests.per.connection: 5',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
const LOST_MS = 5_000;
/** One request: records come 50 ms apart. */
const REQUEST_LOST_MS = 30;
/** Short of Kafka's 30 s: after so long the producer gives an answer up and sends again. */
const REQUEST_MS = 2_000;
const STOP_MS = 15_000;
const END_MS = 16_000;
/** The first record comes one pause after the start. */
const SENT = (RATE * (STOP_MS - START_MS)) / 1_000 - 1;

/** Half way between the last try whose answer is lost and the next: pauses are 0.1, 0.2, 0.4 s. */
const lossMs = (p: Params): number =>
  p.lost === 'request' ? REQUEST_LOST_MS : (p.times - 0.5) * (REQUEST_MS + 200);

interface Outcome {
  readonly duplicated: number;
  readonly reordered: number;
}

function outcome(p: Params): Outcome {
  if (p.enableIdempotence) return { duplicated: 0, reordered: 0 };
  return p.lost === 'answers'
    ? { duplicated: p.times * p.maxInFlight, reordered: 0 }
    : { duplicated: 0, reordered: p.maxInFlight > 1 ? 1 : 0 };
}

function checks(p: Params): readonly CheckPlan[] {
  const { duplicated, reordered } = outcome(p);
  return [
    {
      id: 'each-once-in-order',
      use: 'records',
      about: 'Each acknowledged record is in the log once, and where it was sent.',
    },
    {
      id: 'as-reckoned',
      use: 'records',
      args: { duplicated, reordered },
      about:
        `${plural(duplicated, 'record is', 'records are')} there twice, and ${reordered} ` +
        `too late.`,
    },
    {
      id: 'sent-again',
      use: 'gauge',
      args: { group: 'p', gauge: 'Retries', measure: 'total', atLeast: 1 },
      about: 'The producer sends batches again.',
    },
    {
      id: 'all-acknowledged',
      use: 'slo',
      args: { metric: 'ok-count', clients: 'p', atLeast: SENT },
      about: 'The producer is told of every record that it is written.',
    },
  ];
}

const faults = (p: Params): readonly FaultEntry[] => [
  {
    id: 'lost-in-the-net',
    fault:
      p.lost === 'answers'
        ? { type: 'one-way', from: 'b', to: 'p' }
        : { type: 'one-way', from: 'p', to: 'b' },
    atMs: LOST_MS,
    forMs: lossMs(p),
  },
];

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const { duplicated, reordered } = outcome(p);
  if (p.lost === 'answers') {
    const count = p.times * p.maxInFlight;
    return {
      question:
        `The producer has ${plural(p.maxInFlight, 'request')} under way at most, and their ` +
        `answers are lost ${often(p.times)}. How many copies are there too many?`,
      options: ['None.', `${count}.`, 'All that were sent while answers were lost.'],
      answer: duplicated === 0 ? 0 : 1,
      because: p.enableIdempotence
        ? 'Each batch carries the number of its producer and its place in the sequence. The ' +
          'leader knows the last five, sees that it has this one, and answers with its offset.'
        : 'For the leader a batch that is sent again is like any other. While ' +
          `${p.maxInFlight} are not answered no further one goes out, so it is these that are ` +
          `written again, once for each answer that was lost: ${p.maxInFlight} x ${p.times}.`,
    };
  }
  return {
    question: 'One request is lost, and those after it are not. Where will its record be?',
    options: ['Where it was sent.', 'Behind later ones.', 'Nowhere.'],
    answer: reordered === 0 ? 0 : 1,
    because: p.enableIdempotence
      ? 'The leader sees a gap in the sequence and refuses what comes after it. The producer ' +
        'sends all of it again, in order, once the first one is there.'
      : p.maxInFlight === 1
        ? 'With one request under way nothing goes out before it is answered, so nothing can ' +
          'overtake it. All others wait for two seconds.'
        : 'The producer waits two seconds for an answer, then it sends the record again. In the ' +
          'meantime later ones were sent, and written.',
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One record, one batch',
    at: { ms: 3_000 },
    text:
      `${RATE} records a second, each in a batch of its own, each acknowledged after a few ` +
      'milliseconds.',
    focus: ['p', 'b'],
  },
  {
    title: p.lost === 'answers' ? 'Answers are lost' : 'A request is lost',
    at: { ms: LOST_MS },
    text:
      p.lost === 'answers'
        ? 'Records reach the leader and are committed, but its answers are lost. The producer ' +
          'cannot know which of the two was lost.'
        : 'One record does not reach the leader. The producer cannot know whether it did.',
    focus: ['p', 'b'],
    predict: prediction(p),
  },
  {
    title: 'Sent again',
    at: { ms: LOST_MS + REQUEST_MS + 200 },
    text:
      'After two seconds without an answer the producer sends again. It must: otherwise a record ' +
      'whose request was lost would be missing.',
    focus: ['p'],
    check: 'sent-again',
  },
  {
    title: 'What the log says',
    at: { ms: STOP_MS },
    text: p.enableIdempotence
      ? 'Each record once, in its order, although the producer has sent some of them again.'
      : `${plural(outcome(p).duplicated, 'record is', 'records are')} there twice, ` +
        `${outcome(p).reordered} behind later ` +
        'ones. Consumers read the log as it is.',
    focus: ['b', 'c'],
    check: 'each-once-in-order',
  },
];

const SUMMARY =
  'Answers are lost and the producer sends again: as many duplicates as answers lost. A request ' +
  'is lost: later records overtake it. An idempotent producer has neither.';

function refuseVain({ lost, times }: Params): void {
  if (lost !== 'request' || times === 1) return;
  throw new ScenarioError('times changes nothing: one request is lost, and no answer.', {
    path: 'params/times',
    hint: 'Set lost to answers, or leave it out.',
  });
}

const planOf = (p: Params): Plan => ({
  title: 'Sent again',
  summary: SUMMARY,
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ minInsyncReplicas: 2 }),
    producerOf(
      { ratePerSecond: RATE, startMs: START_MS, stopMs: STOP_MS },
      {
        enableIdempotence: p.enableIdempotence,
        maxInFlightRequestsPerConnection: p.maxInFlight,
        requestTimeoutMs: REQUEST_MS,
      },
    ),
    consumer,
  ],
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

function plan(p: Params): Plan {
  refuseVain(p);
  return planOf(p);
}

export default defineScenario({
  id: 'messaging/duplicates',
  title: 'Sent again',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_98, KAFKA_PRODUCER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The answers to five batches are lost once: five records are in the log twice.',
      expect: {
        'each-once-in-order': { breaks: { witness: 'of 5 duplicated' } },
        'log-history': { breaks: {} },
      },
    },
    {
      name: 'twice',
      about: 'The answers are lost twice: ten copies too many.',
      params: { times: 2 },
      expect: {
        'each-once-in-order': { breaks: { witness: 'of 10 duplicated' } },
        'log-history': { breaks: {} },
      },
    },
    {
      name: 'idempotent',
      about: 'Batches are numbered, and the leader knows those that it has: no duplicates.',
      params: { enableIdempotence: true },
    },
    {
      name: 'overtaken',
      about: 'A request is lost: its record is sent again, and is behind those that came later.',
      params: { lost: 'request' },
      expect: {
        'each-once-in-order': { breaks: { witness: 'of 1 reordered' } },
        'log-history': { breaks: { witness: 'which was sent earlier' } },
      },
    },
    {
      name: 'one-in-flight',
      about: 'With one request under way nothing overtakes, and everything waits.',
      params: { lost: 'request', maxInFlight: 1 },
    },
    {
      name: 'overtaken-idempotent',
      about: 'Numbered, with five under way: what leaves a gap is refused, the order is kept.',
      params: { lost: 'request', enableIdempotence: true },
    },
  ],
  thingsToTry: [
    'Switch off partition.sequence-numbers in the third variant: the leader checks no numbers.',
    'Lose answers three times, with one request under way. How many duplicates will there be?',
    'Compare how long records take with one and with five requests under way.',
  ],
  leavesOut: [
    'A producer that is started anew: it has another number, and what it sends again is new.',
    'Consumers that read a record twice because they did not commit their offsets.',
    'acks=1 and a leader that dies: then records are lost, which no number mends.',
  ],
});
