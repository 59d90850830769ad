/**
 * Records of one key go to one partition, and one consumer reads that. When the key brings more
 * than a consumer can do, no number of partitions is enough.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, consumer, controllerOf, producerOf } from '../log-parts.ts';
import { KAFKA_PRODUCER_CONFIGS, KAFKA_CONSUMER_CONFIGS } from '../sources.ts';

const params = {
  partitions: field.choice(['4', '8', '16'], {
    about: 'Partitions of the topic, each with a consumer of its own.',
    default: '8',
    source: 'Kafka num.partitions',
  }),
  share: field.number({
    about: 'How much of all that comes has one and the same key.',
    default: 0.6,
    min: 0.1,
    max: 0.9,
    unit: '',
  }),
  salts: field.count({
    about: 'A number from 0 up to, not including, this is put behind that key; 1: always the same.',
    default: 1,
    min: 1,
    max: 64,
  }),
  processMs: field.millis({
    about: 'What a consumer needs for a record.',
    default: 10,
    min: 5,
    max: 10,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 200;
const START_MS = 2_000;
const STOP_MS = 22_000;
const LOAD_S = (STOP_MS - START_MS) / 1_000;
const END_MS = STOP_MS + 1_000;
/** Records of a poll, of two batches and of a fetch that are under way in one partition. */
const SLACK = 15;

const countOf = ({ partitions }: Params): number => Number(partitions);
const capacity = ({ processMs }: Params): number => 1_000 / processMs;
const hotRate = ({ share }: Params): number => RATE * share;
/** What comes to each partition beside the key. */
const restRate = (p: Params): number => (RATE - hotRate(p)) / countOf(p);
const growth = (p: Params): number => hotRate(p) + restRate(p) - capacity(p);
const isHot = (p: Params): boolean => p.salts === 1 && growth(p) > 0;
const backlog = (p: Params): number => (isHot(p) ? Math.round(growth(p) * LOAD_S) : 0);
/** With twice as many partitions: half as much comes to that one beside the key. */
const backlogOfTwice = (p: Params): number =>
  Math.max(0, Math.round((growth(p) - restRate(p) / 2) * LOAD_S));

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'keeps-up',
    use: 'gauge',
    args: { group: 'c', gauge: 'Lag', measure: 'max', atMost: 3 * SLACK },
    about: 'No consumer falls behind.',
  },
  ...(p.salts === 1 ? [backlogAsReckoned(p)] : []),
];

const backlogAsReckoned = (p: Params): CheckPlan => ({
  id: 'backlog-as-reckoned',
  use: 'gauge',
  args: {
    group: 'c',
    gauge: 'Lag',
    measure: 'max',
    across: 'sum',
    atLeast: backlog(p) > SLACK ? backlog(p) - SLACK : null,
    atMost: backlog(p) + SLACK,
  },
  about: 'The backlog grows by what comes to that partition beyond what one consumer can do.',
});

/** The many: dealt evenly. The one: always with its key. */
const producers = (p: Params): readonly GroupPlan[] => [
  {
    ...producerOf(
      { ratePerSecond: RATE - hotRate(p), startMs: START_MS, stopMs: STOP_MS },
      { partitioner: 'round-robin' },
    ),
    name: 'many',
  },
  {
    ...producerOf(
      { ratePerSecond: hotRate(p), startMs: START_MS, stopMs: STOP_MS },
      { hasKeys: true, popularity: { kind: 'uniform', keys: p.salts } },
    ),
    name: 'one',
  },
];

const because = (p: Params): string =>
  isHot(p)
    ? `Whoever reads the partition of the key can do ${capacity(p)} records a second, and ` +
      `${Math.round(hotRate(p) + restRate(p))} come: ${Math.round(hotRate(p))} with the key, and ` +
      `${Math.round(restRate(p))} of the others. Twice as many partitions take half of these ` +
      'away from it. The key itself cannot be shared.'
    : p.salts > 1
      ? `The key is ${p.salts} keys now, and these are spread over the partitions like others. ` +
        'The price: records of what was one key may be worked on out of their order.'
      : 'One consumer can do all that comes to its partition, the key included.';

