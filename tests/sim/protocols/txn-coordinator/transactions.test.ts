/**
 * The coordinator of transactions, sentence by sentence.
 *
 * Source: KIP-98, KIP-360, KIP-890; Apache Kafka, TransactionCoordinator
 */
import { describe, expect, it } from 'vitest';
import { Transactions } from './support.ts';

describe('who speaks for a transactional id', () => {
  it('the first gets a producer id in epoch 0, written before it is told', () => {
    const at = new Transactions();
    at.fate = undefined;
    expect(at.init()).toBeUndefined();
    at.settle(null);
    expect(at.answers.get(0)).toMatchObject({ error: null, producerId: 101, producerEpoch: 0 });
    expect(at.phases()).toEqual(['Empty']);
  });

  it('the next one gets the same id in the next epoch', () => {
    const at = new Transactions();
    at.init();
    expect(at.init()).toMatchObject({ error: null, producerId: 101, producerEpoch: 1 });
  });

  it('an epoch of Java’s short is used up: another id begins', () => {
    const at = new Transactions();
    for (let epoch = 0; epoch < 32_767; epoch++) at.init();
    expect(at.image()).toMatchObject({ producerId: 101, producerEpoch: 32_766 });
    expect(at.init()).toMatchObject({ producerId: 102, producerEpoch: 0 });
  });

  it('a timeout above transaction.max.timeout.ms is refused', () => {
    const at = new Transactions();
    expect(at.init({ timeoutMs: 900_001 }).error).toBe('INVALID_TRANSACTION_TIMEOUT');
    expect(at.init({ timeoutMs: 900_000 }).error).toBeNull();
  });

  it('what an earlier one has left open is aborted first, and it is shut out', () => {
    const at = new Transactions();
    const old = at.init();
    at.add(old, [1]);
    expect(at.init().error).toBe('CONCURRENT_TRANSACTIONS');
    expect(at.phases().slice(-2)).toEqual(['PrepareAbort', 'CompleteAbort']);
    expect(at.facts).toContain('transaction.fenced');
    const next = at.init();
    expect(next).toMatchObject({ error: null, producerEpoch: old.producerEpoch + 2 });
    expect(at.add(old, [1])).toBe('PRODUCER_FENCED');
    expect(at.end(old, 'commit').error).toBe('PRODUCER_FENCED');
  });

  it('one that goes on with its own id is refused if another has come (KIP-360)', () => {
    const at = new Transactions();
    const first = at.init();
    const who = { producerId: first.producerId, producerEpoch: first.producerEpoch };
    expect(at.init(who)).toMatchObject({ error: null, producerEpoch: 1 });
    at.init();
    expect(at.init(who).error).toBe('PRODUCER_FENCED');
  });

  it('while something is being written everybody has to come again', () => {
    const at = new Transactions();
    const who = at.init();
    at.fate = undefined;
    at.add(who, [1]);
    const error = 'CONCURRENT_TRANSACTIONS';
    expect([at.init().error, at.add(who, [2]), at.end(who, 'commit').error]).toEqual([
      error,
      error,
      error,
    ]);
  });
});

