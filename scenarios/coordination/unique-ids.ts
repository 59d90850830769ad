/**
 * Ids from clocks: workers that never talk to each other give out ids that are all different, as
 * long as no two have the same number and no clock is believed when it goes back.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { SNOWFLAKE, SNOWFLAKE_WORKER, SONYFLAKE } from '../sources.ts';

const params = {
  numbers: field.choice(['own', 'shared'], {
    about: 'Each worker has a number of its own; or all have the same, a copied setting.',
    default: 'own',
  }),
  skewMs: field.count({
    about: 'How far the clock of the third worker is ahead of the first; the second half as far.',
    default: 20,
    max: 50,
  }),
  jumpBackMs: field.count({
    about: 'How far the clock of the first worker is set back; 0: it is not.',
    default: 0,
    max: 300,
  }),
  whenBack: field.choice(['refuse', 'wait'], {
    about: 'What a worker does until its clock has caught up with its last id.',
    default: 'refuse',
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'ids.clock-guard';
const WORKERS = 3;
/** So many beats, one each millisecond; at each, every worker is asked once. */
const BEATS = 1_600;
const JUMP_MS = 400;
const END_MS = 1_700;

type Ending = 'ordered' | 'unordered' | 'twins' | 'again' | 'refused' | 'waits';

function endingOf(p: Params, ablations: readonly string[]): Ending {
  if (p.numbers === 'shared') return 'twins';
  if (p.jumpBackMs === 0) return p.skewMs === 0 ? 'ordered' : 'unordered';
  if (ablations.includes(RULE)) return 'again';
  return p.whenBack === 'wait' ? 'waits' : 'refused';
}

const groups = (p: Params, ablations: readonly string[]): readonly GroupPlan[] => [
  {
    name: 'c',
    component: 'id-client',
    count: WORKERS,
    links: { workers: 'w' },
    config: { everyMs: 1, requests: BEATS },
  },
  {
    name: 'w',
    component: 'id-service',
    count: WORKERS,
    config: {
      numbers: p.numbers,
      // Who does not look at the clock neither refuses nor waits.
      ...(ablations.includes(RULE) ? {} : { whenBack: p.whenBack }),
    },
  },
];

function faults(p: Params): readonly FaultEntry[] {
  const jump = (id: string, target: string, byMs: number, atMs: number): FaultEntry[] =>
    byMs === 0 ? [] : [{ id, fault: { type: 'clock-jump', target, byMs }, atMs }];
  return [
    ...jump('second-is-ahead', 'w2', Math.floor(p.skewMs / 2), 0),
    ...jump('third-is-ahead', 'w3', p.skewMs, 0),
    ...jump('first-is-set-back', 'w1', -p.jumpBackMs, JUMP_MS),
  ];
}

interface Count {
  readonly least: number;
  readonly most: number;
}

/**
 * How many answers repeat an id. A clock that goes back by so many milliseconds shows each of them
 * again. Workers of one number repeat each other, except in the milliseconds that only the one
 * whose clock is ahead, or behind, ever sees.
 */
function duplicates(p: Params, ending: Ending): Count {
  if (ending === 'again') return { least: p.jumpBackMs, most: p.jumpBackMs };
  if (ending !== 'twins') return { least: 0, most: 0 };
  const most = (WORKERS - 1) * BEATS - p.skewMs;
  // A worker whose clock is behind, too, meets its own ids and those of the others.
  return p.jumpBackMs === 0
    ? { least: most, most }
    : { least: most - p.jumpBackMs - 1, most: most + p.jumpBackMs };
}

