/** Members of a group where the coordinator deals the partitions (KIP-848). */
import { makeRegistry } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../../src/sim/traffic/log-reader/state.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Cluster } from '../log-broker/support.ts';

const BROKERS = {
  offsetsTopicNumPartitions: 1,
  groupConsumerSessionTimeoutMs: 6_000,
  groupConsumerHeartbeatIntervalMs: 1_000,
};

interface Shape {
  readonly consumers?: number;
  readonly consumer?: object;
  readonly ablations?: readonly string[];
  readonly repeated?: number | null;
}

const clusterOf = ({ consumers = 3, consumer, ablations = [], repeated = null }: Shape) =>
  new Cluster({
    topic: { partitions: 4 },
    config: BROKERS,
    producer: {
      arrivals: { kind: 'constant', ratePerSecond: 100 },
      batchSize: 200,
      startMs: 100,
      stopMs: 20_000,
    },
    consumer: {
      groupId: 'g',
      groupProtocol: 'consumer',
      autoOffsetReset: 'earliest',
      ...consumer,
    },
    consumers,
    checks: [{ id: 'given', use: 'group-deliveries', args: { repeated } }],
    ablations,
  });

const stateOf = (cluster: Cluster, name: string): LogReader =>
  cluster.node(name).state as LogReader;
const ownedBy = (cluster: Cluster, name: string): number[] =>
  stateOf(cluster, name).tracks.map(({ partition }) => partition);
const sharesOf = (cluster: Cluster, ...names: readonly string[]): number[] =>
  names.map((name) => ownedBy(cluster, name).length);
const told = (cluster: Cluster, type: string): number =>
  cluster.facts.filter(({ fact }) => fact.type === type).length;

function standing(cluster: Cluster) {
  cluster.ms(45_000);
  cluster.observers.end(true);
  const [check] = cluster.observers.checks;
  return { ...check!.running.standing(true), findings: check!.findings.map(({ why }) => why) };
}

/** One comes late: the others have to give something up. */
const late = (shape: Shape): Cluster => {
  const cluster = clusterOf(shape);
  return cluster.crash('c3').ms(10_000).restart('c3');
};

describe('a group of the consumer protocol', () => {
  it('shares the partitions, and reads everything once while a member comes', () => {
    const cluster = late({ repeated: 0 });
    cluster.ms(16_000);
    expect(sharesOf(cluster, 'c1', 'c2', 'c3').sort()).toEqual([1, 1, 2]);
    expect(standing(cluster)).toMatchObject({
      verdict: 'pass',
      text: '1989 records worked on, 0 lost, 0 times again',
    });
  });

  it('with group.revoke-before-assign off has two owners of a partition', () => {
    const { verdict, findings } = standing(late({ ablations: ['group.revoke-before-assign'] }));
    expect(verdict).toBe('fail');
    expect(findings.join()).toMatch(/gives partition \d to c\d, and c\d still has it/);
  });

  it('takes over what a dead member had when its session is over', () => {
    const cluster = clusterOf({ consumers: 2 }).ms(8_000).crash('c1').after(5_000);
    expect(sharesOf(cluster, 'c2')).toEqual([2]);
    cluster.after(4_000);
    expect(sharesOf(cluster, 'c2')).toEqual([4]);
    expect(standing(cluster)).toMatchObject({ text: expect.stringMatching(/ 0 lost/) });
  });

  it('goes on with another coordinator, without a rebalance', () => {
    const cluster = clusterOf({ consumers: 2 }).ms(8_000);
    const { coordinator } = stateOf(cluster, 'c1').membership!;
    const broker = ['b1', 'b2', 'b3'].find((name) => cluster.index(name) === coordinator)!;
    const before = told(cluster, 'group.rebalancing');
    cluster.command('fence', Number(broker.slice(1))).after(6_000);
    expect(stateOf(cluster, 'c1').membership?.coordinator).not.toBe(coordinator);
    expect(sharesOf(cluster, 'c1', 'c2')).toEqual([2, 2]);
    expect(told(cluster, 'group.rebalancing')).toBe(before);
  });

  it('a member that works for too long leaves, and comes back', () => {
    const consumer = { maxPollIntervalMs: 2_000, processMs: 100, maxPollRecords: 40 };
    const cluster = clusterOf({ consumers: 2, consumer }).ms(12_000);
    expect(told(cluster, 'consumer.left')).toBeGreaterThan(0);
    expect(told(cluster, 'consumer.lost')).toBeGreaterThan(0);
    expect(told(cluster, 'consumer.assigned')).toBeGreaterThan(4);
  });
});

describe('settings', () => {
  const planOf =
    (consumer: object, brokers: object = {}) =>
    () => {
      const groups: GroupPlan[] = [
        { name: 'ctl', component: 'controller', count: 1 },
        {
          name: 'b',
          component: 'log-broker',
          count: 3,
          links: { controller: 'ctl' },
          config: { topics: [{ topic: 't' }], ...brokers },
        },
        {
          name: 'c',
          component: 'log-consumer',
          count: 1,
          links: { brokers: 'b' },
          config: { groupId: 'g', ...consumer },
        },
      ];
      const network = { latency: { kind: 'constant', ms: 1 } } as const;
      const rest = { durationMs: 10_000, network, faults: [], checks: [], story: [] };
      checkPlan({ title: 'T', summary: '', groups, ...rest }, makeRegistry());
    };
  const modern = { groupProtocol: 'consumer' };

  it.each([
    [{ ...modern, sessionTimeoutMs: 6_000 }, {}, 'sessionTimeoutMs'],
    [{ ...modern, heartbeatIntervalMs: 1_000 }, {}, 'heartbeatIntervalMs'],
    [{ ...modern, partitionAssignmentStrategy: ['range'] }, {}, 'partitionAssignmentStrategy'],
    [{ groupRemoteAssignor: 'range' }, {}, 'groupRemoteAssignor'],
    [
      { ...modern, groupRemoteAssignor: 'range' },
      { groupConsumerAssignors: ['uniform'] },
      'groupRemoteAssignor',
    ],
    [modern, { groupMinSessionTimeoutMs: 5_000 }, 'groupMinSessionTimeoutMs'],
    [{}, { groupConsumerSessionTimeoutMs: 50_000 }, 'groupConsumerSessionTimeoutMs'],
    [modern, { groupConsumerHeartbeatIntervalMs: 45_000 }, 'groupConsumerHeartbeatIntervalMs'],
  ])('%o with brokers %o are refused, by place and with a hint', (consumer, brokers, name) => {
    const path = expect.stringMatching(new RegExp(`${name}$`));
    expect(planOf(consumer, brokers)).toThrow(
      expect.objectContaining({ path, hint: expect.stringMatching(/\S/) }),
    );
  });

  it('that fit are taken', () => {
    expect(planOf({ ...modern, groupRemoteAssignor: 'range' })).not.toThrow();
  });
});
