/** Call policies that cannot work, of everyone who calls. */
import { config, groupOf, mistake, of } from './sound.ts';
import type { Mistake } from './sound.ts';

/** Who calls, and where its call policy stands. */
const CALLERS = [
  ['users', 'call'],
  ['limiter', 'call'],
  ['limiter', 'storeCall'],
  ['balancer', 'call'],
  ['front', 'origin'],
] as const;

const ofWeights: readonly Mistake[] = [
  mistake(
    'weights for some of the members',
    (d) => {
      groupOf(d, 'app')['count'] = 3;
      config(d, 'balancer')['call'] = { balance: { policy: 'weighted-random', weights: [1, 2] } };
    },
    'groups/balancer/config/call/balance/weights',
    /2 weights, but "app" has 3 members/,
    /give each its own, 3 in all/,
  ),
];

export const ofCallers: readonly Mistake[] = [
  ...ofWeights,
  ...CALLERS.flatMap(([name, at]) => [
    of(
      name,
      `weights of 0 (${at})`,
      { [at]: { balance: { weights: [0] } } },
      `${at}/balance/weights`,
      /Every member of .* has weight 0/,
      /above 0/,
    ),
    of(
      name,
      `a negative weight (${at})`,
      { [at]: { balance: { weights: [-1] } } },
      `${at}/balance/weights/0`,
      /at least 0, not -1/,
      /weight/i,
    ),
    of(
      name,
      `no such balancing (${at})`,
      { [at]: { balance: { policy: 'round-robbin' } } },
      `${at}/balance/policy`,
      /cannot be "round-robbin"/,
      /mean round-robin/,
    ),
    of(
      name,
      `a timeout of 0 (${at})`,
      { [at]: { timeoutMs: 0 } },
      `${at}/timeoutMs`,
      /at least 0.001 ms, not 0/,
      /one try waits/,
    ),
    of(
      name,
      `a negative timeout (${at})`,
      { [at]: { timeoutMs: -5 } },
      `${at}/timeoutMs`,
      /at least/,
      /one try waits/,
    ),
    of(
      name,
      `no tries (${at})`,
      { [at]: { maxAttempts: 0 } },
      `${at}/maxAttempts`,
      /at least 1, not 0/,
      /Tries/,
    ),
    of(
      name,
      `pauses that begin beyond their cap (${at})`,
      { [at]: { backoff: { baseMs: 9, capMs: 8 } } },
      `${at}/backoff/baseMs`,
      /longer than the longest/,
      /capMs is 8/,
    ),
    of(
      name,
      `a budget beyond all requests (${at})`,
      { [at]: { retryBudget: { percentCanRetry: 1.5 } } },
      `${at}/retryBudget/percentCanRetry`,
      /at most 1, not 1.5/,
      /retries/,
    ),
    of(
      name,
      `a table that is no prime (${at})`,
      { [at]: { balance: { policy: 'maglev', tableSize: 65_536 } } },
      `${at}/balance/tableSize`,
      /needs a prime/,
      /65537/,
    ),
    of(
      name,
      `a ring without points (${at})`,
      { [at]: { balance: { pointsPerWeight: 0 } } },
      `${at}/balance/pointsPerWeight`,
      /at least 1, not 0/,
      /points on the ring/,
    ),
    of(
      name,
      `a breaker that opens at 0 % (${at})`,
      { [at]: { circuitBreaker: { failureRateThreshold: 0 } } },
      `${at}/circuitBreaker/failureRateThreshold`,
      /at least 0.001 %/,
      /opens from/,
    ),
    of(
      name,
      `a breaker beyond 100 % (${at})`,
      { [at]: { circuitBreaker: { failureRateThreshold: 101 } } },
      `${at}/circuitBreaker/failureRateThreshold`,
      /at most 100 %/,
      /opens from/,
    ),
    of(
      name,
      `a misspelt setting (${at})`,
      { [at]: { timeoutMss: 5 } },
      `${at}/timeoutMss`,
      /no setting "timeoutMss"/,
      /timeoutMs/,
    ),
    of(
      name,
      `a text for a number (${at})`,
      { [at]: { timeoutMs: '5 s' } },
      `${at}/timeoutMs`,
      /a number of ms, not "5 s"/,
      /Write 5000/,
    ),
  ]),
];
