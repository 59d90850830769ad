/**
 * Elections that nobody wins: why Raft draws its election timeouts at random, and how widely.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  nodes: field.count({ about: 'Servers in the group.', default: 5, min: 3, max: 9 }),
  timeoutMinMs: field.millis({
    about: 'The shortest election timeout.',
    default: 150,
    min: 100,
    max: 300,
    source: 'Raft paper 9.3: 150 ms',
  }),
  timeoutSpreadMs: field.millis({
    about: 'Timeouts are drawn from the shortest to so much more.',
    default: 4,
    min: 1,
    max: 300,
    source: 'Raft paper 9.3 compares 150-151, 150-155, ... 150-300 ms',
  }),
  preVote: field.flag({
    about: 'Ask whether one could win before raising the term.',
    default: false,
  }),
};

type Params = Static<TObject<typeof params>>;

const DURATION_MS = 20_000;
const FIRST_CRASH_MS = 2_000;
const CRASH_EVERY_MS = 1_500;
const DOWN_MS = 900;
const LAST_CRASH_MS = 15_500;
const HEAL_MS = 17_000;
/** The first election, and one after each crash. */
const ELECTIONS_MAX = 2 + Math.floor((LAST_CRASH_MS - FIRST_CRASH_MS) / CRASH_EVERY_MS);
/** One-way delay plus the candidate's own write: until then others may stand as well. */
const LATENCY = { kind: 'uniform', minMs: 1, maxMs: 3 } as const;
const FSYNC = { kind: 'uniform', minMs: 0.5, maxMs: 2 } as const;

/** Elections that somebody wins in the first or second round. With PreVote each stands twice. */
const candidaciesMax = (p: Params): number => 3 * ELECTIONS_MAX * (p.preVote ? 2 : 1);

/** So narrow a range that two timers nearly always run out before a vote request can arrive. */
const isNarrow = (p: Params): boolean => p.timeoutSpreadMs <= 4;
/** One-way delay and the write before it, at most. */
const REQUEST_MS = 5;
/** So wide a range that as a rule the first candidate has won before the next timer runs out. */
const isWide = (p: Params): boolean => p.timeoutSpreadMs >= 10 * REQUEST_MS;

/** How elections go: in a few rounds, by the first candidate, or not at all. */
type Course = 'splits' | 'first' | 'never';
function courseOf(p: Params, ablations: readonly string[]): Course {
  if (ablations.includes('raft.randomised-timeout')) return 'never';
  return isWide(p) ? 'first' : 'splits';
}

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: p.nodes,
      config: {
        electionTimeoutMinMs: p.timeoutMinMs,
        electionTimeoutMaxMs: p.timeoutMinMs + p.timeoutSpreadMs,
        heartbeatMs: 30,
        preVote: p.preVote,
      },
      disk: { fsync: FSYNC },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 2,
      links: { servers: 'n' },
      config: { keys: 2, thinkMs: 40, tryTimeoutMs: 120, stopMs: HEAL_MS },
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const always: readonly CheckPlan[] = [
    {
      id: 'raft-safety',
      use: 'raft-safety',
      about: 'A vote that splits costs time, never correctness: no term ever has two leaders.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Clients see one store, however often its leader changes.',
    },
    {
      id: 'a-leader-is-chosen',
      use: 'sometimes',
      args: { predicate: 'leader-exists' },
      about: 'Somebody wins an election.',
    },
    {
      id: 'soon-settled',
      use: 'fact-count',
      args: { fact: 'raft.campaign', atMost: candidaciesMax(p) },
      about: 'Elections take one candidacy or two each, not a whole series of them.',
    },
    {
      id: 'clients-are-served',
      use: 'slo',
      args: { metric: 'ok-count', atLeast: 30, fromMs: 500, untilMs: HEAL_MS },
      about: 'Between the elections the clients get something done.',
    },
  ];
  if (!isNarrow(p)) return always;
  return [
    ...always,
    {
      id: 'votes-split',
      use: 'sometimes',
      args: { predicate: 'split-vote' },
      about: 'Two candidates stood in one term.',
    },
  ];
}

const DIFFER: { readonly [course in Course]: (p: Params) => string } = {
  splits: (p) => `that differ by at most ${p.timeoutSpreadMs} ms`,
  first: (p) => `that differ by up to ${p.timeoutSpreadMs} ms`,
  never: () => 'that are all the same',
};

