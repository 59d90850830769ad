/** Links that lead nowhere, to the wrong place or in a circle. */
import { config, groupOf, links, mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const LINKS: readonly (readonly [group: string, role: string, target: string, nearest: RegExp])[] =
  [
    ['users', 'target', 'limitr', /mean limiter/],
    ['limiter', 'target', 'balancr', /mean balancer/],
    ['limiter', 'store', 'count', /mean counts/],
    ['balancer', 'backends', 'ap', /mean app/],
    ['app', 'prices', 'price', /mean prices/],
    ['app', 'cache', 'cach', /mean cache/],
    ['front', 'origin', 'bd', /db/],
    ['copy', 'primary', 'dbb', /mean db/],
  ];

export const ofLinks: readonly Mistake[] = [
  ...LINKS.flatMap(([name, role, target, nearest]) => [
    mistake(
      `${name}: a ${role} that does not exist`,
      (d) => (links(d, name)[role] = target),
      `groups/${name}/links/${role}`,
      /which does not exist/,
      nearest,
    ),
    mistake(
      `${name}: a ${role} that is a number`,
      (d) => (links(d, name)[role] = 5),
      `groups/${name}/links/${role}`,
      /must be a text, not 5|group/,
      /./,
    ),
  ]),
  mistake(
    'a link of another name',
    (d) => (groupOf(d, 'users')['links'] = { targt: 'limiter' }),
    'groups/users/links/targt',
    /no link "targt"/,
    /mean target/,
  ),
  mistake(
    'no target',
    (d) => delete groupOf(d, 'users')['links'],
    'groups/users/links/target',
    /needs a link "target"/,
    /Whom it asks/,
  ),
  mistake(
    'a target that answers no requests',
    (d) => (links(d, 'users')['target'] = 'db'),
    'groups/users/links/target',
    /speaks http over "target", but database serves sql/,
    /serves http/,
  ),
  mistake(
    'a circle of two services',
    (d) => (links(d, 'prices')['app'] = 'app'),
    'groups/prices/links/app',
    /app calls prices calls app/,
    /Take one of the links away/,
  ),
  mistake(
    'a circle of one',
    (d) => (links(d, 'app')['own'] = 'app'),
    'groups/app/links/own',
    /app calls app/,
    /never end/,
  ),
  mistake(
    'a circle through a balancer and a limiter',
    (d) => (links(d, 'prices')['shop'] = 'limiter'),
    'groups/prices/links/shop',
    /limiter calls balancer calls app calls prices calls limiter/,
    /never end/,
  ),
  mistake(
    'a balancer of itself',
    (d) => (links(d, 'balancer')['backends'] = 'balancer'),
    'groups/balancer/links/backends',
    /balancer calls balancer/,
    /never end/,
  ),
  mistake(
    'a limiter of itself',
    (d) => (links(d, 'limiter')['target'] = 'limiter'),
    'groups/limiter/links/target',
    /limiter calls limiter/,
    /never end/,
  ),
  mistake(
    'a database that follows itself',
    (d) => (links(d, 'copy')['primary'] = 'copy'),
    'groups/copy/links/primary',
    /circle: copy calls copy/,
    /Take one/,
  ),
  mistake(
    'databases that follow each other',
    (d) => (groupOf(d, 'db')['links'] = { primary: 'copy' }),
    'groups/copy/links/primary',
    /circle: db calls copy calls db/,
    /Take one/,
  ),
  mistake(
    'a store that does not count',
    (d) => (links(d, 'limiter')['store'] = 'db'),
    'groups/limiter/links/store',
    /speaks limit over "store"/,
    /serves limit/,
  ),
  mistake(
    'a central count without a store',
    (d) => delete links(d, 'limiter')['store'],
    'groups/limiter/links/store',
    /needs a store/,
    /limit-store/,
  ),
  mistake(
    'a write-through cache without a store',
    (d) => delete groupOf(d, 'front')['links'],
    'groups/front/config/mode',
    /needs a store/,
    /origin/,
  ),
  mistake(
    'a cache aside with a store',
    (d) => (groupOf(d, 'cache')['links'] = { origin: 'db' }),
    'groups/cache/links/origin',
    /does not speak with a store/,
    /no origin/,
  ),
  mistake(
    'a second cache that takes turns with the first',
    (d) => (groupOf(d, 'cache')['count'] = 2),
    'groups/app/links/cache',
    /With round-robin the copies of an object are scattered over the 2 of "cache"/,
    /to: cache, balance: { policy: ring-hash }.*"cache" count: 1/,
  ),
  mistake(
    'two caches that are picked at random',
    (d) => {
      groupOf(d, 'cache')['count'] = 2;
      config(d, 'app')['upstreams'] = [{ to: 'cache', balance: { policy: 'random' } }];
    },
    'groups/app/config/upstreams/0/balance/policy',
    /With random the copies/,
    /Take ring-hash, or/,
  ),
  mistake(
    'two stores that a limiter takes in turn',
    (d) => (groupOf(d, 'counts')['count'] = 2),
    'groups/limiter/config/storeCall/balance/policy',
    /With round-robin the counts of a key are scattered/,
    /Take ring-hash/,
  ),
  mistake(
    'two databases that know nothing of each other',
    (d) => {
      groupOf(d, 'db')['count'] = 2;
      d['groups'] = (d['groups'] as Loose[]).filter(({ name }) => name !== 'copy');
    },
    'groups/app/config/upstreams/0/balance/policy',
    /With round-robin the writes of a row are scattered over the 2 of "db"/,
    /count: 1; replicas are a group with the link "primary"/,
  ),
  mistake(
    'a cache that writes to a replica',
    (d) => (links(d, 'front')['origin'] = 'copy'),
    'groups/front/links/origin',
    /"copy" follows a primary: it refuses writes/,
    /Name the primary/,
  ),
];
