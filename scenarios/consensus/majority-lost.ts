/**
 * Three of five servers crash, and the two that are left had missed the last half second: they may
 * decide nothing, and what they have is old. When one comes back, all that was acknowledged is
 * there.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Selector, Static, StoryStep, TObject } from 'faultline';
import { ETCD_GUARANTEES, RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  crashed: field.count({
    about: 'So many of the five servers crash, the leader among them.',
    default: 3,
    min: 2,
    max: 5,
  }),
  localReads: field.flag({
    about: 'Servers answer reads from what they have, without asking anybody.',
    default: false,
    source: 'etcd serializable reads; Dissertation 6.4',
  }),
};

type Params = Static<TObject<typeof params>>;

const SERVERS = 5;
const MAJORITY = 3;
const START_MS = 500;
const CRASH_MS = 3_000;
/** The link between the rooms fails so long before the room with the majority does. */
const BEHIND_MS = 500;
/** Until what was under way has timed out, and a leader without a majority has noticed. */
const SETTLED_MS = CRASH_MS + 1_500;
const ONE_BACK_MS = 7_000;
const ALL_BACK_MS = 10_000;
/** An election, and the time that clients wait before they ask again. */
const READY_MS = 1_500;
const STOP_MS = 12_000;
/** Nobody is ever so far behind while a majority is there. */
const OLD_MS = 1_000;

const isLost = ({ crashed }: Params): boolean => SERVERS - crashed < MAJORITY;

function groups(p: Params): readonly GroupPlan[] {
  const client = (name: string, readShare: number, config: object): GroupPlan => ({
    name,
    component: 'kv-client',
    count: 3,
    links: { servers: 'n' },
    config: {
      keys: 3,
      readShare,
      thinkMs: 60,
      tryTimeoutMs: 100,
      deadlineMs: 500,
      startMs: START_MS,
      stopMs: STOP_MS,
      ...config,
    },
  });
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: SERVERS,
      config: p.localReads ? { readMode: 'local', followerReads: 'local' } : {},
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    client('writers', 0, {}),
    client('readers', 1, { routing: 'random' }),
  ];
}

const LEADER = { role: 'leader', group: 'n' } as const;
const followers = (first: number) =>
  ({ first, of: { except: LEADER, from: 'n' } }) as const satisfies Selector;
/** The room with the smaller part of the servers. */
const AWAY = followers(SERVERS - MAJORITY);

/** The leader is the first to come back; who that is, is resolved while it still leads. */
function faults(p: Params): readonly FaultEntry[] {
  const crashed: Selector = { except: followers(SERVERS - p.crashed), from: 'n' };
  return [
    {
      id: 'link',
      atMs: CRASH_MS - BEHIND_MS,
      forMs: BEHIND_MS,
      fault: { type: 'cut-link', a: AWAY, b: { except: AWAY, from: 'n' } },
    },
    {
      id: 'others',
      atMs: CRASH_MS,
      forMs: ALL_BACK_MS - CRASH_MS,
      fault: { type: 'crash', target: { except: LEADER, from: crashed } },
    },
    {
      id: 'leader',
      atMs: CRASH_MS,
      forMs: ONE_BACK_MS - CRASH_MS,
      fault: { type: 'crash', target: LEADER },
    },
  ];
}

function whileLost(p: Params): readonly CheckPlan[] {
  if (!isLost(p)) return [];
  const window = { metric: 'ok-count', fromMs: SETTLED_MS, untilMs: ONE_BACK_MS };
  const noWrite: CheckPlan = {
    id: 'no-write-anywhere',
    use: 'slo',
    args: { ...window, clients: 'writers', atMost: 0 },
    about: 'Without a majority no write is answered, whoever is asked.',
  };
  const noRead: CheckPlan = {
    id: 'no-read-anywhere',
    use: 'slo',
    args: { ...window, clients: 'readers', atMost: 0 },
    about: 'Nor is a read: nobody can tell whether what he has is the latest.',
  };
  const localRead: CheckPlan = {
    id: 'reads-go-on',
    use: 'slo',
    args: { ...window, clients: 'readers', atLeast: 10 },
    about: 'Reads are answered by those that are left.',
  };
  return p.localReads ? [noWrite, localRead] : [noWrite, noRead];
}

function checks(p: Params): readonly CheckPlan[] {
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    { id: 'linearizable', use: 'linearizable', about: 'All clients see one copy.' },
    {
      id: 'never-old',
      use: 'staleness',
      args: { olderThanMs: OLD_MS },
      about: 'No read misses a write that was acknowledged a second before it began.',
    },
    {
      id: 'nothing-is-lost',
      use: 'acknowledged',
      about: 'Each write that was acknowledged is there in the end, or replaced by a later one.',
    },
    {
      id: 'servers-were-lost',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: servers were gone.',
    },
    ...whileLost(p),
    {
      id: 'writes-go-on',
      use: 'slo',
      args: {
        metric: 'longest-gap-ms',
        clients: 'writers',
        atMost: READY_MS,
        fromMs: CRASH_MS,
        untilMs: ONE_BACK_MS,
      },
      about: `No longer than ${READY_MS} ms passes between two writes that are answered.`,
    },
    {
      id: 'one-more-is-enough',
      use: 'slo',
      args: {
        metric: 'success-share',
        clients: 'writers',
        atLeast: 0.95,
        operationsMin: 10,
        fromMs: ONE_BACK_MS + READY_MS,
        untilMs: ALL_BACK_MS,
      },
      about: 'When one server is back writes are answered again.',
    },
  ];
}

