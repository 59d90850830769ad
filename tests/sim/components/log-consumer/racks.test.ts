/** Members that say in which zone they are, and the strategies that ask (KIP-881). */
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../../src/sim/traffic/log-reader/state.ts';
import { Cluster } from '../log-broker/support.ts';

const ZONES = ['a', 'b', 'c'];

/** Of each member, how many of its partitions have their one replica in its zone. */
function nearOf(member: object, count = 3, partitions = 6): readonly (readonly number[])[] {
  const cluster = new Cluster({
    config: { offsetsTopicNumPartitions: 1 },
    topic: { partitions, replicationFactor: 1 },
    network: { regions: [{ name: 'r', zones: ZONES }] },
    consumer: { groupId: 'g', ...member },
    consumers: count,
  }).ms(25_000);
  const zoneOf = (index: number): string => ZONES[(index - 1) % ZONES.length] as string;
  const zoneOfBroker = new Map(
    [1, 2, 3].map((broker) => [cluster.index(`b${broker}`), zoneOf(broker)]),
  );
  return Array.from({ length: count }, (_, at) => {
    const { tracks } = cluster.node(`c${at + 1}`).state as LogReader;
    const near = tracks.filter(({ leader }) => zoneOfBroker.get(leader) === zoneOf(at + 1));
    return [near.length, tracks.length];
  });
}

describe.each(['range', 'sticky', 'cooperative-sticky'])('%s', (strategy) => {
  const partitionAssignmentStrategy = [strategy];

  it('gives members with a rack what has a replica there', () => {
    const near = nearOf({ partitionAssignmentStrategy, clientRack: true });
    expect(near).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
  });

  it('keeps the balance where one zone has no member', () => {
    const near = nearOf({ partitionAssignmentStrategy, clientRack: true }, 2);
    expect(near).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });
});

it('nobody asks where nobody says where it is', () => {
  const near = nearOf({ partitionAssignmentStrategy: ['range'] });
  expect(near.map(([, all]) => all)).toEqual([2, 2, 2]);
  expect(near.reduce((sum, [one]) => sum + (one ?? 0), 0)).toBeLessThan(6);
});
