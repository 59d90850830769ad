/**
 * Sessions that stay with their backend: one heavy session is a hot spot, and a backend that comes
 * back has nothing to do.
 */
import { defineScenario, field, often } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf } from '../request-parts.ts';
import { ENVOY_BALANCERS, HAPROXY_STICKY } from '../sources.ts';

const params = {
  sticky: field.choice(['session', 'none'], {
    about: 'session: the requests of a session stay with one backend. none: each goes its way.',
    default: 'session',
  }),
  partnerPerSecond: field.count({
    about: 'Requests a second of one heavy session; a backend can do a hundred in all.',
    default: 90,
    min: 0,
    max: 95,
  }),
  sessions: field.count({ about: 'Sessions of all the others.', default: 200, min: 50, max: 400 }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 4;
const CROWD_PER_SECOND = 120;
const TIMEOUT_MS = 2_000;
const FROM_MS = 1_000;
const CRASH_MS = 6_000;
const BACK_MS = 10_000;
const SETTLED_MS = 13_000;
const END_MS = 18_000;
const INTER_MS = 500;

const call = { timeoutMs: TIMEOUT_MS } as const;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'crowd',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: CROWD_PER_SECOND },
      sessions: p.sessions,
      call,
    },
  },
  {
    name: 'partner',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: p.partnerPerSecond },
      sessions: 1,
      call,
    },
  },
  balancerOf({
    sticky: p.sticky,
    call,
    healthCheck: { enabled: true, interMs: INTER_MS, fall: 2, rise: 2 },
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'uniform', minMs: 8, maxMs: 12 } }],
      admission: { concurrencyLimit: 1 },
    },
  },
];

const shares = { group: 'app', gauge: 'Taken in', measure: 'total' } as const;
const before = { fromMs: FROM_MS, untilMs: CRASH_MS } as const;

const checks = (): readonly CheckPlan[] => [
  {
    id: 'even',
    use: 'gauge',
    args: { ...shares, across: 'imbalance', atMost: 1.35, ...before },
    about: 'No backend gets a third more than the mean.',
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 120, ...before },
    about: 'Before the crash the slowest request of a hundred takes at most 120 ms.',
  },
  {
    id: 'the-crash-bites',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-down',
      atLeast: 1,
      atMost: 1,
      fromMs: CRASH_MS,
      untilMs: BACK_MS,
    },
    about: 'app1 is taken down, and its sessions move to others.',
  },
  {
    id: 'back-in-the-pool',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-up',
      atLeast: 1,
      atMost: 1,
      fromMs: BACK_MS,
      untilMs: SETTLED_MS,
    },
    about: 'app1 is taken back.',
  },
  {
    id: 'has-work-again',
    use: 'gauge',
    args: { ...shares, member: 1, across: 'part', atLeast: 0.2, fromMs: SETTLED_MS },
    about: 'After its return app1 gets at least a fifth of the requests.',
  },
];

const BACKEND_PER_SECOND = 100;
const isSticky = (p: Params): boolean => p.sticky === 'session';
const allPerSecond = (p: Params): number => CROWD_PER_SECOND + p.partnerPerSecond;
/** The home of the heavy session has its part of the crowd as well. */
const homePerSecond = (p: Params): number => p.partnerPerSecond + CROWD_PER_SECOND / BACKENDS;
const isOverloaded = (p: Params): boolean => isSticky(p) && homePerSecond(p) > BACKEND_PER_SECOND;

