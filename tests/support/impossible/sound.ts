/** A sound topology of every part of the request path, and the words for a mistake in it. */

export type Loose = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

export const constant = (ms: number) => ({ kind: 'constant', ms });

/** Clients, a limiter and its store, a balancer, services, caches, a database and a replica. */
export const sound = (): Loose => ({
  title: 'A shop',
  summary: 'Every part of the request path.',
  durationMs: 100,
  network: { latency: constant(1) },
  groups: [
    {
      name: 'users',
      component: 'http-client',
      count: 1,
      links: { target: 'limiter' },
      config: { arrivals: { kind: 'poisson', ratePerSecond: 50 }, call: { timeoutMs: 50 } },
    },
    {
      name: 'limiter',
      component: 'rate-limiter',
      count: 1,
      links: { target: 'balancer', store: 'counts' },
      config: { ratePerSecond: 100, where: 'store-atomic' },
    },
    { name: 'counts', component: 'limit-store', count: 1, config: { opMicros: 10 } },
    {
      name: 'balancer',
      component: 'load-balancer',
      count: 1,
      links: { backends: 'app' },
      config: {},
    },
    {
      name: 'app',
      component: 'service',
      count: 2,
      links: { prices: 'prices', cache: 'cache', db: 'db' },
      config: {
        steps: [
          { do: 'work', time: constant(1) },
          { do: 'cached', in: 'cache', miss: [{ do: 'query', to: 'db' }] },
          { do: 'call', to: 'prices' },
        ],
        upstreams: [{ to: 'db', pool: { maxOpen: 4 } }],
      },
    },
    {
      name: 'prices',
      component: 'service',
      count: 1,
      links: { front: 'front' },
      config: { steps: [{ do: 'put', in: 'front', write: true }] },
    },
    { name: 'cache', component: 'cache', count: 1, config: { ttlMs: 50 } },
    {
      name: 'front',
      component: 'cache',
      count: 1,
      links: { origin: 'db' },
      config: { mode: 'write-through' },
    },
    { name: 'db', component: 'database', count: 1, config: {} },
    { name: 'copy', component: 'database', count: 1, links: { primary: 'db' } },
  ],
  faults: [],
  checks: [{ id: 'law', use: 'conservation' }],
  story: [],
});

export const groupOf = (document: Loose, name: string): Loose =>
  (document['groups'] as Loose[]).find((one) => one['name'] === name) as Loose;
export const config = (document: Loose, name: string): Loose =>
  groupOf(document, name)['config'] as Loose;
export const links = (document: Loose, name: string): Loose =>
  groupOf(document, name)['links'] as Loose;

/** What is wrong, how it comes about, where it is, what is said, and what is proposed. */
export interface Mistake {
  readonly what: string;
  readonly spoil: (document: Loose) => void;
  readonly path: string;
  readonly says: RegExp;
  readonly hint: RegExp;
}
export const mistake = (
  what: string,
  spoil: (document: Loose) => void,
  path: string,
  says: RegExp,
  hint: RegExp,
): Mistake => ({ what, spoil, path, says, hint });

export const step = (
  what: string,
  given: Loose,
  place: string,
  says: RegExp,
  hint: RegExp,
): Mistake =>
  mistake(
    `a step: ${what}`,
    (d) => (config(d, 'app')['steps'] = [given]),
    `groups/app/config/steps/0${place}`,
    says,
    hint,
  );
export const of = (
  name: string,
  what: string,
  settings: Loose,
  place: string,
  says: RegExp,
  hint: RegExp,
): Mistake =>
  mistake(
    `${name}: ${what}`,
    (d) => Object.assign(config(d, name), settings),
    `groups/${name}/config/${place}`,
    says,
    hint,
  );
