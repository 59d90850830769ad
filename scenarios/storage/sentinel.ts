/**
 * A primary is cut off together with a client, and sentinels promote a replica on the other side.
 * Nothing tells the first one to stop. What bounds the loss, and when do sentinels do nothing?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { REDIS_SENTINEL } from '../sources.ts';
import {
  ORDERS_LOST,
  SQL_DISK,
  SQL_NETWORK,
  TWO_PRIMARIES,
  cutOffWith,
  nothingLost,
  onePrimary,
  taker,
} from '../sql-parts.ts';

const SENTINELS = 3;

const params = {
  minReplicasToWrite: field.count({
    about: 'How many replicas a primary must have heard within a second to take a write.',
    default: 0,
    max: 1,
    source: 'Redis min-replicas-to-write: 0',
  }),
  sentinelsInside: field.count({
    about: 'How many of the three sentinels are cut off together with the primary.',
    default: 0,
    max: 2,
  }),
  quorum: field.count({
    about: 'How many sentinels must hold the primary for down.',
    default: 2,
    min: 1,
    max: 2,
    source: 'sentinel monitor mymaster 127.0.0.1 6379 2',
  }),
  isolatedMs: field.millis({
    about: 'For how long the primary and those beside it are cut off.',
    default: 7_000,
    min: 6_000,
    max: 9_000,
  }),
};
type Params = Static<TObject<typeof params>>;

/** Without it as many votes as the quorum asks for are enough. */
const RULE = 'sentinel.majority';

/** The times of Redis Sentinel, ten times as fast: down after 30 s, INFO each 10 s. */
const DOWN_AFTER_MS = 3_000;
const SENTINEL_CONFIG = {
  downAfterMs: DOWN_AFTER_MS,
  failoverTimeoutMs: 18_000,
  pingPeriodMs: 100,
  infoPeriodMs: 1_000,
  askPeriodMs: 100,
  publishPeriodMs: 200,
  electionTimeoutMs: 1_000,
  slaveReconfTimeoutMs: 1_000,
} as const;
const MAX_LAG_MS = 1_000;

const CUT_MS = 5_000;
const EVERY_MS = 100;
const INSIDE_FROM_MS = 550;
const OUTSIDE_FROM_MS = 575;
/** Missed, agreed upon, voted for and promoted: each takes a look or two, ten a second. */
const OTHER_MS = CUT_MS + DOWN_AFTER_MS + 1_200;
/** For this long the old primary is heard again before it is told to follow. */
const TOLD_AFTER_MS = 2_500;
const END_MS = 18_000;
const STOP_MS = 16_500;

interface Course extends Params {
  readonly needsMajority: boolean;
}

const healMs = ({ isolatedMs }: Params): number => CUT_MS + isolatedMs;
const outside = ({ sentinelsInside }: Params): number => SENTINELS - sentinelsInside;
const votesNeeded = (c: Course): number => (c.needsMajority ? Math.max(2, c.quorum) : c.quorum);
const isAgreed = (p: Params): boolean => outside(p) >= p.quorum;
const isReplaced = (c: Course): boolean => isAgreed(c) && outside(c) >= votesNeeded(c);

/** Orders that the old primary answers while it is cut off: one for each tenth of a second. */
function answeredInside(p: Params): number {
  const until = CUT_MS + (p.minReplicasToWrite > 0 ? MAX_LAG_MS : p.isolatedMs);
  return Math.ceil((until - CUT_MS - (INSIDE_FROM_MS % EVERY_MS)) / EVERY_MS);
}
const lostOf = (c: Course): number => (isReplaced(c) ? answeredInside(c) : 0);

const groups = (p: Params): readonly GroupPlan[] => {
  const asks = { servers: 'n', sentinels: 's' };
  const patience = { tryTimeoutMs: 200, deadlineMs: 1_000, retryUnknown: true };
  const pace = { untilMs: STOP_MS, everyMs: EVERY_MS };
  return [
    {
      name: 'n',
      component: 'sql-node',
      count: 3,
      disk: SQL_DISK,
      config: {
        minReplicasToWrite: p.minReplicasToWrite,
        ...(p.minReplicasToWrite > 0 ? { minReplicasMaxLagMs: MAX_LAG_MS } : {}),
        walReceiverStatusIntervalMs: 100,
      },
    },
    {
      name: 's',
      component: 'sentinel',
      count: SENTINELS,
      links: { servers: 'n' },
      disk: SQL_DISK,
      config: { quorum: p.quorum, ...SENTINEL_CONFIG },
    },
    {
      ...taker('a', { ...pace, fromMs: INSIDE_FROM_MS, untilMs: healMs(p) }, patience),
      links: asks,
    },
    { ...taker('b', { ...pace, fromMs: OUTSIDE_FROM_MS }, patience), links: asks },
  ];
};

