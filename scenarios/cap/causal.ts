/**
 * An answer that overtakes its question, in a store whose datacentres answer alone.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsAt, personAt } from '../quorum-parts.ts';
import type { Deed } from '../quorum-parts.ts';
import { CAUSAL_MEMORY, COPS, HAT } from '../sources.ts';

const params = {
  dependencies: field.flag({
    about: 'Clients carry what they have seen, and their writes name it.',
    default: true,
    source: 'COPS 4.1: the context of the client library',
  }),
  slowMs: field.millis({
    about: 'How much longer news takes from n1 to n3 while that line is slow.',
    default: 2_000,
    min: 1_500,
    max: 2_500,
  }),
  healAtMs: field.millis({
    about: 'When the cut is mended.',
    default: 9_500,
    min: 9_000,
    max: 10_500,
  }),
};

type Params = Static<TObject<typeof params>>;

const SLOW_FROM_MS = 500;
const SLOW_UNTIL_MS = 5_500;
const ASKS_MS = 2_000;
const REPLIES_MS = 2_600;
const EVE_LOOKS_MS = 3_200;
/** Before this the question cannot be at n3, whatever the line adds. */
const NOT_BEFORE_MS = 3_400;
const EVE_LOOKS_AGAIN_MS = 5_000;
const CUT_MS = 6_500;
const BOTH_WRITE_MS = 7_500;
const BOTH_LOOK_MS = 8_200;
const ALL_LOOK_MS = 12_000;
const STOP_MS = 12_000;
const DURATION_MS = 13_500;

const CHECK_RULE = 'causal.dependency-check';
const QUESTION = 'Who has found my ring?';
const ANSWER = 'I have!';

const at = (atMs: number, key: string, value?: string): Deed =>
  value === undefined ? { atMs, do: 'get', key } : { atMs, do: 'put', key, value };

function groups(p: Params): readonly GroupPlan[] {
  const { dependencies } = p;
  const load = (name: string, place: number): GroupPlan =>
    clientsAt(name, place, 1, { dependencies, keys: 4, thinkMs: 80, stopMs: STOP_MS });
  const person = (name: string, place: number, deeds: readonly Deed[]): GroupPlan =>
    personAt(name, place, deeds, { dependencies });
  return [
    {
      name: 'n',
      component: 'causal-store',
      count: 3,
      config: { resendMs: 200 },
      disk: { fsync: { kind: 'constant', ms: 1 } },
    },
    load('a', 1),
    load('b', 2),
    load('c', 3),
    person('ann', 1, [
      at(ASKS_MS, 'question', QUESTION),
      at(BOTH_WRITE_MS, 'tea', 'hot'),
      at(BOTH_WRITE_MS + 100, 'dinner', 'soup'),
      at(BOTH_LOOK_MS, 'tea'),
      at(BOTH_LOOK_MS + 100, 'coffee'),
      at(ALL_LOOK_MS, 'dinner'),
    ]),
    person('bob', 2, [
      at(REPLIES_MS - 100, 'question'),
      at(REPLIES_MS, 'answer', ANSWER),
      at(BOTH_WRITE_MS, 'coffee', 'cold'),
      at(BOTH_LOOK_MS, 'coffee'),
      at(BOTH_LOOK_MS + 100, 'tea'),
      // Much later: by then the clock of his side is ahead, to which two datacentres write.
      at(BOTH_WRITE_MS + 1_300, 'dinner', 'fish'),
      at(ALL_LOOK_MS, 'dinner'),
    ]),
    person('eve', 3, [
      at(EVE_LOOKS_MS, 'answer'),
      at(EVE_LOOKS_MS + 50, 'question'),
      at(EVE_LOOKS_AGAIN_MS, 'answer'),
      at(EVE_LOOKS_AGAIN_MS + 50, 'question'),
      at(ALL_LOOK_MS, 'dinner'),
    ]),
  ];
}

