/**
 * A primary is cut off together with some of its clients, and another takes over on the other side.
 * When does the first one stop, and what becomes of what it went on to answer?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { PATRONI, POSTGRESQL_REPLICATION, REDIS_SENTINEL } from '../sources.ts';
import {
  LOOP_WAIT_MS,
  ORDERS_LOST,
  SQL_NETWORK,
  TTL_MS,
  TWO_PRIMARIES,
  cutOffWith,
  keyStore,
  nothingLost,
  onePrimary,
  replicatedOf,
  taker,
} from '../sql-parts.ts';

const params = {
  replication: field.choice(['asynchronous', 'synchronous'], {
    about: 'Whether a write is answered by the primary alone, or waits for its standby.',
    default: 'asynchronous',
    source: 'PostgreSQL: asynchronous unless synchronous_standby_names is set',
  }),
  isolatedMs: field.millis({
    about: 'For how long the primary and the clients beside it are cut off.',
    default: 6_400,
    min: 1_000,
    max: 8_000,
  }),
};
type Params = Static<TObject<typeof params>>;

/** Without it a primary goes on until it hears of another one. */
const RULE = 'replica.lease-fencing';

const CUT_MS = 7_500;
const EVERY_MS = 100;
/** Of the clients inside: never near the times at which the keeper asks. */
const INSIDE_FROM_MS = 550;
const OUTSIDE_FROM_MS = 575;
const STOP_MS = 17_000;
const END_MS = 20_000;

/** The key was renewed at 7 s for the last time, and is missed at the next look. */
const LAST_RENEWED_MS = Math.floor(CUT_MS / LOOP_WAIT_MS) * LOOP_WAIT_MS;
const KEY_ENDS_MS = LAST_RENEWED_MS + TTL_MS;
const OTHER_MS = KEY_ENDS_MS + LOOP_WAIT_MS + 500;
/** The keeper asks at 8 s, three times within retry_timeout, and then gives way. */
const GIVES_WAY_MS = LAST_RENEWED_MS + 2 * LOOP_WAIT_MS;
const TRIES = 3;

interface Course extends Params {
  readonly isFenced: boolean;
}

const healMs = ({ isolatedMs }: Params): number => CUT_MS + isolatedMs;
/** The other primary is there before the cut is healed; between the two it is a matter of luck. */
const isReplaced = (p: Params): boolean => healMs(p) >= OTHER_MS;
const isSpared = (p: Params): boolean => healMs(p) + LOOP_WAIT_MS <= KEY_ENDS_MS;

/** Until when the old primary takes writes: of its own accord, or once it is told of the new. */
function stopsMs(c: Course): number {
  if (c.isFenced) return GIVES_WAY_MS;
  const tryMs = LOOP_WAIT_MS / TRIES;
  return Math.ceil(healMs(c) / tryMs) * tryMs;
}

/** Orders that the old primary answers after the cut: one for each tenth of a second. */
function lostOf(c: Course): number {
  if (c.replication === 'synchronous' || isSpared(c)) return 0;
  const first = CUT_MS + (INSIDE_FROM_MS % EVERY_MS);
  return Math.floor((stopsMs(c) - first) / EVERY_MS) + 1;
}

const groups = (p: Params): readonly GroupPlan[] => [
  replicatedOf(3, p),
  keyStore,
  taker(
    'a',
    { fromMs: INSIDE_FROM_MS, untilMs: STOP_MS, everyMs: EVERY_MS },
    { routing: 'home', tryTimeoutMs: 500, deadlineMs: 1_000 },
  ),
  taker(
    'b',
    { fromMs: OUTSIDE_FROM_MS, untilMs: STOP_MS, everyMs: EVERY_MS },
    { tryTimeoutMs: 200, deadlineMs: 1_000, retryUnknown: true },
  ),
];

function checks(c: Course): readonly CheckPlan[] {
  const lost = lostOf(c);
  return [
    nothingLost,
    {
      id: 'lost-as-reckoned',
      use: 'acknowledged',
      args: { atLeast: isReplaced(c) ? lost : null, atMost: lost },
      about: 'As many orders are lost as the old primary answered after the cut, to the last one.',
    },
    onePrimary,
    ...(isReplaced(c) ? whenReplaced(c) : []),
  ];
}

const whenReplaced = (p: Params): readonly CheckPlan[] => [
  {
    id: 'another-takes-over',
    use: 'fact-count',
    args: { fact: 'replica.promoted', atLeast: 1, atMost: 1, untilMs: OTHER_MS },
    about: 'One standby is promoted, once the key of the old primary is over and was missed.',
  },
  {
    id: 'outside-is-served',
    use: 'slo',
    args: { clients: 'b', atLeast: 0.99, fromMs: OTHER_MS + 1_000, untilMs: STOP_MS },
    about: 'From then on clients who are not cut off can write.',
  },
  {
    id: 'inside-is-told-no',
    use: 'slo',
    args: { metric: 'ok-count', clients: 'a', atMost: 0, fromMs: OTHER_MS, untilMs: healMs(p) },
    about: 'When there is another primary, nobody is answered by the old one any more.',
  },
];

const isSync = ({ replication }: Params): boolean => replication === 'synchronous';