const checks = (p: Params, ending: Ending): readonly CheckPlan[] => {
  const { least, most } = duplicates(p, ending);
  return [
    { id: 'unique', use: 'unique-ids', about: 'No id is given out twice.' },
    {
      id: 'as-counted',
      use: 'unique-ids',
      args: { atLeast: least, atMost: most },
      about:
        least === most
          ? `Exactly ${plural(most, 'answer repeats', 'answers repeat')} an id.`
          : 'Many answers repeat one.',
    },
    {
      id: 'in-order',
      use: 'ids-in-order',
      about: 'An id that is asked for after another was given is larger.',
    },
    {
      id: 'roughly-in-order',
      use: 'ids-in-order',
      args: { slackMs: p.skewMs + p.jumpBackMs + 1 },
      about: 'So is one that is asked for later than the clocks are apart.',
    },
    {
      id: 'served',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1 },
      about: 'Everybody is given an id.',
    },
    {
      id: 'quick',
      use: 'slo',
      args: { metric: 'p99-ms', atMost: 2 },
      about: 'Nobody waits for one but for the way there and back.',
    },
  ];
};

const OPTIONS = [
  'All differ, and each is larger than those that were given before.',
  'All differ, but not each is larger than those that were given before.',
  'Some are given out twice.',
  'All differ, but one worker refuses for a while.',
  'All differ, but those who ask one of the workers wait for a while.',
] as const;

const ANSWERS: Readonly<Record<Ending, number>> = {
  ordered: 0,
  unordered: 1,
  twins: 2,
  again: 2,
  refused: 3,
  waits: 4,
};

const BECAUSE: Readonly<Record<Ending, string>> = {
  ordered:
    'The number of the worker tells two ids of the same millisecond apart. All clocks agree, and ' +
    'an answer takes longer than a millisecond: whoever asks after it sees a later one.',
  unordered:
    'The number of the worker tells ids of the same millisecond apart, so they differ whatever ' +
    'the clocks show. But the larger id is that of the worker whose clock is ahead.',
  twins:
    'With one number for all, nothing is left that tells the workers apart: the first id of each ' +
    'millisecond is the same with all three. Clocks that differ would only put it off.',
  again:
    'The worker believes its clock. It has lived through these milliseconds before, and for each ' +
    'it begins to count anew.',
  refused:
    'The worker remembers the time of its last id, and makes none while its clock shows less. ' +
    'The others are not concerned.',
  waits:
    'The worker remembers the time of its last id, and lets everybody wait until its clock shows ' +
    'it again. The others are not concerned.',
};

const AFTER: Readonly<Record<Ending, (p: Params) => string>> = {
  ordered: () =>
    'Each id is larger than all that were given before it was asked for. This is a property of ' +
    'these clocks: nobody promises it.',
  unordered: (p) =>
    `Of all ids none came twice. Sorted by size they are out of order by up to ${p.skewMs} ms, ` +
    'which is why such ids are called roughly sortable.',
  twins: (p) =>
    p.jumpBackMs === 0
      ? `${duplicates(p, 'twins').most} of ${WORKERS * BEATS} answers repeat an id. No worker ` +
        'can notice: each alone does everything right.'
      : 'Most answers repeat an id. No worker can notice: each alone does everything right.',
  again: (p) =>
    `${plural(p.jumpBackMs, 'answer repeats', 'answers repeat')} an id, one for each ` +
    `millisecond that came twice. Nobody was ` +
    'refused, nobody waited, no error was told.',
  refused: (p) =>
    `No id came twice. For ${p.jumpBackMs} ms a third of all requests was refused: who can, asks ` +
    'another worker.',
  waits: (p) =>
    `No id came twice, and everybody was given one: the unlucky waited up to ${p.jumpBackMs} ms, ` +
    'and their ids share one millisecond.',
};

function clockText(p: Params): string {
  const alike = p.numbers === 'shared' ? ' All three have the same number, 0.' : '';
  if (p.jumpBackMs === 0) return `The clocks run on, each by itself.${alike}`;
  return (
    `Somebody sets the clock of the first worker back by ${p.jumpBackMs} ms: a time server that ` +
    `had been wrong, a virtual machine that was moved.${alike}`
  );
}

