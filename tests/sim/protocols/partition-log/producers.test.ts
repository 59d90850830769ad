/**
 * What a leader takes of an idempotent producer, batch by batch.
 *
 * Source: Apache Kafka, ProducerStateManager, ProducerAppendInfo; KIP-98
 */
import { describe, expect, it } from 'vitest';
import { lastStableOffset } from '../../../../src/sim/protocols/partition-log/reading.ts';
import { clonePartition } from '../../../../src/sim/protocols/partition-log/state.ts';
import { batchOf, Replicas } from './support/replicas.ts';
import type { BatchOptions } from './support/replicas.ts';

/** The largest number of Java's int: the next one is 0. */
const LAST_SEQUENCE = 2 ** 31 - 1;

/** Leads alone: all that it takes is committed, and answered. */
class Leader {
  readonly #replicas = new Replicas(1);

  constructor() {
    this.#replicas.metadata({ leader: 0, leaderEpoch: 0, partitionEpoch: 0, isr: [0] });
  }

  /** Where it is in the log, or why it is not. */
  write(baseSequence: number, count = 1, more: BatchOptions = {}): string | number | undefined {
    const values = Array.from({ length: count }, (_, i) => `${baseSequence}+${i}`);
    const batch = batchOf(values, { producerId: 7, producerEpoch: 0, baseSequence, ...more });
    for (const effect of this.#replicas.produce(0, batch)) {
      if (effect.type === 'produced') return effect.error ?? effect.baseOffset;
    }
    return undefined;
  }

  end(marker: 'commit' | 'abort'): void {
    const of = { producerId: 7, producerEpoch: 0, timestampMicros: 0 };
    this.#replicas.step(0, { type: 'marker', tag: 0, marker, ...of });
  }

  get length(): number {
    return this.#replicas.at(0).log.end;
  }
}

describe('the batches of a producer', () => {
  it('are known again while no more than four have come after them', () => {
    const leader = new Leader();
    const all = [0, 1, 2, 3, 4, 5].map((sequence) => leader.write(sequence));
    expect(all).toEqual([0, 1, 2, 3, 4, 5]);
    const again = [0, 1, 2, 3, 4, 5].map((sequence) => leader.write(sequence));
    expect(again).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', 1, 2, 3, 4, 5]);
    expect(leader.length).toBe(6);
  });

  it('are known again whole: one that begins there and ends elsewhere is another', () => {
    const leader = new Leader();
    leader.write(0, 2);
    expect([leader.write(0, 2), leader.write(0, 1), leader.write(0, 3)]).toEqual([
      0,
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
    ]);
  });

  it('are numbered from 0 again after the largest number', () => {
    const leader = new Leader();
    expect(leader.write(LAST_SEQUENCE - 1, 2)).toBe(0);
    expect(leader.write(0, 2)).toBe(2);
    expect(leader.write(LAST_SEQUENCE - 1, 2), 'it is known').toBe(0);
    expect(leader.write(2)).toBe(4);
  });

  it('may go over the largest number', () => {
    const leader = new Leader();
    expect(leader.write(LAST_SEQUENCE, 3)).toBe(0);
    expect(leader.write(3)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(leader.write(2)).toBe(3);
    expect(leader.write(LAST_SEQUENCE, 3), 'it is known').toBe(0);
  });
});

describe('a producer with an open transaction', () => {
  it('writes nothing outside of it: INVALID_TXN_STATE', () => {
    for (const marker of ['commit', 'abort'] as const) {
      const leader = new Leader();
      leader.write(0, 1, { isTransactional: true });
      expect(leader.write(1)).toBe('INVALID_TXN_STATE');
      leader.end(marker);
      expect(leader.write(1)).toBe(2);
    }
  });
});

describe('the last stable offset', () => {
  const txn = { producerId: 7, producerEpoch: 0, isTransactional: true };
  const word = (leader: number, leaderEpoch: number, isr: readonly number[]) => ({
    leader,
    leaderEpoch,
    partitionEpoch: leaderEpoch,
    isr,
  });

  /** Both have a transaction of one record, and only its leader the end of it. */
  function pair(marker: 'commit' | 'abort') {
    const replicas = new Replicas(2);
    replicas.metadata(word(0, 0, [0, 1]));
    replicas.produce(0, batchOf(['z']));
    replicas.produce(0, batchOf(['a'], { ...txn, baseSequence: 0 }));
    for (let round = 0; round < 2; round += 1) replicas.fetch(1, 0);
    const end = { ...txn, marker, tag: 0, timestampMicros: 0 };
    replicas.step(0, { type: 'marker', ...end });
    return replicas;
  }
  const stableOf = (replicas: Replicas) => replicas.states.map(lastStableOffset);

  it.each(['commit', 'abort'] as const)('waits until a %s is replicated', (marker) => {
    const replicas = pair(marker);
    expect(stableOf(replicas)).toEqual([1, 1]);
    replicas.produce(0, batchOf(['b'], { ...txn, baseSequence: 1 }));
    replicas.fetch(1, 0);
    expect(stableOf(replicas), 'the follower has it, and nobody knows').toEqual([1, 1]);
    replicas.fetch(1, 0);
    expect(stableOf(replicas), 'the next one is open').toEqual([3, 3]);
  });

  it('does not go back when the end is lost with its leader', () => {
    const replicas = pair('commit');
    const before = lastStableOffset(replicas.at(0));
    replicas.metadata(word(1, 1, [1]));
    expect(lastStableOffset(replicas.at(1))).toBe(before);
    replicas.fetch(0, 1);
    expect(stableOf(replicas), 'the end is cut').toEqual([1, 1]);
  });

  it('is the same of a copy, and of a log that is read anew', () => {
    const replicas = pair('commit');
    expect(lastStableOffset(clonePartition(replicas.at(0)))).toBe(1);
    const { producers, log } = replicas.at(0);
    producers.rebuild(log.toArray());
    expect(lastStableOffset(replicas.at(0))).toBe(1);
  });
});