/** Of the question and its answer. */
const ASKED: readonly CheckPlan[] = [
  {
    id: 'bob-has-read-the-question',
    use: 'answers',
    args: { clients: 'bob', key: 'question', values: [QUESTION], atLeast: 1 },
    about: 'Bob answers what he has read: the question is the cause of his answer.',
  },
  {
    id: 'no-answer-without-its-question',
    use: 'answers',
    args: {
      clients: 'eve',
      key: 'answer',
      values: [ANSWER],
      atMost: 0,
      untilMs: NOT_BEFORE_MS,
    },
    about: 'While the question is on its way to n3, Eve does not read the answer there.',
  },
  {
    id: 'held-back',
    use: 'fact-count',
    args: { fact: 'causal.held-back', atLeast: 1, fromMs: REPLIES_MS, untilMs: EVE_LOOKS_MS },
    about: 'While Eve waits, a write has arrived that must wait for another.',
  },
  {
    id: 'answer-in-the-end',
    use: 'answers',
    args: {
      clients: 'eve',
      operation: 'get',
      values: [QUESTION, ANSWER],
      atLeast: 2,
      fromMs: NOT_BEFORE_MS,
    },
    about: 'Once the question is there, Eve reads both.',
  },
];

/** Of the cut: both sides go on, and do not see the same. */
function whileCut(p: Params): readonly CheckPlan[] {
  const window = { fromMs: CUT_MS, untilMs: p.healAtMs };
  const served = (clients: string): CheckPlan['args'] => ({
    metric: 'success-share',
    clients,
    atLeast: 1,
    operationsMin: 10,
    ...window,
  });
  const reads = (clients: string, key: string, value: string | null): CheckPlan['args'] => ({
    clients,
    operation: 'get',
    key,
    values: [value],
    atLeast: 1,
    ...window,
  });
  return [
    {
      id: 'network-was-cut',
      use: 'sometimes',
      args: { predicate: 'link-cut' },
      about: 'The fault bit: n1 could not reach the others.',
    },
    {
      id: 'small-side-serves',
      use: 'slo',
      args: served('a'),
      about: 'Alone, n1 answers every read and every write.',
    },
    {
      id: 'large-side-serves',
      use: 'slo',
      args: served('b'),
      about: 'On the other side n2 answers every read and every write.',
    },
    {
      id: 'ann-sees-no-coffee',
      use: 'answers',
      args: reads('ann', 'coffee', null),
      about: 'Ann sees the tea, and no coffee.',
    },
    {
      id: 'bob-sees-no-tea',
      use: 'answers',
      args: reads('bob', 'tea', null),
      about: 'Bob sees the coffee, and no tea: for him it came first.',
    },
  ];
}

const checks = (p: Params): readonly CheckPlan[] => [
  ...ASKED,
  ...whileCut(p),
  {
    id: 'one-dinner',
    use: 'answers',
    args: {
      operation: 'get',
      key: 'dinner',
      values: ['fish'],
      atLeast: 3,
      fromMs: ALL_LOOK_MS,
    },
    about: 'In the end all three read the same dinner: the later of the two.',
  },
  {
    id: 'datacentres-agree',
    use: 'eventually',
    args: { predicate: 'datacentres-agree', withinMs: DURATION_MS - p.healAtMs },
    about: 'Once the cut is mended all come to show the same.',
  },
  {
    id: 'causal',
    use: 'causal',
    args: { level: 'convergent' },
    about: 'Nobody sees an effect without its cause, and all can agree on an order of writes.',
  },
];

