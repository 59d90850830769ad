/**
 * Transactions at brokers: coordinators keep them, leaders mark, verify and fence, and who reads
 * committed records reads nothing else.
 */
import { describe, expect, it } from 'vitest';
import type { LogBrokerView } from '../../../../src/sim/components/log-broker/view.ts';
import type { Message, ProducedBatch } from 'faultline';
import { coordinatorPartition } from '../../../../src/sim/policies/hashing/java-string.ts';
import { lastStableOffset } from '../../../../src/sim/protocols/partition-log/index.ts';
import { Cluster } from './support.ts';

const ID = 'billing';
const PARTITIONS = 2;

interface Who {
  readonly producerId: number;
  readonly producerEpoch: number;
}
type Answer = Message & {
  readonly error?: string | null;
  readonly node?: number;
  readonly parts?: readonly { readonly error: string | null; readonly batches?: unknown[] }[];
} & Who;

class Brokers {
  readonly cluster: Cluster;
  coordinator = 1;
  #value = 0;

  constructor(config: object = {}, ablations: readonly string[] = []) {
    const all = { transactionStateLogNumPartitions: 3, ...config };
    const topic = { partitions: PARTITIONS };
    this.cluster = new Cluster({ hasAsker: true, config: all, topic, ablations }).ms(3_000);
    this.find();
  }

  find(): void {
    const find = { type: 'broker.find-coordinator', kind: 'transaction', key: ID } as Message;
    const asked = [1, 2, 3].find((broker) => this.cluster.node(`b${broker}`).state !== null) ?? 1;
    this.cluster.askBroker(asked, find, 500);
    const { node } = this.cluster.askBroker(asked, find) as Answer;
    this.coordinator = this.#brokerOf(node ?? -1);
  }

