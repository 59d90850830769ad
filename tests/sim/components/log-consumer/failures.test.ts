/** Records that members of a group cannot work on: tried again, passed over, or put aside. */
import { describe, expect, it } from 'vitest';
import type { LogConsumerState } from '../../../../src/sim/components/log-consumer/state.ts';
import { Cluster } from '../log-broker/support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 100 };
const POISON_IS = 30;

interface Shape {
  readonly consumer?: object;
  readonly consumers?: number;
  readonly partitions?: number;
  readonly producer?: object;
  readonly args?: object;
  readonly config?: object;
  readonly letters?: object;
}

/** Record 30 of 100 is poison: the fifteenth of two partitions, the thirtieth of one. */
const clusterOf = (shape: Shape): Cluster => {
  const { consumer, consumers = 1, partitions = 1, producer, args = {}, config, letters } = shape;
  const topics = [
    { topic: 't', partitions, replicationFactor: 3 },
    { topic: 't-dlt', partitions, replicationFactor: 3, ...letters },
  ];
  return new Cluster({
    config: { topics, offsetsTopicNumPartitions: 1, ...config },
    producer: {
      arrivals,
      hasKeys: false,
      partitioner: 'round-robin',
      startMs: 1_000,
      stopMs: 2_005,
      poisonEvery: POISON_IS,
      poisonMax: 1,
      ...producer,
    },
    consumer: {
      groupId: 'g',
      autoOffsetReset: 'earliest',
      enableAutoCommit: false,
      processMs: 2,
      sessionTimeoutMs: 6_000,
      heartbeatIntervalMs: 2_000,
      ...consumer,
    },
    consumers,
    checks: [{ id: 'given', use: 'group-deliveries', args: { ...args } }],
  });
};

const stateOf = (cluster: Cluster, name = 'c1'): LogConsumerState =>
  cluster.node(name).state as LogConsumerState;
const told = (cluster: Cluster, type: string): object[] =>
  cluster.facts.flatMap(({ fact }) => (fact.type === type ? [fact] : []));
const FAILED = 'consumer.record-failed';
const POISON = { partition: 0, offset: POISON_IS - 1 };

function account(cluster: Cluster) {
  cluster.observers.end(true);
  const [check] = cluster.observers.checks;
  return { ...check!.running.standing(true), findings: check!.findings.map(({ why }) => why) };
}
const committedAt = (cluster: Cluster, name = 'c1', partition = 0): number | undefined =>
  stateOf(cluster, name).membership?.committed.get(partition);

