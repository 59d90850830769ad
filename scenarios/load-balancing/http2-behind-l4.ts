/**
 * Few connections over many backends: a balancer that sees only connections cannot spread requests.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { ENVOY_BALANCERS, GRPC_BALANCING } from '../sources.ts';

const params = {
  layer: field.choice(['l4', 'l7'], {
    about: 'l4: a backend for each connection. l7: a backend for each request.',
    default: 'l4',
  }),
  connections: field.count({
    about: 'Connections of the client, each with many requests at once (HTTP/2).',
    default: 3,
    min: 1,
    max: 32,
  }),
  backends: field.count({ about: 'Backends.', default: 8, min: 4, max: 16 }),
  ratePerSecond: field.count({
    about: 'Requests a second; one backend can do a hundred.',
    default: 240,
    min: 40,
    max: 300,
  }),
};
type Params = Static<TObject<typeof params>>;

const END_MS = 8_000;
const FROM_MS = 500;

/**
 * Connections take turns, and requests take turns on them: the busiest backend has the most
 * connections, over the mean of all.
 */
const imbalance = (p: Params): number =>
  (Math.ceil(p.connections / p.backends) * p.backends) / p.connections;
/** Of some hundreds of requests one more or less. */
const SLACK = 0.05;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: p.ratePerSecond },
    connections: p.connections,
    call: { timeoutMs: 60_000 },
  }),
  balancerOf({ layer: p.layer, call: { timeoutMs: 60_000 } }),
  {
    name: 'app',
    component: 'service',
    count: p.backends,
    config: {
      steps: [{ do: 'work', time: { kind: 'uniform', minMs: 8, maxMs: 12 } }],
      admission: { concurrencyLimit: 1, maxQueue: 10_000 },
    },
  },
];

const shares = { group: 'app', gauge: 'Taken in', measure: 'total' } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  ...(p.connections < p.backends
    ? [
        {
          id: 'no-more-than-the-connections',
          use: 'gauge',
          args: { ...shares, member: p.connections + 1, atMost: 0 },
          about:
            `${plural(p.connections, 'connection reaches', 'connections reach')} at most ` +
            `${plural(p.connections, 'backend')}: app` +
            `${p.connections + 1} does not get one request.`,
        },
      ]
    : []),
  {
    id: 'as-the-connections-say',
    use: 'gauge',
    args: {
      ...shares,
      across: 'imbalance',
      atLeast: imbalance(p) * (1 - SLACK),
      atMost: imbalance(p) * (1 + SLACK),
    },
    about:
      `The busiest backend gets ${Math.round(imbalance(p) * 100) / 100} times the mean, as ` +
      'counting the connections says.',
  },
  {
    id: 'even',
    use: 'gauge',
    args: { ...shares, across: 'imbalance', atMost: 1 + SLACK },
    about: 'All backends get the same number of requests.',
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 30, fromMs: FROM_MS },
    about: 'The slowest request of a hundred takes at most 30 ms.',
  },
  {
    id: 'no-queue-without-end',
    use: 'gauge',
    args: { group: 'balancer', gauge: 'Under way', measure: 'max', atMost: 80 },
    about: 'Requests do not pile up: no backend is asked for more than it can do.',
  },
];

const CAN_DO_PER_SECOND = 100;
const tenths = (x: number): number => Math.round(x * 10) / 10;
const mean = (p: Params): number => p.ratePerSecond / p.backends;
const busiest = (p: Params): number => mean(p) * (p.layer === 'l7' ? 1 : imbalance(p));

/** All alike, some of them, or all but not alike. */
function who(p: Params): { readonly answer: number; readonly because: string } {
  const { connections: c, backends: b } = p;
  if (p.layer === 'l7') {
    return {
      answer: 0,
      because:
        'The balancer reads the requests on each connection and chooses for each of them. It ' +
        'does not matter how many connections they come on.',
    };
  }
  if (c < b) {
    return {
      answer: 1,
      because:
        'The choice was made when the connections were opened, and it holds for as long as they ' +
        `live. Round robin was fair to connections; nobody asked it about requests. So ` +
        `${plural(c, 'connection reaches', 'connections reach')} ${plural(c, 'backend')}, and ` +
        `new ones, started because the busy ones are busy, ` +
        'stay idle.',
    };
  }
  const most = Math.ceil(c / b);
  return c % b === 0
    ? {
        answer: 0,
        because:
          `The connections are dealt out in turn, ${most} to each backend, and the client uses ` +
          'them in turn. That is as even as a choice for each request, for as long as all live.',
      }
    : {
        answer: 2,
        because:
          `The connections are dealt out in turn: some backends have ${most}, the others ` +
          `${most - 1}, and each connection brings as many requests as any other. The choice ` +
          'holds for as long as the connections live.',
      };
}

