/**
 * Three zones with a few backends each. A request that stays in its zone is quicker and costs
 * nothing on the bill; but a zone may be short of backends, and then somebody has to leave it.
 *
 * Why the shares are exact: with one of its three backends left a zone has a seventh of all that
 * are healthy, and enters a third of the requests. It keeps (1/7) / (1/3) of its own and sends the
 * rest to the zones with more: each backend anywhere gets a seventh of everything.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { ENVOY_ZONES } from '../sources.ts';

const params = {
  zones: field.choice(['any', 'aware', 'own'], {
    about: 'Whom a balancer asks: any backend; its zone as far as that has its share; only that.',
    default: 'any',
  }),
  crossMs: field.millis({
    about: 'One way from zone to zone; within a zone a quarter of a millisecond.',
    default: 2,
    min: 1.5,
    max: 4,
  }),
  fromZoneA: field.count({
    about: 'How much of 100 requests comes in at the balancer of zone a.',
    default: 33,
    min: 20,
    max: 90,
  }),
};
type Params = Static<TObject<typeof params>>;

const ZONES = ['a', 'b', 'c'] as const;
const EACH = 3;
const BACKENDS = ZONES.length * EACH;
const PER_SECOND = 360;
const WORK_MS = 10;
const LOCAL_MS = 0.25;
const CLIENT_MS = 1;
const FROM_MS = 500;
const LOSS_MS = 4_000;
const SETTLED_MS = 5_000;
const END_MS = 9_000;
const LEFT = BACKENDS - EACH + 1;

const constant = (ms: number) => ({ kind: 'constant', ms }) as const;

function zoneAware({ zones }: Params): object {
  if (zones === 'any') return {};
  return { zoneAware: { enabled: true, ...(zones === 'own' ? { forceLocalMinSize: 1 } : {}) } };
}

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    placement: { zone: 'a' },
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: PER_SECOND },
      call: {
        timeoutMs: 3_000,
        balance: {
          policy: 'smooth-weighted-round-robin',
          weights: [p.fromZoneA, (100 - p.fromZoneA) / 2, (100 - p.fromZoneA) / 2],
        },
      },
    },
  },
  {
    name: 'balancer',
    component: 'load-balancer',
    count: ZONES.length,
    placement: 'spread',
    links: { backends: 'app' },
    config: {
      call: { timeoutMs: 3_000, balance: { policy: 'least-connections' } },
      healthCheck: { enabled: true, interMs: 200, fall: 2, rise: 2 },
      ...zoneAware(p),
    },
  },
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    placement: 'spread',
    config: { steps: [{ do: 'work', time: { kind: 'uniform', minMs: 8, maxMs: 12 } }] },
  },
];

/** What comes in at the balancer of zone a. */
const enteringA = (p: Params): number => (PER_SECOND * p.fromZoneA) / 100;

/** What the last backend of zone a gets after the loss. */
function ofTheLast(p: Params): number {
  if (p.zones === 'own') return enteringA(p);
  // A seventh of the backends, a third of the balancers: so much of what comes in may stay.
  return p.zones === 'aware' ? (enteringA(p) * ZONES.length) / LEFT : PER_SECOND / LEFT;
}

const STAYS_MS = 2 * (CLIENT_MS + LOCAL_MS) + WORK_MS;
const crossing = ({ crossMs }: Params): number => 2 * (crossMs - LOCAL_MS);
/** With a few ms to wait, and the way there and back. */
const quickMs = ({ crossMs }: Params): number => 25 + Math.ceil(2 * crossMs);
const before = { fromMs: FROM_MS, untilMs: LOSS_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'near',
    use: 'slo',
    args: { metric: 'mean-ms', atMost: STAYS_MS + 1.3, ...before },
    about: `A request takes hardly longer than the ${STAYS_MS} ms of one that stays in its zone.`,
  },
  {
    id: 'quick-before',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: quickMs(p), ...before },
    about: `Before the loss 95 of 100 requests are answered within ${quickMs(p)} ms.`,
  },
  {
    id: 'the-loss-bites',
    use: 'fact-count',
    args: { fact: 'balancer.backend-down', atLeast: 6, atMost: 6, fromMs: LOSS_MS },
    about: 'Three balancers take two backends out of their pools.',
  },
  {
    id: 'share-as-computed',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Taken in',
      member: 1,
      measure: 'per-second',
      atLeast: 0.8 * ofTheLast(p),
      atMost: 1.25 * ofTheLast(p),
      fromMs: SETTLED_MS,
    },
    about: `The last backend of zone a gets about ${Math.round(ofTheLast(p))} requests a second.`,
  },
  {
    id: 'quick-after',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 60, fromMs: SETTLED_MS },
    about: 'After the loss 95 of 100 requests are answered within 60 ms.',
  },
];

const HOW: { readonly [zones in Params['zones']]: string } = {
  any: 'A balancer asks the least busy of all nine, wherever it is.',
  aware:
    'A balancer asks in its own zone, as far as the zone’s part of the backends is as large as ' +
    'its part of the balancers.',
  own: 'A balancer asks only in its own zone, as long as anybody is healthy there.',
};

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function whyLeave(p: Params): string {
  if (p.zones === 'any') {
    return (
      'Six of nine backends are in another zone, so two of three requests go there and back: ' +
      `${tenths(crossing(p))} ms more for each of them, and every byte of it is on the bill.`
    );
  }
  return (
    'A third of the balancers and a third of the backends are in each zone, so all may stay. ' +
    `None of them pays the ${tenths(crossing(p))} ms of another zone.`
  );
}

