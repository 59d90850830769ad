/**
 * Coordinators: who is one for a key, what it has promised outlives it, and until it knows that it
 * does not answer.
 */
import { describe, expect, it } from 'vitest';
import type { Message } from 'faultline';
import { coordinatorPartition } from '../../../../src/sim/policies/hashing/java-string.ts';
import type { LogBrokerState } from '../../../../src/sim/components/log-broker/state.ts';
import { Cluster } from './support.ts';

const PARTITIONS = 5;
const find: Message & object = Object.freeze({
  type: 'broker.find-coordinator',
  kind: 'group',
  key: 'g',
});
const member = { group: 'g', generation: -1, memberId: '', groupInstanceId: null };
const commit = (offset: number): Message =>
  ({
    type: 'group.commit',
    ...member,
    offsets: [{ partition: 0, offset, leaderEpoch: 0 }],
  }) as Message;
const fetch = { type: 'group.fetch-offsets', group: 'g', partitions: [0] } as Message;

const newCluster = (config: object = {}): Cluster =>
  new Cluster({ hasAsker: true, config: { offsetsTopicNumPartitions: PARTITIONS, ...config } }).ms(
    3_000,
  );

/** The number of the broker that coordinates the group. */
function coordinatorOf(cluster: Cluster): number {
  cluster.askBroker(1, find, 500);
  const answer = cluster.askBroker(1, find) as unknown as { readonly node: number };
  return [1, 2, 3].find((broker) => cluster.index(`b${broker}`) === answer.node) ?? -1;
}

describe('a coordinator', () => {
  it('is not there before somebody looks for one: then its topic is made', () => {
    const cluster = newCluster();
    const internal = (): number => {
      const { cluster: known } = cluster.node('b1').state as LogBrokerState;
      return [...known.partitions.values()].filter(({ topic }) => topic.startsWith('__')).length;
    };
    expect(internal()).toBe(0);
    expect(cluster.askBroker(1, find, 500)).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    expect(internal()).toBe(PARTITIONS);
    expect(cluster.askBroker(1, find)).toMatchObject({ error: null });
  });

  it('is the leader of the partition that its key belongs to', () => {
    const cluster = newCluster();
    const coordinator = coordinatorOf(cluster);
    const partition = 1 + coordinatorPartition('g', PARTITIONS);
    const { state } = cluster.replica(1, partition);
    expect(state.leader).toBe(cluster.index(`b${coordinator}`));
  });

  it('answers when what it wrote is on all that are in sync', () => {
    const cluster = newCluster();
    const coordinator = coordinatorOf(cluster);
    expect(cluster.askBroker(coordinator, commit(7))).toEqual({
      type: 'group.committed',
      error: null,
    });
    const partition = 1 + coordinatorPartition('g', PARTITIONS);
    for (const broker of [1, 2, 3]) expect(cluster.values(broker, partition)).toHaveLength(1);
    expect(cluster.askBroker(coordinator, fetch)).toMatchObject({ offsets: [{ offset: 7 }] });
  });

  it('is no other broker', () => {
    const cluster = newCluster();
    const other = (coordinatorOf(cluster) % 3) + 1;
    expect(cluster.askBroker(other, commit(7))).toMatchObject({ error: 'NOT_COORDINATOR' });
  });

  it('keeps its promises when another broker becomes it', () => {
    const cluster = newCluster();
    const first = coordinatorOf(cluster);
    cluster.askBroker(first, commit(7));
    cluster.crash(`b${first}`).command('fence', first).after(1_000);
    const asked = (first % 3) + 1;
    const { node } = cluster.askBroker(asked, find) as unknown as { readonly node: number };
    const second = [1, 2, 3].find((broker) => cluster.index(`b${broker}`) === node) ?? -1;
    expect(second).not.toBe(first);
    expect(cluster.askBroker(second, fetch)).toMatchObject({ offsets: [{ offset: 7 }] });
  });

  it('forgets when it does not lead any more, and sends those who wait on', () => {
    const cluster = newCluster({ offsetsCommitTimeoutMs: 60_000 });
    const first = coordinatorOf(cluster);
    const name = `b${first}`;
    const others = ['b1', 'b2', 'b3'].filter((one) => one !== name);
    cluster.parts.injector.inject(
      'cut',
      { type: 'partition', groups: [[name, 'x1', 'ctl1'], others] },
      'person',
    );
    expect(cluster.askBroker(first, commit(7))).toBeUndefined();
    cluster.command('fence', first).after(2_000);
    expect(cluster.askBroker(first, fetch)).toMatchObject({ error: 'NOT_COORDINATOR' });
    const { shards } = cluster.node(name).state as LogBrokerState;
    expect([...shards.values()].every(({ calls }) => calls.size === 0)).toBe(true);
  });

  it('says that it is loading until what was written before it is committed', () => {
    const cluster = newCluster();
    const first = coordinatorOf(cluster);
    const next = (first % 3) + 1;
    const third = (next % 3) + 1;
    cluster.askBroker(first, commit(7));
    const groups = [[`b${first}`, `b${next}`, 'x1', 'ctl1'], [`b${third}`]];
    cluster.parts.injector.inject('cut', { type: 'partition', groups }, 'person');
    expect(cluster.askBroker(first, commit(8))).toBeUndefined();
    cluster.crash(`b${first}`).command('fence', first).after(100);
    const error = 'COORDINATOR_LOAD_IN_PROGRESS';
    expect(cluster.askBroker(next, fetch)).toMatchObject({ error });
    cluster.parts.injector.undo('cut');
    cluster.command('fence', third).after(1_000);
    expect(cluster.askBroker(next, fetch)).toMatchObject({ error: null, offsets: [{ offset: 8 }] });
  });

  it('does not say that something is committed when it cannot know', () => {
    const cluster = newCluster();
    const first = coordinatorOf(cluster);
    const name = `b${first}`;
    const others = ['b1', 'b2', 'b3'].filter((one) => one !== name);
    cluster.parts.injector.inject(
      'cut',
      { type: 'partition', groups: [[name, 'x1', 'ctl1'], others] },
      'person',
    );
    expect(cluster.askBroker(first, commit(7), 4_900)).toBeUndefined();
    expect(cluster.askBroker(first, commit(7), 5_100)).toMatchObject({
      error: 'COORDINATOR_NOT_AVAILABLE',
    });
  });
});
