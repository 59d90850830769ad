/**
 * Disks that say "done" before they are: what a majority of servers forgets when it loses power,
 * acknowledged writes and votes that were given.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  fsync: field.choice(['off', 'turned-off', 'on'], {
    about:
      'Disks answer a flush when the data is on disk, or at once; or the two of the rack do the ' +
      'first until a second before the outage, and then the other.',
    default: 'off',
    source: 'etcd --unsafe-no-fsync; a write cache without a battery',
  }),
  outageAtMs: field.millis({
    about: 'When the rack with two of the three servers loses power.',
    default: 4_000,
    min: 3_000,
    max: 12_000,
  }),
};

type Params = Static<TObject<typeof params>>;

const FIRST_MS = 750;
const APART_MS = 100;
/** What a file system writes back by itself: data that is so old (ext4 commit=5). */
const WRITE_BACK_MS = 5_000;
const POWER_MS = 500;
/** The switch of the rack takes longer to start than the servers. */
const LINK_MS = 2_500;
const READS_APART_MS = 10;

const lastWriteMs = (p: Params): number => p.outageAtMs - APART_MS;
const writes = (p: Params): number => Math.floor((lastWriteMs(p) - FIRST_MS) / APART_MS) + 1;
const backAt = (p: Params): number => p.outageAtMs + LINK_MS;

const readAt = (p: Params): number => backAt(p) + 1_500;
const orders = (p: Params): readonly string[] =>
  Array.from({ length: writes(p) }, (_, i) => `order-${i + 1}`);

/** Writes that were written back by the time of the outage. */
function old(p: Params): number {
  const untilMs = p.outageAtMs - WRITE_BACK_MS;
  return untilMs < FIRST_MS ? 0 : Math.floor((untilMs - FIRST_MS) / APART_MS) + 1;
}
/** Half way between two writes, so that it is clear which were promised, and not kept. */
const UNSAFE_WRITES = 10;
const turnedOffAt = (p: Params): number =>
  FIRST_MS + (writes(p) - UNSAFE_WRITES) * APART_MS - APART_MS / 2;

function lost(p: Params): number {
  if (p.fsync === 'on') return 0;
  return p.fsync === 'off' ? writes(p) - old(p) : UNSAFE_WRITES;
}
/** Whether the votes of the first election are on disk yet. */
const areVotesKept = (p: Params): boolean =>
  p.fsync !== 'off' || p.outageAtMs - WRITE_BACK_MS >= FIRST_MS;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 }, fsyncOn: p.fsync !== 'off' },
    },
    {
      name: 'shop',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: {
        mode: 'listed',
        operations: [
          ...orders(p).map((key, i) => ({
            atMs: FIRST_MS + i * APART_MS,
            do: 'put',
            key,
            value: i + 1,
          })),
          ...orders(p).map((key, i) => ({ atMs: readAt(p) + i * READS_APART_MS, do: 'get', key })),
        ],
      },
    },
  ];
}

