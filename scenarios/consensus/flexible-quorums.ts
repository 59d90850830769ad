/**
 * Quorums that are no majorities: what a small one for writes buys, and what it costs when the
 * leader is gone.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Fault, FaultEntry, GroupPlan, Plan, Selector } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { FLEXIBLE_PAXOS, PAXOS_MADE_SIMPLE, RAFT_PAPER } from '../sources.ts';

const SERVERS = 5;

const params = {
  phase2Quorum: field.count({
    about:
      'How many of the five servers must accept a write. To become leader a server needs the ' +
      'promises of so many that the two always meet: six less this.',
    default: 2,
    min: 1,
    max: 5,
    source: 'Howard, Malkhi & Spiegelman (2016)',
  }),
  protocol: field.choice(['multi-paxos', 'raft'], {
    about:
      'Who counts. In Raft two elections must meet as well, for a term belongs to nobody: a ' +
      'majority elects at least.',
    default: 'multi-paxos',
  }),
  how: field.choice(['crash', 'cut'], {
    about: 'What happens to three of the others at first: they crash, or their links are cut.',
    default: 'crash',
  }),
};

type Params = Static<TObject<typeof params>>;

const FAIL_MS = 3_000;
const FAIL_FOR_MS = 2_000;
const HEADLESS_MS = 7_000;
const HEADLESS_FOR_MS = 2_000;
const QUIET_MS = 11_000;
const END_MS = 14_000;

const leader: Selector = { role: 'leader', group: 'n' };
const three: Selector = { first: 3, of: { except: leader, from: 'n' } };

const isRaft = (p: Params): boolean => p.protocol === 'raft';
const phase1Of = (p: Params): number =>
  Math.max(SERVERS + 1 - p.phase2Quorum, isRaft(p) ? (SERVERS + 1) / 2 : 1);
/** The leader and one other are left. */
const writesGoOn = (p: Params): boolean => p.phase2Quorum <= 2;

function groups(p: Params): readonly GroupPlan[] {
  const disk = { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } } as const;
  const paxos: GroupPlan = {
    name: 'n',
    component: 'paxos-kv',
    count: SERVERS,
    config: { phase1Quorum: phase1Of(p), phase2Quorum: p.phase2Quorum },
    disk,
  };
  const raft: GroupPlan = {
    name: 'n',
    component: 'raft-kv',
    count: SERVERS,
    config: { electionQuorum: phase1Of(p), replicationQuorum: p.phase2Quorum },
    disk,
  };
  return [
    isRaft(p) ? raft : paxos,
    {
      name: 'c',
      component: 'kv-client',
      count: 4,
      links: { servers: 'n' },
      config: { keys: 12, thinkMs: 30, tryTimeoutMs: 100, stopMs: QUIET_MS },
    },
  ];
}

function faults(p: Params): readonly FaultEntry[] {
  const first: Fault =
    p.how === 'crash'
      ? { type: 'crash', target: three }
      : { type: 'cut-link', a: three, b: { except: three, from: 'n' } };
  return [
    { id: 'three', atMs: FAIL_MS, forMs: FAIL_FOR_MS, fault: first },
    {
      id: 'headless',
      atMs: HEADLESS_MS,
      forMs: HEADLESS_FOR_MS,
      fault: { type: 'crash', target: [leader, { first: 1, of: { except: leader, from: 'n' } }] },
    },
  ];
}

/** What comes after committed entries were lost in Raft is chance: nobody repairs it. */
const isBroken = (p: Params, off: readonly string[]): boolean =>
  isRaft(p) && off.includes('raft.quorum-intersection');

const AFTERWARDS: readonly string[] = ['served-again', 'logs-agree'];

