/**
 * One bad cable: what a server that comes and goes does to a Raft group, with PreVote and without.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Fault, GroupPlan, Plan, Selector } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION } from '../sources.ts';
import { DOWN, MEANWHILE, QUESTION, SUMMARY, back } from './flapping-link-words.ts';
import type { Course } from './flapping-link-words.ts';

const params = {
  nodes: field.count({ about: 'Servers in the group.', default: 5, min: 3, max: 9 }),
  link: field.choice(['follower', 'leader-follower', 'deaf-leader'], {
    about:
      'What flaps: all links of one follower; only the link between it and the leader; or all ' +
      'links towards the leader, which then speaks but does not hear.',
    default: 'follower',
  }),
  preVote: field.flag({
    about: 'Ask whether one could win before raising the term: only an up-to-date log can.',
    default: true,
    source: 'Dissertation 9.6',
  }),
  preVoteLease: field.flag({
    about: 'Refuse votes while a leader was heard within the minimum election timeout.',
    default: true,
    source: 'Dissertation 4.2.3',
  }),
  checkQuorum: field.flag({
    about: 'A leader that no majority answers steps down by itself.',
    default: true,
    source: 'Dissertation 6.2',
  }),
  readShare: field.probability({
    about: 'The share of operations that are reads; 1: nobody writes, and all logs stay equal.',
    default: 0.5,
  }),
  downMs: field.millis({
    about: 'How long the link is down each time; it is up for one second.',
    default: 800,
    min: 500,
    max: 2_000,
  }),
};

type Params = Static<TObject<typeof params>>;

const FIRST_FLAP_MS = 3_000;
const UP_MS = 1_000;
const FLAPS = 5;
const QUIET_MS = 1_500;

const period = (p: Params): number => p.downMs + UP_MS;
const lastFlapMs = (p: Params): number => FIRST_FLAP_MS + (FLAPS - 1) * period(p);
const healAt = (p: Params): number => lastFlapMs(p) + period(p);

const leader: Selector = { role: 'leader', group: 'n' };
/** The first server that does not lead. */
const follower: Selector = { first: 1, of: { except: leader, from: 'n' } };

/** What becomes of the leader when the link flaps. */
function courseOf(p: Params): Course {
  if (p.link === 'deaf-leader') return p.checkQuorum ? 'gives-way' : 'proud';
  if (!p.preVote) return 'deposed';
  const isRefused = p.link === 'follower' || p.preVoteLease || p.readShare < 1;
  return isRefused ? 'unnoticed' : 'overtaken';
}

function faultOf(p: Params): Fault {
  if (p.link === 'follower') return { type: 'partition', groups: [follower] };
  if (p.link === 'leader-follower') return { type: 'cut-link', a: leader, b: follower };
  return { type: 'one-way', from: { except: leader, from: 'n' }, to: leader };
}

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: p.nodes,
      config: {
        preVote: p.preVote,
        preVoteLease: p.preVoteLease,
        checkQuorum: p.checkQuorum,
      },
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 5,
      links: { servers: 'n' },
      config: {
        keys: 3,
        thinkMs: 20,
        tryTimeoutMs: 120,
        readShare: p.readShare,
        stopMs: healAt(p) + QUIET_MS,
      },
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const flapping = { fromMs: FIRST_FLAP_MS, untilMs: healAt(p) + QUIET_MS };
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Clients see one store, however often its leader changes.',
    },
    {
      id: 'link-flapped',
      use: 'sometimes',
      args: { predicate: 'link-cut' },
      about: 'The fault bit: some server could not reach another.',
    },
    {
      id: 'term-stays',
      use: 'fact-count',
      args: { fact: 'raft.term', atMost: 0, ...flapping },
      about: 'No server moves to a new term because of the flapping link.',
    },
    {
      id: 'leader-stays',
      use: 'fact-count',
      args: { fact: 'raft.leader', atMost: 0, ...flapping },
      about: 'The leader stays in office: nobody is elected while the link flaps.',
    },
    {
      id: 'clients-unhurt',
      use: 'slo',
      args: { metric: 'longest-gap-ms', atMost: 150, operationsMin: 20, ...flapping },
      about: 'Clients notice nothing: never do 150 ms pass without an answered operation.',
    },
    {
      id: 'logs-agree',
      use: 'eventually',
      args: { predicate: 'logs-agree', withinMs: 4_000 },
      about: 'Once the link is sound and the clients rest, all logs are the same.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const course = courseOf(p);
  const backMs = FIRST_FLAP_MS + p.downMs;
  // Where votes are not refused, the others have entered the later term while the link was down.
  const isTold = p.link === 'leader-follower' && !p.preVoteLease;
  return [
    {
      title: 'A calm group',
      at: { when: 'one-leader' },
      text:
        'The leader of the first term sends heartbeats, and all is well. A term is Raft’s ' +
        'calendar: it grows with every election, and whoever hears of a later one must join it.',
      focus: [leader],
    },
    {
      title: p.link === 'deaf-leader' ? 'The leader goes deaf' : 'The link goes down',
      at: { ms: FIRST_FLAP_MS },
      text: DOWN[p.link],
      predict: QUESTION[p.link](course),
      focus: [p.link === 'deaf-leader' ? leader : follower],
      check: 'term-stays',
    },
    meanwhile(p, course),
    { title: 'The link is back', at: { ms: backMs }, text: back(course, isTold), ...BACK[course] },
  ];
}

