/** A group whose members read different topics, or name the same one differently. */
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../../src/sim/traffic/log-reader/state.ts';
import { Cluster } from '../log-broker/support.ts';

const TOPICS = [
  { topic: 'orders', partitions: 3, replicationFactor: 3 },
  { topic: 'output', partitions: 2, replicationFactor: 3 },
];
const STRATEGIES = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'].map((strategy) => ({
  partitionAssignmentStrategy: [strategy],
}));
const PROTOCOLS = [...STRATEGIES, { groupProtocol: 'consumer' }];

/** Two members named c, and two named d. */
function sharesOf(topicOfC: object, topicOfD: object, protocol: object): number[][] {
  const config = { groupId: 'g', ...protocol } as object;
  const cluster = new Cluster({
    config: { topics: TOPICS, offsetsTopicNumPartitions: 1 },
    consumer: { ...config, ...topicOfC },
    consumers: 2,
    others: [
      { name: 'd', component: 'log-consumer', count: 2, config: { ...config, ...topicOfD } },
    ],
  }).ms(25_000);
  return [
    ['c1', 'c2'],
    ['d1', 'd2'],
  ].map((names) =>
    names
      .flatMap((name) => (cluster.node(name).state as LogReader).tracks)
      .map(({ partition }) => partition)
      .sort((a, b) => a - b),
  );
}

describe.each(PROTOCOLS)('members of one group with %j', (protocol) => {
  it('are dealt each its own topic, whoever leads', () => {
    const [orders, output] = [{ topic: 'orders' }, { topic: 'output' }];
    expect(sharesOf(orders, output, protocol)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(sharesOf(output, orders, protocol)).toEqual([
      [3, 4],
      [0, 1, 2],
    ]);
  });

  it('share the first topic, whether they name it or not', () => {
    const [named, unnamed] = sharesOf({ topic: 'orders' }, {}, protocol);
    expect([...(named ?? []), ...(unnamed ?? [])].sort()).toEqual([0, 1, 2]);
    expect(named).not.toEqual([]);
    expect(unnamed).not.toEqual([]);
  });
});