describe('partitions of a transaction', () => {
  it('the first begins it, and it is written before it is told', () => {
    const at = new Transactions();
    const who = at.init();
    expect(at.add(who, [3, 1])).toBeNull();
    expect(at.image()).toMatchObject({ phase: 'Ongoing', partitions: [1, 3] });
    expect(at.phases()).toEqual(['Empty', 'Ongoing']);
  });

  it('one that is in it already is not written again', () => {
    const at = new Transactions();
    const who = at.init();
    at.add(who, [1]);
    expect(at.add(who, [1])).toBeNull();
    expect(at.log).toHaveLength(2);
  });

  it('nobody adds for an id that is not known, or with another producer id', () => {
    const at = new Transactions();
    expect(at.add({ producerId: 1, producerEpoch: 0 }, [1])).toBe('INVALID_PRODUCER_ID_MAPPING');
    at.init();
    expect(at.add({ producerId: 1, producerEpoch: 0 }, [1])).toBe('INVALID_PRODUCER_ID_MAPPING');
  });

  it('not while the one before is being ended', () => {
    const at = new Transactions();
    at.marksAtOnce = false;
    const who = at.init();
    at.add(who, [1]);
    at.end(who, 'commit');
    expect(at.add(who, [2])).toBe('CONCURRENT_TRANSACTIONS');
    at.marked();
    expect(at.add(who, [2])).toBeNull();
    expect(at.image()?.partitions).toEqual([2]);
  });

  it('offsets of a group add the partition of the group', () => {
    const at = new Transactions();
    const { producerId, producerEpoch } = at.init();
    const who = { transactionalId: 'x', producerId, producerEpoch };
    at.ask({ type: 'transaction.add-offsets', ...who, group: 'g' });
    expect(at.image()).toMatchObject({ phase: 'Ongoing', partitions: [50] });
  });

  it('a leader that asks is told whether they are in one that is open', () => {
    const at = new Transactions();
    at.marksAtOnce = false;
    const who = at.init();
    expect(at.verify(who, [1])).toBe('INVALID_TXN_STATE');
    at.add(who, [1]);
    expect(at.verify(who, [1])).toBeNull();
    expect(at.verify(who, [2])).toBe('INVALID_TXN_STATE');
    expect(at.verify({ ...who, producerEpoch: 9 }, [1])).toBe('PRODUCER_FENCED');
    at.end(who, 'commit');
    expect(at.verify(who, [1])).toBe('CONCURRENT_TRANSACTIONS');
    at.marked();
    expect(at.verify(who, [1])).toBe('INVALID_TXN_STATE');
  });
});

