/** Guards of calls and doors that can never do what they are there for. */
import { config, mistake, of } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const called = (call: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  of(
    'users',
    JSON.stringify(call),
    { call: { timeoutMs: 50, ...call } },
    `call/${place}`,
    says,
    hint,
  );
const pooled = (pool: Loose, rest: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  of(
    'app',
    `a pool ${JSON.stringify({ ...pool, ...rest })}`,
    { upstreams: [{ to: 'db', pool, ...rest }] },
    `upstreams/0/${place}`,
    says,
    hint,
  );

const ofCalls: readonly Mistake[] = [
  ...[50, 80].map((deadlineMs) =>
    called(
      { deadlineMs },
      'deadlineMs',
      /deadlineMs changes nothing: there is one try, and it is over after 50 ms/,
      /less than 50, or maxAttempts/,
    ),
  ),
  called(
    { deadlineMs: 60, maxConcurrentCalls: 5, maxWaitMs: 10 },
    'deadlineMs',
    /over after 60 ms/,
    /less than 60/,
  ),
  ...[
    { kind: 'envoy', budgetPercent: 0, minRetryConcurrency: 0 },
    { kind: 'finagle', percentCanRetry: 0, minRetriesPerSec: 0 },
  ].map((retryBudget) =>
    called(
      { maxAttempts: 3, retryBudget },
      'maxAttempts',
      /maxAttempts changes nothing: its budget allows no retry/,
      /retryBudget\/(budgetPercent|percentCanRetry) or .* more than 0/,
    ),
  ),
  ...(
    [
      [{ maxAttempts: 2, retryElsewhere: true }, 'retryElsewhere'],
      [{ ejection: { failureLimit: 3 } }, 'ejection/failureLimit'],
    ] as const
  ).map(([call, place]) =>
    called(call, place, /changes nothing: "limiter" has one member/, /count: 2 or more/),
  ),
  called(
    { maxAttempts: 2, retryUnknown: false },
    'retryUnknown',
    /retryUnknown changes nothing: it is about writes/,
    /write: true/,
  ),
  pooled({ maxOpen: 0 }, {}, 'pool/maxOpen', /without a pool/, /Leave `pool` out/),
  pooled(
    { maxOpen: 4, maxIdle: 5 },
    {},
    'pool/maxIdle',
    /Of 4 connections 5 can never be idle/,
    /4 at most/,
  ),
  pooled(
    { maxOpen: 4, waitTimeoutMs: 10 },
    { timeoutMs: 50, deadlineMs: 110 },
    'deadlineMs',
    /over after 110 ms/,
    /less than 110/,
  ),
];

const queued = (setting: Loose): Mistake =>
  of(
    'app',
    `${JSON.stringify(setting)} of no queue`,
    { admission: { concurrencyLimit: 4, maxQueue: 0, ...setting } },
    `admission/${Object.keys(setting).join('')}`,
    /changes nothing: with maxQueue 0 nobody waits/,
    /maxQueue more than 0/,
  );
const shedding = (shedAbove: readonly number[], at: number, says: RegExp, hint: RegExp): Mistake =>
  of(
    'app',
    `sheds above ${shedAbove.join()}`,
    { admission: { concurrencyLimit: 4, shedAbove } },
    `admission/shedAbove/${at}`,
    says,
    hint,
  );

const ofDoors: readonly Mistake[] = [
  queued({ discipline: 'lifo' }),
  queued({ codel: true }),
  queued({ dropExpired: true }),
  shedding([1, 2], 1, /Priority 1 would hold out until 2/, /1 at most/),
  shedding([3, 2, 2.5, 1], 2, /longer than the more important 1/, /2 at most/),
  shedding([9, 8, 7, 6, 5, 4, 3, 2, 1], 8, /8 priorities, from 0 to 7/, /8 at most/),
];

const OFF = {
  enabled: true,
  enforcingConsecutive5xx: 0,
  enforcingSuccessRate: 0,
  enforcingFailurePercentage: 0,
};
const ejecting = (settings: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  of(
    'balancer',
    `ejects nobody: ${JSON.stringify(settings)}`,
    { outlierDetection: { ...OFF, ...settings } },
    `outlierDetection/${place}`,
    says,
    hint,
  );

const ofBalancers: readonly Mistake[] = [
  ejecting({}, 'enabled', /it enforces nothing that it detects/, /enforcingConsecutive5xx/),
  ejecting(
    { enforcingSuccessRate: 100 },
    'successRateMinimumHosts',
    /2 are fewer than its successRateMinimumHosts/,
    /2 at most/,
  ),
  ejecting(
    { enforcingFailurePercentage: 100, failurePercentageMinimumHosts: 3 },
    'failurePercentageMinimumHosts',
    /2 are fewer/,
    /2 at most/,
  ),
  mistake(
    'balancer: zones of too few backends',
    (d) => {
      d['network'].regions = [{ name: 'here', zones: ['a', 'b'] }];
      config(d, 'balancer')['zoneAware'] = { enabled: true };
    },
    'groups/balancer/config/zoneAware/enabled',
    /zoneAware changes nothing: 2 backends are fewer than its minClusterSize, 6/,
    /minClusterSize 2 at most/,
  ),
];

export const ofGuards: readonly Mistake[] = [...ofCalls, ...ofDoors, ...ofBalancers];