function story(p: Params, course: Course): readonly StoryStep[] {
  return [
    nobodyLeads(p, course),
    ...(course === 'splits' ? splitting(p) : course === 'first' ? winning : colliding(p)),
  ];
}

function nobodyLeads(p: Params, course: Course): StoryStep {
  const range = `${p.timeoutMinMs} to ${p.timeoutMinMs + p.timeoutSpreadMs} ms`;
  const timers =
    course === 'never'
      ? `and all with the same election timer, ${p.timeoutMinMs} ms`
      : `each with an election timer drawn from ${range}`;
  return {
    title: 'Nobody leads yet',
    at: { ms: 0 },
    text:
      `All ${p.nodes} servers start as followers, ${timers}. A vote request takes up to ` +
      `${REQUEST_MS} ms: the candidate first writes its own vote to disk, then the message ` +
      'travels.',
    predict: {
      question: `What follows from timers ${DIFFER[course](p)}?`,
      options: [
        'As a rule the fastest server wins at once: first come, first served.',
        'Several servers stand before they hear of one another, and may take each other’s votes.',
        'Two servers become leader in the same term.',
      ],
      answer: course === 'first' ? 0 : 1,
      because:
        course === 'first'
          ? `A vote request needs ${REQUEST_MS} ms at most, and seldom does a second timer run ` +
            'out so soon after the first. The others have voted by then, and wait again. Two ' +
            'leaders in a term are impossible: each would need more than half of all votes.'
          : 'A server that stands for election has voted for itself and cannot vote for another ' +
            'in that term. If several stand within the time that a request needs, none may find ' +
            'a majority. Two leaders in a term are impossible: each would need more than half of ' +
            'all votes.',
    },
    focus: ['n'],
    check: 'raft-safety',
  };
}

const splitting = (p: Params): readonly StoryStep[] => [
  {
    title: 'A vote that splits',
    at: { when: 'role-played', args: { role: 'candidate', count: 2 } },
    text:
      'At least two candidates stand at the same time, each with its own vote. Where none ' +
      'finds a majority the term ends without a leader: all draw new timers and wait again, a ' +
      'whole election timeout.',
    focus: [{ role: 'candidate', group: 'n' }],
    ...(isNarrow(p) ? { check: 'votes-split' } : {}),
  },
  {
    title: 'Luck breaks the tie',
    at: { when: 'one-leader' },
    text:
      'In the end one timer runs out early enough for its request to reach the others first. ' +
      'The order is pure chance, and that is the point: servers with the same timers would ' +
      'collide for ever.',
    focus: [{ role: 'leader', group: 'n' }],
  },
  {
    ...again(
      'Count the terms that pass without a leader, then choose the wide range and count again.',
    ),
    predict: help(p, 'splits'),
  },
];

const winning: readonly StoryStep[] = [
  {
    title: 'One stands',
    at: { when: 'role-played', args: { role: 'candidate' } },
    text:
      'One timer has run out, well before the next one: its server raises the term, votes for ' +
      'itself and asks the others. Whoever is asked begins to wait anew.',
    focus: [{ role: 'candidate', group: 'n' }],
  },
  {
    title: 'And wins',
    at: { when: 'one-leader' },
    text:
      'Its requests were there before anybody else stood. Which server it is was pure chance, ' +
      'and that is the point: servers with the same timers would collide for ever.',
    focus: [{ role: 'leader', group: 'n' }],
  },
  again(
    'Count the terms that pass without a leader: a vote splits now and then, for two timers may ' +
      'still run out together, and the next round decides.',
  ),
];

const colliding = (p: Params): readonly StoryStep[] => [
  {
    title: 'All at once',
    at: { when: 'role-played', args: { role: 'candidate', count: 2 } },
    text:
      'Everybody stands at the same moment, with its own vote and no other. Nobody finds a ' +
      'majority, and the term ends without a leader.',
    focus: [{ role: 'candidate', group: 'n' }],
    ...(isNarrow(p) ? { check: 'votes-split' } : {}),
  },
  {
    title: 'And once more',
    at: { ms: FIRST_CRASH_MS },
    text:
      'A timeout later all of them do the same, in the next term, and so on. Nothing in the ' +
      'rules of voting ends this: only timers that differ do. No server ever leads, so the ' +
      'clients get nothing, and there is no leader that could crash.',
    focus: ['n'],
    predict: help(p, 'never'),
    check: 'a-leader-is-chosen',
  },
];

