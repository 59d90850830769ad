/**
 * Data types that merge: whatever the order and however often, replicas that have seen the same
 * changes hold the same.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import type { Deed } from '../quorum-parts.ts';
import { CRDTS, ORSWOT } from '../sources.ts';

const params = {
  type: field.choice(['g-counter', 'pn-counter', 'or-set', 'lww-register', 'plain-number'], {
    about:
      'A counter that grows, one that also shrinks, a set in which an addition wins, a register ' +
      'in which the last one wins, or a number that people read, change and write back.',
    default: 'g-counter',
    source: 'Shapiro et al., INRIA 7506 (2011); Riak data types',
  }),
  twice: field.probability({
    about: 'How many of the messages between replicas come twice.',
    default: 0.3,
    max: 0.6,
  }),
};

type Params = Static<TObject<typeof params>>;
type Kind = Params['type'];

const BEFORE_MS = 1_000;
const CUT_MS = 2_000;
const APART_MS = 3_000;
const HEAL_MS = 6_000;
const READ_MS = 9_500;
const DURATION_MS = 10_500;
const KEY = 'it';

interface Tale {
  readonly first: readonly Deed[];
  readonly ann: readonly Deed[];
  readonly bob: readonly Deed[];
  /** What both read in the end, and whether it has in it what Ann did. */
  readonly end: number | string | readonly string[];
  readonly keepsAnn: boolean;
  readonly what: string;
  readonly question: string;
  readonly options: readonly [string, string, string];
  readonly answer: number;
  readonly because: string;
}

const deeds = (
  what: Deed['do'],
  values: readonly (number | string)[],
  fromMs: number,
): readonly Deed[] =>
  values.map((value, i) => ({ atMs: fromMs + i * 400, do: what, key: KEY, value }));

const COUNTED =
  'Each replica counts for itself, and a replica’s count only grows. To merge is to take the ' +
  'higher count of each and add them up: in any order, and as often as you like.';

const TALES: { readonly [kind in Kind]: Tale } = {
  'g-counter': {
    first: deeds('increment', [2], BEFORE_MS),
    ann: deeds('increment', [1, 1, 1], APART_MS),
    bob: deeds('increment', [1, 1, 1, 1], APART_MS),
    end: 9,
    keepsAnn: true,
    what: 'There are 2 likes. Ann adds 3 of them on her side of the cut, Bob adds 4 on his.',
    question: 'How many likes are there when the network is whole again?',
    options: ['5 or 6: one side wins.', '9', 'More than 9: messages that came twice count twice.'],
    answer: 1,
    because: `${COUNTED} 2 + 3 + 4 = 9.`,
  },
  'pn-counter': {
    first: deeds('increment', [10], BEFORE_MS),
    ann: deeds('increment', [-3], APART_MS),
    bob: deeds('increment', [-4, 2], APART_MS),
    end: 5,
    keepsAnn: true,
    what: 'There are 10 in stock. Ann takes 3 on her side, Bob takes 4 and brings 2 back on his.',
    question: 'How many are left when the network is whole again?',
    options: ['7 or 8: one side wins.', '5', 'That depends on who is merged first.'],
    answer: 1,
    because: `Two counters, one for what was brought and one for what was taken. ${COUNTED}`,
  },
  'or-set': {
    first: deeds('add', ['milk'], BEFORE_MS),
    ann: [...deeds('remove', ['milk'], APART_MS), ...deeds('add', ['eggs'], APART_MS + 800)],
    bob: deeds('add', ['milk', 'bread'], APART_MS),
    end: ['bread', 'eggs', 'milk'],
    keepsAnn: true,
    what:
      'There is milk in the cart. Ann removes it and adds eggs; Bob adds milk again, and ' +
      'bread.',
    question: 'Is there milk in the cart when the network is whole again?',
    options: ['Yes.', 'No.', 'That depends on whose clock is ahead.'],
    answer: 0,
    because:
      'Each addition has a mark of its own, and a removal removes the marks that it has seen. ' +
      'Ann had not seen Bob’s new one. An addition wins over a removal that did not know of it.',
  },
  'lww-register': {
    first: deeds('assign', ['draft'], BEFORE_MS),
    ann: deeds('assign', ['by Ann'], APART_MS),
    bob: deeds('assign', ['by Bob'], APART_MS + 1_000),
    end: 'by Bob',
    keepsAnn: false,
    what: 'Both give the document a title: Ann on her side, Bob a second later on his.',
    question: 'Which title does it have when the network is whole again?',
    options: ['Both, side by side.', 'Ann’s: she was first.', 'Bob’s: his is later.'],
    answer: 2,
    because:
      'A register has room for one. The later stamp wins everywhere, so all agree; but Ann was ' +
      'told that hers is written, and it is gone. To agree is not to keep everything.',
  },
  'plain-number': {
    first: deeds('put', [2], BEFORE_MS),
    ann: deeds('put', [5], APART_MS),
    bob: deeds('put', [6], APART_MS + 1_000),
    end: 6,
    keepsAnn: false,
    what:
      'There are 2 likes, in a plain number. Ann reads 2 and writes 5, for her three; Bob ' +
      'reads 2 ' +
      'and writes 6, for his four.',
    question: 'How many likes are there when the network is whole again?',
    options: ['9', '6', '5'],
    answer: 1,
    because:
      'The store sees two numbers, not two changes, and keeps the later one. Ann’s three ' +
      'likes are ' +
      'lost. A counter that merges would have known what was meant: 9.',
  },
};

