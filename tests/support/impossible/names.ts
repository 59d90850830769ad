/** Names that nobody knows: routes, statements, errors of operations, numbers of components. */
import { config, constant, groupOf, links, mistake, of, step } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const work = [{ do: 'work', time: constant(1) }];

/** The group answers only these routes. */
const only = (d: Loose, name: string, ...routes: readonly string[]): void => {
  groupOf(d, name)['config'] = { routes: routes.map((route) => ({ route, steps: work })) };
};
const asks = (d: Loose, ...routes: readonly string[]): void => {
  config(d, 'users')['routes'] = routes.map((route) => ({ route }));
};

const unrouted = (
  what: string,
  spoil: (document: Loose) => void,
  path: string,
  hint: RegExp,
): Mistake =>
  mistake(
    `a route that nobody answers: ${what}`,
    spoil,
    path,
    /has no route ".*", and no steps/,
    hint,
  );

const ofRoutes: readonly Mistake[] = [
  unrouted(
    'asked through a limiter and a balancer',
    (d) => {
      only(d, 'app', 'GET /item', 'GET /list');
      asks(d, 'GET /list', 'GET /itme');
    },
    'groups/users/config/routes/1/route',
    /mean GET \/item\? The choices are GET \/item, GET \/list/,
  ),
  ...['GET /itme', 'GET /item/'].map((route) =>
    mistake(
      `a route that nobody asks for, beside steps for others: ${route}`,
      (d) => (config(d, 'app')['routes'] = [{ route, steps: work }]),
      'groups/app/config/routes/0/route',
      new RegExp(`Nobody asks "app" for the route "${route}"`),
      /mean GET \/item\?/,
    ),
  ),
  unrouted(
    'asked by default',
    (d) => only(d, 'app', 'GET /list'),
    'groups/users/config/routes/0/route',
    /GET \/list/,
  ),
  unrouted(
    'named by a step',
    (d) => {
      only(d, 'prices', 'GET /price');
      config(d, 'app')['steps'] = [{ do: 'call', to: 'prices', route: 'GET /prcie' }];
    },
    'groups/app/config/steps/0/route',
    /mean GET \/price/,
  ),
  unrouted(
    'handed on by a step',
    (d) => {
      only(d, 'prices', 'GET /price');
      config(d, 'app')['steps'] = [...work, { do: 'call', to: 'prices' }];
    },
    'groups/app/config/steps/1',
    /GET \/price/,
  ),
  ...(
    [
      ['cached', { do: 'cached', in: 'cache', miss: ['CALL'] }, 'miss/0'],
      ['parallel', { do: 'parallel', branches: [work, ['CALL']] }, 'branches/1/0'],
      ['then', { do: 'either', share: 1, then: ['CALL'] }, 'then/0'],
      ['otherwise', { do: 'either', share: 1, then: [], otherwise: ['CALL'] }, 'otherwise/0'],
      ['batch', { do: 'batch', maxSize: 2, maxDelayMs: 1, steps: ['CALL'] }, 'steps/0'],
      ['fallback', { do: 'query', to: 'db', otherwise: ['CALL'] }, 'otherwise/0'],
    ] as const
  ).map(([what, given, place]) =>
    unrouted(
      `inside a step (${what})`,
      (d) => {
        only(d, 'prices', 'GET /price');
        const call = JSON.stringify({ do: 'call', to: 'prices', route: 'GET /rice' });
        config(d, 'app')['steps'] = [JSON.parse(JSON.stringify(given).replace('"CALL"', call))];
      },
      `groups/app/config/steps/0/${place}/route`,
      /mean GET \/price/,
    ),
  ),
  unrouted(
    'of a route with steps of its own',
    (d) => {
      only(d, 'prices', 'GET /price');
      config(d, 'app')['steps'] = work;
      config(d, 'app')['routes'] = [
        { route: 'GET /other', steps: work },
        { route: 'GET /item', steps: [{ do: 'call', to: 'prices' }] },
      ];
    },
    'groups/app/config/routes/1/steps/0',
    /GET \/price/,
  ),
];

const unknown = (
  what: string,
  args: object,
  path: string,
  says: RegExp,
  hint: RegExp,
  use = 'gauge',
): Mistake =>
  mistake(
    `a check: ${what}`,
    (d) => (d['checks'] = [{ id: 'it', use, args: { atMost: 1, ...args } }]),
    `checks/it/args/${path}`,
    says,
    hint,
  );
const errors = (error: string) => ({ metric: 'error-count', error });