function help(p: Params, course: Course): NonNullable<StoryStep['predict']> {
  const fromMs = p.timeoutSpreadMs;
  return {
    question: 'What would help most?',
    options: [
      'A faster disk and a faster network, so that requests arrive sooner.',
      'A wider range for the timers: a hundred milliseconds instead of ' +
        `${course === 'never' ? 'none' : 'a few'}.`,
      'More servers, so that there are more votes.',
    ],
    answer: 1,
    because:
      'What counts is the delay of a request as a share of the range. ' +
      (course === 'never'
        ? 'Without a range even the shortest delay is too long, however fast the network is. '
        : `Widening the range from ${fromMs} to 150 ms divides that share by ` +
          `${Math.round(150 / fromMs)}; no network gets faster by so much. `) +
      'More servers only mean more timers that can collide.',
  };
}

function again(text: string): StoryStep {
  return {
    title: 'Again and again',
    at: { ms: FIRST_CRASH_MS },
    text: `From here on the leader crashes every ${CRASH_EVERY_MS / 1_000} seconds. ${text}`,
    focus: [{ role: 'leader', group: 'n' }],
    check: 'soon-settled',
  };
}

const SUMMARY: { readonly [course in Course]: string } = {
  splits:
    'Servers whose election timers run out together take each other’s votes, and nobody wins. ' +
    'How wide must the range be from which the timers are drawn?',
  first:
    'Servers whose election timers run out together would take each other’s votes. Drawn from a ' +
    'wide range they seldom do, and the first candidate wins.',
  never:
    'Servers whose election timers are all the same stand together and take each other’s votes, ' +
    'in every term, and nobody ever wins.',
};

function plan(p: Params, ablations: readonly string[]): Plan {
  const course = courseOf(p, ablations);
  return {
    title: 'Split votes',
    summary: SUMMARY[course],
    durationMs: DURATION_MS,
    network: { latency: LATENCY },
    groups: groups(p),
    faults: [
      {
        id: 'crash',
        every: {
          interval: { kind: 'constant', ms: CRASH_EVERY_MS },
          fromMs: FIRST_CRASH_MS - CRASH_EVERY_MS,
          untilMs: LAST_CRASH_MS,
        },
        forMs: DOWN_MS,
        fault: { type: 'crash', target: { role: 'leader', group: 'n' } },
      },
    ],
    healAtMs: HEAL_MS,
    checks: checks(p),
    story: story(p, course),
  };
}

export default defineScenario({
  id: 'consensus/split-vote',
  title: 'Split votes',
  summary:
    'Election timers that are drawn from a range of 4 ms collide: term after term passes without ' +
    'a leader. Drawn from 150 ms, nearly every first election succeeds.',
  tier: 'lossy',
  sources: [
    { ...RAFT_PAPER, title: `${RAFT_PAPER.title}, sections 5.2 and 9.3` },
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, chapter 9` },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Timers from 150 to 154 ms, less than a vote request needs.',
      expect: { 'soon-settled': { breaks: {} } },
    },
    {
      name: 'wide',
      about: 'Timers from 150 to 300 ms, as the paper recommends: split votes become rare.',
      params: { timeoutSpreadMs: 150 },
    },
    {
      name: 'no-randomness',
      about:
        'All timers are equal. Everybody stands at the same moment, votes for itself, and does ' +
        'so again a timeout later, for ever.',
      ablations: ['raft.randomised-timeout'],
      expect: {
        'soon-settled': { breaks: {} },
        'a-leader-is-chosen': { breaks: {} },
        'clients-are-served': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Widen the range step by step: 4, 10, 25, 50 ms. Where do the long outages end?',
    'Crash two followers: with three of five left, every vote is needed and splits hurt more.',
    'Switch PreVote on: it keeps terms from growing, but pre-votes can split just as well.',
    'Take an even number of servers: a vote can now split exactly in half.',
  ],
  leavesOut: [
    'Priorities and ranks among servers, which some systems use to avoid split votes.',
    'A shorter timeout for candidates than for followers (Raft Refloated).',
  ],
});
