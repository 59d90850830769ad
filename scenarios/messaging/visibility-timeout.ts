/**
 * A queue that lends messages for a time, and workers that need longer than that. The queue cannot
 * tell a slow worker from a dead one, so it gives the message to the next.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, producerAt, WORKERS } from '../queue-parts.ts';
import { SQS_DEAD_LETTERS, SQS_VISIBILITY } from '../sources.ts';

const params = {
  visibilityTimeoutMs: field.millis({
    about: 'For how long a message that was received is seen by nobody else.',
    default: 2_000,
    min: 2_000,
    max: 20_000,
    source: 'Amazon SQS VisibilityTimeout: 30 s',
  }),
  heartbeat: field.flag({
    about: 'A worker prolongs the time of its message each second while it works on it.',
    default: false,
  }),
  maxReceiveCount: field.count({
    about: 'A message that was received so often goes to the dead letters.',
    default: 3,
    min: 1,
    max: 4,
    source: 'Amazon SQS RedrivePolicy maxReceiveCount',
  }),
  workerDies: field.flag({
    about: 'The machine of a worker is lost while it works on the second message.',
    default: false,
  }),
  poison: field.flag({
    about: 'The third message cannot be worked on, whoever tries.',
    default: false,
  }),
};
type Params = Static<TObject<typeof params>>;

const MESSAGES = 8;
const GAP_MS = 2_000;
const FIRST_MS = 1_000;
const SECOND_MS = FIRST_MS + GAP_MS;
const WORK_MS = 3_000;
/** To the worker and back. */
const TRIP_MS = 2;
const HEARTBEAT_MS = 1_000;
const POLLERS = 8;
const END_MS = 25_000;
const POISON_IS = 3;
/** So long that one that comes back for ever is seen to. */
const endMs = (p: Params): number => END_MS + (p.poison ? 15_000 : 0);
const workable = (p: Params): number => MESSAGES - (p.poison ? 1 : 0);

const isShort = (p: Params): boolean => !p.heartbeat && p.visibilityTimeoutMs <= WORK_MS + TRIP_MS;
/** Each receive ends with the work done, and only the first of them was wanted. */
const again = (p: Params): number => (isShort(p) ? (p.maxReceiveCount - 1) * workable(p) : 0);
/** A worker that dies in the middle of such a round takes one of the repetitions with it. */
const isReckoned = (p: Params): boolean => !(p.workerDies && isShort(p));

const notForEver = (p: Params): CheckPlan => ({
  id: 'not-for-ever',
  use: 'fact-count',
  args: { fact: 'visibility.timed-out', atMost: p.maxReceiveCount + (p.workerDies ? 1 : 0) },
  about: 'What nobody can work on is lent as often as is allowed, and not for ever.',
});

const checks = (p: Params): readonly CheckPlan[] => [
  nothingLost,
  {
    id: 'done-once',
    use: 'queue-total',
    args: { lost: null, duplicated: 0 },
    about: 'No message is worked on to the end more than once.',
  },
  {
    id: 'again-as-reckoned',
    use: 'queue-total',
    args: isReckoned(p) ? { lost: null, duplicated: again(p) } : { lost: 0 },
    about: isReckoned(p)
      ? `Work is done again exactly ${again(p)} times.`
      : 'Nothing is lost, however often work is done again.',
  },
  {
    id: 'none-set-aside',
    use: 'gauge',
    args: {
      group: BROKER,
      gauge: 'Dead letters',
      measure: 'max',
      ...(p.poison ? { atLeast: 1, atMost: 1 } : { atMost: 0 }),
    },
    about: p.poison
      ? 'The message that nobody can work on becomes a dead letter, and no other does.'
      : 'No message becomes a dead letter: each of them can be worked on.',
  },
  ...(p.poison && !isShort(p) ? [notForEver(p)] : []),
  {
    id: 'all-done',
    use: 'slo',
    args: { metric: 'ok-count', clients: WORKERS, atLeast: workable(p), operationsMin: 0 },
    about: `At least ${workable(p)} times work is done by the end: once for each message.`,
  },
];

/** The worker of the second message dies before anybody else may see that. */
const DEAD_MS = 1_500;
const LAST_BEAT_MS = Math.floor(DEAD_MS / HEARTBEAT_MS) * HEARTBEAT_MS;

/** When the message of the dead worker is shown again. */
const shownMs = (p: Params): number =>
  SECOND_MS + (p.heartbeat ? LAST_BEAT_MS : 0) + p.visibilityTimeoutMs;

type Fate = 'nobody-knows' | 'too-late' | 'set-aside' | 'taken-over' | 'again-and-again';

/** What becomes of that message. */
function fateOf(p: Params, ends: boolean): Fate {
  if (!ends) return 'nobody-knows';
  if (p.maxReceiveCount === 1) return 'set-aside';
  if (shownMs(p) + WORK_MS + TRIP_MS > endMs(p)) return 'too-late';
  return isShort(p) && p.maxReceiveCount > 2 ? 'again-and-again' : 'taken-over';
}