function price(p: Params): string {
  const shares =
    `The busiest backend gets about ${tenths(busiest(p))} requests a second, and can do ` +
    `${CAN_DO_PER_SECOND}. The mean of all is ${tenths(mean(p))}. `;
  if (p.layer === 'l4' && p.connections < p.backends) {
    return (
      shares +
      (busiest(p) > CAN_DO_PER_SECOND
        ? 'A queue grows without end beside idle backends. '
        : 'The mean looks fine on every chart, and requests wait all the same. ') +
      'Adding backends changes nothing at all.'
    );
  }
  return busiest(p) > mean(p) ? `${shares}A chart of the mean does not show it.` : shares.trim();
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One client, few connections',
    at: { ms: 500 },
    text:
      `A client sends ${p.ratePerSecond} requests a second. Connections: ${p.connections}, with ` +
      'many requests at a time on each, as HTTP/2 and gRPC do. Opening one for each request was ' +
      'slow; this is fast.',
    focus: ['client', 'balancer'],
  },
  {
    title: p.layer === 'l4' ? 'A balancer of connections' : 'A balancer of requests',
    at: { ms: 1_000 },
    text:
      p.layer === 'l4'
        ? `The balancer works on layer 4: it gives each connection a backend, of ${p.backends}, ` +
          'and passes its bytes on. What is in them it does not see.'
        : 'The balancer works on layer 7: it ends the connections, reads what comes on them, and ' +
          `gives each request a backend, of ${p.backends}.`,
    focus: ['balancer', 'app'],
    predict: {
      question: `Connections: ${p.connections}. Backends: ${p.backends}. How many backends work?`,
      options: [
        'All: each gets the same number of requests.',
        'Some: the others do not get one request.',
        'All, but some get clearly more requests than others.',
      ],
      ...who(p),
    },
    check: 'as-the-connections-say',
  },
  {
    title: 'The busiest of them',
    at: { ms: 4_000 },
    text: price(p),
    focus: ['app'],
    check: 'tail',
  },
  {
    title: 'Who looks inside',
    at: { ms: 7_000 },
    text:
      'A balancer of layer 7 ends the connection, reads the requests and chooses for each. ' +
      'Clients that balance by themselves do the same; many more connections help as well.',
    focus: ['balancer'],
    check: 'even',
  },
];

const plan = (p: Params): Plan => ({
  title: 'HTTP/2 behind layer 4',
  summary: 'Few connections, many backends, and a balancer that sees only connections.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/http2-behind-l4',
  title: 'HTTP/2 behind layer 4',
  summary:
    'Three connections over eight backends: three work, five are idle, whatever the balancer ' +
    'does, because it chose when the connections were opened.',
  tier: 'calm',
  sources: [GRPC_BALANCING, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Three connections, eight backends, layer 4: three of them do all the work.',
      expect: { even: { breaks: {} }, tail: { breaks: {} } },
    },
    {
      name: 'two-connections',
      about: 'With two connections two backends get more than they can do, beside six idle ones.',
      params: { connections: 2 },
      expect: {
        even: { breaks: {} },
        tail: { breaks: {} },
        'no-queue-without-end': { breaks: {} },
      },
    },
    {
      name: 'layer-7',
      about: 'The same three connections; the balancer chooses for each request.',
      params: { layer: 'l7' },
      expect: {
        'no-more-than-the-connections': { breaks: {} },
        'as-the-connections-say': { breaks: {} },
      },
    },
    {
      name: 'many-connections',
      about: 'Layer 4 with 32 connections: four for each backend, and as even as layer 7.',
      params: { connections: 32 },
    },
    {
      name: 'one-too-many',
      about: 'Nine connections: one backend has two of them, and twice the work of the others.',
      params: { connections: 9 },
      expect: { even: { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Take 16 backends instead of 8: who notices?',
    'Crash app1 by hand: where does its connection go, and what happens to the backend it joins?',
    'Take 20 connections: why is that worse than 16?',
  ],
  leavesOut: [
    'Clients that open a new connection now and then, which evens things out slowly.',
    'Streams: a connection bears any number of requests at once.',
  ],
});