const BACK: { readonly [course in Course]: Pick<StoryStep, 'focus' | 'check'> } = {
  unnoticed: { focus: [leader, follower], check: 'leader-stays' },
  deposed: { focus: [leader, follower], check: 'leader-stays' },
  overtaken: { focus: ['n'], check: 'leader-stays' },
  'gives-way': { focus: ['n'], check: 'leader-stays' },
  proud: { focus: [leader], check: 'clients-unhurt' },
};

/** What goes on while the link is down. */
function meanwhile(p: Params, course: Course): StoryStep {
  if (course === 'proud') {
    return {
      title: 'A leader of nobody',
      at: { ms: FIRST_FLAP_MS + p.downMs / 2 },
      text:
        'Requests reach it, and it sends each of them on to the others, who write it down and ' +
        'answer in vain. Nothing is committed and no client is answered; no server stands, for ' +
        'the heartbeats come in time.',
      focus: [leader],
      check: 'clients-unhurt',
    };
  }
  const role = p.preVote ? 'pre-candidate' : 'candidate';
  return {
    ...MEANWHILE[course],
    at: { when: 'role-played', args: { role } },
    focus: [{ role, group: 'n' }],
  };
}

function plan(p: Params): Plan {
  return {
    title: 'A flapping link',
    summary: SUMMARY[p.link],
    durationMs: healAt(p) + 4_500,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: [
      {
        id: 'flap',
        every: {
          interval: { kind: 'constant', ms: period(p) },
          fromMs: FIRST_FLAP_MS - period(p),
          untilMs: lastFlapMs(p),
        },
        forMs: p.downMs,
        fault: faultOf(p),
      },
    ],
    healAtMs: healAt(p),
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'consensus/flapping-link',
  title: 'A flapping link',
  summary:
    'One server loses its link again and again. Without PreVote it comes back each time with a ' +
    'higher term and deposes a healthy leader; with PreVote nobody notices.',
  tier: 'hostile',
  sources: [
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, sections 4.2.3, 6.2 and 9.6` },
    {
      title: 'Cloudflare: A Byzantine failure in the real world (2020)',
      url: 'https://blog.cloudflare.com/a-byzantine-failure-in-the-real-world/',
    },
    {
      title:
        'Ng, Haridi & Carbone: Omni-Paxos: Breaking the Barriers of Partial Connectivity (2023)',
    },
  ],
  params,
  plan,
  variants: [
    { name: 'default', about: 'PreVote, the refusal while a leader is heard, and CheckQuorum.' },
    {
      name: 'no-pre-vote',
      about: 'Plain Raft: every return of the server costs the group its leader.',
      params: { preVote: false, preVoteLease: false },
      expect: {
        'term-stays': { breaks: {} },
        'leader-stays': { breaks: {} },
        'clients-unhurt': { breaks: {} },
      },
    },
    {
      name: 'refusal-only',
      about:
        'Servers that hear a leader refuse their votes, but the stray server has raised its term ' +
        'all the same, and its answer to a heartbeat deposes the leader.',
      params: { preVote: false },
      expect: {
        'term-stays': { breaks: {} },
        'leader-stays': { breaks: {} },
        'clients-unhurt': { breaks: {} },
      },
    },
    {
      name: 'logs-only',
      about:
        'Half of PreVote: logs are compared, but nobody asks whether a leader is alive. Nobody ' +
        'writes, so all logs are equal, and the server that misses only the leader wins. The ' +
        'change is quick and clients hardly notice, but each flap costs a leader that was well.',
      params: { link: 'leader-follower', preVoteLease: false, readShare: 1 },
      expect: {
        'term-stays': { breaks: {} },
        'leader-stays': { breaks: {} },
      },
    },
    {
      name: 'deaf-leader',
      about: 'The leader speaks but does not hear. CheckQuorum makes it give way.',
      params: { link: 'deaf-leader' },
      expect: {
        'term-stays': { breaks: {} },
        'leader-stays': { breaks: {} },
        'clients-unhurt': { breaks: {} },
      },
    },
    {
      name: 'deaf-and-proud',
      about:
        'Without CheckQuorum the deaf leader keeps its office. The term is constant, and nothing ' +
        'is answered for as long as the links are down.',
      params: { link: 'deaf-leader', checkQuorum: false },
      expect: { 'clients-unhurt': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Switch off the comparison of logs and the refusal one at a time: which one saves the term?',
    'Let the link be down for 500 ms, then for 2 s: how much does the term grow each time?',
    'Cut the follower off by hand while a write is under way, and look at its log afterwards.',
  ],
  leavesOut: [
    'Connections that must be set up again: packets flow as soon as the link is up.',
    'Failure detectors of the operating system, which would notice a dead link sooner.',
  ],
});
