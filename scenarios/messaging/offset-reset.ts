/**
 * A group that has never committed anything begins where auto.offset.reset says: at the end, and
 * skips what was there before it came, or at the start.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  GROUP_BROKERS,
  membersOf,
  producerOf,
  sentWithin,
} from '../log-parts.ts';
import { KAFKA_CONSUMER_CONFIGS } from '../sources.ts';

const params = {
  autoOffsetReset: field.choice(['latest', 'earliest'], {
    about: 'Where a group begins that has committed nothing.',
    default: 'latest',
    source: 'Kafka auto.offset.reset',
  }),
  beforeMs: field.millis({
    about: 'For how long records come before the first member of the group does.',
    default: 5_000,
    min: 1_000,
    max: 20_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
/** So that a record at the very end of the time is in it. */
const STOP_LATE_MS = 5;
/** Members are in their group, and know where they are, some six seconds later. */
const JOINED_MS = 8_000;
const AFTER_FOR_MS = 5_000;
const AFTER = (RATE * AFTER_FOR_MS) / 1_000;

/** Not at the first instant, but a gap later. */
const before = ({ beforeMs }: Params): number => sentWithin(beforeMs + STOP_LATE_MS, RATE) - 1;
const comesMs = ({ beforeMs }: Params): number => START_MS + beforeMs + 1_000;
const afterMs = (p: Params): number => comesMs(p) + JOINED_MS;
const endMs = (p: Params): number => afterMs(p) + AFTER_FOR_MS + 2_000;
const skips = ({ autoOffsetReset }: Params): boolean => autoOffsetReset === 'latest';

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nothing-skipped',
    use: 'gauge',
    args: { ...READ, atLeast: before(p) + AFTER },
    about: 'The group reads every record that was written.',
  },
  {
    id: 'read-as-reckoned',
    use: 'gauge',
    args: { ...READ, ...exactly(AFTER + (skips(p) ? 0 : before(p))) },
    about: 'It reads what is written once it is there, and before that as its setting says.',
  },
];

const READ = { group: 'c', gauge: 'Records read', measure: 'total', across: 'sum' } as const;
const exactly = (count: number) => ({ atLeast: count, atMost: count });

const because = (p: Params): string =>
  skips(p)
    ? 'The coordinator has no offset of this group, so each member begins at the end of its ' +
      `partitions. The ${before(p)} records from before are in the log, and nobody reads them.`
    : 'The coordinator has no offset of this group, so each member begins at the start of its ' +
      'partitions: all that is kept is read, however old it is.';

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Records, and nobody who reads them',
    at: { ms: START_MS + 500 },
    text: `The producer is rolled out first. ${before(p)} records come before any consumer does.`,
    focus: ['p', 'b'],
  },
  {
    title: 'A new group',
    at: { ms: comesMs(p) + 500 },
    text: 'Two consumers come, with a group id that nobody has used before.',
    focus: ['c'],
    predict: {
      question: `What becomes of the ${before(p)} records?`,
      options: [
        'They are read first: nobody has read them yet.',
        'They are never read, and nobody says so.',
        'The consumers stop with an error.',
      ],
      answer: skips(p) ? 1 : 0,
      because: because(p),
    },
  },
  {
    title: skips(p) ? 'Skipped' : 'Read from the start',
    at: { ms: endMs(p) - 1_000 },
    text:
      `${AFTER} more have come, and all of these were read` +
      (skips(p)
        ? `. The lag is 0, though ${before(p)} records were never read.`
        : `, ${before(p) + AFTER} in all.`),
    focus: ['c'],
    check: 'nothing-skipped',
  },
];

const load = (name: string, startMs: number, forMs: number): GroupPlan => ({
  // Small batches, so that both partitions have some of them.
  ...producerOf(
    { ratePerSecond: RATE, startMs, stopMs: startMs + forMs + STOP_LATE_MS },
    { batchSize: 200 },
  ),
  name,
});

const SUMMARY =
  'A group without a committed offset begins at the end by default: exactly what was written ' +
  'before it came is never read, without any error. With earliest it reads all that is kept.';

const plan = (p: Params): Plan => ({
  title: 'Where to begin',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ partitions: 2 }, GROUP_BROKERS),
    load('p', START_MS, p.beforeMs),
    load('q', afterMs(p), AFTER_FOR_MS),
    membersOf(2, { autoOffsetReset: p.autoOffsetReset }),
  ],
  faults: [
    {
      id: 'not-there-yet',
      fault: { type: 'crash', target: 'c' },
      atMs: 10,
      forMs: comesMs(p) - 10,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/offset-reset',
  title: 'Where to begin',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_CONSUMER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The default, latest: the 100 records from before are never read.',
      expect: { 'nothing-skipped': { breaks: { witness: 'is 100' } } },
    },
    {
      name: 'earliest',
      about: 'From the start: all 200 are read.',
      params: { autoOffsetReset: 'earliest' },
    },
  ],
  thingsToTry: [
    'Kill both consumers by hand at 17 s, and let them come back: does the setting matter now?',
    'Let records come for 20 s before the consumers do.',
    'Which setting would you want if each record sends a mail?',
  ],
  leavesOut: [
    'Offsets that expire (offsets.retention.minutes): the group is new again after that.',
    'Partitions that are added to a topic later: with latest their first records are skipped, too.',
  ],
});
