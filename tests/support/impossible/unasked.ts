/** Parts that nobody asks for anything, and steps that are never taken or find nothing. */
import { config, constant, groupOf, links, mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const LOOK_UP = { do: 'cached', in: 'cache' };
const REST = [
  { do: 'call', to: 'prices' },
  { do: 'query', to: 'db' },
];
const asks = (...steps: object[]) => ({ steps });
const add = (d: Loose, group: Loose): unknown =>
  (d['groups'] as Loose[]).push({ count: 1, ...group });

const unasked = (name: string, group: Loose, noun: RegExp): Mistake =>
  mistake(
    `${name} that nobody asks`,
    (d) => add(d, { name: 'alone', ...group }),
    'groups/alone',
    /Nobody asks "alone" for anything: no group links to it/,
    noun,
  );

const ofGroups: readonly Mistake[] = [
  unasked('a service', { component: 'service' }, /asks it to the service, or leave it out/),
  unasked('a cache', { component: 'cache' }, /to the cache/),
  unasked('a database', { component: 'database' }, /to the database/),
  unasked('a balancer', { component: 'load-balancer', links: { backends: 'app' } }, /balancer/),
  unasked('a limiter', { component: 'rate-limiter', links: { target: 'app' } }, /to the limiter/),
];

const unfilled = (what: string, change: (d: Loose) => void, place = 'steps/0'): Mistake =>
  mistake(
    `app: looks up what nobody puts there (${what})`,
    change,
    `groups/app/config/${place}`,
    /Nobody fills "cache": nothing is ever found in it/,
    /a miss, or put/,
  );

const ofSteps: readonly Mistake[] = [
  unfilled('a step', (d) => Object.assign(config(d, 'app'), asks(LOOK_UP, ...REST))),
  unfilled(
    'a branch',
    (d) => {
      const within = { do: 'parallel', branches: [[LOOK_UP], REST] };
      Object.assign(config(d, 'app'), asks(within));
    },
    'steps/0/branches/0/0',
  ),
  unfilled(
    'what is put is in another cache',
    (d) => {
      add(d, { name: 'other', component: 'cache' });
      links(d, 'app')['other'] = 'other';
      Object.assign(config(d, 'app'), asks({ do: 'put', in: 'other' }, LOOK_UP, ...REST));
    },
    'steps/1',
  ),
  mistake(
    'prices: makes what the cache reads itself',
    (d) => {
      const miss = [{ do: 'work', time: constant(1) }];
      groupOf(d, 'prices')['config'] = asks({ do: 'cached', in: 'front', miss });
    },
    'groups/prices/config/steps/0/miss',
    /miss changes nothing: "front" reads what it lacks from its store itself/,
    /mode aside/,
  ),
  mistake(
    'prices: fails, but never',
    (d) => (config(d, 'prices')['steps'] as Loose[]).push({ do: 'fail', share: 0 }),
    'groups/prices/config/steps/1/share',
    /fail changes nothing: its share is 0/,
    /above 0, or leave the step out/,
  ),
];

export const ofUnasked: readonly Mistake[] = [...ofGroups, ...ofSteps];