const checksOf = (p: Params): readonly CheckPlan[] => [
  isRaft(p)
    ? {
        id: 'raft-safety',
        use: 'raft-safety',
        about: 'One leader a term, and each has all that was committed before it.',
      }
    : { id: 'paxos-safety', use: 'paxos-safety', about: 'One value is chosen for each slot.' },
  { id: 'linearizable', use: 'linearizable', about: 'Clients see one store.' },
  {
    id: 'servers-failed',
    use: 'sometimes',
    args: { predicate: 'member-down' },
    about: 'The faults bit: servers were down.',
  },
  {
    id: 'writes-go-on',
    use: 'slo',
    args: {
      metric: 'longest-gap-ms',
      atMost: 300,
      fromMs: FAIL_MS,
      untilMs: FAIL_MS + FAIL_FOR_MS,
      operationsMin: 0,
    },
    about: 'While only the leader and one other are there, clients are answered as before.',
  },
  {
    id: 'new-leader',
    use: 'fact-count',
    args: {
      fact: isRaft(p) ? 'raft.leader' : 'paxos.leader',
      atLeast: 1,
      fromMs: HEADLESS_MS,
      untilMs: HEADLESS_MS + HEADLESS_FOR_MS,
    },
    about: 'While the leader and one other are down, the three that are left elect a leader.',
  },
  {
    id: 'served-again',
    use: 'slo',
    args: { metric: 'ok-count', atLeast: 20, fromMs: QUIET_MS - 1_000, untilMs: QUIET_MS },
    about: 'With all servers back, clients are served again.',
  },
  {
    id: 'logs-agree',
    use: 'eventually',
    args: { predicate: 'logs-agree', withinMs: 4_000 },
    about: 'Once all is well and the clients rest, all servers have the same log.',
  },
];

/** With the rule that quorums meet off a majority elects, whatever is due. */
const promisesOf = (p: Params, isApart: boolean): number =>
  isApart ? Math.min(phase1Of(p), (SERVERS + 1) / 2) : phase1Of(p);

const isApart = (p: Params, off: readonly string[]): boolean =>
  off.includes(`${isRaft(p) ? 'raft' : 'paxos'}.quorum-intersection`) && phase1Of(p) > 3;

const meeting = (writes: number, promises: number, apart: boolean): string =>
  apart
    ? `${SERVERS + 1 - writes} would be due: ${writes} and ${promises} of five need not have a ` +
      'server in common, so nobody may tell the next leader of a write that was done.'
    : `Any ${writes} and any ${promises} of five have a server in common, and that is all that ` +
      'safety asks for: it will tell the next leader of every write that was done.';

function whyWritesGoOn(p: Params, apart: boolean): string {
  const writes = p.phase2Quorum;
  if (!writesGoOn(p)) {
    return (
      `A write needs ${writes} of the five and two are there. The leader is in office and can do ` +
      'nothing until others are back.'
    );
  }
  const enough =
    `A write needs ${writes} of the five, the leader counts itself, and a leader that is in ` +
    'office needs no promises. ';
  if (p.how === 'crash') return `${enough}Only two of five servers run, and nobody notices.`;
  return apart
    ? `${enough}But the three beyond the cut elect a leader as well, and it writes, too.`
    : `${enough}The three beyond the cut are too few to elect another.`;
}

function afterwards(p: Params, off: readonly string[]): Pick<StoryStep, 'text' | 'check'> {
  const all = 'With five servers every quorum can be had';
  if (isBroken(p, off)) {
    return {
      text:
        `${all}, and it is too late. Some hold as committed what others have replaced, and no ` +
        'rule of Raft says who is to give in.',
    };
  }
  if (isApart(p, off)) {
    return {
      text: `${all}, and clients are served. What two leaders have chosen for one slot stays.`,
      check: 'paxos-safety',
    };
  }
  return {
    text:
      `${all}. Whoever leads now knows of each write that was ever done, for somebody among its ` +
      'promises had accepted it.',
    check: 'served-again',
  };
}

function election(promises: number): { readonly answer: number; readonly because: string } {
  return promises <= 3
    ? {
        answer: 0,
        because: `Leading takes ${promises} of five, and three servers are there to promise.`,
      }
    : {
        answer: 1,
        because:
          `Leading takes ${promises} promises and three servers are there. What was saved on ` +
          'each write is paid for here: a majority of the servers runs, and all wait. Only where ' +
          'quorums need not meet are three enough, and then writes are lost.',
      };
}

