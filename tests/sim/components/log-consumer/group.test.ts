/** Members of a group: they share partitions, take over, and commit before or after their work. */
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../../src/sim/traffic/log-reader/state.ts';
import { Cluster } from '../log-broker/support.ts';

const PARTITIONS = 4;
const groupOf = (more: object = {}) => ({
  groupId: 'g',
  autoOffsetReset: 'earliest',
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 1_000,
  ...more,
});

interface Shape {
  readonly consumers?: number;
  readonly consumer?: object;
  readonly producer?: object;
  readonly partitions?: number;
  readonly ablations?: readonly string[];
}

const clusterOf = ({ consumers = 2, consumer = {}, producer, partitions, ablations }: Shape) =>
  new Cluster({
    topic: { partitions: partitions ?? PARTITIONS },
    config: { offsetsTopicNumPartitions: 1 },
    consumer: groupOf(consumer),
    consumers,
    ...(producer === undefined ? {} : { producer: { ...producer } }),
    ablations: ablations ?? [],
  });

const stateOf = (cluster: Cluster, name: string): LogReader =>
  cluster.node(name).state as LogReader;
const ownedBy = (cluster: Cluster, name: string): number[] =>
  stateOf(cluster, name)
    .tracks.map(({ partition }) => partition)
    .sort((a, b) => a - b);
const generationOf = (cluster: Cluster, name: string): number =>
  stateOf(cluster, name).membership?.generation ?? -1;
const told = (cluster: Cluster, type: string): number =>
  cluster.facts.filter(({ fact }) => fact.type === type).length;

const arrivals = { kind: 'constant', ratePerSecond: 100 };