function whyShare(p: Params): string {
  const entering = Math.round(enteringA(p));
  switch (p.zones) {
    case 'own':
      return (
        `${entering} a second come in at zone a, and nobody else may have them: a backend can do ` +
        `${1_000 / WORK_MS}. Its queue grows while the other zones have room.`
      );
    case 'any':
      return (
        `Seven backends are left, and each gets about a seventh of ${PER_SECOND}. Where it is ` +
        'does not matter, for nobody looks.'
      );
    default:
      return (
        'A third of the balancers, and a seventh of the backends: three sevenths of what comes ' +
        `in at zone a stay, of ${entering} a second about ${Math.round(ofTheLast(p))}. The rest ` +
        'goes to the zones that have more. It counts machines: what they really have to do it ' +
        'does not know.'
      );
  }
}

function outcome(p: Params): string {
  if (p.zones === 'own')
    return (
      'Users of zone a wait in a queue that only grows, and those of the other zones notice ' +
      'nothing. To stay at home at any price is the price.'
    );
  if (ofTheLast(p) > 1_000 / WORK_MS)
    return (
      'Zone awareness takes it for granted that all balancers have the same to do. This one has ' +
      'far more, keeps its three sevenths of it, and drowns its last backend.'
    );
  return p.zones === 'aware'
    ? 'What the last backend of zone a cannot take leaves the zone, and nothing else does: each ' +
        'of the seven has the same to do.'
    : 'Nothing depends on zones here, so the loss of most of one costs no more than two of nine ' +
        'backends. The way between the zones is paid for every day, though.';
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three zones',
    at: { ms: FROM_MS },
    text:
      `A balancer and ${EACH} backends in each of three zones, ${tenths(p.crossMs)} ms apart. ` +
      `${PER_SECOND} requests a second come in, ${p.fromZoneA} of 100 at zone a. ${HOW[p.zones]}`,
    focus: ['balancer', 'app'],
    predict: {
      question: 'How many requests leave the zone in which they came in?',
      options: ['None.', 'One in three.', 'Two in three.'],
      answer: p.zones === 'any' ? 2 : 0,
      because: whyLeave(p),
    },
    check: 'near',
  },
  {
    title: 'A zone runs short',
    at: { ms: LOSS_MS },
    text: 'Two of the three backends of zone a crash. Its balancer and its last backend are well.',
    focus: ['app1', 'app4', 'app7'],
    predict: {
      question: 'How many requests a second does the last backend of zone a get now?',
      options: [
        `About ${Math.round(p.zones === 'own' ? PER_SECOND / LEFT : ofTheLast(p))}.`,
        `${Math.round(enteringA(p))}: all that come in there.`,
        'None: its zone is given up.',
      ],
      answer: p.zones === 'own' ? 1 : 0,
      because: whyShare(p),
    },
    check: 'share-as-computed',
  },
  {
    title: 'Who pays',
    at: { ms: END_MS - 2_000 },
    text: outcome(p),
    focus: ['app1', 'balancer'],
    check: 'quick-after',
  },
];

const PAIRS = [
  ['a', 'b'],
  ['b', 'c'],
  ['a', 'c'],
] as const;

const plan = (p: Params): Plan => ({
  title: 'Zones',
  summary: 'Requests stay in their zone until it is short of backends: who may leave?',
  durationMs: END_MS,
  network: {
    latency: constant(LOCAL_MS),
    regions: [{ name: 'region', zones: [...ZONES] }],
    between: PAIRS.map(([a, b]) => ({ a, b, latency: constant(p.crossMs) })),
    // Clients are outside: equally far from all zones.
    links: [
      { from: 'client', to: 'balancer', latency: constant(CLIENT_MS) },
      { from: 'balancer', to: 'client', latency: constant(CLIENT_MS) },
    ],
  },
  groups: groups(p),
  faults: [{ id: 'loss', fault: { type: 'crash', target: ['app4', 'app7'] }, atMs: LOSS_MS }],
  checks: checks(p),
  story: story(p),
});

const breaks = (...ids: readonly string[]): { [check: string]: { breaks: object } } =>
  Object.fromEntries(ids.map((id) => [id, { breaks: {} }]));

export default defineScenario({
  id: 'load-balancing/zones',
  title: 'Zones',
  summary:
    'Two requests of three cross to another zone for nothing. To prefer one’s own is quicker, as ' +
    'long as what a zone cannot take may still leave it.',
  tier: 'hostile',
  sources: [ENVOY_ZONES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Any backend: two of three requests cross zones, and a short zone is no trouble.',
      expect: breaks('near'),
    },
    {
      name: 'aware',
      about: 'Zone-aware: all stay, and after the loss three sevenths of those of zone a.',
      params: { zones: 'aware' },
    },
    {
      name: 'own',
      about: 'Only the own zone: as quick, and the last backend of zone a drowns.',
      params: { zones: 'own' },
      expect: breaks('quick-after'),
    },
    {
      name: 'aware-of-machines',
      about: 'Zone-aware, and eight requests of ten come in at zone a: it counts only machines.',
      params: { zones: 'aware', fromZoneA: 80 },
      expect: breaks('near', 'quick-before', 'quick-after'),
    },
    {
      name: 'any-and-busy',
      about: 'Eight of ten come in at zone a, and any backend may have them.',
      params: { fromZoneA: 80 },
      expect: breaks('near'),
    },
  ],
  thingsToTry: [
    'Crash app1 as well, by hand: where do the requests of zone a go when only that may answer?',
    'Find the share that comes in at zone a from which on zone awareness is worse than none.',
    'Raise the way between zones to 5 ms: what does it cost to look at no zones?',
  ],
  leavesOut: [
    'The bill: clouds charge for each byte between zones, in both directions.',
    'A zone that fails as a whole, with its balancer: clients would have to find another.',
  ],
});