function groups(p: Params): readonly GroupPlan[] {
  const tale = TALES[p.type];
  const look: Deed = { atMs: READ_MS, do: p.type === 'or-set' ? 'get-all' : 'get', key: KEY };
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        conflicts: p.type === 'plain-number' ? 'last-write-wins' : p.type,
        readConsistency: 'one',
        writeConsistency: 'one',
        antiEntropyMs: 1_000,
        readRepair: 'async',
      },
    },
    person('ann', 1, [...tale.ann, look]),
    person('bob', 2, [...tale.first, ...tale.bob, look]),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const { end, keepsAnn } = TALES[p.type];
  const operation = p.type === 'or-set' ? 'get-all' : 'get';
  const afterwards = { operation, key: KEY, values: [end], fromMs: HEAL_MS };
  return [
    {
      id: 'network-was-cut',
      use: 'sometimes',
      args: { predicate: 'link-cut' },
      about: 'The fault bit: changes were made on both sides of a cut.',
    },
    {
      id: 'both-sides-write',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1, operationsMin: 5 },
      about: 'Every change is acknowledged, on both sides.',
    },
    {
      id: 'merged-as-computed',
      use: 'answers',
      args: { ...afterwards, atLeast: 2 },
      about: 'Both read what follows from all changes by the rules of the type.',
    },
    {
      id: 'nothing-is-lost',
      use: 'answers',
      args: keepsAnn ? { ...afterwards, atLeast: 2 } : { ...afterwards, atMost: 0 },
      about: 'What both read has in it what Ann did as well as what Bob did.',
    },
    {
      id: 'replicas-agree',
      use: 'eventually',
      args: { predicate: 'replicas-agree', withinMs: READ_MS - HEAL_MS },
      about: 'Soon after the cut is mended all replicas hold the same.',
    },
  ];
}

const isCounter = (p: Params): boolean => p.type === 'g-counter' || p.type === 'pn-counter';

/** Of a merge that is not idempotent. */
const twice = (tale: Tale): Tale => ({
  ...tale,
  options: [tale.options[0], tale.options[1], 'Nobody can say: what comes twice counts twice.'],
  answer: 2,
  because:
    'To merge is to add here. A message that comes twice, or a count that comes back, is added ' +
    'once more, and no two copies agree on how often that was.',
});