describe('a record that cannot be worked on', () => {
  it('is tried ten times and then passed over: it is lost, and nothing else', () => {
    const cluster = clusterOf({ args: { lost: 1, repeated: 0, deadLettered: 0 } }).ms(15_000);
    expect(told(cluster, FAILED)).toHaveLength(10);
    const passed = told(cluster, 'consumer.record-passed-over');
    expect(passed).toMatchObject([{ ...POISON, attempts: 10 }]);
    expect(committedAt(cluster)).toBe(100);
    const { verdict, text } = account(cluster);
    expect([verdict, text]).toEqual(['pass', '99 records worked on, 1 lost, 0 times again']);
  });

  it.each([
    [0, 1],
    [2, 3],
  ])('is tried %i times again if that is what is allowed', (backOffMaxAttempts, attempts) => {
    const cluster = clusterOf({ consumer: { backOffMaxAttempts } }).ms(15_000);
    expect(told(cluster, FAILED)).toHaveLength(attempts);
    expect(stateOf(cluster).failures.attempts).toBe(attempts);
  });

  it('is written to the topic of dead letters, to the same partition, and not lost', () => {
    const consumer = { deadLetterTopic: 't-dlt' };
    const args = { lost: 0, repeated: 0, deadLettered: 1 };
    const cluster = clusterOf({ partitions: 2, consumer, args }).ms(15_000);
    const [letter] = told(cluster, 'consumer.dead-lettered') as { partition: number }[];
    expect(letter).toMatchObject({ topic: 't-dlt', offset: POISON_IS / 2 - 1 });
    const there = [2, 3].map((partition) => cluster.values(1, partition).length);
    expect(there).toEqual(letter!.partition === 0 ? [1, 0] : [0, 1]);
    const { verdict, text } = account(cluster);
    expect([verdict, text]).toEqual([
      'pass',
      '99 records worked on, 0 lost, 0 times again, 1 dead letter',
    ]);
  });

  it('keeps its key there, and is not poison any more', () => {
    const consumer = { deadLetterTopic: 't-dlt', backOffMaxAttempts: 0 };
    const cluster = clusterOf({ consumer, producer: { hasKeys: true } }).ms(15_000);
    const { log } = cluster.replica(1, 0).state;
    const poison = log.toArray().flatMap(({ records }) => records.filter((r) => r.isPoison));
    const letters = cluster.replica(1, 1).state.log.toArray();
    const written = letters.flatMap(({ records }) => [...records]);
    expect(poison).toHaveLength(1);
    expect(written).toHaveLength(1);
    expect(written[0]?.key).toBe(poison[0]?.key);
    expect(written[0]?.isPoison).toBeUndefined();
    expect(written[0]?.value).not.toBe(poison[0]?.value);
  });

  it('stops its partition while it is tried for ever, and no other', () => {
    // A fetch that waits for records of the other partition holds up the next try.
    const consumer = { backOffMaxAttempts: -1, backOffIntervalMs: 100, fetchMaxWaitMs: 10 };
    const cluster = clusterOf({ partitions: 2, consumer, args: { deadLettered: 0 } }).ms(15_000);
    const { last } = stateOf(cluster).failures;
    const [stuck] = [...last.keys()] as [number];
    expect(last.get(stuck)?.offset).toBe(POISON_IS / 2 - 1);
    expect(committedAt(cluster, 'c1', stuck)).toBe(POISON_IS / 2 - 1);
    expect(committedAt(cluster, 'c1', 1 - stuck)).toBe(50);
    expect(told(cluster, FAILED).length).toBeGreaterThan(50);
    expect(account(cluster).text).toBe('64 records worked on, 0 lost, 0 times again');
  });

  it('is waited for between two tries, and the wait does not outlast the end', () => {
    const consumer = { backOffIntervalMs: 60_000 };
    const cluster = clusterOf({ consumer }).ms(12_000);
    expect(told(cluster, FAILED)).toHaveLength(1);
    const { injector } = cluster.parts;
    injector.inject('end', { type: 'terminate', target: 'c1', graceMs: 30_000 }, 'person');
    cluster.after(1_000);
    expect(cluster.node('c1').status).toBe('down');
  });

  it.each([0, 3])('is met by whoever works on it, with %i ms for each', (processMs) => {
    const consumer = { deadLetterTopic: 't-dlt', processMs, maxPollRecords: 7 };
    const args = { lost: 0, repeated: 0, deadLettered: 3 };
    const cluster = clusterOf({ consumer, args, producer: { poisonMax: 0 } }).ms(20_000);
    expect(told(cluster, FAILED)).toHaveLength(30);
    expect(account(cluster)).toMatchObject({ verdict: 'pass' });
  });

  it('ends the consumer, which has committed what it did before', () => {
    const consumer = { errorHandler: 'container-stopping' };
    const cluster = clusterOf({ consumer, consumers: 2 }).ms(25_000);
    expect(told(cluster, FAILED)).toHaveLength(2);
    expect(told(cluster, 'consumer.stopped')).toHaveLength(2);
    expect(['c1', 'c2'].map((name) => cluster.node(name).status)).toEqual(['down', 'down']);
    expect(account(cluster).text).toBe('29 records worked on, 0 lost, 0 times again');
  });

  it('ends it again and again where it is started again', () => {
    const consumer = { errorHandler: 'container-stopping', restartMs: 1_000 };
    const cluster = clusterOf({ consumer }).ms(25_000);
    expect(told(cluster, 'consumer.stopped').length).toBeGreaterThan(2);
    expect(account(cluster).text).toBe('29 records worked on, 0 lost, 0 times again');
  });
});