const seconds = (ms: number): string => `${ms / 1_000} s`;

const storyOfPoison = (p: Params, isRedriven: boolean): StoryStep => ({
  title: isRedriven ? 'Set aside' : 'Again and again',
  at: { ms: 22_000 },
  text: isRedriven
    ? `Nobody can work on the ${POISON_IS}rd message. After ` +
      `${plural(p.maxReceiveCount, 'receive')} the ` +
      'queue gives it to nobody any more: it is a dead letter, and somebody may look at it.'
    : `Nobody can work on the ${POISON_IS}rd message, and nobody counts: every ` +
      `${seconds(p.visibilityTimeoutMs)} the next worker tries.`,
  focus: [BROKER],
  check: 'not-for-ever',
});

function because(p: Params, ends: boolean): string {
  if (!ends) {
    return (
      'The time that it is lent for does not end here: what is received is shown to nobody else ' +
      'until it is deleted.'
    );
  }
  if (p.heartbeat) {
    return (
      'Each second the worker says that it still works on it, and the time begins anew. Only ' +
      'when it says nothing more does the message come back.'
    );
  }
  return isShort(p)
    ? `After ${seconds(p.visibilityTimeoutMs)} the queue shows it again, and a free worker takes ` +
        'it. The first one goes on: it does not know. When it deletes the message its receipt is ' +
        `no longer the newest, and nothing happens. After ` +
        `${plural(p.maxReceiveCount, 'receive')} the ` +
        'message is set aside as one that nobody can work on.'
    : `${seconds(WORK_MS)} of work are over before ${seconds(p.visibilityTimeoutMs)} are, and ` +
        'the deletion comes in time.';
}

function becauseOfDeath(p: Params, ends: boolean): string {
  const since = p.heartbeat ? 'the last heartbeat' : 'it was received';
  const shown = `${seconds(p.visibilityTimeoutMs)} after ${since}`;
  switch (fateOf(p, ends)) {
    case 'nobody-knows':
      return (
        'The time that it is lent for does not end here: what is received is shown to nobody ' +
        'else until it is deleted, and who is dead deletes nothing.'
      );
    case 'set-aside':
      return `It was received once, as often as it may be: ${shown} it is set aside, undone.`;
    case 'too-late':
      return (
        `It is shown again ${shown}, at ${seconds(shownMs(p))}. Until then nobody else sees it, ` +
        `and ${seconds(WORK_MS)} of work are not done any more by ${seconds(endMs(p))}.`
      );
    case 'taken-over':
      return `It is shown again ${shown}. Another worker receives it then, and does it.`;
    case 'again-and-again':
      return (
        `It is shown again ${shown}, and each further worker is too slow for that time, too: ` +
        'all but the dead one do the work.'
      );
  }
}

/** What is asked when the second message comes. */
function question(p: Params, ends: boolean): NonNullable<StoryStep['predict']> {
  const how = p.heartbeat ? 'a heartbeat each second' : 'no heartbeat';
  const ask = (which: string): string =>
    `How often is work on the ${which} message done by the end, with ${how}?`;
  const times = (count: number): string => `${Math.max(2, count)} times.`;
  if (!p.workerDies) {
    return {
      question: ask('first'),
      options: ['Once.', times(p.maxReceiveCount), 'Not at all: the queue takes it back before.'],
      answer: ends && isShort(p) && p.maxReceiveCount > 1 ? 1 : 0,
      because: because(p, ends),
    };
  }
  const fate = fateOf(p, ends);
  return {
    question: ask('second'),
    options: ['Once.', times(p.maxReceiveCount - 1), 'Not at all.'],
    answer: fate === 'taken-over' ? 0 : fate === 'again-and-again' ? 1 : 2,
    because: becauseOfDeath(p, ends),
  };
}

const WHOSE_WORKER_DIED: { readonly [fate in Fate]: string } = {
  'nobody-knows': 'The second message is in flight still, and will be for ever.',
  'too-late': 'The second message is in flight still: to the queue somebody works on it.',
  'set-aside': 'The second message becomes a dead letter, though nobody has done the work.',
  'taken-over': 'The second message is not lost: it is only late.',
  'again-and-again': 'The second message fares like the others, but for the one that died.',
};