function cutStep(c: Course): StoryStep {
  return {
    title: 'Cut off, with clients',
    at: { ms: CUT_MS },
    text:
      'n1 and the client a can speak to each other, and to nobody else. To a nothing has ' +
      'happened: the server is there. ' +
      (isSync(c) ? 'But its standby is not.' : 'It goes on writing.'),
    predict: {
      question: `For how long will n1 go on answering writes of a?`,
      options: [
        'Until it can no longer be sure of its key: about a second and a half.',
        'Until it hears of another primary, however long that takes.',
        'Not at all, from now on.',
      ],
      answer: isSync(c) ? 2 : c.isFenced ? 0 : 1,
      because: isSync(c)
        ? 'An answer needs a standby that has the write on its disk, and both standbys are on ' +
          'the other side. Whether n1 takes itself for primary no longer matters to anybody.'
        : c.isFenced
          ? 'Its keeper could not renew the key. It does not know whether another has it, but ' +
            'knows that another may have it soon, and gives way before that.'
          : 'Nothing on its side of the cut tells it that somebody else was made primary. Only a ' +
            'rule that needs no message can stop it, and this rule is off.',
    },
    focus: ['n1', 'a'],
  };
}

function otherStep(c: Course): StoryStep {
  const at = { ms: OTHER_MS };
  const focus = ['n', 'd'];
  if (!isReplaced(c)) {
    const text =
      'The cut was healed about when the key ended, or before: n1 may well have it still, and ' +
      'then nobody has taken over.';
    return { title: 'Healed early', at, text, focus, check: 'one-primary' };
  }
  const both = isSync(c)
    ? 'Two servers take themselves for primary. The old one can answer nothing.'
    : 'Two servers are primary now, and both take orders. They are no longer one store.';
  return {
    title: c.isFenced ? 'One crown moves' : 'Two crowns',
    at,
    text:
      'The key has run out, and a standby has taken it and begun a timeline of its own. ' +
      (c.isFenced ? 'n1 had given way a second before the key ended.' : both),
    focus,
    check: 'one-primary',
  };
}

function endStep(c: Course): StoryStep {
  const [withLease, without] = [true, false].map((isFenced) =>
    lostOf({ ...c, replication: 'asynchronous', isFenced }),
  );
  const lost = lostOf(c);
  const because = isSync(c)
    ? 'Whatever n1 has in its log beyond the cut was promised to nobody.'
    : `One order in each tenth of a second, for ${Math.round(stopsMs(c) - CUT_MS)} ms.`;
  return {
    title: 'One store again',
    at: { ms: Math.max(healMs(c), OTHER_MS) + 1_500 },
    text:
      'n1 asks who is primary. If it is another, their logs have parted and only one can be ' +
      'right: n1 drops what it alone has (pg_rewind), and follows.',
    ...(isReplaced(c)
      ? {
          predict: {
            question: 'How many answered orders does it drop?',
            options: ['None.', `${withLease}.`, `${without}.`],
            answer: lost === 0 ? 0 : c.isFenced ? 1 : 2,
            because:
              `${because} A lease bounds for how long there can be lost orders. That there are ` +
              'none takes a standby that must have each of them before it is answered.',
          },
        }
      : {}),
    focus: ['n1'],
    check: 'lost-as-reckoned',
  };
}

const story = (c: Course): readonly StoryStep[] => [
  {
    title: 'Who is primary, and how it knows',
    at: { ms: 2_000 },
    text:
      'n1 is primary as long as it holds the key in the store d. It must renew it every second, ' +
      'and the key ends three seconds after the last time. The clients a and b each write ten ' +
      'orders a second.',
    focus: ['n1', 'd'],
  },
  cutStep(c),
  otherStep(c),
  endStep(c),
];

const SUMMARY =
  'A primary is cut off together with a client, and another is promoted. A lease makes the old ' +
  'one stop in time; without it there are two, and all that the old one answers is lost.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const course: Course = { ...p, isFenced: !ablations.includes(RULE) };
  return {
    title: 'Split brain',
    summary: SUMMARY,
    durationMs: END_MS,
    network: SQL_NETWORK,
    groups: groups(p),
    faults: cutOffWith([], CUT_MS, p.isolatedMs),
    checks: checks(course),
    story: story(course),
  };
}

export default defineScenario({
  id: 'storage/split-brain',
  title: 'Split brain: two primaries',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [PATRONI, POSTGRESQL_REPLICATION, REDIS_SENTINEL],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The old primary gives way when it cannot renew its key: 15 orders are lost.',
      expect: ORDERS_LOST,
    },
    {
      name: 'no-lease',
      about: 'It goes on until it hears of the new one: two primaries, and 65 orders are lost.',
      ablations: [RULE],
      expect: {
        ...ORDERS_LOST,
        ...TWO_PRIMARIES,
        'inside-is-told-no': { breaks: {} },
      },
    },
    {
      name: 'synchronous',
      about: 'Each order waits for the standby: cut off from it, the primary answers nothing.',
      params: { replication: 'synchronous' },
    },
    {
      name: 'synchronous-no-lease',
      about: 'Two primaries, one of which can answer nothing: no order is lost.',
      params: { replication: 'synchronous' },
      ablations: [RULE],
      expect: TWO_PRIMARIES,
    },
  ],
  thingsToTry: [
    'Heal the cut after a second: nobody takes over, and nothing is lost with or without a lease.',
    'Without the lease, isolate the primary for a second longer: ten more orders are lost.',
    'Cut n1 off from the store d alone, not from its standbys: is it still primary?',
  ],
  leavesOut: [
    'The store of the leader key is one node; a real one has three or five.',
    'Merging: what the old primary drops is kept nowhere. Some systems write it to a file.',
    'Fencing at the disk or at the power supply (STONITH).',
  ],
});