const COUNTED = ['Nobody', 'One server', 'Two servers', 'Three servers'] as const;

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  return {
    question: 'What can those that are left do for clients?',
    options: [
      'Everything, after an election.',
      'Nothing: they take no writes, and do not answer reads that must be up to date.',
      'Answer reads with what they have, but take no writes.',
    ],
    answer: !isLost(p) ? 0 : p.localReads && p.crashed < SERVERS ? 2 : 1,
    because: !isLost(p)
      ? 'Three of five are a majority: one of them has each write that was acknowledged. Here it ' +
        'is the one that was in the other room, and the others elect nobody who has less.'
      : 'For all they know the others are alive, behind a cut, and go on deciding with a ' +
        'majority of their own. So they may decide nothing, and what they have may be old: ' +
        (p.localReads
          ? 'here they were told to answer all the same.'
          : 'here it is, by all that was written in half a second.'),
  };
}

function waiting(p: Params): string {
  if (!isLost(p)) return 'A new leader was elected, and clients are served as before.';
  if (p.crashed === SERVERS) return 'There is nobody to ask.';
  return p.localReads
    ? 'No election can be won, so no write is taken. Reads are answered with what a server has: ' +
        'the last half second before the crash, acknowledged to clients, is not in it. Nothing ' +
        'in the answer says so.'
    : 'No election can be won. Clients ask one server after the other and give up.';
}

function story(p: Params): readonly StoryStep[] {
  const left = SERVERS - p.crashed;
  return [
    {
      title: 'Five servers',
      at: { ms: START_MS },
      text: 'Each write is answered when three of five disks have it: any two servers may fail.',
      focus: ['n', 'writers'],
    },
    {
      title: 'The link between two rooms fails',
      at: { ms: CRASH_MS - BEHIND_MS },
      text:
        'Two of the five stand in another room, and hear nothing any more. The leader does not ' +
        'need them: with two others it has its majority, and goes on answering writes.',
      focus: ['n'],
    },
    {
      title: `${p.crashed} of five crash`,
      at: { ms: CRASH_MS },
      text:
        'Half a second later the leader’s room loses power, and the link comes back. ' +
        `${COUNTED[left] ?? left} of five ${left < 2 ? 'is' : 'are'} left.`,
      predict: prediction(p),
      focus: ['n'],
      check: 'servers-were-lost',
    },
    {
      title: isLost(p) ? 'Waiting' : 'Going on',
      at: { ms: SETTLED_MS },
      text: waiting(p),
      focus: ['n', 'readers'],
      check: isLost(p) ? 'no-write-anywhere' : 'writes-go-on',
    },
    {
      title: 'One comes back',
      at: { ms: ONE_BACK_MS },
      text: comesBack(p),
      focus: ['n'],
      check: 'one-more-is-enough',
    },
    {
      title: 'All five',
      at: { ms: ALL_BACK_MS },
      text: 'The rest start again and are sent what they missed. Nothing acknowledged is lost.',
      focus: ['n'],
      check: 'nothing-is-lost',
    },
  ];
}

function comesBack(p: Params): string {
  const there = SERVERS - p.crashed + 1;
  if (!isLost(p)) return 'The old leader is back and follows the new one.';
  return there >= MAJORITY
    ? 'The old leader starts again with its disk: a majority. It has every write that was ' +
        'acknowledged; the other two do not, so neither of them can be elected.'
    : `The old leader starts again. With it ${there} of five are there: not enough yet.`;
}

function plan(p: Params): Plan {
  return {
    title: 'The majority is lost',
    summary:
      'Three of five servers crash at once. What do the other two still do, and what is there ' +
      'when one comes back?',
    durationMs: STOP_MS + 1_500,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: faults(p),
    checks: checks(p),
    story: story(p),
  };
}

const STOPS = { 'writes-go-on': { breaks: {} } } as const;

export default defineScenario({
  id: 'consensus/majority-lost',
  title: 'The majority is lost',
  summary:
    'With three of five servers gone nothing is written and nothing is read that must be up to ' +
    'date: what is left is old. One comes back, and all that was acknowledged is there.',
  tier: 'hostile',
  sources: [
    RAFT_PAPER,
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, chapter 6` },
    ETCD_GUARANTEES,
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Three of five: everything stops, and goes on when the first of them is back.',
      expect: STOPS,
    },
    {
      name: 'two',
      about: 'Two of five, the leader among them: an election, and it goes on.',
      params: { crashed: 2 },
    },
    {
      name: 'four',
      about: 'Four of five: one server that comes back is not enough.',
      params: { crashed: 4 },
      expect: { ...STOPS, 'one-more-is-enough': { breaks: {} } },
    },
    {
      name: 'local-reads',
      about: 'Three of five, and reads that ask nobody: answered throughout, seconds out of date.',
      params: { localReads: true },
      expect: { ...STOPS, 'never-old': { breaks: {} }, linearizable: { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Cut the three off instead of crashing them: what do they do meanwhile?',
    'Let one of the two that are left crash as well before the first comes back.',
    'Switch flushes of the disks off and crash three: what is there when they return?',
  ],
  leavesOut: [
    'Repair by hand: making a group of those that are left. Here it would lose half a second of ' +
      'acknowledged writes.',
    'Disks that are lost for good.',
  ],
});