describe('the end of a transaction', () => {
  const open = (version: 1 | 2 = 1, ablations: readonly string[] = []) => {
    const at = new Transactions(version, ablations);
    at.marksAtOnce = false;
    const who = at.init();
    at.add(who, [1, 2]);
    return { at, who };
  };

  it('is decided when Prepare* is written, and told then', () => {
    const { at, who } = open();
    at.fate = undefined;
    expect(at.end(who, 'commit')).toBeUndefined();
    expect(at.asked).toEqual([]);
    at.settle(null);
    expect(at.answers.get(2)).toMatchObject({ type: 'transaction.ended', error: null });
    expect(at.phases().at(-1)).toBe('PrepareCommit');
    expect(at.asked[0]).toMatchObject({ to: 7, request: { marker: 'commit', partitions: [1, 2] } });
  });

  it('is complete when all partitions are marked', () => {
    const { at, who } = open();
    at.end(who, 'abort');
    expect(at.phases().at(-1)).toBe('PrepareAbort');
    at.marked();
    expect(at.phases().at(-1)).toBe('CompleteAbort');
    expect(at.image()?.partitions).toEqual([]);
  });

  it('partitions whose leaders do not answer are asked again', () => {
    const { at, who } = open();
    at.end(who, 'commit');
    at.marked('NOT_LEADER_OR_FOLLOWER');
    expect(at.asked).toEqual([]);
    at.leader = 8;
    at.ms(100);
    expect(at.asked[0]).toMatchObject({ to: 8 });
    at.marked();
    expect(at.phases().at(-1)).toBe('CompleteCommit');
  });

  it('a partition without a leader waits for one', () => {
    const { at, who } = open();
    at.leader = -1;
    at.end(who, 'commit');
    at.ms(250);
    expect(at.asked).toEqual([]);
    at.leader = 3;
    at.ms(100);
    expect(at.asked).toHaveLength(1);
  });

  it('another coordinator carries out what was decided', () => {
    const { at, who } = open();
    at.end(who, 'commit');
    at.failOver();
    expect(at.asked[0]).toMatchObject({ request: { marker: 'commit', partitions: [1, 2] } });
    at.marked();
    expect(at.phases().at(-1)).toBe('CompleteCommit');
  });

  it('asked once more it is told again, the other way refused', () => {
    const { at, who } = open();
    at.end(who, 'commit');
    expect(at.end(who, 'commit').error).toBe('CONCURRENT_TRANSACTIONS');
    expect(at.end(who, 'abort').error).toBe('INVALID_TXN_STATE');
    at.marked();
    expect(at.end(who, 'commit').error).toBeNull();
    expect(at.end(who, 'abort').error).toBe('INVALID_TXN_STATE');
  });

  it('without a transaction there is nothing to end', () => {
    const at = new Transactions();
    expect(at.end(at.init(), 'commit').error).toBe('INVALID_TXN_STATE');
  });

  it('what cannot be written is not decided', () => {
    const { at, who } = open();
    at.fate = 'NOT_ENOUGH_REPLICAS';
    expect(at.end(who, 'commit').error).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(at.image()?.phase).toBe('Ongoing');
    at.fate = null;
    expect(at.end(who, 'abort').error).toBeNull();
  });

  it('that all is marked is written once more only after a pause, if the log refuses it', () => {
    const { at, who } = open();
    at.end(who, 'commit');
    at.fate = undefined;
    at.marked();
    at.settle('NOT_ENOUGH_REPLICAS');
    expect(at.waiting).toEqual([]);
    at.ms(100);
    expect(at.waiting).toHaveLength(1);
    at.settle(null);
    expect(at.phases().at(-1)).toBe('CompleteCommit');
    expect(at.ms(1_000).waiting).toEqual([]);
  });

  it('one that takes longer than its timeout is aborted at the next scan, and shut out', () => {
    const { at, who } = open();
    at.ms(60_000);
    expect(at.image()?.phase).toBe('Ongoing');
    at.ms(10_000);
    expect(at.image()).toMatchObject({ phase: 'PrepareAbort', producerEpoch: 1 });
    at.marked();
    expect(at.end(who, 'commit').error).toBe('PRODUCER_FENCED');
  });

  describe('with transaction.version 2', () => {
    it('begins a new epoch, in which it marks, and of which the producer is told', () => {
      const { at, who } = open(2);
      expect(at.end(who, 'commit')).toMatchObject({ error: null, producerEpoch: 1 });
      expect(at.asked[0]?.request.producerEpoch).toBe(1);
    });

    it('asked again in the old epoch it is told the new one', () => {
      const { at, who } = open(2);
      at.end(who, 'commit');
      at.marked();
      expect(at.end(who, 'commit')).toMatchObject({ error: null, producerEpoch: 1 });
      expect(at.end(who, 'abort').error).toBe('INVALID_TXN_STATE');
    });

    it('a late order of the last transaction does not end the next one', () => {
      const { at, who } = open(2);
      const next = at.end(who, 'commit');
      at.marked();
      at.add(next, [1]);
      expect(at.facts).not.toContain('transaction.end-refused');
      expect(at.end(who, 'commit').error).toBe('PRODUCER_FENCED');
      expect(at.facts).toContain('transaction.end-refused');
      expect(at.image()?.phase).toBe('Ongoing');
    });

    it('an abort of nothing begins a new epoch, too', () => {
      const at = new Transactions(2);
      expect(at.end(at.init(), 'abort')).toMatchObject({ error: null, producerEpoch: 1 });
      expect(at.phases().at(-1)).toBe('CompleteAbort');
    });
  });

  it.each([
    ['version 1', open(1)],
    ['the rule off', open(2, ['transaction.epoch-bump'])],
  ] as const)('with %s a late order ends the next transaction', (_name, { at, who }) => {
    at.end(who, 'commit');
    at.marked();
    at.add(who, [1]);
    expect(at.end(who, 'commit').error).toBeNull();
    expect(at.image()?.phase).toBe('PrepareCommit');
  });

  it('without fencing the one that was replaced ends its successor’s transaction', () => {
    const at = new Transactions(1, ['transaction.epoch-fencing']);
    const old = at.init();
    at.add(at.init(), [1]);
    expect(at.end(old, 'commit').error).toBeNull();
    const fenced = new Transactions(1);
    const first = fenced.init();
    fenced.add(fenced.init(), [1]);
    expect(fenced.end(first, 'commit').error).toBe('PRODUCER_FENCED');
  });
});