const story = (p: Params, ending: Ending): readonly StoryStep[] => [
  {
    title: 'Three workers, nobody to ask',
    at: { ms: 100 },
    text:
      'An id is the time in milliseconds, the number of the worker, and a count within the ' +
      'millisecond, side by side. No worker ever asks another one. ' +
      (p.skewMs === 0
        ? 'Their clocks agree.'
        : `The clock of the third is ${p.skewMs} ms ahead of that of the first.`),
    focus: ['w'],
    check: 'served',
  },
  {
    title: 'The clocks',
    at: { ms: JUMP_MS + 5 },
    text: clockText(p),
    focus: ['w1'],
    predict: {
      question: 'What will be said of the ids in the end?',
      options: [...OPTIONS],
      answer: ANSWERS[ending],
      because: BECAUSE[ending],
    },
  },
  {
    title: 'Larger and smaller',
    at: { ms: BEATS / 2 },
    text:
      'Clients ask all three in turn. Compare the last ids of the workers: ' +
      (p.skewMs + p.jumpBackMs === 0
        ? 'they are of the same millisecond.'
        : 'the largest is not the newest, but that of the clock that is ahead.'),
    focus: ['c', 'w'],
    check: 'in-order',
  },
  {
    title: 'What came twice',
    at: { ms: BEATS - 10 },
    text: AFTER[ending](p),
    focus: ['c'],
    check: 'unique',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => {
  const ending = endingOf(p, ablations);
  return {
    title: 'Ids from clocks',
    summary: 'Three workers make ids, and their clocks are wrong.',
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: 0.5 } },
    groups: groups(p, ablations),
    faults: faults(p),
    checks: checks(p, ending),
    story: story(p, ending),
  };
};

const UNORDERED = { 'in-order': { breaks: {} } };

export default defineScenario({
  id: 'coordination/unique-ids',
  title: 'Ids from clocks',
  summary:
    'Workers make unique ids of the time, their number and a count, without asking anybody. What ' +
    'becomes of them when clocks differ, when one is set back, and when two have one number?',
  tier: 'hostile',
  sources: [SNOWFLAKE, SNOWFLAKE_WORKER, SONYFLAKE],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Clocks differ by 20 ms: all ids differ, but they are only roughly in order.',
      expect: UNORDERED,
    },
    {
      name: 'clocks-agree',
      about: 'With clocks that agree, ids are in order.',
      params: { skewMs: 0 },
    },
    {
      name: 'set-back',
      about: 'A clock is set back by 200 ms: that worker refuses until it has caught up.',
      params: { jumpBackMs: 200 },
      expect: { ...UNORDERED, served: { breaks: {} } },
    },
    {
      name: 'set-back-and-wait',
      about: 'The same, but requests wait: all are served, some of them 200 ms later.',
      params: { jumpBackMs: 200, whenBack: 'wait' },
      expect: { ...UNORDERED, quick: { breaks: {} } },
    },
    {
      name: 'no-guard',
      about: 'The same by a worker that believes its clock: 200 ids come twice.',
      params: { jumpBackMs: 200 },
      ablations: [RULE],
      expect: { ...UNORDERED, unique: { breaks: {} } },
    },
    {
      name: 'one-number',
      about: 'Three workers of one number: two answers of three repeat an id.',
      params: { numbers: 'shared', skewMs: 0 },
      expect: { unique: { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Set the clock back by 300 ms without the guard: how many ids come twice, and why so many?',
    'Set the clock of a worker back and crash it: what does the guard remember?',
    'Give the ids to a client that sorts by them: which of its neighbours are in the wrong order?',
  ],
  leavesOut: [
    'How workers come by their numbers, which needs a place that all of them ask, once.',
    'Other ways to share the bits out: Sonyflake counts tens of milliseconds, for 174 years.',
    'Random ids (UUID version 4), which need neither clock nor number, and have no order.',
  ],
});
