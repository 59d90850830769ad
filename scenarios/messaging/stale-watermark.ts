/**
 * A new leader has every committed record, and does not know that they are committed. Until it
 * does, it must not say where the log ends: who begins at the end would begin in the past.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, consumer, controllerOf, FOLLOWERS, LEADER, producerOf } from '../log-parts.ts';
import { KAFKA_REPLICATION, KIP_207, KIP_320 } from '../sources.ts';

const params = {
  batch: field.count({
    about: 'Records that are committed just before the leader dies, in one batch.',
    default: 20,
    min: 10,
    max: 100,
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'partition.latest-offset';
const BATCHES = 9;
/** So soon after the last batch that the followers have not heard of its end. */
const DEATH_MS = 10_200;
const LATE_MS = 22_000;
const HEAL_MS = 28_000;
const AFTER_MS = 32_000;
const AFTER_RATE = 20;
const AFTER_FOR_MS = 2_000;
const NEW = (AFTER_RATE * AFTER_FOR_MS) / 1_000;
const END_MS = 37_000;

const READ_BY_LATE = { group: 'late', gauge: 'Records read', measure: 'total' } as const;
const exactly = (count: number) => ({ atLeast: count, atMost: count });

const early = (p: Params): GroupPlan => ({
  ...producerOf({ ratePerSecond: p.batch, startMs: 1_000, stopMs: 10_001 }, { lingerMs: 1_000 }),
});
const later = (): GroupPlan => ({
  ...producerOf({
    ratePerSecond: AFTER_RATE,
    startMs: AFTER_MS,
    stopMs: AFTER_MS + AFTER_FOR_MS + 5,
  }),
  name: 'q',
});

const faults: FaultEntry[] = [
  {
    id: 'reader-not-there-yet',
    fault: { type: 'crash', target: 'late' },
    atMs: 10,
    forMs: LATE_MS - 10,
  },
  {
    id: 'followers-apart',
    fault: { type: 'cut-link', a: FOLLOWERS, b: FOLLOWERS },
    atMs: DEATH_MS,
    forMs: HEAL_MS - DEATH_MS,
  },
  { id: 'leader-dies', fault: { type: 'crash', target: LEADER, machineUp: true }, atMs: DEATH_MS },
];

const checks = (p: Params, asksToWait: boolean): readonly CheckPlan[] => [
  {
    id: 'new-only',
    use: 'gauge',
    args: { ...READ_BY_LATE, atLeast: NEW, atMost: NEW },
    about: 'Who begins at the end reads what is written after that, and nothing else.',
  },
  {
    id: 'read-as-reckoned',
    use: 'gauge',
    args: { ...READ_BY_LATE, ...exactly(NEW + (asksToWait ? 0 : p.batch)) },
    about: 'It reads what comes later, and what a leader that answers at once takes for later.',
  },
  {
    id: 'was-read',
    use: 'gauge',
    args: {
      group: 'c',
      gauge: 'Records read',
      measure: 'total',
      atLeast: BATCHES * p.batch,
      untilMs: DEATH_MS,
    },
    about: 'All of it was committed, and read by another one, before the leader died.',
  },
];

const because = (p: Params, asksToWait: boolean): string =>
  asksToWait
    ? 'Up to where records were committed before its own time the leader cannot know. It answers ' +
      'OFFSET_NOT_AVAILABLE, until it has heard from all who are in sync that they have them.'
    : 'It answers with its own high watermark, which is one batch behind: the other one has read ' +
      `${p.batch} records beyond it, long ago. These are given out as if they were new.`;

const story = (p: Params, asksToWait: boolean): readonly StoryStep[] => [
  {
    title: 'Committed, and read',
    at: { ms: DEATH_MS },
    text:
      `A batch of ${p.batch} records has just been committed, and a consumer has read it. The ` +
      'followers have it, but hear that it is committed with their next answer only. Before ' +
      'that comes the leader dies, and the followers cannot reach each other.',
    focus: ['b', 'c'],
  },
  {
    title: 'Where does the log end?',
    at: { ms: LATE_MS },
    text:
      'One of the followers leads. It has all records, but its high watermark is that of before ' +
      'the last batch. Now a consumer comes that wants to begin at the end.',
    focus: ['b', 'late'],
    predict: {
      question: 'What does the leader tell it?',
      options: [
        'Where its log ends.',
        'Where its high watermark is.',
        'Nothing yet: it shall ask again.',
      ],
      answer: asksToWait ? 2 : 1,
      because: because(p, asksToWait),
    },
  },
  {
    title: 'They reach each other again',
    at: { ms: HEAL_MS + 3_500 },
    text:
      'The other follower fetches, so that the leader knows what both have: its high watermark ' +
      'is at the end of its log.',
    focus: ['b', 'late'],
  },
  {
    title: asksToWait ? 'From the end on' : 'From the past on',
    at: { ms: END_MS - 1_000 },
    text: asksToWait
      ? `Since then ${NEW} records have been written, and it has read these.`
      : `Since then ${NEW} records have been written, but it has read ${NEW + p.batch}.`,
    focus: ['late'],
    check: 'new-only',
  },
];

const SUMMARY =
  'A new leader has all committed records, but its own high watermark lags. If it told where the ' +
  'log ends by that, whoever begins at the end would read a batch that others read long ago.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const asksToWait = !ablations.includes(RULE);
  return {
    title: 'A leader that does not know how far it is',
    summary: SUMMARY,
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [
      controllerOf(),
      brokersOf({}, { replicaSocketTimeoutMs: 3_000 }),
      early(p),
      later(),
      consumer,
      { ...consumer, name: 'late', config: { autoOffsetReset: 'latest' } },
    ],
    faults,
    checks: checks(p, asksToWait),
    story: story(p, asksToWait),
  };
}

export default defineScenario({
  id: 'messaging/stale-watermark',
  title: 'A leader that does not know how far it is',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_207, KIP_320, KAFKA_REPLICATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The leader lets it wait: of the past it reads nothing.',
    },
    {
      name: 'answers-at-once',
      about: 'As before 2.2: it reads 20 records that another one has read ten seconds before.',
      ablations: [RULE],
      expect: { 'new-only': { breaks: { witness: 'is 60' } } },
    },
  ],
  thingsToTry: [
    'Never heal the link: when is the consumer answered all the same, and why then?',
    'Let the leader die half a second later, by hand. What does the second variant show?',
    'Switch off partition.high-watermark instead: what does the leader answer?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'Consumers in a group: they begin where it has committed, not at the end.',
  ],
});
