/**
 * Servers that are all alive, and links that are cut one by one: who can still serve, and what
 * each way of finding out that a leader is needed makes of it.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Selector } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { OMNI_PAXOS, RAFT_DISSERTATION } from '../sources.ts';
import { AFTER, CUT, SHAPE_NAME, WHY } from './partial-connectivity-words.ts';
import type { Course } from './partial-connectivity-words.ts';

const params = {
  shape: field.choice(['quorum-loss', 'chained', 'clique'], {
    about:
      'What is left: five servers and a star around one that does not lead; three in a row with ' +
      'the leader at its end; or three that know each other, with one more hanging on each of two.',
    default: 'quorum-loss',
    source: 'Omni-Paxos (2023), section 2; Howard & Abraham (2020)',
  }),
  system: field.choice(['raft', 'pre-vote', 'check-quorum', 'paxos-heartbeat', 'paxos-progress'], {
    about:
      'Raft as in the paper; with PreVote, which asks first and is refused while a leader is ' +
      'heard; with CheckQuorum besides, by which a leader that too few answer steps down; or ' +
      'Multi-Paxos, where a server stands when it hears nobody, or when it sees no progress.',
    default: 'pre-vote',
  }),
};

type Params = Static<TObject<typeof params>>;

const CUT_MS = 3_000;
/** From here on, what happens is what goes on for as long as the links are cut. */
const LATER_MS = 6_000;
const HEAL_MS = 10_000;
const END_MS = 14_000;
const TIMEOUT_MS = 150;
const DISK = { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } } as const;

const leader: Selector = { role: 'leader', group: 'n' };
const others: Selector = { except: leader, from: 'n' };
/** The others one by one, from 1 on. */
const other = (place: number): Selector =>
  place === 1
    ? { first: 1, of: others }
    : { first: 1, of: { except: { first: place - 1, of: others }, from: others } };

/** What becomes of the group, in the table that tests/conformance holds for other seeds. */
function courseOf({ shape, system }: Params): Course {
  const isPaxos = system.startsWith('paxos');
  if (shape === 'quorum-loss') {
    return system === 'pre-vote' || system === 'paxos-heartbeat' ? 'deadlock' : 'recovers';
  }
  if (isPaxos) return 'ping-pong';
  if (system !== 'raft') return 'stable';
  return shape === 'clique' ? 'ping-pong' : 'recovers';
}

const cut = (id: string, a: Selector, b: Selector): FaultEntry => ({
  id,
  atMs: CUT_MS,
  forMs: HEAL_MS - CUT_MS,
  fault: { type: 'cut-link', a, b },
});

function faults({ shape }: Params): readonly FaultEntry[] {
  if (shape === 'chained') return [cut('end-to-end', leader, other(1))];
  if (shape === 'quorum-loss') {
    const rim: Selector = { except: other(1), from: 'n' };
    return [cut('rim', rim, rim)];
  }
  return [
    cut('fourth', other(3), [leader, other(1), other(4)]),
    cut('fifth', other(4), [other(1), other(2)]),
  ];
}

function servers({ shape, system }: Params): GroupPlan {
  const count = shape === 'chained' ? 3 : 5;
  if (system === 'paxos-heartbeat' || system === 'paxos-progress') {
    const electionTrigger = system === 'paxos-progress' ? 'progress' : 'heartbeat';
    const config = { electionTrigger, electionTimeoutMs: TIMEOUT_MS };
    return { name: 'n', component: 'paxos-kv', count, config, disk: DISK };
  }
  const asks = system !== 'raft';
  const config = {
    electionTimeoutMinMs: TIMEOUT_MS,
    electionTimeoutMaxMs: 2 * TIMEOUT_MS,
    heartbeatMs: TIMEOUT_MS / 5,
    preVote: asks,
    preVoteLease: asks,
    checkQuorum: system === 'check-quorum',
  };
  return { name: 'n', component: 'raft-kv', count, config, disk: DISK };
}

