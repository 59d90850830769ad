/** Settings that would change nothing, and targets that are not there. */
import { config, groupOf, links, mistake, of } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const target = (word: string, hint: RegExp): Mistake =>
  mistake(
    `a fault that aims at ${word}`,
    (d) => (d['faults'] = [{ atMs: 1, fault: { type: 'crash', target: word } }]),
    'faults/0/fault/target',
    new RegExp(`no node.* "${word}"`),
    hint,
  );
const vain = (name: string, settings: object, place: string, hint: RegExp): Mistake =>
  of(name, `${place} changes nothing`, settings, place, /changes? nothing/, hint);

const byItself = (d: Loose): unknown => (config(d, 'limiter')['where'] = 'local');

export const ofVain: readonly Mistake[] = [
  ...[100, 101].map((startupMs) =>
    of(
      'app',
      `a start that takes ${startupMs} of 100 ms`,
      { startupMs },
      'startupMs',
      /as long as the run or longer: the service is never ready/,
      new RegExp(`durationMs is 100, and startupMs ${startupMs}`),
    ),
  ),
  target('app3', /app1 to app2/),
  target('prices2', /are prices1/),
  target('app/9/0', /app1 to app2/),
  target('apps', /mean app/),
  vain('limiter', { policy: 'gcra' }, 'policy', /it is token-bucket/),
  vain('limiter', { ratePerSecond: 10 }, 'ratePerSecond', /it is 100/),
  vain('limiter', { burst: 5 }, 'burst', /it is 10/),
  ...['users', 'balancer'].flatMap((name) => [
    vain(
      name,
      { call: { circuitBreaker: { slidingWindowSize: 9 } } },
      'call/circuitBreaker/slidingWindowSize',
      /enabled: true/,
    ),
    vain(name, { call: { retryBudget: { ttlMs: 2_000 } } }, 'call/retryBudget/ttlMs', /finagle/),
  ]),
  vain(
    'balancer',
    { call: { balance: { weights: [3, 1] } } },
    'call/balance/weights',
    /smooth-weighted-round-robin/,
  ),
  ...['round-robin', 'random', 'modulo', 'jump'].map((policy) =>
    of(
      'balancer',
      `weights of ${policy}`,
      { call: { balance: { policy, weights: [3, 1] } } },
      'call/balance/weights',
      /weights changes nothing: /,
      /leave the weights out/,
    ),
  ),
  ...['users', 'balancer'].map((name) =>
    vain(
      name,
      { call: { retryBudget: { kind: 'finagle' } } },
      'call/retryBudget',
      /maxAttempts is 1.*at least 2/,
    ),
  ),
  mistake(
    'limiter: a store of limiters that count by themselves',
    byItself,
    'groups/limiter/links/store',
    /The store changes nothing/,
    /where: store-atomic/,
  ),
  ...[{ storeCall: { timeoutMs: 5 } }, { onStoreFailure: 'open' }].map((settings) => {
    const [name = ''] = Object.keys(settings);
    return mistake(
      `limiter: ${name} without a store`,
      (d) => {
        byItself(d);
        delete links(d, 'limiter')['store'];
        Object.assign(config(d, 'limiter'), settings);
      },
      `groups/limiter/config/${name}`,
      new RegExp(`${name} changes nothing`),
      /where: store-atomic/,
    );
  }),
  vain(
    'balancer',
    { outlierDetection: { consecutive5xx: 3 } },
    'outlierDetection/consecutive5xx',
    /enabled: true/,
  ),
  vain('cache', { writeBackMs: 5 }, 'writeBackMs', /write-back/),
  vain('users', { users: 7 }, 'users', /load: closed/),
  vain('users', { load: 'closed' }, 'arrivals', /load: open/),
  of(
    'cache',
    'a refresh of what lives for ever',
    { ttlMs: 0, earlyRefresh: 'xfetch' },
    'earlyRefresh',
    /never made anew/,
    /ttlMs/,
  ),
  of(
    'balancer',
    'a subset of more than all',
    { subsetSize: 3 },
    'subsetSize',
    /more than all 2/,
    /0/,
  ),
  mistake(
    'balancer: a table smaller than the group',
    (d) => {
      groupOf(d, 'app')['count'] = 4;
      config(d, 'balancer')['call'] = { balance: { policy: 'maglev', tableSize: 3 } };
    },
    'groups/balancer/config/call/balance/tableSize',
    /no place for 4/,
    /65537/,
  ),
  of('app', 'pauses without end', { gc: { everyMs: 0.0001 } }, 'gc/everyMs', /stand still/, /0.1/),
  mistake(
    'a billion members',
    (d) => (groupOf(d, 'app')['count'] = 1e9),
    'groups/app/count',
    /may have 10000 members/,
    /as many as a run may have nodes/,
  ),
];