function because(p: Params): string {
  if (!isSticky(p)) {
    return (
      'Each request goes its own way, so a heavy session is spread over all backends like any ' +
      `other: each gets about ${Math.round(allPerSecond(p) / BACKENDS)} requests a second.`
    );
  }
  const home =
    (p.partnerPerSecond === 0
      ? 'Each home gets about a quarter of the requests: '
      : 'The home of the heavy session gets its requests and about a quarter of the others: ') +
    `${homePerSecond(p)} a second, and it can do ${BACKEND_PER_SECOND}. `;
  return isOverloaded(p)
    ? `${home}Its queue grows, and the sessions that live there wait in it. New backends would ` +
        'not help: no session that has a home moves to them.'
    : `${home}That is enough here; a home gets no help from the others when it is not.`;
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: isSticky(p) ? 'Sessions with a home' : 'Sessions that all share',
    at: { ms: 500 },
    text: isSticky(p)
      ? 'The backends keep what users have in their carts in memory, so the balancer sends each ' +
        `session to the backend where it began. ${p.sessions} sessions, four backends: new ones ` +
        'go round in turn.'
      : 'What users have in their carts is in a store that all backends share, so the requests ' +
        `of ${p.sessions} sessions go to the four backends in turn.`,
    focus: ['crowd', 'balancer', 'app'],
  },
  {
    title: p.partnerPerSecond > 0 ? 'One that asks more' : 'None that asks more',
    at: { ms: FROM_MS },
    text:
      p.partnerPerSecond > 0
        ? `One of the sessions is a partner’s program that logged in once and asks ` +
          `${often(p.partnerPerSecond)} a second. All backends together have time enough.`
        : 'No session asks much more than the others; the partner’s program is silent here.',
    focus: ['partner', 'balancer'],
    predict: {
      question:
        'Four backends can do 400 requests a second, and are asked for ' +
        `${allPerSecond(p)}. Who suffers?`,
      options: [
        'Hardly anybody: every backend can do what it is asked for.',
        'Only the partner, who asks too much.',
        'The partner, and every session that has the same home.',
      ],
      answer: isOverloaded(p) ? 2 : 0,
      because: because(p),
    },
    check: 'even',
  },
  {
    title: isSticky(p) ? 'A home burns down' : 'One of four is gone',
    at: { ms: CRASH_MS },
    text: isSticky(p)
      ? 'app1 crashes. What its sessions had in memory is lost, and each of them gets another ' +
        'home with its next request.'
      : 'app1 crashes. No session is lost with it: as soon as its checks have failed, its ' +
        'requests go to the other three.',
    focus: ['app1', 'balancer'],
    check: 'the-crash-bites',
  },
  {
    title: isSticky(p) ? 'Back, and idle' : 'Back, and at work',
    at: { ms: SETTLED_MS },
    text: isSticky(p)
      ? 'app1 is healthy again, but everybody has a home elsewhere by now. Only new sessions ' +
        'would come to it. Keep sessions in a store that all backends share, and every problem ' +
        'of this story is gone.'
      : 'app1 is healthy again, and has its quarter of the requests: no session has to be moved.',
    focus: ['app1'],
    check: 'has-work-again',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Sticky sessions',
  summary: 'Sessions stay with one backend: a heavy one, and the loss of a home.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [
    {
      id: 'crash',
      fault: { type: 'crash', target: 'app1' },
      atMs: CRASH_MS,
      forMs: BACK_MS - CRASH_MS,
    },
  ],
  checks: checks(),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/sticky-sessions',
  title: 'Sticky sessions',
  summary:
    'One heavy session overloads its backend while the others are half idle, and a backend that ' +
    'was lost comes back to no work at all.',
  tier: 'hostile',
  sources: [HAPROXY_STICKY, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Sticky, with one heavy session: its home is overloaded.',
      expect: { even: { breaks: {} }, tail: { breaks: {} }, 'has-work-again': { breaks: {} } },
    },
    {
      name: 'not-sticky',
      about: 'Sessions in a store that all share: each request goes to the next backend.',
      params: { sticky: 'none' },
    },
    {
      name: 'many-light-sessions',
      about: 'Sticky, and no heavy session: even enough, until a backend is lost.',
      params: { partnerPerSecond: 0 },
      expect: { 'has-work-again': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the heaviest session that four backends bear. Why would eight bear none heavier?',
    'Take 50 sessions and no partner: how uneven is chance?',
    'Crash two backends one after the other, by hand: where do all sessions end up?',
  ],
  leavesOut: [
    'What is lost with a session: users who must log in again, and empty carts.',
    'Cookies that expire, after which a session would find a new home.',
  ],
});