function checks(p: Params): readonly CheckPlan[] {
  const protocol = p.system.startsWith('paxos') ? 'paxos' : 'raft';
  const later = { fromMs: LATER_MS, untilMs: HEAL_MS };
  return [
    { id: 'safety', use: `${protocol}-safety`, about: 'Whatever is cut, nobody decides amiss.' },
    { id: 'linearizable', use: 'linearizable', about: 'Clients see one store.' },
    {
      id: 'links-cut',
      use: 'sometimes',
      args: { predicate: 'link-cut' },
      about: 'The fault bit: some servers could not reach each other.',
    },
    {
      id: 'served',
      use: 'slo',
      args: { metric: 'longest-gap-ms', atMost: 1_000, operationsMin: 0, ...later },
      about: 'With the links still cut, clients are served: never does a whole second pass.',
    },
    {
      id: 'leader-stays',
      use: 'fact-count',
      args: { fact: `${protocol}.leader`, atMost: 0, ...later },
      about: 'With the links still cut, somebody has been leader for good: nobody is elected.',
    },
    {
      id: 'served-after',
      use: 'slo',
      args: { metric: 'ok-count', atLeast: 20, fromMs: END_MS - 2_000, untilMs: END_MS },
      about: 'Once all links are back, clients are served.',
    },
    {
      id: 'one-leader',
      use: 'eventually',
      args: { predicate: 'one-leader', withinMs: 2_000 },
      about: 'Once all links are back, there is one leader.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const course = courseOf(p);
  const broken = course === 'deadlock' ? 'served' : 'leader-stays';
  return [
    {
      title: 'All can talk',
      at: { when: 'one-leader' },
      text:
        'A leader serves the clients, and all servers hear it. Clients can reach every server ' +
        'throughout: only links between servers are going to be cut.',
      focus: [leader],
    },
    {
      title: 'Some links are cut',
      at: { ms: CUT_MS },
      text: `${CUT[p.shape]} No server has failed, and there is one that could lead them all.`,
      predict: {
        question: 'What becomes of the group while the links stay cut?',
        options: [
          'It goes on under its leader',
          'It gets another leader, and that one stays',
          'Leaders come and go without end',
          'Nobody is elected, and nobody is served',
        ],
        answer: ['stable', 'recovers', 'ping-pong', 'deadlock'].indexOf(course),
        because: WHY[p.shape][p.system],
      },
      focus: ['n'],
      check: broken,
    },
    {
      title: SHAPE_NAME[p.shape],
      at: { ms: LATER_MS },
      text: AFTER[course],
      focus: ['n'],
      check: broken,
    },
    {
      title: 'The links are back',
      at: { ms: HEAL_MS },
      text: 'All servers hear each other again, and the next leader, or the old one, stays.',
      focus: ['n'],
      check: 'one-leader',
    },
  ];
}

const plan = (p: Params): Plan => ({
  title: 'Some links are cut',
  summary: `${SHAPE_NAME[p.shape]}, while every server is alive.`,
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
  groups: [
    servers(p),
    {
      name: 'c',
      component: 'kv-client',
      count: 3,
      links: { servers: 'n' },
      config: { keys: 3, thinkMs: 30, tryTimeoutMs: 80, readShare: 0.2 },
    },
  ],
  faults: faults(p),
  healAtMs: HEAL_MS,
  checks: checks(p),
  story: story(p),
});

const DEADLOCK = { served: { breaks: {} } } as const;
const PING_PONG = { 'leader-stays': { breaks: {} } } as const;

export default defineScenario({
  id: 'consensus/partial-connectivity',
  title: 'Some links are cut',
  summary:
    'All servers are alive and one of them could lead, but not everybody hears everybody. Some ' +
    'settings deadlock, some change their leader without end, and some carry on.',
  tier: 'hostile',
  sources: [
    OMNI_PAXOS,
    {
      title:
        'Howard & Abraham: Raft does not Guarantee Liveness in the face of Network Faults (2020)',
      url: 'https://decentralizedthoughts.github.io/2020-12-12-raft-liveness-full-omission/',
    },
    {
      title: 'Cloudflare: A Byzantine failure in the real world (2020)',
      url: 'https://blog.cloudflare.com/a-byzantine-failure-in-the-real-world/',
    },
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, sections 4.2.3, 6.2 and 9.6` },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A star, PreVote alone: the one who could lead hears the old leader, and waits.',
      expect: DEADLOCK,
    },
    {
      name: 'star-plain-raft',
      about:
        'A star, plain Raft: the strays’ later terms depose the leader, and the hub takes over.',
      params: { system: 'raft' },
    },
    {
      name: 'star-check-quorum',
      about: 'A star, PreVote and CheckQuorum: the leader notices that too few answer, and leaves.',
      params: { system: 'check-quorum' },
    },
    {
      name: 'star-paxos-heartbeat',
      about: 'A star, Multi-Paxos by heartbeat: the hub always hears somebody who tries.',
      params: { system: 'paxos-heartbeat' },
      expect: DEADLOCK,
    },
    {
      name: 'star-paxos-progress',
      about: 'A star, Multi-Paxos by progress: the hub sees that nothing gets done, and stands.',
      params: { system: 'paxos-progress' },
    },
    {
      name: 'chained-pre-vote',
      about: 'A chain, PreVote: the middle server hears the leader and refuses the far one.',
      params: { shape: 'chained' },
    },
    {
      name: 'chained-paxos',
      about: 'A chain, Multi-Paxos: the two ends take the lead from each other without end.',
      params: { shape: 'chained', system: 'paxos-heartbeat' },
      expect: PING_PONG,
    },
    {
      name: 'clique-plain-raft',
      about: 'The clique, plain Raft: whoever leads, somebody does not hear it.',
      params: { shape: 'clique', system: 'raft' },
      expect: PING_PONG,
    },
    {
      name: 'clique-pre-vote',
      about: 'The clique, PreVote: who misses the leader asks first, and is refused.',
      params: { shape: 'clique' },
    },
  ],
  thingsToTry: [
    'Look for the setting that neither deadlocks nor changes its leader, whatever the shape.',
    'In the star under Multi-Paxos by heartbeat, watch the promised round of the hub grow.',
    'Cut one link of a calm group by hand: which links can go before anybody notices?',
  ],
  leavesOut: [
    'Clients that share the fate of a server’s links: they reach all servers throughout.',
    'Servers that forward for others, which would hide the cut.',
  ],
});