describe('a dead letter', () => {
  /** Two of three replicas are too few to write to. */
  const blocked = (consumer: object): Cluster => {
    const cluster = clusterOf({
      letters: { minInsyncReplicas: 3 },
      config: { replicaLagTimeMaxMs: 1_000 },
      consumer: { deadLetterTopic: 't-dlt', backOffMaxAttempts: 2, ...consumer },
      args: { lost: 0, repeated: 0, deadLettered: null },
    });
    return cluster.ms(500).crash('b3').command('fence', 3);
  };

  it('that cannot be written yet holds up the record, and is written once it can be', () => {
    const cluster = blocked({}).ms(15_000);
    expect(told(cluster, FAILED)).toHaveLength(3);
    expect(stateOf(cluster).failures.handling).toMatchObject({ step: 'writing' });
    expect(committedAt(cluster)).toBe(POISON.offset);
    cluster.restart('b3').command('release', 3).ms(40_000);
    expect(told(cluster, FAILED)).toHaveLength(3);
    expect(told(cluster, 'consumer.dead-lettered')).toHaveLength(1);
    expect(account(cluster).text).toMatch(/^99 .* 0 lost, 0 times again, 1 dead letter$/);
  });

  it('that was not written in time lets the record be tried from the first attempt on', () => {
    const consumer = { deliveryTimeoutMs: 2_000, requestTimeoutMs: 500, fetchMaxWaitMs: 10 };
    const cluster = blocked(consumer).ms(20_000);
    const failed = told(cluster, FAILED) as { attempts: number }[];
    expect(failed.length).toBeGreaterThan(6);
    expect(failed.map(({ attempts }) => attempts)).toEqual(failed.map((_, at) => (at % 3) + 1));
    expect(committedAt(cluster)).toBe(POISON.offset);
    expect(account(cluster).text).toMatch(/^29 records worked on, 0 lost, 0 times again/);
  });

  /** It dies when the letter is in the log, before it has heard of that. */
  const crashed = (args: object): Cluster => {
    const consumer = { deadLetterTopic: 't-dlt', backOffMaxAttempts: 2 };
    const cluster = clusterOf({ consumer, args });
    const isThere = (): boolean =>
      [1, 2, 3].some((broker) => cluster.replica(broker, 1).state.highWatermark > 0);
    cluster.ms(1_000).until(isThere).crash('c1').after(1_000).restart('c1');
    return cluster.ms(30_000);
  };

  it('is written again by whoever goes on, where the first one died before it committed', () => {
    const cluster = crashed({ lost: 0, repeated: 1, deadLettered: 1 });
    expect(cluster.values(1, 1)).toHaveLength(2);
    // What a member knows of attempts goes with its process.
    expect(told(cluster, FAILED)).toHaveLength(6);
    expect(account(cluster)).toMatchObject({ verdict: 'pass' });
  });

  it('that is written again is held against the group', () => {
    expect(account(crashed({ repeated: 0 }))).toMatchObject({ verdict: 'fail' });
    expect(account(crashed({ repeated: null, deadLettered: 2 }))).toMatchObject({
      verdict: 'fail',
      findings: [expect.stringMatching(/0 lost, once again, 1 dead letter/)],
    });
  });
});

describe('a pause that is longer than max.poll.interval.ms', () => {
  it('puts the member out, and the next one begins to count anew', () => {
    const consumer = { backOffIntervalMs: 4_000, backOffMaxAttempts: 2, maxPollIntervalMs: 3_000 };
    const cluster = clusterOf({ consumer, consumers: 2, args: { lost: 0 } }).ms(16_000);
    const failed = cluster.facts.flatMap(({ fact, node }) =>
      fact.type === FAILED ? [[node, (fact as unknown as { attempts: number }).attempts]] : [],
    );
    expect(failed.slice(0, 2).map(([, attempts]) => attempts)).toEqual([1, 1]);
    expect(new Set(failed.slice(0, 2).map(([node]) => node)).size).toBe(2);
    expect(told(cluster, 'consumer.left').length).toBeGreaterThan(1);
  });
});

describe('a consumer with dead letters', () => {
  it('goes on from a copy of its state as from the state itself', () => {
    const consumer = { deadLetterTopic: 't-dlt', backOffMaxAttempts: 2, backOffIntervalMs: 30 };
    const plan = { consumer, producer: { poisonMax: 0 } };
    const straight = clusterOf(plan).ms(20_000);
    const copied = clusterOf(plan).ms(1_000);
    const kept: { image: unknown; as: unknown }[] = [];
    const steps = new Set<string>();
    for (let moment = 0; moment < 1_500; moment++) {
      copied.after(5);
      const node = copied.node('c1');
      const { save, restore } = node.behaviour;
      const image = save!(node.state);
      kept.push({ image, as: structuredClone(image) });
      node.state = restore!(image);
      steps.add(stateOf(copied).failures.handling?.step ?? 'none');
    }
    copied.ms(20_000);
    expect([...steps].sort()).toEqual(['committing', 'none', 'pausing', 'writing']);
    expect(stateOf(copied).failures.deadLetters).toBe(3);
    expect(copied.facts.map(({ fact }) => fact)).toEqual(straight.facts.map(({ fact }) => fact));
    // Whoever goes on from a copy does not change it.
    for (const { image, as } of kept) expect(image).toEqual(as);
  });
});
