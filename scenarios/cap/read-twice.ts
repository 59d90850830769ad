/**
 * Two reports read the same things twice on two sides of a cut, while prices change and orders come
 * in. What has been read need not change, if its reader keeps it: nobody has to be asked for that.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsOf } from '../quorum-parts.ts';
import type { Deed } from '../quorum-parts.ts';
import { CRDTS, HAT } from '../sources.ts';

const params = {
  keeps: field.choice(['nothing', 'items', 'answers'], {
    about:
      'What a report reads a second time from its own copy: nothing; the price; or also which ' +
      'orders there are.',
    default: 'nothing',
    source: 'Bailis et al. (VLDB 2014), 5.1.1',
  }),
  gapMs: field.millis({
    about: 'How long a report takes before it reads everything again.',
    default: 200,
    min: 150,
    max: 400,
  }),
};
type Params = Static<TObject<typeof params>>;

const CUT_MS = 2_000;
const HEAL_MS = 6_000;
const END_MS = 8_000;
/** Somebody changes something more often than a report lasts. */
const EVERY_MS = 100;
const REPORT_EVERY_MS = 500;
const LAST_REPORT_MS = END_MS - 1_500;
const REPORTS_EACH = LAST_REPORT_MS / REPORT_EVERY_MS - 1;
const TRY_MS = 100;

const changes = (what: 'put' | 'add', key: string, base: number): readonly Deed[] =>
  Array.from({ length: (END_MS - 500) / EVERY_MS - 1 }, (_, i) => ({
    atMs: (i + 1) * EVERY_MS,
    do: what,
    key,
    value: base + i,
  }));

/** Who is at home on one side: there the first servers are, or the second ones. */
function side(p: Params, name: string, place: number): readonly GroupPlan[] {
  const writer = (of: string, servers: string, operations: readonly Deed[]): GroupPlan => ({
    ...clientsOf(`${name}-${of}`, 1, {
      mode: 'listed',
      operations,
      routing: 'pinned',
      firstServer: place,
    }),
    links: { servers },
  });
  return [
    writer('pricing', 'prices', changes('put', 'price', place * 1_000)),
    writer('shop', 'orders', changes('add', 'orders', place * 1_000)),
    {
      name: `${name}-report`,
      component: 'report-client',
      count: 1,
      links: { items: 'prices', rows: 'orders' },
      config: {
        items: ['price'],
        questions: ['orders'],
        keeps: p.keeps,
        gapMs: p.gapMs,
        startMs: REPORT_EVERY_MS,
        everyMs: REPORT_EVERY_MS,
        stopMs: LAST_REPORT_MS,
        tryTimeoutMs: TRY_MS,
      },
    },
  ];
}

function groups(p: Params): readonly GroupPlan[] {
  const store = (name: string, conflicts: string): GroupPlan => ({
    name,
    component: 'quorum-store',
    count: 2,
    config: {
      replicationFactor: 2,
      readConsistency: 'one',
      writeConsistency: 'one',
      conflicts,
    },
  });
  return [
    store('prices', 'last-write-wins'),
    store('orders', 'or-set'),
    ...side(p, 'west', 1),
    ...side(p, 'east', 2),
  ];
}

function checks(): readonly CheckPlan[] {
  const served = (name: string): CheckPlan => ({
    id: `${name}-is-served`,
    use: 'slo',
    args: {
      metric: 'success-share',
      operation: 'report',
      clients: `${name}-report`,
      atLeast: 1,
      operationsMin: REPORTS_EACH,
    },
    about: `Every report in the ${name} is made, during the cut as well.`,
  });
  return [
    {
      id: 'network-was-cut',
      use: 'sometimes',
      args: { predicate: 'link-cut', with: { group: 'prices' } },
      about: 'The fault bit: reports were made on both sides of a cut.',
    },
    served('west'),
    served('east'),
    {
      id: 'one-price',
      use: 'cut-isolation',
      args: { level: 'item' },
      about: 'No report has two prices (item cut isolation).',
    },
    {
      id: 'one-list',
      use: 'cut-isolation',
      args: { level: 'predicate' },
      about: 'Nor does any find other orders the second time (predicate cut isolation).',
    },
  ];
}