  #brokerOf(node: number): number {
    return [1, 2, 3].find((broker) => this.cluster.index(`b${broker}`) === node) ?? -1;
  }

  leader(partition = 0): number {
    return this.#brokerOf(this.cluster.replica(1, partition).state.leader);
  }

  #ask(request: object): Answer {
    const whole = { transactionalId: ID, ...request } as unknown as Message;
    return this.cluster.askBroker(this.coordinator, whole) as Answer;
  }

  init(timeoutMs = 60_000): Answer {
    return this.#ask({ type: 'transaction.init', producerId: -1, producerEpoch: -1, timeoutMs });
  }

  add({ producerId, producerEpoch }: Who, partitions: readonly number[]): string | null {
    const who = { producerId, producerEpoch };
    const type = 'transaction.add-partitions';
    return this.#ask({ type, ...who, partitions, verifyOnly: false }).error ?? null;
  }

  end({ producerId, producerEpoch }: Who, outcome: 'commit' | 'abort'): Answer {
    return this.#ask({ type: 'transaction.end', producerId, producerEpoch, outcome });
  }

  write({ producerId, producerEpoch }: Who, sequence = 0, partition = 0): string | null {
    const batch: ProducedBatch = {
      producerId,
      producerEpoch,
      baseSequence: sequence,
      isTransactional: true,
      marker: null,
      timestampMicros: 0,
      bytes: 100,
      records: [{ key: null, value: (this.#value += 1) }],
    };
    const parts = [{ partition, batch }];
    const request = { type: 'broker.produce', acks: -1, timeoutMs: 5_000, parts };
    const whole = { ...request, transactionalId: ID } as unknown as Message;
    const answer = this.cluster.askBroker(this.leader(partition), whole) as Answer;
    return answer.parts?.[0]?.error ?? null;
  }

  stable(partition = 0): number {
    return lastStableOffset(this.cluster.replica(this.leader(partition), partition).state);
  }

  /** The kinds of refusals of batches that were told. */
  refusals(): readonly string[] {
    const types = this.cluster.facts.map(({ fact }) => fact.type);
    return types.filter((type) => /batch-(unverified|fenced)$/.test(type));
  }

  /** What a reader of committed records is given. */
  read(partition = 0): { readonly batches: number; readonly aborted: number } {
    const part = { partition, offset: 0, leaderEpoch: -1, lastFetchedEpoch: -1 };
    const limits = { maxWaitMs: 0, minBytes: 1, maxBytes: 1e6, partitionMaxBytes: 1e6 };
    const who = { replica: -1, brokerEpoch: -1, isolation: 'read_committed' };
    const request = { type: 'broker.fetch', ...who, ...limits, parts: [part] };
    const answer = this.cluster.askBroker(this.leader(partition), request as unknown as Message);
    const [read] =
      (answer as { readonly parts?: { batches: unknown[]; aborted: unknown[] }[] }).parts ?? [];
    return { batches: read?.batches.length ?? -1, aborted: read?.aborted.length ?? -1 };
  }
}

describe('a transaction', () => {
  it('takes an offset for its marker in each of its partitions', () => {
    const at = new Brokers();
    const who = at.init();
    expect(at.add(who, [0, 1])).toBeNull();
    expect([at.write(who, 0, 0), at.write(who, 0, 1)]).toEqual([null, null]);
    expect(at.end(who, 'commit').error).toBeNull();
    at.cluster.after(500);
    for (const partition of [0, 1]) {
      const { log } = at.cluster.replica(at.leader(partition), partition).state;
      expect(log.toArray().map(({ marker }) => marker)).toEqual([null, 'commit']);
      expect(at.stable(partition)).toBe(2);
    }
  });

  it('goes on with one replica of its coordinator, though two should be in sync', () => {
    const at = new Brokers({ transactionStateLogReplicationFactor: 1 });
    expect(at.add(at.init(), [0])).toBeNull();
  });

  it('hides what it wrote from readers of committed records while it is open', () => {
    const at = new Brokers();
    const who = at.init();
    at.add(who, [0]);
    at.write(who);
    expect([at.stable(), at.read().batches]).toEqual([0, 0]);
    at.end(who, 'commit');
    at.cluster.after(500);
    expect(at.read()).toEqual({ batches: 2, aborted: 0 });
  });

  it('shows it without the rule of the last stable offset', () => {
    const at = new Brokers({}, ['transaction.last-stable-offset']);
    const who = at.init();
    at.add(who, [0]);
    at.write(who);
    expect(at.read().batches).toBe(1);
  });

  it.each([
    [[], 1],
    [['transaction.aborted-ranges'], 0],
  ])('that was aborted is told to readers; rules off: %s', (ablations, aborted) => {
    const at = new Brokers({}, ablations as string[]);
    const who = at.init();
    at.add(who, [0]);
    at.write(who);
    at.end(who, 'abort');
    at.cluster.after(500);
    expect(at.read()).toEqual({ batches: 2, aborted });
  });

  it('is decided in the log: another coordinator marks the partitions', () => {
    const at = new Brokers();
    const who = at.init();
    at.add(who, [0]);
    at.write(who);
    const partition = PARTITIONS + coordinatorPartition(ID, 3);
    const first = at.coordinator;
    at.end(who, 'commit');
    at.cluster.crash(`b${first}`).command('fence', first).after(3_000);
    at.find();
    expect(at.coordinator).not.toBe(first);
    const { log } = at.cluster.replica(at.coordinator, partition).state;
    const phases = log
      .toArray()
      .flatMap(({ records }) => records.map(({ value }) => String(value)));
    expect(phases.at(-1)).toContain('CompleteCommit');
  });

  it('of a producer that says nothing more is aborted after its timeout', () => {
    const at = new Brokers();
    const who = at.init(5_000);
    at.add(who, [0]);
    at.write(who);
    at.cluster.after(20_000);
    expect(at.stable()).toBe(2);
    expect(at.end(who, 'commit').error).toBe('PRODUCER_FENCED');
    expect(at.write(who, 1)).toBe('INVALID_PRODUCER_EPOCH');
  });
});

describe('a producer that was replaced', () => {
  const replaced = (ablations: readonly string[] = []) => {
    const at = new Brokers({ transactionVersion: 1 }, ablations);
    const old = at.init();
    at.add(old, [0]);
    at.write(old);
    at.init();
    at.cluster.after(500);
    const next = at.init();
    at.add(next, [0]);
    expect(at.write(next)).toBeNull();
    return { at, old, next };
  };

  it('can neither write nor end a transaction', () => {
    const { at, old } = replaced();
    expect(at.write(old, 1)).toBe('INVALID_PRODUCER_EPOCH');
    expect(at.end(old, 'commit').error).toBe('PRODUCER_FENCED');
  });

  it('writes into its successor’s transaction without the fence', () => {
    const { at, old, next } = replaced(['transaction.epoch-fencing']);
    expect(at.write(old, 1)).toBeNull();
    expect(at.end(next, 'commit').error).toBeNull();
    at.cluster.after(500);
    expect(at.read().aborted).toBe(1);
    expect(at.read().batches).toBe(5);
  });
});

describe('a batch that comes after the marker of its transaction', () => {
  const late = (version: 1 | 2, ablations: readonly string[] = []) => {
    const at = new Brokers({ transactionVersion: version }, ablations);
    const who = at.init();
    at.add(who, [0]);
    at.write(who);
    at.end(who, 'commit');
    at.cluster.after(500);
    return { at, error: at.write(who, 1) };
  };

  it('is refused: the coordinator knows of no transaction', () => {
    const { at, error } = late(1);
    expect(error).toBe('INVALID_TXN_STATE');
    expect(at.stable()).toBe(2);
    expect(at.refusals()).toEqual(['transaction.batch-unverified']);
  });

  it('is refused for its epoch where each transaction has its own', () => {
    const both = late(2);
    expect(both.error).toBe('INVALID_PRODUCER_EPOCH');
    expect(both.at.refusals()).toEqual(['transaction.batch-unverified']);
    const alone = late(2, ['transaction.verification']);
    expect(alone.error).toBe('INVALID_PRODUCER_EPOCH');
    expect(alone.at.refusals()).toEqual(['partition.batch-fenced']);
  });

  it('opens a transaction that nobody ends without verification', () => {
    const { at, error } = late(1, ['transaction.verification']);
    expect(error).toBeNull();
    at.cluster.after(120_000);
    expect(at.stable()).toBe(2);
    expect(at.cluster.replica(at.leader()).state.highWatermark).toBe(3);
    const { replicas } = at.cluster.view(`b${at.leader()}`) as LogBrokerView;
    expect(replicas[0]).toMatchObject({
      lastStable: 2,
      highWatermark: 3,
      open: [2],
      markers: [{ offset: 1, marker: 'commit' }],
    });
  });
});