describe('a group', () => {
  it('shares the partitions among its members', () => {
    const cluster = clusterOf({}).ms(15_000);
    expect([ownedBy(cluster, 'c1'), ownedBy(cluster, 'c2')].sort()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(generationOf(cluster, 'c1')).toBe(1);
  });

  it('reads everything once', () => {
    const producer = { arrivals, startMs: 1_000, stopMs: 20_000 };
    const cluster = clusterOf({ producer }).ms(25_000);
    const read = cluster.read();
    expect(read.length).toBe(cluster.acked().length);
    expect(new Set(read).size).toBe(read.length);
  });

  it('gives the partitions of one that dies to the others, after its session', () => {
    const cluster = clusterOf({}).ms(15_000);
    cluster.crash('c2').ms(19_000);
    expect(ownedBy(cluster, 'c1')).toHaveLength(2);
    cluster.ms(24_000);
    expect(ownedBy(cluster, 'c1')).toEqual([0, 1, 2, 3]);
    expect(generationOf(cluster, 'c1')).toBe(2);
  });

  it('goes on when its coordinator dies', () => {
    const producer = { arrivals, startMs: 1_000, stopMs: 40_000 };
    const cluster = clusterOf({ producer, consumer: { autoCommitIntervalMs: 500 } }).ms(15_000);
    const leader = [1, 2, 3].find((broker) => {
      const { state } = cluster.replica(broker, PARTITIONS);
      return state.leader === cluster.index(`b${broker}`);
    }) as number;
    cluster.crash(`b${leader}`).command('fence', leader).ms(45_000);
    expect(ownedBy(cluster, 'c1').length + ownedBy(cluster, 'c2').length).toBe(PARTITIONS);
    expect(new Set(cluster.read()).size).toBe(cluster.acked().length);
  });
});

describe('a member that gives up its coordinator', () => {
  const forget = (atMs: number): Cluster => {
    const cluster = clusterOf({
      producer: { arrivals, startMs: 1_000, stopMs: 12_000 },
      consumer: { enableAutoCommit: false, processMs: 5 },
    }).ms(atMs);
    const { membership } = stateOf(cluster, 'c1');
    if (membership !== null) membership.coordinator = -1;
    return cluster.ms(30_000);
  };

  it.each([2_000, 3_000, 4_000])('while it joins, at %i ms, finds it and joins again', (atMs) => {
    const cluster = forget(atMs);
    expect(ownedBy(cluster, 'c1').length + ownedBy(cluster, 'c2').length).toBe(PARTITIONS);
    expect(new Set(cluster.read()).size).toBe(cluster.acked().length);
  });

  it.each([9_001, 9_004, 9_050])('at work, at %i ms, commits once it has found it', (atMs) => {
    const cluster = forget(atMs);
    const { membership, tracks } = stateOf(cluster, 'c1');
    const positions = tracks.map(({ partition, position }) => [partition, position]);
    expect(positions.length).toBeGreaterThan(0);
    expect([...(membership?.committed ?? [])]).toEqual(expect.arrayContaining(positions));
    expect(cluster.read().length).toBe(cluster.acked().length);
  });
});

describe('a member whose coordinator lacks its generation', () => {
  it.each(['c1', 'c2'])('%s comes back under its id: nobody waits for who it was', (name) => {
    const cluster = clusterOf({}).ms(15_000);
    const { membership } = stateOf(cluster, name);
    const before = membership?.memberId;
    if (membership !== null) membership.generation += 1;
    cluster.ms(20_000);
    expect(stateOf(cluster, name).membership?.memberId).toBe(before);
    expect(ownedBy(cluster, 'c1').length + ownedBy(cluster, 'c2').length).toBe(PARTITIONS);
    expect(told(cluster, 'consumer.lost')).toBe(1);
    expect(told(cluster, 'group.member-removed')).toBe(0);
  });
});

describe('a member that commits by itself', () => {
  it('does so every auto.commit.interval.ms, not with each poll', () => {
    const producer = { arrivals, startMs: 5_000, stopMs: 25_000 };
    const of = { consumers: 1, partitions: 1, producer };
    const cluster = clusterOf({ ...of, consumer: { autoCommitIntervalMs: 2_000 } }).ms(25_000);
    const times = cluster.sent('group.commit').map(({ atMicros }) => atMicros / 1_000);
    expect(times.length).toBeGreaterThan(8);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    // The first poll after the interval: records come all the time.
    expect(gaps.filter((gap) => gap < 2_000 || gap > 2_100)).toEqual([]);
  });
});

describe('a member that has committed nothing', () => {
  it('with autoOffsetReset none reads nothing', () => {
    const producer = { arrivals, startMs: 1_000, stopMs: 20_000 };
    const cluster = clusterOf({ producer, consumer: { autoOffsetReset: 'none' } }).ms(25_000);
    expect(told(cluster, 'consumer.reset')).toBe(PARTITIONS);
    expect(cluster.read()).toEqual([]);
  });
});

describe('a member that is slower than max.poll.interval.ms', () => {
  it('leaves, and what it worked on is worked on by another one, again and again', () => {
    const cluster = clusterOf({
      consumers: 2,
      partitions: 1,
      producer: {
        arrivals: { kind: 'constant', ratePerSecond: 20 },
        startMs: 1_000,
        stopMs: 3_000,
      },
      consumer: { processMs: 500, maxPollIntervalMs: 8_000, enableAutoCommit: false },
    }).ms(90_000);
    expect(told(cluster, 'consumer.left')).toBeGreaterThan(2);
    const { membership } = stateOf(cluster, 'c1');
    expect([...(membership?.committed.values() ?? [])].every((offset) => offset === 0)).toBe(true);
  });

  it('does not with fewer records in a poll', () => {
    const cluster = clusterOf({
      partitions: 1,
      producer: {
        arrivals: { kind: 'constant', ratePerSecond: 20 },
        startMs: 1_000,
        stopMs: 3_000,
      },
      consumer: {
        processMs: 500,
        maxPollIntervalMs: 8_000,
        maxPollRecords: 10,
        enableAutoCommit: false,
      },
    }).ms(90_000);
    expect(told(cluster, 'consumer.left')).toBe(0);
    const read = cluster.read();
    expect(read.length).toBe(cluster.acked().length);
  });
});

describe('a member that dies at work', () => {
  /** How many records are worked on twice, and how many never, by a single member that restarts. */
  function run(commitWhen: string) {
    const cluster = clusterOf({
      consumers: 1,
      partitions: 1,
      producer: { arrivals, startMs: 100, stopMs: 1_100 },
      consumer: { processMs: 100, enableAutoCommit: false, commitWhen, maxPollRecords: 50 },
    });
    const done: number[] = [];
    cluster.parts.host.taps.probe = (_node, channel, payload) => {
      if (channel !== 'group.processed') return;
      const { from, to } = payload as { readonly from: number; readonly to: number };
      for (let offset = from; offset < to; offset++) done.push(offset);
    };
    cluster.until(() => done.length >= 10);
    cluster.crash('c1').after(100).restart('c1').after(60_000);
    const acked = cluster.acked().length;
    const unique = new Set(done).size;
    return { lost: acked - unique, twice: done.length - unique };
  }

  it('and commits first: what was not worked on of the batch is lost', () => {
    expect(run('before-work')).toEqual({ lost: 40, twice: 0 });
  });
  it('and commits afterwards: what was worked on of the batch is worked on again', () => {
    expect(run('after-work')).toEqual({ lost: 0, twice: 10 });
  });
});

describe('a member more', () => {
  const late = (strategy: string) => {
    const cluster = clusterOf({
      consumers: 3,
      consumer: { partitionAssignmentStrategy: [strategy] },
    });
    cluster.crash('c3').ms(15_000);
    const before = ['c1', 'c2'].map((name) => ownedBy(cluster, name));
    const facts = cluster.facts.length;
    cluster.restart('c3').ms(40_000);
    const since = cluster.facts.slice(facts).map(({ fact }) => fact);
    const given = since.flatMap((fact) =>
      fact.type === 'consumer.revoked'
        ? (fact as unknown as { readonly partitions: readonly number[] }).partitions
        : [],
    );
    const after = ['c1', 'c2', 'c3'].map((name) => ownedBy(cluster, name));
    return { before, after, given, generation: generationOf(cluster, 'c1') };
  };

  it('eager: all stop for one rebalance', () => {
    const { after, given, generation } = late('roundrobin');
    expect(given).toHaveLength(PARTITIONS);
    expect(generation).toBe(2);
    expect(after.flat().sort()).toEqual([0, 1, 2, 3]);
  });

  it('cooperative: only what moves stops, in two rebalances', () => {
    const { after, given, generation } = late('cooperative-sticky');
    expect(given).toHaveLength(1);
    expect(generation).toBe(3);
    expect(after.flat().sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('a member that is ended in an orderly way', () => {
  const ended = (consumer: object): Cluster => {
    const cluster = clusterOf({ consumer }).ms(15_000);
    cluster.inject('end', { type: 'terminate', target: 'c2' });
    return cluster.ms(18_000);
  };

  it('leaves at once, and the others take over before its session is over', () => {
    const cluster = ended({});
    expect(ownedBy(cluster, 'c1')).toEqual([0, 1, 2, 3]);
    expect(generationOf(cluster, 'c1')).toBe(2);
  });

  it('does not if it is static: it is expected back', () => {
    const cluster = ended({ groupInstanceId: 's' });
    expect(ownedBy(cluster, 'c1')).toHaveLength(2);
    expect(generationOf(cluster, 'c1')).toBe(1);
  });

  it('does the records at hand and commits them first: nothing is done twice', () => {
    const cluster = clusterOf({
      producer: { arrivals, startMs: 1_000, stopMs: 20_000 },
      consumer: { processMs: 10 },
    }).ms(15_000);
    cluster.inject('end', { type: 'terminate', target: 'c2' }).ms(30_000);
    const read = cluster.read();
    expect(read.length).toBe(cluster.acked().length);
    expect(new Set(read).size).toBe(read.length);
  });
});

describe('static members', () => {
  it('that restart within their session move nothing', () => {
    const cluster = clusterOf({ consumer: { groupInstanceId: 's' } }).ms(15_000);
    const before = ['c1', 'c2'].map((name) => ownedBy(cluster, name));
    cluster.crash('c2').ms(17_000).restart('c2').ms(25_000);
    expect(['c1', 'c2'].map((name) => ownedBy(cluster, name))).toEqual(before);
    expect(generationOf(cluster, 'c2')).toBe(1);
  });
});