function checks(c: Course): readonly CheckPlan[] {
  const lost = lostOf(c);
  const promotions = isReplaced(c) ? 1 : 0;
  return [
    nothingLost,
    {
      id: 'lost-as-reckoned',
      use: 'acknowledged',
      args: { atLeast: lost === 0 ? null : lost, atMost: lost },
      about: 'As many orders are lost as the old primary answered while it was cut off.',
    },
    onePrimary,
    {
      id: 'promoted-as-reckoned',
      use: 'fact-count',
      args: {
        fact: 'replica.promoted',
        atLeast: promotions === 0 ? null : promotions,
        atMost: promotions,
        ...(isReplaced(c) ? { untilMs: OTHER_MS } : {}),
      },
      about: 'A replica is promoted if most sentinels are outside, and else none.',
    },
    ...(isReplaced(c) ? whenReplaced(c) : whenNot(c)),
  ];
}

const whenReplaced = (p: Params): readonly CheckPlan[] => [
  {
    id: 'outside-is-served',
    use: 'slo',
    args: { clients: 'b', atLeast: 0.99, fromMs: OTHER_MS + 1_000, untilMs: STOP_MS },
    about: 'Clients that are not cut off ask a sentinel, and can write again.',
  },
  {
    id: 'old-one-is-told',
    use: 'fact-count',
    args: { fact: 'replica.demoted', atLeast: 1, untilMs: healMs(p) + TOLD_AFTER_MS },
    about: 'The old primary is made a replica soon after it can be reached.',
  },
];

const whenNot = (p: Params): readonly CheckPlan[] => [
  {
    id: 'outside-waits',
    use: 'slo',
    args: {
      metric: 'ok-count',
      clients: 'b',
      atMost: 0,
      fromMs: CUT_MS + 100,
      untilMs: healMs(p),
    },
    about: 'Outside nobody can write until the cut is healed.',
  },
];

const word = (count: number): string => ['none', 'one', 'two', 'three'][count] ?? `${count}`;

function cutStep(c: Course): StoryStep {
  const isBounded = c.minReplicasToWrite > 0;
  return {
    title: 'Cut off, with a client',
    at: { ms: CUT_MS },
    text:
      `n1 and the client a, and ${word(c.sentinelsInside)} of the sentinels, can speak to each ` +
      'other and to nobody else. To a nothing has happened: it keeps the connection that it has.',
    predict: {
      question: 'For how long will n1 go on answering the writes of a?',
      options: [
        'For a second: then it has heard no replica for too long.',
        'For as long as the cut lasts.',
        'Until the sentinels have promoted another.',
      ],
      answer: isBounded ? 0 : 1,
      because: isBounded
        ? 'min-replicas-to-write makes it ask itself whether anybody follows. That needs no ' +
          'message from those who would replace it.'
        : 'Sentinels give no lease that could run out. Whatever they decide is decided on the ' +
          'other side, and n1 does not hear of it.',
    },
    focus: ['n1', 'a'],
  };
}

function agreeStep(c: Course): StoryStep {
  const at = { ms: OTHER_MS };
  const focus = ['s', 'n'];
  const check = 'promoted-as-reckoned';
  const others = word(outside(c));
  if (isReplaced(c)) {
    return {
      title: 'Two crowns',
      at,
      text:
        'After three seconds of silence n1 is subjectively down to each sentinel outside. ' +
        `${c.quorum === 1 ? 'One of them is' : 'Two of them are'} the quorum: it is objectively ` +
        'down. One was voted for, and has promoted a replica. n1 is primary, too.',
      focus,
      check,
    };
  }
  return {
    title: 'Nobody may act',
    at,
    text:
      `Outside there is ${others} of three sentinels. ` +
      (isAgreed(c)
        ? 'It is the quorum, so n1 is objectively down. But to lead a failover takes the votes ' +
          'of the majority of all sentinels, and the others cannot be asked.'
        : 'It holds n1 for down, and nobody agrees: the quorum is two.'),
    focus,
    check,
  };
}