const ofChecks: readonly Mistake[] = [
  unknown(
    'an error that no client is told',
    errors('conection-reset'),
    'error',
    /No operation ends with the error "conection-reset"/,
    /mean connection-reset\? The choices are bad-request, .*gateway-timeout, timeout/,
    'slo',
  ),
  unknown(
    'an error of a database, which its service translates',
    errors('lock-timeout'),
    'error',
    /No operation ends/,
    /choices are/,
    'slo',
  ),
  unknown(
    'an error, and no count of errors',
    { metric: 'p99-ms', error: 'overloaded' },
    'error',
    /error changes nothing: p99-ms/,
    /error-count/,
    'slo',
  ),
  unknown(
    'operations of who is no client',
    { metric: 'p99-ms', clients: 'app' },
    'clients',
    /"app" completes no operations/,
    /users/,
    'slo',
  ),
  unknown(
    'a number that its component does not have',
    { group: 'app', gauge: 'Quueue' },
    'gauge',
    /service has no number "Quueue"/,
    /mean Queue\? The choices are .*Waiting for others/,
  ),
  unknown(
    'a number in other letters',
    { group: 'balancer', gauge: 'queue' },
    'gauge',
    /load-balancer has no number/,
    /The choices are /,
  ),
  unknown(
    'the rate of a level',
    { group: 'app', gauge: 'Queue', measure: 'per-second' },
    'measure',
    /"Queue" is a level: it has no per-second/,
    /mean or max/,
  ),
  unknown(
    'the mean of a count',
    { group: 'users', gauge: 'Retries' },
    'measure',
    /"Retries" is a count: it has no mean/,
    /total or per-second/,
  ),
  unknown(
    'a member beyond the last',
    { group: 'app', gauge: 'Queue', member: 3 },
    'member',
    /"app" has no member 3/,
    /It has 2/,
  ),
  unknown(
    'no member, as a part',
    { group: 'app', gauge: 'Queue', across: 'part' },
    'member',
    /no member 0/,
    /the first is 1/,
  ),
  unknown(
    'a member of the sum',
    { group: 'app', gauge: 'Queue', member: 1, across: 'sum' },
    'member',
    /member changes nothing: sum takes all/,
    /every or part/,
  ),
];

/** As a parser makes it: an assignment would set what the object inherits. */
const own = (target: Loose, name: string): unknown =>
  Object.defineProperty(target, name, { value: 5, enumerable: true, configurable: true });
const RESERVED = ['constructor', '__proto__', 'prototype'];

const reserved: readonly Mistake[] = RESERVED.flatMap((name) =>
  (
    [
      ['a service', (d) => own(config(d, 'app'), name), `groups/app/config/${name}`],
      [
        'a step',
        (d) => own(config(d, 'app')['steps'][0], name),
        `groups/app/config/steps/0/${name}`,
      ],
      ['the links', (d) => own(links(d, 'app'), name), `groups/app/links/${name}`],
      ['the document', (d) => own(d, name), name],
    ] satisfies readonly (readonly [string, (d: Loose) => unknown, string])[]
  ).map(([where, spoil, path]) =>
    mistake(
      `${name} in ${where}`,
      spoil,
      path,
      new RegExp(`no setting "${name}"`),
      /nothing can be called so/,
    ),
  ),
);

export const ofNames: readonly Mistake[] = [
  ...reserved,
  ...['toString', 'hasOwnProperty'].map((name) =>
    mistake(
      `a link called ${name}`,
      (d) => (links(d, 'users')[name] = 'app'),
      `groups/users/links/${name}`,
      new RegExp(`http-client has no link "${name}"`),
      /choices are target/,
    ),
  ),
  ...ofRoutes,
  ...ofChecks,
  step(
    'a statement, of a database that lists none',
    { do: 'query', to: 'db', statement: 'checkout' },
    '/statement',
    /"db" lists no statement "checkout"/,
    /List it, with costs: statements: \[\{ statement: checkout \}\]/,
  ),
  mistake(
    'a statement that the database does not list',
    (d) => {
      config(d, 'db')['statements'] = [{ statement: 'search' }, { statement: 'checkout' }];
      config(d, 'app')['steps'] = [{ do: 'query', to: 'db', statement: 'serach' }];
    },
    'groups/app/config/steps/0/statement',
    /"db" lists no statement "serach"/,
    /mean search\? The choices are search, checkout/,
  ),
  step(
    'fails with no code of http',
    { do: 'fail', share: 1, code: 'unavailble' },
    '/code',
    /cannot be "unavailble"/,
    /mean unavailable/,
  ),
  of('limiter', 'reports to nobody', { syncMs: 50 }, 'syncMs', /changes nothing/, /local-sync/),
  of(
    'users',
    'one route twice',
    { routes: [{ route: 'GET /item' }, { route: 'GET /list' }, { route: 'GET /item' }] },
    'routes/2/route',
    /"GET \/item" is asked for twice/,
    /share of both/,
  ),
  mistake(
    'a level of an operation that nobody asks for',
    (d) => {
      const args = { operation: 'GET /itme', atLeast: 0.5 };
      d['checks'] = [{ id: 'level', use: 'slo', args }];
    },
    'checks/level/args/operation',
    /No client asks for "GET \/itme"/,
    /mean GET \/item/,
  ),
];
