/**
 * A dependency hangs. Callers that wait for it hold their own places until nobody can be served; a
 * circuit breaker stops asking, answers from a fallback, and looks now and then.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { RELEASE_IT, RESILIENCE4J } from '../sources.ts';

const params = {
  window: field.count({
    about: 'Calls that the breaker looks back on; half of them must have failed.',
    default: 10,
    min: 4,
    max: 40,
  }),
  openMs: field.millis({
    about: 'How long it stays open before it lets three calls through to see.',
    default: 1_000,
    min: 500,
    max: 3_000,
  }),
  timeoutMs: field.millis({
    about: 'How long a caller waits for the dependency.',
    default: 1_000,
    min: 500,
    max: 2_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE_PER_SECOND = 60;
const PLACES = 20;
const TRIAL_CALLS = 3;
const HANG_MS = 4_000;
const HEAL_MS = 14_000;
const END_MS = 21_000;
/** By now the breaker has seen enough, whatever its window. */
const NOTICED_MS = 8_500;
/** By now a breaker that was open has tried again, and again. */
const CLOSED_MS = 19_500;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('shop', {
    arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
    routes: [{ route: 'GET /product' }],
    call: { timeoutMs: 4_000 },
  }),
  {
    name: 'shop',
    component: 'service',
    count: 1,
    links: { tips: 'tips' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: 2 } },
        {
          do: 'call',
          to: 'tips',
          otherwise: [{ do: 'work', time: { kind: 'constant', ms: 1 } }],
        },
      ],
      admission: { concurrencyLimit: PLACES, maxQueue: 20 },
      upstreams: [
        {
          to: 'tips',
          timeoutMs: p.timeoutMs,
          circuitBreaker: {
            enabled: true,
            slidingWindowSize: p.window,
            minimumNumberOfCalls: p.window,
            waitDurationInOpenStateMs: p.openMs,
            permittedNumberOfCallsInHalfOpenState: TRIAL_CALLS,
          },
        },
      ],
    },
  },
  {
    name: 'tips',
    component: 'service',
    count: 1,
    cores: 4,
    config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 10 } }] },
  },
];

const down = { fromMs: NOTICED_MS, untilMs: HEAL_MS };

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 60, fromMs: 0, untilMs: HANG_MS },
    about: 'Before it hangs, a page takes a few hundredths of a second.',
  },
  {
    id: 'the-hang-bites',
    use: 'slo',
    args: {
      metric: 'p95-ms',
      atLeast: p.timeoutMs * 0.9,
      fromMs: HANG_MS,
      untilMs: HANG_MS + 2 * p.timeoutMs,
    },
    about: 'At first everybody waits for as long as the timeout says.',
  },
  {
    id: 'breaker-opens',
    use: 'fact-count',
    args: { fact: 'breaker.changed', atLeast: 1, fromMs: HANG_MS, untilMs: NOTICED_MS },
    about: 'The breaker opens.',
  },
  {
    id: 'fast-fallback',
    use: 'slo',
    args: { metric: 'p50-ms', atMost: 10, operationsMin: 100, ...down },
    about: 'While it is open, pages without tips come at once.',
  },
  {
    id: 'keeps-answering',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.97, ...down },
    about: 'While the dependency hangs, nearly every page is served.',
  },
  {
    id: 'places-stay-free',
    use: 'gauge',
    args: { group: 'shop', gauge: 'Under way', atMost: 7, ...down },
    about: 'On average no more than seven of the twenty places are held.',
  },
  {
    id: 'breaker-closes',
    use: 'fact-count',
    args: { fact: 'breaker.changed', atLeast: 1, fromMs: HEAL_MS, untilMs: CLOSED_MS },
    about: 'It tries again and closes within a few seconds of the dependency’s return.',
  },
  {
    id: 'tips-are-back',
    use: 'gauge',
    args: {
      group: 'tips',
      gauge: 'Answered',
      measure: 'per-second',
      atLeast: RATE_PER_SECOND / 2,
      fromMs: CLOSED_MS,
      untilMs: END_MS,
    },
    about: 'In the end pages have tips again.',
  },
];