function endStep(c: Course): StoryStep {
  const [bounded, unbounded] = [1, 0].map((minReplicasToWrite) =>
    answeredInside({ ...c, minReplicasToWrite }),
  );
  const lost = lostOf(c);
  return {
    title: 'One store again',
    at: { ms: healMs(c) + TOLD_AFTER_MS },
    text: isReplaced(c)
      ? 'The sentinels hear n1 again, which says that it is primary. Theirs is the newer ' +
        'configuration: they tell it to follow, and it drops what it alone has.'
      : 'n1 answers the sentinels again. It was primary all the time.',
    predict: {
      question: 'How many orders that were answered are lost?',
      options: ['None.', `${bounded}.`, `${unbounded}.`],
      answer: lost === 0 ? 0 : c.minReplicasToWrite > 0 ? 1 : 2,
      because:
        lost === 0
          ? 'Nobody was promoted, so there is one log. Those outside paid with waiting.'
          : 'One order in each tenth of a second that n1 went on alone. Replication is ' +
            'asynchronous: that it is bounded is all that can be had.',
    },
    focus: ['n1'],
    check: 'lost-as-reckoned',
  };
}

const story = (c: Course): readonly StoryStep[] => [
  {
    title: 'Who says who is primary',
    at: { ms: 2_000 },
    text:
      'n1 is primary. Three sentinels ping it ten times a second. The clients a and b have asked ' +
      'one of them who is primary, and each write ten orders a second.',
    focus: ['s', 'n1'],
  },
  cutStep(c),
  agreeStep(c),
  endStep(c),
];

const SUMMARY =
  'A primary is cut off together with a client. Sentinels outside promote a replica, if ' +
  'they are the majority; nobody stops the old primary, and what it answers is lost.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const course: Course = { ...p, needsMajority: !ablations.includes(RULE) };
  const inside = ['s1', 's2'].slice(0, p.sentinelsInside);
  return {
    title: 'Sentinels',
    summary: SUMMARY,
    durationMs: END_MS,
    network: SQL_NETWORK,
    groups: groups(p),
    faults: cutOffWith(inside, CUT_MS, p.isolatedMs),
    checks: checks(course),
    story: story(course),
  };
}

const twoPrimaries = { ...ORDERS_LOST, ...TWO_PRIMARIES } as const;

export default defineScenario({
  id: 'storage/sentinel',
  title: 'Sentinels: who may replace a primary',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [REDIS_SENTINEL],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A replica is promoted; all 70 orders that the old primary answers are lost.',
      expect: twoPrimaries,
    },
    {
      name: 'min-replicas',
      about: 'A primary that has heard no replica for a second takes no writes: 10 are lost.',
      params: { minReplicasToWrite: 1 },
      expect: twoPrimaries,
    },
    {
      name: 'majority-inside',
      about: 'Two of three sentinels are cut off with it: no failover, and nothing is lost.',
      params: { sentinelsInside: 2 },
    },
    {
      name: 'quorum-of-one',
      about: 'The one outside is a quorum, and still may not act: it lacks the majority.',
      params: { sentinelsInside: 2, quorum: 1 },
    },
    {
      name: 'no-majority',
      about: 'Were the quorum enough, one sentinel alone would make a second primary.',
      params: { sentinelsInside: 2, quorum: 1 },
      ablations: [RULE],
      expect: twoPrimaries,
    },
  ],
  thingsToTry: [
    'Isolate the primary for a second longer: ten more are lost, unless writes need a replica.',
    'Cut one sentinel off with the primary: two are left, which is still the majority.',
    'Compare with storage/split-brain: a lease stops the old primary, and needs a store for it.',
  ],
  leavesOut: [
    'Clients that look at the role of a server before they use it.',
    'Redis keeps data in memory and drops all of it to follow another; here only the tail goes.',
    'Sentinels that watch each other.',
  ],
});