const OPTIONS = [
  'The same as the first time: a report is one transaction.',
  'The same price, and more orders than the first time.',
  'Another price, and more orders.',
] as const;
const ANSWER = { nothing: 2, items: 1, answers: 0 } as const;
const BECAUSE = {
  nothing:
    'Both times it is answered with what is there. That others commit between its two reads is ' +
    'nobody’s fault, and no server remembers what the report has seen.',
  items:
    'The price is read from the copy that the report has made. The list of orders is asked for ' +
    'anew, and a copy of single orders would not help: those that are new were not in it.',
  answers:
    'Whatever it has been told it keeps until it is done, the answer to a question as well as an ' +
    'item. No server has to know of that.',
} as const;

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A price, and a list',
    at: { ms: REPORT_EVERY_MS },
    text:
      'The price changes and orders come in ten times a second, in the west and in the east. ' +
      'Twice a second a report reads the price and asks which orders there are, works for a ' +
      'while, and reads both again.',
    focus: ['west-report', 'east-report'],
    predict: {
      question: 'What does a report see the second time?',
      options: OPTIONS,
      answer: ANSWER[p.keeps],
      because: BECAUSE[p.keeps],
    },
  },
  {
    title: 'A cut',
    at: { ms: CUT_MS },
    text:
      'East and west are cut off from each other. Each has a copy of everything, so both go on: ' +
      'prices are set, orders come in, and reports are made.',
    focus: ['prices', 'orders'],
    check: 'network-was-cut',
  },
  {
    title: 'Nobody had to be asked',
    at: { ms: (CUT_MS + HEAL_MS) / 2 },
    text: BECAUSE[p.keeps],
    focus: ['west-report', 'east-report'],
    check: p.keeps === 'nothing' ? 'one-price' : 'one-list',
  },
  {
    title: 'A cut, not a snapshot',
    at: { ms: LAST_REPORT_MS },
    text:
      'Cut isolation says that what was read does not change, not that it fits together: price ' +
      'and orders of one report may be of different moments. A snapshot is more, and cannot be ' +
      'had on both sides of a cut together with writes that exclude each other.',
    check: 'east-is-served',
  },
];

function plan(p: Params): Plan {
  return {
    title: 'The same question twice',
    summary:
      'Reports read a price and a list of orders twice, on both sides of a cut. What may have ' +
      'changed the second time?',
    durationMs: END_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 4 } },
    groups: groups(p),
    faults: [
      {
        id: 'cut',
        atMs: CUT_MS,
        fault: {
          type: 'partition',
          groups: [['prices1', 'orders1', 'west-pricing', 'west-shop', 'west-report']],
        },
      },
    ],
    healAtMs: HEAL_MS,
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/read-twice',
  title: 'The same question twice',
  summary:
    'A report that reads everything twice sees two prices and two lists of orders, unless it ' +
    'keeps what it has read; that costs nobody anything, not even behind a cut.',
  tier: 'hostile',
  sources: [HAT, CRDTS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'It keeps nothing: fuzzy reads and phantoms.',
      expect: {
        'one-price': { breaks: { witness: 'item-many-preceders' } },
        'one-list': { breaks: {} },
      },
    },
    {
      name: 'keeps-items',
      about: 'It keeps the price: no fuzzy read, but phantoms.',
      params: { keeps: 'items' },
      expect: { 'one-list': { breaks: { witness: 'predicate-many-preceders' } } },
    },
    {
      name: 'keeps-answers',
      about: 'It keeps the answers to its questions as well: neither.',
      params: { keeps: 'answers' },
    },
  ],
  thingsToTry: [
    'Take the report that keeps everything, and crash prices1 by hand during the cut.',
    'Let a report take longer (gapMs): what else may have happened in between?',
  ],
  leavesOut: ['Read transactions of a store that shows a snapshot: see write-skew for those.'],
});
