/** Plans of message queues, for rules that can act only in some of them. */
import { group, linked } from './plan-groups.ts';
import type { Config } from './plan-groups.ts';

export const worked = (queues: Config, consumer: Config = {}) => [
  group('n', 'queue-broker', { queues: [{ name: 'work', ...queues }] }),
  linked(group('c', 'queue-consumer', consumer), { queue: 'n' }),
  linked(group('p', 'queue-producer'), { queue: 'n' }),
];
export const replicated = (count: number, config: Config = { queueType: 'quorum' }) => {
  const [, ...clients] = worked({});
  return [group('n', 'queue-broker', { queues: [{ name: 'work', ...config }] }, count), ...clients];
};
export const published = (...bound: readonly string[]) => [
  group('n', 'queue-broker', {
    queues: [{ name: 'work' }, { name: 'other' }],
    exchanges: [{ name: 'x', type: 'fanout', bindings: bound.map((queue) => ({ queue })) }],
  }),
  linked(group('p', 'queue-producer', { exchange: 'x' }), { queue: 'n' }),
];
export const lent = (config: Config) => [
  group('n', 'visibility-queue', config),
  linked(group('p', 'queue-producer'), { queue: 'n' }),
];