const story = (p: Params, isRedriven: boolean, ends: boolean): readonly StoryStep[] => [
  {
    title: 'Lent, not given',
    at: { ms: FIRST_MS + 100 },
    text:
      `The first message is received by a worker, which needs ${seconds(WORK_MS)} for it. The ` +
      `queue keeps it, and shows it to nobody else for ${seconds(p.visibilityTimeoutMs)}. When ` +
      'the work is done the worker deletes it.',
    focus: [BROKER, WORKERS],
  },
  {
    title: p.workerDies ? 'A worker dies' : 'Longer than that',
    at: { ms: SECOND_MS + 200 },
    text: p.workerDies
      ? 'The second message is at a worker whose machine is about to be lost. Nobody tells the ' +
        'queue.'
      : `${MESSAGES} messages come, one each ${seconds(GAP_MS)}, and ${POLLERS} workers wait for ` +
        'them: there is always one that is free.',
    focus: [BROKER, WORKERS],
    predict: question(p, ends),
  },
  {
    title: ends && isShort(p) ? 'Done, and done again' : 'Done once',
    at: { ms: 12_000 },
    text:
      ends && isShort(p)
        ? 'Each worker has done its work well, and none of their deletions counts. Whatever the ' +
          'work does (a payment, a mail) it does each time.'
        : 'A deletion in time is what tells the queue that the work is done.',
    focus: [BROKER, WORKERS],
    check: 'done-once',
  },
  ...(p.poison && !isShort(p) ? [storyOfPoison(p, isRedriven)] : []),
  {
    title: 'How long to lend',
    at: { ms: 17_500 + (p.poison ? 6_500 : 0) },
    text:
      (p.workerDies ? `${WHOSE_WORKER_DIED[fateOf(p, ends)]} ` : '') +
      'A short time brings back quickly what a dead worker had, and takes from a slow one what ' +
      'it still works on; a long time is the other way round. A heartbeat makes both good: the ' +
      'time is short, and who lives prolongs it.',
    focus: [BROKER],
    check: 'all-done',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Visibility timeout',
  summary: 'Messages are lent for a time, and the work takes longer.',
  durationMs: endMs(p),
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'visibility-queue',
      count: 1,
      config: {
        visibilityTimeoutMs: p.visibilityTimeoutMs,
        maxReceiveCount: p.maxReceiveCount,
      },
    },
    producerAt(
      Array.from({ length: MESSAGES }, (_, i) => FIRST_MS + i * GAP_MS),
      p.poison ? { poisonEvery: POISON_IS, poisonMax: 1 } : {},
    ),
    {
      name: WORKERS,
      component: 'queue-poller',
      count: POLLERS,
      links: { queue: BROKER },
      config: {
        work: { kind: 'constant', ms: WORK_MS },
        ...(p.heartbeat ? { heartbeatMs: HEARTBEAT_MS, extendMs: p.visibilityTimeoutMs } : {}),
      },
    },
  ],
  faults: p.workerDies
    ? [
        {
          id: 'worker-lost',
          fault: { type: 'crash', target: `${WORKERS}2` },
          atMs: SECOND_MS + DEAD_MS,
        },
      ]
    : [],
  checks: checks(p),
  story: story(
    p,
    !ablations.includes('visibility.redrive'),
    !ablations.includes('visibility.timeout'),
  ),
});

export default defineScenario({
  id: 'messaging/visibility-timeout',
  title: 'Visibility timeout',
  summary:
    `Work takes ${seconds(WORK_MS)}, a message is lent for two: it is done three times, and then ` +
    'set aside as one that nobody can do. A longer time or a heartbeat mends it.',
  tier: 'hostile',
  sources: [SQS_VISIBILITY, SQS_DEAD_LETTERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Lent for 2 s: 8 messages, 24 times done, and all of them dead letters.',
      expect: {
        'done-once': { breaks: { witness: 'of 16 worked on again' } },
        'none-set-aside': { breaks: {} },
      },
    },
    {
      name: 'longer',
      about: 'Lent for 4 s, longer than the work: each is done once.',
      params: { visibilityTimeoutMs: 4_000 },
    },
    {
      name: 'heartbeat',
      about: 'Lent for 2 s and prolonged each second: each is done once.',
      params: { heartbeat: true },
    },
    {
      name: 'far-too-long',
      about: 'Lent for 20 s, and a worker dies: what it had is not done by the end.',
      params: { visibilityTimeoutMs: 20_000, workerDies: true },
      expect: { 'all-done': { breaks: {} } },
    },
    {
      name: 'heartbeat-and-death',
      about: 'Lent for 2 s with heartbeats, and a worker dies: another has done it soon.',
      params: { heartbeat: true, workerDies: true },
    },
    {
      name: 'never-back',
      about: 'Without the rule of the timeout what the dead worker had never comes back.',
      params: { visibilityTimeoutMs: 4_000, workerDies: true },
      ablations: ['visibility.timeout'],
      expect: { 'all-done': { breaks: {} } },
    },
    {
      name: 'poison',
      about: 'Lent for 4 s, and one that nobody can work on: three times, and it is set aside.',
      params: { visibilityTimeoutMs: 4_000, poison: true },
    },
    {
      name: 'for-ever',
      about:
        'Without the redrive policy it comes back every four seconds for as long as one looks.',
      params: { visibilityTimeoutMs: 4_000, poison: true },
      ablations: ['visibility.redrive'],
      expect: { 'not-for-ever': { breaks: {} }, 'none-set-aside': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Lend for exactly as long as the work takes: why is that too short?',
    'Let a message be received once only: how often is it done, and where does it end?',
    'Slow the workers down by hand while a heartbeat runs: does a pause of three seconds matter?',
  ],
  leavesOut: [
    'Work that can be done twice without harm (an idempotent consumer): the cure for what is left.',
    'Workers that stop when they learn that their time is over.',
  ],
});