const wanted = (p: Params): number => Math.round((RATE_PER_SECOND * p.timeoutMs) / 1_000);

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A page with tips',
    at: { ms: 1_000 },
    text:
      `The shop serves ${RATE_PER_SECOND} pages a second and asks another service for tips to ` +
      `go with them. It can work on ${PLACES} pages at once; one or two are under way.`,
    focus: ['shop', 'tips'],
    check: 'well-before',
  },
  {
    title: 'The tips hang',
    at: { ms: HANG_MS },
    text:
      'The tips service stops. It does not refuse, it just does not answer. A page can do ' +
      'without tips, but the shop only knows that after its timeout.',
    focus: ['tips'],
    check: 'the-hang-bites',
    predict: {
      question:
        `Each page now holds its place for ${p.timeoutMs / 1_000} s. With ${RATE_PER_SECOND} ` +
        `pages a second and ${PLACES} places, what happens if no breaker opens?`,
      options: [
        'Pages are a little slower, but all come: there is a fallback.',
        `The shop serves ${PLACES} pages per timeout, and turns the others away.`,
        'Nothing: the tips are not needed for a page.',
      ],
      answer: 1,
      because:
        `Rate times holding time is the number of places needed: ${RATE_PER_SECOND} a second, ` +
        `each for ${p.timeoutMs / 1_000} s, are ${wanted(p)} places, and there are ${PLACES}. A ` +
        'fallback that comes after the timeout saves the page but not the place. That is how a ' +
        'service nobody needs takes down one that everybody needs.',
    },
  },
  {
    title: 'What a breaker does',
    at: { ms: NOTICED_MS },
    text:
      `A breaker looks at the last ${p.window} calls and opens when half of them have ` +
      'failed: the ' +
      'shop calls no more, pages come without tips and at once, and a place is held for three ' +
      'milliseconds. Without one, every page still waits for its timeout, and all places are held.',
    focus: ['shop'],
    check: 'fast-fallback',
  },
  {
    title: 'The tips are back',
    at: { ms: HEAL_MS },
    text:
      `Every ${p.openMs / 1_000} s an open breaker lets ${TRIAL_CALLS} calls through. As long as ` +
      'they fail it opens again. From now on they are answered, and it closes: half open, and ' +
      'closed. Where there is none, the shop only has to work off its line.',
    focus: ['shop', 'tips'],
    check: 'breaker-closes',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A circuit breaker',
  summary: ablations.includes('traffic.circuit-breaker')
    ? 'A dependency that nobody needs hangs for ten seconds, and hardly a page is served.'
    : 'A dependency hangs for ten seconds, and hardly anybody notices.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'tips-hang',
      fault: { type: 'pause', target: 'tips' },
      atMs: HANG_MS,
      forMs: HEAL_MS - HANG_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'patterns/circuit-breaker',
  title: 'A circuit breaker',
  summary:
    'A service that nobody needs hangs and takes one down that everybody needs, unless the ' +
    'caller stops calling: fail fast, answer from a fallback, try again now and then.',
  tier: 'hostile',
  sources: [RELEASE_IT, RESILIENCE4J],
  params,
  plan,
  variants: [
    { name: 'default', about: 'A breaker that looks at the last ten calls.' },
    {
      name: 'no-breaker',
      about: 'Every page waits for the timeout, and holds its place meanwhile.',
      ablations: ['traffic.circuit-breaker'],
      expect: {
        'breaker-opens': { breaks: {} },
        'fast-fallback': { breaks: {} },
        'keeps-answering': { breaks: {} },
        'places-stay-free': { breaks: {} },
        'breaker-closes': { breaks: {} },
      },
    },
    {
      name: 'long-window',
      about: 'Forty calls must be seen first: it opens later, and then helps as well.',
      params: { window: 40 },
    },
  ],
  thingsToTry: [
    'Switch the breaker off and set the shortest timeout: how many places are held now?',
    'Let it stay open for 3 s: who waits longer in the end, and who is spared?',
    'Slow the tips down a hundredfold instead of stopping them: does the breaker notice?',
  ],
  leavesOut: [
    'Breakers shared by several callers: each one learns by itself.',
    'What a page without tips costs the business.',
  ],
});