const story = (p: Params): readonly StoryStep[] => {
  const behind = isHot(p)
    ? { now: backlog(p), twice: backlogOfTwice(p) }
    : { now: 500, twice: 400 };
  return [
    {
      title: 'One key among many',
      at: { ms: START_MS + 500 },
      text:
        `${RATE} records a second come, and ${Math.round(p.share * 100)} % of them have the same ` +
        `key. ${countOf(p)} consumers read a partition each, ${capacity(p)} records a second. ` +
        'Together they could do much more than what comes.',
      focus: ['one', 'many', 'c'],
      predict: {
        question: `Records come for ${LOAD_S} s. How far behind will the slowest consumer be?`,
        options: [
          'Not at all: all of them together are quick enough.',
          `By ${behind.now} records or so, and with twice as many partitions by half of that.`,
          `By ${behind.now} records or so, and with twice as many partitions by ${behind.twice}.`,
        ],
        answer: isHot(p) ? 2 : 0,
        because: because(p),
      },
    },
    {
      title: 'Ten seconds later',
      at: { ms: START_MS + 10_000 },
      text: isHot(p)
        ? `One consumer is about ${Math.round(growth(p) * 10)} records behind, and by ` +
          `${Math.round(growth(p))} more with each second. The others have read all that came.`
        : 'No partition has more records than its consumer has read, but for what is under way.',
      focus: ['c'],
    },
    {
      title: isHot(p) ? 'One is behind, the others wait' : 'Nobody is behind',
      at: { ms: STOP_MS },
      text: isHot(p)
        ? `One consumer is ${backlog(p)} records behind. The others have nothing to do, and may ` +
          'not help: a partition has one reader in a group, for the order of its records.'
        : 'Each consumer reads its records as they come.',
      focus: ['c'],
      check: 'keeps-up',
    },
  ];
};

const SUMMARY =
  'Records of one key go to one partition. When they come quicker than one consumer can read, it ' +
  'falls behind by at least that difference, and no number of partitions mends it: salt does.';

const plan = (p: Params): Plan => ({
  title: 'The hot partition',
  summary: SUMMARY,
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ partitions: countOf(p) }),
    ...producers(p),
    {
      ...consumer,
      count: countOf(p),
      config: {
        autoOffsetReset: 'earliest',
        processMs: p.processMs,
        maxPollRecords: 5,
        maxPartitionFetchBytes: 600,
      },
    },
  ],
  faults: [],
  checks: checks(p),
  story: story(p),
});

const HOT = { 'keeps-up': { breaks: {} } } as const;

export default defineScenario({
  id: 'messaging/hot-partition',
  title: 'The hot partition',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_PRODUCER_CONFIGS, KAFKA_CONSUMER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: '130 a second come to one partition, and 100 are read: 600 behind after 20 s.',
      expect: HOT,
    },
    {
      name: 'more-partitions',
      about: 'Sixteen partitions and consumers: still 500 behind.',
      params: { partitions: '16' },
      expect: HOT,
    },
    {
      name: 'fewer-partitions',
      about: 'Four of them: 800 behind, for more of the other records are there.',
      params: { partitions: '4' },
      expect: HOT,
    },
    {
      name: 'salted',
      about: 'Sixteen keys in place of the one: nobody is behind.',
      params: { salts: 16 },
    },
    {
      name: 'quicker',
      about: 'Half the work for each record: one consumer can do it.',
      params: { processMs: 5 },
    },
  ],
  thingsToTry: [
    'Let 40 % have the key: the consumer can do 80 + 15 of 100. And 45 %?',
    'Salt the key with 2 and with 4, and sweep over seeds: may two of them meet in a partition?',
    'Watch who is idle in the variant more-partitions.',
  ],
  leavesOut: [
    'Groups: here each consumer has its partition for good, so that none moves.',
    'A consumer that works on several records at once, in the order of each key.',
    'What has to be put together again where a key was salted: sums of sums.',
  ],
});