function story(p: Params, ablations: readonly string[]): readonly StoryStep[] {
  const isHeld = p.dependencies && !ablations.includes(CHECK_RULE);
  return [
    {
      title: 'A question',
      at: { ms: ASKS_MS },
      text:
        'Ann has lost her ring and asks. Her datacentre n1 answers "done" by itself and sends ' +
        'the news to n2 and n3. The line to n3 is slow just now.',
      focus: ['ann', 'n1'],
    },
    {
      title: 'An answer overtakes it',
      at: { ms: REPLIES_MS },
      text:
        'At n2 Bob reads the question and answers. His answer reaches n3 at once, on a line of ' +
        'its own, long before the question does.',
      predict: {
        question: 'What does Eve, at n3, find when she looks now?',
        options: [
          'The answer, but no question.',
          'Neither: the answer waits for its question.',
          'Both.',
        ],
        answer: isHeld ? 1 : 0,
        because: isHeld
          ? 'Bob’s write says that its author had seen write so-and-so of n1. n3 has not, and ' +
            'keeps the answer in its envelope until it has.'
          : p.dependencies
            ? 'n3 shows what it gets at once, whatever that depends on. Eve reads "I have!" and ' +
              'wonders what.'
            : 'Bob’s write does not say what he had read, so n3 cannot know that it should wait. ' +
              'Eve reads "I have!" and wonders what.',
      },
      focus: ['n3', 'eve'],
      check: 'no-answer-without-its-question',
    },
    {
      title: 'Both are there',
      at: { ms: EVE_LOOKS_AGAIN_MS },
      text: 'The question has arrived. Eve finds it, and its answer.',
      focus: ['n3', 'eve'],
      check: 'answer-in-the-end',
    },
    {
      title: 'The cut',
      at: { ms: CUT_MS },
      text:
        'n1 is cut off from the others. Nobody has to ask anybody, so each side goes on: Ann ' +
        'puts on hot tea, Bob has cold coffee. For her the tea came first, for him the coffee. ' +
        'Neither knew of the other, so both are right.',
      focus: ['n1', 'ann', 'bob'],
      check: 'small-side-serves',
    },
    {
      title: 'Together again',
      at: { ms: p.healAtMs },
      text: ablations.includes('causal.last-writer-wins')
        ? 'Each side takes over what the other wrote meanwhile: Ann has fish for dinner now and ' +
          'Bob has soup, and so it stays.'
        : 'Each side gets what it missed. Of two dinners the one with the later stamp stays, ' +
          'everywhere the same: this is the plus of causal+.',
      focus: ['n'],
      check: 'datacentres-agree',
    },
  ];
}

function plan(p: Params, ablations: readonly string[]): Plan {
  return {
    title: 'An answer before its question',
    summary:
      'Three datacentres that answer alone. News of a question is slow, news of its answer is ' +
      'fast. And then one of the three is cut off.',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: [
      {
        id: 'slow',
        atMs: SLOW_FROM_MS,
        forMs: SLOW_UNTIL_MS - SLOW_FROM_MS,
        fault: {
          type: 'latency',
          from: 'n1',
          to: 'n3',
          extra: { kind: 'constant', ms: p.slowMs },
        },
      },
      {
        id: 'cut',
        atMs: CUT_MS,
        forMs: p.healAtMs - CUT_MS,
        fault: { type: 'partition', groups: [['n1', 'a', 'ann']] },
      },
    ],
    checks: checks(p),
    story: story(p, ablations),
  };
}

export default defineScenario({
  id: 'cap/causal',
  title: 'An answer before its question',
  summary:
    'A causal store serves both sides of a cut, and nobody sees an answer without its question. ' +
    'Without the check of dependencies somebody does.',
  tier: 'hostile',
  sources: [COPS, CAUSAL_MEMORY, HAT],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A write waits for what its author had seen: causal, and always served.',
    },
    {
      name: 'no-dependency-check',
      about: 'Writes are shown as they come: Eve reads an answer without a question.',
      ablations: [CHECK_RULE],
      expect: {
        'no-answer-without-its-question': { breaks: { witness: ANSWER } },
        'held-back': { breaks: {} },
        causal: { breaks: {} },
      },
    },
    {
      name: 'forgetful-clients',
      about: 'Clients do not say what they had seen: there is nothing to check.',
      params: { dependencies: false },
      expect: {
        'no-answer-without-its-question': { breaks: { witness: ANSWER } },
        'held-back': { breaks: {} },
        causal: { breaks: {} },
      },
    },
    {
      name: 'no-last-writer',
      about: 'The write that arrives last stays: the datacentres disagree for good.',
      ablations: ['causal.last-writer-wins'],
      expect: {
        'one-dinner': { breaks: {} },
        'datacentres-agree': { breaks: {} },
        causal: { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Switch the dependency check off and read what the check "causal" says.',
    'Cut n1 off while the answer waits at n3: for how long does it wait?',
    'Switch "causal.resend" off: what does the small side never learn?',
  ],
  leavesOut: [
    'Clients that move to another datacentre: each stays with its own.',
    'What convergence costs: a write that loses is never seen, so that no order of all writes ' +
      'need fit what one client saw (PRAM and causal memory ask for one).',
    'Reading several keys as of one moment: Eve reads one after the other.',
  ],
});