function story(p: Params, isTwice: boolean): readonly StoryStep[] {
  const tale = isTwice ? twice(TALES[p.type]) : TALES[p.type];
  return [
    {
      title: 'One thing, three copies',
      at: { ms: BEFORE_MS },
      text:
        'Each copy takes changes by itself and passes them on. Between the copies messages come ' +
        'out of order, and some of them twice.',
      focus: ['n'],
    },
    {
      title: 'Two sides',
      at: { ms: APART_MS },
      text: tale.what,
      predict: {
        question: tale.question,
        options: tale.options,
        answer: tale.answer,
        because: tale.because,
      },
      focus: ['ann', 'bob'],
      check: 'both-sides-write',
    },
    {
      title: 'Merging',
      at: { ms: HEAL_MS },
      text:
        'The cut is mended, and replicas exchange what they hold: whole states, not changes. ' +
        (isTwice
          ? 'Merging should be idempotent, and is not: the same state twice is more than once.'
          : 'Merging is commutative, associative and idempotent, so nobody has to ask who was ' +
            'first.'),
      focus: ['n'],
      check: 'replicas-agree',
    },
    {
      title: 'Both look',
      at: { ms: READ_MS },
      text: tale.because,
      focus: ['ann', 'bob'],
      check: 'merged-as-computed',
    },
  ];
}

function plan(p: Params, off: readonly string[]): Plan {
  return {
    title: 'Data types that merge',
    summary:
      'Two people change the same thing on both sides of a cut, on a network that doubles and ' +
      'reorders. What is it when the sides meet?',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 4 },
      // Between replicas messages come late, out of order and more than once.
      links: [
        {
          from: 'n',
          to: 'n',
          latency: { kind: 'uniform', minMs: 1, maxMs: 50 },
          duplicateProbability: p.twice,
        },
      ],
    },
    groups: groups(p),
    faults: [{ id: 'cut', atMs: CUT_MS, fault: { type: 'partition', groups: [['n1', 'ann']] } }],
    healAtMs: HEAL_MS,
    checks: checks(p),
    story: story(p, isCounter(p) && off.includes('quorum.idempotent-merge')),
  };
}

export default defineScenario({
  id: 'cap/merging-types',
  title: 'Data types that merge',
  summary:
    'Counters, sets and registers changed on both sides of a cut come to the same state whatever ' +
    'the order; additions win, and a register still loses one of two.',
  tier: 'hostile',
  sources: [CRDTS, ORSWOT],
  params,
  plan,
  variants: [
    { name: 'default', about: 'A counter that grows: 2 + 3 + 4 = 9.' },
    {
      name: 'stock',
      about: 'A counter that shrinks, too: 10 - 3 - 4 + 2 = 5.',
      params: { type: 'pn-counter' },
    },
    {
      name: 'cart',
      about: 'A set: an addition wins over a removal that did not know of it.',
      params: { type: 'or-set' },
    },
    {
      name: 'title',
      about: 'A register: all agree on the later title, and the other one is lost.',
      params: { type: 'lww-register' },
      expect: { 'nothing-is-lost': { breaks: { witness: 'by Bob' } } },
    },
    {
      name: 'plain-number',
      about: 'No data type at all: read, change, write back. Three likes are lost.',
      params: { type: 'plain-number' },
      expect: { 'nothing-is-lost': { breaks: { witness: '6' } } },
    },
    {
      name: 'counted-twice',
      about: 'A counter whose merge adds up: what comes twice counts twice.',
      ablations: ['quorum.idempotent-merge'],
      expect: {
        'merged-as-computed': { breaks: {} },
        'nothing-is-lost': { breaks: {} },
        'replicas-agree': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Let requests of Ann come twice, by hand: an increment is not idempotent, only a merge is.',
    'Take the set, and let Ann remove the milk after the cut is mended.',
    'Crash n1 by hand right after Ann’s last change: whose counts are lost?',
  ],
  leavesOut: [
    'Counters that must not go below zero: two sides may sell the last piece.',
    'Sequences and texts (RGA, Logoot), and changes that are sent instead of states.',
  ],
});