/** Both followers lose power, and with the switch of their rack the leader loses them. */
function faults(p: Params): readonly FaultEntry[] {
  const leader = { role: 'leader', group: 'n' } as const;
  const rack = { except: leader, from: 'n' } as const;
  const turned: FaultEntry = {
    id: 'unsafe',
    atMs: turnedOffAt(p),
    fault: { type: 'fsync-off', target: rack },
  };
  return [
    ...(p.fsync === 'turned-off' ? [turned] : []),
    {
      id: 'switch',
      atMs: p.outageAtMs,
      fault: { type: 'partition', groups: [leader] },
    },
    {
      id: 'power',
      atMs: p.outageAtMs,
      forMs: POWER_MS,
      fault: { type: 'crash', target: rack },
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  return [
    {
      id: 'rack-was-lost',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: servers lost power.',
    },
    {
      id: 'lost-as-computed',
      use: 'acknowledged',
      args: { by: 'reads', atLeast: lost(p), atMost: lost(p) },
      about: `Of ${writes(p)} acknowledged orders ${lost(p)} are lost, as can be computed.`,
    },
    {
      id: 'nothing-acknowledged-is-lost',
      use: 'acknowledged',
      args: { by: 'reads' },
      about: 'Each order that was acknowledged is in the store in the end.',
    },
    {
      id: 'raft-safety',
      use: 'raft-safety',
      about: 'One leader a term, and nothing that was committed is ever replaced.',
    },
    {
      id: 'another-leads',
      use: 'fact-count',
      args: { fact: 'raft.leader', atLeast: 1, fromMs: p.outageAtMs, untilMs: backAt(p) },
      about: 'The two of the rack, back again, elect a leader among themselves.',
    },
    {
      id: 'logs-agree',
      use: 'eventually',
      args: { predicate: 'logs-agree', withinMs: 3_000 },
      about: 'In the end all three have the same log, and count the same of it as committed.',
    },
  ];
}

const kept = (p: Params): number => writes(p) - lost(p);

const BECAUSE: { readonly [F in Params['fsync']]: string } = {
  on:
    'Each order is on the disk of one of the two at least. Whoever of them has the ' +
    'longer log wins the election, so the new leader has every order that was acknowledged.',
  'turned-off':
    'The two are a majority, and may decide. What they remember is what was flushed while ' +
    'flushes were flushes. They elect a leader, and the third server, which has everything, ' +
    'gives up what theirs does not have.',
  off:
    'The two are a majority, and may decide. What they remember is what the file system ' +
    'had written by itself, which it does after five seconds. They elect a leader, and ' +
    'the third server, which has everything, gives up what theirs does not have.',
};

const prediction = (p: Params): NonNullable<StoryStep['predict']> => ({
  question: `How many of the ${writes(p)} acknowledged orders are in the store in the end?`,
  options: [
    `All ${writes(p)}: the leader has them.`,
    p.fsync === 'turned-off'
      ? `${kept(p)}: what was there before the flushes were off.`
      : `${old(p)}: what is older than five seconds.`,
    `${writes(p) - 1}: the last one was under way.`,
  ],
  answer: p.fsync === 'on' ? 0 : 1,
  because: BECAUSE[p.fsync],
});

const FIRST_STEP: { readonly [F in Params['fsync']]: { title: string; text: string } } = {
  on: {
    title: 'Flushed',
    text:
      'Ten orders a second. Each is acknowledged when two of three disks have it, and a disk ' +
      'says so when it is true: a millisecond or two.',
  },
  'turned-off': {
    title: 'Flushed, so far',
    text:
      'Ten orders a second. Each is acknowledged when two of three disks have it, and a disk ' +
      'says so when it is true. A second before the outage somebody puts the disks of the rack ' +
      'behind a cache without a battery: now they say so at once.',
  },
  off: {
    title: 'Done, says the disk',
    text:
      'Ten orders a second. Each is acknowledged when two of three disks have it. These ' +
      'disks say so at once, because flushes are switched off: it is so much quicker.',
  },
};

function story(p: Params): readonly StoryStep[] {
  const isOn = p.fsync === 'on';
  return [
    {
      ...FIRST_STEP[p.fsync],
      at: { ms: FIRST_MS },
      focus: ['shop', 'n'],
    },
    {
      title: 'A rack without power',
      at: { ms: p.outageAtMs },
      text:
        'Both followers stand in one rack, and it loses power. The leader, which has all orders, ' +
        'stands elsewhere; the switch between them is dark, too, and starts more slowly than the ' +
        'servers.',
      predict: prediction(p),
      focus: ['n'],
      check: 'rack-was-lost',
    },
    {
      title: 'Two of three agree',
      at: { ms: p.outageAtMs + POWER_MS },
      text: isOn
        ? 'Both start with the term, the vote and the log that they had. The next leader gets a ' +
          'higher term.'
        : areVotesKept(p)
          ? `Both start with a log that ends ${p.fsync === 'off' ? 'five seconds' : 'a second'} ` +
            'too early. Their term and their votes are older than that, and still there: nobody ' +
            'votes twice.'
          : 'Both start as if new: no log, no term, no memory of the vote that they gave. They ' +
            'begin with term 1 again, in which there is a leader already.',
      focus: ['n'],
      check: 'raft-safety',
    },
    {
      title: 'The third comes back',
      at: { ms: backAt(p) },
      text: isOn
        ? 'It hears of a higher term and follows; the logs are the same already.'
        : areVotesKept(p)
          ? 'It has every order, and follows the one that was elected. It deletes what the ' +
            'others forgot, although it had counted it as committed.'
          : 'It has every order, and follows the one that was elected. Entries are told apart by ' +
            'their place and their term, and both leaders had the same term: the logs differ, ' +
            'and nobody notices.',
      focus: ['n'],
      check: 'logs-agree',
    },
    {
      title: 'The bill',
      at: { ms: readAt(p) },
      text: `Of the ${writes(p)} orders that were acknowledged, ${kept(p)} are in the store.`,
      focus: ['n'],
      check: 'nothing-acknowledged-is-lost',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'Disks that say done',
    summary:
      'Two of three servers lose power, and their disks had said "done" before they were. What ' +
      'is left of what was acknowledged?',
    durationMs: readAt(p) + 2_500,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: faults(p),
    healAtMs: backAt(p),
    checks: checks(p),
    story: story(p),
  };
}

const FORGOTTEN = {
  'nothing-acknowledged-is-lost': { breaks: {} },
  'raft-safety': { breaks: {} },
  'logs-agree': { breaks: {} },
} as const;

export default defineScenario({
  id: 'consensus/lost-fsync',
  title: 'Disks that say done',
  summary:
    'Consensus counts disks. Where disks lie, a rack that loses power takes acknowledged writes ' +
    'with it, and votes that were given: exactly what was not yet written back.',
  tier: 'hostile',
  sources: [
    { ...RAFT_PAPER, title: `${RAFT_PAPER.title}, figure 2: updated on stable storage` },
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 10.2.1` },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'No flush: everything is gone, the memory of the last vote, too.',
      expect: FORGOTTEN,
    },
    {
      name: 'late',
      about: 'No flush, and a later outage: the last five seconds are gone, votes are kept.',
      params: { outageAtMs: 9_000 },
      expect: FORGOTTEN,
    },
    {
      name: 'turned-off',
      about: 'Flushes are off for one second before the outage: that second is gone.',
      params: { fsync: 'turned-off' },
      expect: FORGOTTEN,
    },
    {
      name: 'flushed',
      about: 'Disks that are done when they say so: nothing is lost.',
      params: { fsync: 'on' },
    },
    {
      name: 'flushed-late',
      about: 'The same with the later outage: nothing is lost, however much was written.',
      params: { fsync: 'on', outageAtMs: 9_000 },
    },
  ],
  thingsToTry: [
    'Let the switch start before the servers: the old leader saves what they forgot. Why?',
    'Crash only one server, without flushes: what is lost?',
    'Compare the latency of writes with and without flushes: what is it that one buys?',
  ],
  leavesOut: [
    'Disks that tear or damage what they were writing when the power went.',
    'Servers that notice an empty disk and join as new members instead of voting.',
  ],
});