function story(p: Params, off: readonly string[]): readonly StoryStep[] {
  const writes = p.phase2Quorum;
  const apart = isApart(p, off);
  const promises = promisesOf(p, apart);
  return [
    {
      title: 'Two kinds of quorum',
      at: { when: 'one-leader' },
      text:
        `A write is done when ${writes} of the five servers have it. A server leads once ` +
        `${promises} of them ${promises === 1 ? 'has' : 'have'} promised to follow. ` +
        meeting(writes, promises, apart),
      focus: [leader],
    },
    {
      title: 'Three are gone',
      at: { ms: FAIL_MS },
      text:
        p.how === 'crash'
          ? 'Three of the four followers crash. The leader has one server left to write to.'
          : 'The links between three followers and the rest are cut. The leader has one server ' +
            'left to write to, and the three cannot hear it.',
      predict: {
        question: 'Are writes still answered?',
        options: ['Yes', 'No'],
        answer: writesGoOn(p) ? 0 : 1,
        because: whyWritesGoOn(p, apart),
      },
      focus: [three],
      check: 'writes-go-on',
    },
    {
      title: 'The leader is gone',
      at: { ms: HEADLESS_MS },
      text:
        'All have been back for a while. Now the leader crashes, and one other with it. Three ' +
        'servers are left, a majority.',
      predict: {
        question: 'Do they elect a leader?',
        options: ['Yes', 'No'],
        ...election(promises),
      },
      focus: ['n'],
      check: 'new-leader',
    },
    {
      title: 'All are back',
      at: { ms: HEADLESS_MS + HEADLESS_FOR_MS },
      ...afterwards(p, off),
      focus: ['n'],
    },
  ];
}

const plan = (p: Params, off: readonly string[]): Plan => ({
  title: 'Flexible quorums',
  summary: 'A write needs few servers, an election many; or the other way round.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
  groups: groups(p),
  faults: faults(p),
  healAtMs: HEADLESS_MS + HEADLESS_FOR_MS,
  checks: checksOf(p).filter(({ id }) => !isBroken(p, off) || !AFTERWARDS.includes(id)),
  story: story(p, off),
});

export default defineScenario({
  id: 'consensus/flexible-quorums',
  title: 'Flexible quorums',
  summary:
    'Quorums need not be majorities: those that elect must meet those that write. With two of ' +
    'five for a write, three may die and nobody notices; but if two die, and one of them is the ' +
    'leader, all wait.',
  tier: 'hostile',
  sources: [FLEXIBLE_PAXOS, PAXOS_MADE_SIMPLE, RAFT_PAPER],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Two of five for a write, four for an election: three may be down, but not a leader.',
      expect: { 'new-leader': { breaks: {} } },
    },
    {
      name: 'majorities',
      about: 'Three of five for both, as usual: two may be down, whoever they are.',
      params: { phase2Quorum: 3 },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'all-write',
      about: 'All five for a write, one for an election: anybody may lead, and each must be there.',
      params: { phase2Quorum: 5 },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'cut-off',
      about: 'Three are cut off instead of dead. They are a majority, and may not elect anybody.',
      params: { how: 'cut' },
      expect: { 'new-leader': { breaks: {} } },
    },
    {
      name: 'no-overlap',
      about:
        'An election takes three promises where four are due. The three that are cut off elect a ' +
        'leader of their own, and two values are chosen for the same slot.',
      params: { how: 'cut' },
      ablations: ['paxos.quorum-intersection'],
      expect: {
        'paxos-safety': { breaks: {} },
        linearizable: { breaks: {} },
        'logs-agree': { breaks: {} },
      },
    },
    {
      name: 'raft',
      about: 'The same sizes in Raft: two commit an entry, four elect.',
      params: { protocol: 'raft' },
      expect: { 'new-leader': { breaks: {} } },
    },
    {
      name: 'raft-no-overlap',
      about:
        'Three votes make a leader where four are due. No term has two leaders, for any three of ' +
        'five meet; and yet the three that are cut off know nothing of what two committed, ' +
        'and replace it.',
      params: { protocol: 'raft', how: 'cut' },
      ablations: ['raft.quorum-intersection'],
      expect: {
        'raft-safety': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Let one server be enough for a write: how long does the group live without its leader?',
    'Cut the three off under majorities: which side goes on, and who leads it?',
    'Switch paxos.quorum-intersection off under majorities, and compare the logs of two servers.',
  ],
  leavesOut: [
    'Quorums by place, as rows and columns of a grid: here any so many servers are a quorum.',
    'Changing the sizes while the group runs.',
  ],
});
