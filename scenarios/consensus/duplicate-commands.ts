/**
 * A client whose answer was lost does not know whether its command was carried out. It may give
 * up, ask again, or ask again within a session: three different sums in the account.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  delivery: field.choice(['at-least-once', 'at-most-once', 'exactly-once'], {
    about:
      'What the client does when no answer comes: asks again, gives up, or asks again with the ' +
      'number that the command has within its session.',
    default: 'at-least-once',
    source: 'Dissertation 6.3',
  }),
  amount: field.count({ about: 'What each deposit adds.', default: 10, min: 1, max: 1_000 }),
};

type Params = Static<TObject<typeof params>>;

const DEPOSITS = 10;
const FIRST_MS = 700;
const APART_MS = 1_000;
const depositAt = (n: number): number => FIRST_MS + (n - 1) * APART_MS;

/** The third and the sixth deposit are carried out, and nobody tells the client. */
const ANSWER_LOST = [3, 6];
/** The fourth and the seventh never reach the leader. */
const REQUEST_LOST = [4, 7];
const DOUBTFUL = ANSWER_LOST.length + REQUEST_LOST.length;
/** With the answer of the sixth the leader is lost, too. */
const DEATH_MS = depositAt(6) + 50;
const BACK_MS = DEATH_MS + 2_000;
const READ_MS = depositAt(DEPOSITS) + 1_500;
/** The network loses packets around the first try of a deposit, and of no other. */
const LOSS_BEFORE_MS = 50;
const LOSS_MS = 150;
const TRY_MS = 200;

const isSafe = (p: Params, ablations: readonly string[]): boolean =>
  p.delivery === 'exactly-once' && !ablations.includes('raft.dedupe');

/** How many deposits are in the account in the end. */
function counted(p: Params, ablations: readonly string[]): number {
  if (p.delivery === 'at-most-once') return DEPOSITS - REQUEST_LOST.length;
  return isSafe(p, ablations) ? DEPOSITS : DEPOSITS + ANSWER_LOST.length;
}

function groups(p: Params): readonly GroupPlan[] {
  const deposits = Array.from({ length: DEPOSITS }, (_, i) => ({
    atMs: depositAt(i + 1),
    do: 'increment',
    key: 'account',
    value: p.amount,
  }));
  const person = (name: string, config: object): GroupPlan => ({
    name,
    component: 'kv-client',
    count: 1,
    links: { servers: 'n' },
    config: { mode: 'listed', tryTimeoutMs: TRY_MS, deadlineMs: 3_000, ...config },
  });
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    person('customer', {
      operations: deposits,
      retryUnknown: p.delivery !== 'at-most-once',
      sessions: p.delivery === 'exactly-once',
    }),
    person('auditor', { operations: [{ atMs: READ_MS, do: 'get', key: 'account' }] }),
  ];
}

function faults(): readonly FaultEntry[] {
  const leader = { role: 'leader', group: 'n' } as const;
  const around = (n: number) => ({ atMs: depositAt(n) - LOSS_BEFORE_MS, forMs: LOSS_MS });
  return [
    ...ANSWER_LOST.map((n): FaultEntry => ({
      id: `answer-${n}`,
      ...around(n),
      fault: { type: 'one-way', from: leader, to: 'customer' },
    })),
    ...REQUEST_LOST.map((n): FaultEntry => ({
      id: `request-${n}`,
      ...around(n),
      fault: { type: 'one-way', from: 'customer', to: 'n' },
    })),
    {
      id: 'leader-dies',
      atMs: DEATH_MS,
      forMs: BACK_MS - DEATH_MS,
      fault: { type: 'crash', target: leader },
    },
  ];
}

function checks(p: Params, ablations: readonly string[]): readonly CheckPlan[] {
  const read = (deposits: number) => ({
    clients: 'auditor',
    key: 'account',
    values: [deposits * p.amount],
    atLeast: 1,
  });
  const isRetried = p.delivery !== 'at-most-once';
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The servers agree on the log throughout.' },
    {
      id: 'in-doubt',
      use: 'slo',
      args: isRetried
        ? { metric: 'tries-per-operation', clients: 'customer', atLeast: 1 + DOUBTFUL / DEPOSITS }
        : { metric: 'error-count', clients: 'customer', atLeast: DOUBTFUL, atMost: DOUBTFUL },
      about: `The fault bit: the first try of ${DOUBTFUL} deposits had no answer.`,
    },
    {
      id: 'all-are-answered',
      use: 'slo',
      args: { metric: 'success-share', clients: 'customer', atLeast: 1, operationsMin: DEPOSITS },
      about: 'In the end the customer is told that each deposit was made.',
    },
    {
      id: 'balance-as-computed',
      use: 'answers',
      args: read(counted(p, ablations)),
      about: `The account holds ${counted(p, ablations)} deposits of ${p.amount}.`,
    },
    {
      id: 'each-counts-once',
      use: 'answers',
      args: read(DEPOSITS),
      about: `The account holds what was paid in: ${DEPOSITS} deposits of ${p.amount}.`,
    },
  ];
}

