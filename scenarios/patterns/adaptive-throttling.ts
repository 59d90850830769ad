/**
 * Saying no costs something as well. A service that is asked for far too much spends its time on
 * refusals; clients that notice hold their requests back by themselves.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { SRE_OVERLOAD } from '../sources.ts';

const params = {
  throttleK: field.number({
    about: 'How many requests a client sends for each that is accepted; beyond that it holds back.',
    default: 2,
    min: 1.1,
    max: 4,
    unit: '',
  }),
  offeredPerSecond: field.count({
    about: 'What all clients together want in the rush.',
    default: 400,
    min: 300,
    max: 500,
  }),
};
type Params = Static<TObject<typeof params>>;

/** The door looks at each request, and that is work for one core. */
const DOOR_MS = 4;
const DOOR_PER_SECOND = 1_000 / DOOR_MS;
const WORK_MS = 20;
const CAPACITY_PER_SECOND = 1_000 / WORK_MS;
const CALM_PER_SECOND = 30;
const PATIENCE_MS = 500;
const RUSH_MS = 3_000;
const END_MS = 16_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('door', {
    arrivals: {
      kind: 'spike',
      ratePerSecond: CALM_PER_SECOND,
      factor: p.offeredPerSecond / CALM_PER_SECOND,
      fromMs: RUSH_MS,
      untilMs: END_MS,
    },
    call: { timeoutMs: PATIENCE_MS, throttleK: p.throttleK },
  }),
  {
    name: 'door',
    component: 'service',
    count: 1,
    links: { room: 'room' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: DOOR_MS } },
        { do: 'call', to: 'room' },
      ],
    },
  },
  {
    name: 'room',
    component: 'service',
    count: 1,
    config: {
      steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 4 },
    },
  },
];

const rush = { fromMs: RUSH_MS + 5_000, untilMs: END_MS };

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.9, fromMs: 0, untilMs: RUSH_MS },
    about: 'Before the rush nearly everybody is answered, and nobody holds back.',
  },
  {
    id: 'the-rush-bites',
    use: 'slo',
    args: { metric: 'success-share', atMost: 0.3, ...rush },
    about: 'In the rush most requests cannot be answered, whatever anybody does.',
  },
  {
    id: 'capacity-is-used',
    use: 'slo',
    args: { metric: 'ok-per-second', atLeast: CAPACITY_PER_SECOND * 0.85, ...rush },
    about: `Nearly all of the ${CAPACITY_PER_SECOND} that can be answered each second are.`,
  },
  {
    id: 'clients-hold-back',
    use: 'gauge',
    args: {
      group: 'client',
      gauge: 'Held back',
      measure: 'per-second',
      atLeast: p.offeredPerSecond / 4,
      ...rush,
    },
    about: 'Clients refuse a large part of their requests themselves.',
  },
  {
    id: 'few-refusals',
    use: 'gauge',
    args: {
      group: 'door',
      gauge: 'Failed',
      measure: 'per-second',
      atMost: Math.round((p.throttleK - 1) * CAPACITY_PER_SECOND) + 45,
      ...rush,
    },
    about: 'For each request accepted little more than K are sent: the others are refused.',
  },
  {
    id: 'door-has-time',
    use: 'gauge',
    args: { group: 'door', gauge: 'Utilisation', atMost: 0.55, ...rush },
    about: 'The door is busy for little more than half of its time.',
  },
];

const kTimes = (p: Params): number => Math.round(p.throttleK * CAPACITY_PER_SECOND);

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A door and a room',
    at: { ms: 1_000 },
    text:
      `A service answers ${CAPACITY_PER_SECOND} requests a second. Before that it must read and ` +
      `check each of them, also those that it will refuse, which takes ${DOOR_MS} ms: ` +
      `${DOOR_PER_SECOND} a second at most.`,
    focus: ['door', 'room'],
    check: 'well-before',
  },
  {
    title: 'The rush',
    at: { ms: RUSH_MS },
    text:
      `Now ${p.offeredPerSecond} a second want in. The room lets four wait and refuses the ` +
      'others, as it should. Clients wait for half a second.',
    focus: ['client', 'door'],
    predict: {
      question:
        'Refusals are quick. If clients sent everything, without a throttle, how many a second ' +
        'would be answered before long?',
      options: [
        `${CAPACITY_PER_SECOND}: the room is full all the time.`,
        'About half of that.',
        'None.',
      ],
      answer: 2,
      because:
        `The door can look at ${DOOR_PER_SECOND} a second, and ${p.offeredPerSecond} come. The ` +
        'line in front of the door grows until whoever is at its head has waited for longer than ' +
        'half a second. The room works as before, but for people who have left. Refusing does ' +
        'not save it: refusing is what it has no time for.',
    },
  },
  {
    title: 'Clients do the arithmetic',
    at: { ms: RUSH_MS + 3_000 },
    text:
      'A client with a throttle counts what it asked for and what was accepted. Once it asks for ' +
      `more than ${p.throttleK} times what is accepted, it refuses the rest itself, by chance: ` +
      '(requests - K x accepts) / (requests + 1). A client without one sends everything.',
    focus: ['client'],
    check: 'clients-hold-back',
  },
  {
    title: 'How much is sent',
    at: { ms: RUSH_MS + 8_000 },
    text:
      `With the throttle about ${kTimes(p)} a second reach the door, ${p.throttleK} times ` +
      'what the ' +
      'room can take; without it all of them do. What is sent for nothing is how clients notice ' +
      'when there is room again: lower K and less is wasted, but they notice later.',
    focus: ['door', 'room'],
    check: 'few-refusals',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Adaptive throttling',
  summary: ablations.includes('traffic.throttle')
    ? 'Refusing costs work. Clients that send everything keep a service busy with nothing else.'
    : 'Refusing costs work. Clients that are refused too often hold back by themselves.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'patterns/adaptive-throttling',
  title: 'Adaptive throttling',
  summary:
    'A service in overload has no time left to refuse. Clients that count how often they are ' +
    'accepted hold back what would be refused anyway, and the service answers what it can.',
  tier: 'calm',
  sources: [SRE_OVERLOAD],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Two requests are sent for each that is accepted (K = 2).' },
    {
      name: 'no-throttle',
      about: 'Everything is sent: the door has time for nothing, and nobody is answered.',
      ablations: ['traffic.throttle'],
      expect: {
        'capacity-is-used': { breaks: {} },
        'clients-hold-back': { breaks: {} },
        'few-refusals': { breaks: {} },
        'door-has-time': { breaks: {} },
      },
    },
    {
      name: 'generous',
      about: 'K = 4: as many are answered, and the door works more for refusals.',
      params: { throttleK: 4 },
      expect: { 'door-has-time': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Lower K to 1.1: what is lost, and what is saved?',
    'Raise the rush to 500 a second: how many are sent now?',
    'Slow the room to half by hand for some seconds: how long until clients have noticed?',
  ],
  leavesOut: [
    'Many clients that each know only their own share: here one speaks for all.',
    'Importance: a client would hold back its least important requests first.',
  ],
});
