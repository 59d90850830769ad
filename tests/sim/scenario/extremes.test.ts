/**
 * The largest and smallest numbers that a plan may have: such a run ends with a verdict, and what
 * would take longer than any run never comes.
 */
import { describe, expect, it } from 'vitest';
import { planFromDocument, simulate } from 'faultline';
import type { AnyScenario } from 'faultline';
import { config, groupOf, sound } from '../../support/impossible/sound.ts';
import type { Loose } from '../../support/impossible/sound.ts';

const LONGEST = 1e10;

function verdictOf(change: (document: Loose) => void): string {
  const document = sound();
  change(document);
  const plan = planFromDocument(document);
  const scenario = {
    id: 'extreme',
    title: '',
    summary: '',
    params: {},
    variants: [],
    plan: () => plan,
  };
  return simulate(scenario as unknown as AnyScenario, { seed: 3 }).verdict;
}

const works = (time: Loose) => (d: Loose) => {
  config(d, 'app')['steps'] = [
    { do: 'work', time },
    { do: 'wait', time },
    ...(config(d, 'app')['steps'] as Loose[]).slice(1),
  ];
};
const faults = (fault: Loose) => (d: Loose) => {
  const interval = { kind: 'constant', ms: 1 };
  d['faults'] = [{ every: { interval }, fault }];
};
const arrive = (arrivals: Loose) => (d: Loose) => {
  config(d, 'users')['arrivals'] = arrivals;
};
const TINY = 1e-300;

const EXTREMES: readonly (readonly [string, (document: Loose) => void])[] = [
  ['the heaviest tail', works({ kind: 'pareto', scaleMs: LONGEST, alpha: 0.1 })],
  ['the widest spread', works({ kind: 'log-normal', medianMs: LONGEST, sigma: 10 })],
  ['the longest mean', works({ kind: 'exponential', meanMs: LONGEST })],
  [
    'the slowest network',
    (d) => (d['network'].latency = { kind: 'pareto', scaleMs: LONGEST, alpha: 0.1 }),
  ],
  ...['fifo', 'processor-sharing', 'preemptive-priority', 'lcfs-preemptive'].map(
    (scheduling) =>
      [
        `processors a million times as slow, again and again, ${scheduling}`,
        (d: Loose) => {
          groupOf(d, 'app')['scheduling'] = scheduling;
          faults({ type: 'slow-cpu', target: 'app', factor: 1e6 })(d);
        },
      ] as const,
  ),
  [
    'links a million times as slow, again and again',
    faults({ type: 'latency', factor: 1e6, extra: { kind: 'constant', ms: LONGEST } }),
  ],
  ['the largest jump of a clock', faults({ type: 'clock-jump', target: 'all', byMs: 1e12 })],
  ['arrivals that never come', arrive({ kind: 'poisson', ratePerSecond: TINY })],
  [
    'gaps that never end',
    arrive({ kind: 'renewal', gap: { kind: 'exponential', meanMs: LONGEST } }),
  ],
  [
    'bursts that never come',
    arrive({
      kind: 'bursty',
      calmRatePerSecond: TINY,
      burstRatePerSecond: TINY,
      calmMeanMs: 1,
      burstMeanMs: 1,
    }),
  ],
  [
    'a ramp that leads nowhere',
    arrive({
      kind: 'ramp',
      startRatePerSecond: TINY,
      endRatePerSecond: TINY,
      fromMs: 0,
      untilMs: 9,
    }),
  ],
  [
    'a limit of one in eleven days, and retries',
    (d) => {
      Object.assign(config(d, 'limiter'), { ratePerSecond: 1e-6, burst: 1, where: 'local' });
      delete groupOf(d, 'limiter')['links'].store;
      config(d, 'users')['call'] = { maxAttempts: 5 };
    },
  ],
];

describe('a plan at its bounds', () => {
  it.each(EXTREMES)('%s: ends with a verdict', (_what, change) => {
    expect(['pass', 'fail', 'unknown']).toContain(verdictOf(change));
  });
});

it('a document whose fault strikes after the end is refused', () => {
  const document = sound();
  document['faults'] = [{ atMs: 101, fault: { type: 'crash', target: 'app' } }];
  expect(() => planFromDocument(document)).toThrow(/after the end/);
  document['faults'][0].atMs = 100;
  expect(() => planFromDocument(document)).not.toThrow();
});

const SPARED: readonly (readonly [string, object, RegExp])[] = [
  ['names nobody', { type: 'crash', target: [] }, /fault\/target selects nothing: the list is em/],
  ['names nobody beside somebody', { type: 'pause', target: ['app', []] }, /target\/1 selects no/],
  ['slows a disk that is not there', { type: 'slow-disk', target: 'cache', factor: 2 }, /on disk/],
  ['speeds up a disk that is not there', { type: 'fsync-off', target: 'app' }, /keeps nothing/],
];

const app = { target: 'app' };
const cut = (a: string, b: string) => ({ type: 'cut-link', a, b });
const slow = (from: string, to: string) => ({ type: 'latency', from, to, factor: 2 });
/** What changes nothing, and what is said of it, beside what does. */
const IDLE: readonly (readonly [string, object, object, RegExp])[] = [
  ['probability', { type: 'loss', probability: 0 }, { probability: 0.1 }, /probability is 0/],
  ['probability', { type: 'duplicate', probability: 0 }, { probability: 0.1 }, /probability is 0/],
  ['', { type: 'latency', from: 'app', factor: 1 }, { factor: 2 }, /take once as long/],
  ['', { type: 'latency', factor: 1 }, { extra: { kind: 'constant', ms: 1 } }, /once as long/],
  ['', { type: 'slow-disk', target: 'db', factor: 1 }, { extraMs: 1 }, /fsync takes once/],
  ['factor', { type: 'slow-cpu', ...app, factor: 1 }, { factor: 2 }, /once as long is as long/],
  [
    'target/first',
    { type: 'crash', target: { first: 3, of: 'app' } },
    { target: { first: 2, of: 'app' } },
    /"app" has 2 members, and not 3/,
  ],
  [
    'target/0/size',
    { type: 'pause', target: [{ including: 'app1', size: 3, group: 'app' }] },
    { target: [{ including: 'app1', size: 2, group: 'app' }] },
    /"app" has 2 members, and not 3/,
  ],
  ['', cut('users', 'db'), cut('app2', 'db1'), /"users" and "db" never talk to each other/],
  ['', slow('users1', 'app/1/0'), slow('app', 'balancer'), /"users" and "app" never talk/],
];

it.each(IDLE)(
  'a document with a fault that changes nothing (%s of %j)',
  (at, fault, more, says) => {
    const document = sound();
    document['faults'] = [{ atMs: 1, fault }];
    const place = `faults/0/fault${at === '' ? '' : `/${at}`}`;
    const refused = expect.objectContaining({ message: expect.stringMatching(says), path: place });
    expect(() => planFromDocument(document)).toThrow(refused);
    document['faults'] = [{ atMs: 1, fault: { ...fault, ...more } }];
    expect(() => planFromDocument(document)).not.toThrow();
  },
);

it.each(SPARED)('a document with a fault that %s is refused', (_what, fault, says) => {
  const document = sound();
  document['faults'] = [{ atMs: 1, fault }];
  expect(() => planFromDocument(document)).toThrow(says);
  document['faults'] = [{ atMs: 1, fault: { ...fault, target: ['db'] } }];
  expect(() => planFromDocument(document)).not.toThrow();
});