const BECAUSE: { readonly [delivery in Params['delivery']]: string } = {
  'at-least-once':
    'The log does not know that two entries are one deposit: it was agreed on, written and ' +
    'carried out once for each time that it came. Silence means either "it never came" or "the ' +
    'answer was lost", and asking again is right for the first and wrong for the second.',
  'at-most-once':
    'Silence means either "it never came" or "the answer was lost". Giving up is right for the ' +
    'second and wrong for the first: two deposits were never made, two others were, and the ' +
    'customer cannot tell which are which.',
  'exactly-once':
    'The client numbers its commands. Each server keeps, beside the account, the number and ' +
    'the answer of the last command of each session; a number that it knows is answered from ' +
    'there and changes nothing.',
};

function story(p: Params, ablations: readonly string[]): readonly StoryStep[] {
  const sums = [DEPOSITS + ANSWER_LOST.length, DEPOSITS, DEPOSITS - REQUEST_LOST.length];
  const sum = (deposits: number): string => String(deposits * p.amount);
  const end = sum(counted(p, ablations));
  return [
    {
      title: 'Deposits',
      at: { ms: FIRST_MS },
      text:
        `Once a second a customer pays ${p.amount} into an account, ${DEPOSITS} times. The ` +
        'account is a number that three servers keep by consensus: whatever they answer is safe.',
      focus: ['customer', 'n'],
    },
    {
      title: 'No answer',
      at: { ms: depositAt(3) + 1 },
      text:
        'The third deposit is made, on a majority of disks, and the answer is lost on its way. ' +
        'A second later the request itself is lost. To the customer both look the same.',
      predict: {
        question: 'Four of ten deposits meet such a loss. What does the account hold in the end?',
        options: sums.map(sum),
        answer: sums.indexOf(counted(p, ablations)),
        because:
          isSafe(p, ablations) || p.delivery !== 'exactly-once'
            ? BECAUSE[p.delivery]
            : 'The commands have numbers, but the servers do not look at them: ' +
              BECAUSE['at-least-once'],
      },
      focus: ['customer', { role: 'leader', group: 'n' }],
      check: 'in-doubt',
    },
    {
      title: 'The leader dies with its answer',
      at: { ms: DEATH_MS },
      text:
        p.delivery === 'at-most-once'
          ? 'The sixth deposit is in the log when the leader dies. Whoever leads next carries it ' +
            'out; the customer has given it up.'
          : 'The sixth deposit is in the log when the leader dies. It comes again, to another ' +
            'leader. ' +
            (isSafe(p, ablations)
              ? 'That one knows its number, too: sessions are part of what the log makes, so ' +
                'every server has them.'
              : 'That one has no way to know that it is the same.'),
      focus: ['n'],
    },
    {
      title: 'The balance',
      at: { ms: READ_MS },
      text: `${sum(DEPOSITS)} were paid in. The account says ${end}.`,
      focus: ['auditor'],
      check: 'each-counts-once',
    },
  ];
}

function plan(p: Params, ablations: readonly string[]): Plan {
  return {
    title: 'Once, twice, or not at all',
    summary:
      'Ten deposits into a replicated account. Two answers and two requests are lost. What does ' +
      'the account hold?',
    durationMs: READ_MS + 1_500,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: faults(),
    checks: checks(p, ablations),
    story: story(p, ablations),
  };
}

export default defineScenario({
  id: 'consensus/duplicate-commands',
  title: 'Once, twice, or not at all',
  summary:
    'A consensus group loses nothing, and still counts a deposit twice when a client repeats it ' +
    'for want of an answer. Numbers within a session make it once.',
  tier: 'lossy',
  sources: [
    { ...RAFT_PAPER, title: `${RAFT_PAPER.title}, section 8` },
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 6.3` },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Ask again until there is an answer: 12 deposits in the account instead of 10.',
      expect: { 'each-counts-once': { breaks: {} } },
    },
    {
      name: 'give-up',
      about: 'Ask once: 8 deposits in the account, and four of which the customer knows nothing.',
      params: { delivery: 'at-most-once' },
      expect: { 'each-counts-once': { breaks: {} }, 'all-are-answered': { breaks: {} } },
    },
    {
      name: 'sessions',
      about: 'Ask again, each command with its number in a session: 10 deposits.',
      params: { delivery: 'exactly-once' },
    },
    {
      name: 'numbers-ignored',
      about: 'Sessions, but the servers do not look whether they know a number: 12 deposits.',
      params: { delivery: 'exactly-once' },
      ablations: ['raft.dedupe'],
      expect: { 'each-counts-once': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Let packets from the servers to the customer come twice: why is no deposit counted twice?',
    'Lose the answer of a second try as well, by hand: how often is that deposit made?',
    'Crash all three servers for a moment after a lost answer, with sessions: who remembers?',
  ],
  leavesOut: [
    'Writes that may be repeated because they set a value instead of adding to one.',
    'The end of sessions: a client that comes back after an hour is told that it is not known.',
    'Customers that crash before they have their answer: their numbers die with them.',
  ],
});
