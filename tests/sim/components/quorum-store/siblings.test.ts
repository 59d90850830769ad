/** Concurrent writes: siblings and the context that replaces them, data types that merge. */
import { describe, expect, it } from 'vitest';
import type { CrdtUpdate, KvContext, KvRequest, KvValue, KvValueReply } from 'faultline';
import type { QuorumStoreConfig } from '../../../../src/sim/components/quorum-store/config.ts';
import { DONE, StoreBench } from './support.ts';

const SIBLINGS = { conflicts: 'version-vectors' } as const;

const put = (key: string, value: KvValue, context?: KvContext): KvRequest =>
  context === undefined ? { type: 'kv.put', key, value } : { type: 'kv.put', key, value, context };
const update = (key: string, is: CrdtUpdate): KvRequest =>
  ({ type: 'kv.update', key, update: is }) as unknown as KvRequest;

function look(bench: StoreBench, at: string, key: string): KvValueReply {
  const reply = bench.get(at, { type: 'kv.get', key });
  if (typeof reply === 'string' || reply.type !== 'kv.value') throw new Error(String(reply));
  return reply;
}

/** Both sides of a cut write x; asked through n1 and through n3. */
function split(config: Partial<QuorumStoreConfig>, ablations: readonly string[] = []) {
  const bench = new StoreBench({
    config: { writeConsistency: 'one', readConsistency: 'all', ...config },
    ablations,
  });
  bench.cut('n1', 'a1');
  expect(bench.get('n1', put('x', 1))).toEqual(DONE);
  bench.heal('n1', 'a1').cut('n1');
  expect(bench.get('n3', put('x', 2))).toEqual(DONE);
  bench.heal('n1').after(15_000);
  return bench;
}

describe('version vectors', () => {
  it('keep both of two concurrent writes until one that saw them replaces them', () => {
    const bench = split(SIBLINGS);
    const seen = look(bench, 'n2', 'x');
    expect(seen.siblings).toEqual([1, 2]);
    expect(bench.told('quorum.siblings').length).toBeGreaterThan(0);
    bench.get('n2', put('x', 3, seen.context));
    const after = look(bench, 'n1', 'x');
    expect(after.value).toBe(3);
    expect(after.siblings).toBe(undefined);
  });

  it('replace nothing that the writer has not seen', () => {
    const bench = new StoreBench({ config: SIBLINGS });
    bench.get('n1', put('x', 1));
    const { context } = look(bench, 'n1', 'x');
    bench.get('n2', put('x', 2, context));
    // This client has seen the first value only.
    bench.get('n1', put('x', 3, context));
    expect(look(bench, 'n3', 'x').siblings).toEqual([2, 3]);
  });

  it('delete what was seen, and leave the rest', () => {
    const bench = split(SIBLINGS);
    const { context } = look(bench, 'n1', 'x');
    bench.get('n2', put('x', 4));
    bench.get('n1', put('x', null, context));
    expect(look(bench, 'n3', 'x')).toMatchObject({ value: 4 });
  });

  it('lose no acknowledged write to a clock, as last write wins does', () => {
    const values = (config: Partial<QuorumStoreConfig>) => {
      const bench = new StoreBench({ config });
      bench.inject('skew', { type: 'clock-jump', target: 'n2', byMs: -500 });
      bench.get('n1', put('x', 1));
      const { context } = look(bench, 'n1', 'x');
      bench.get('n2', put('x', 2, context));
      return look(bench, 'n3', 'x').value;
    };
    expect(values({})).toBe(1);
    expect(values(SIBLINGS)).toBe(2);
  });

  it('lose one of two concurrent writes where the rule is off', () => {
    const seen = look(split(SIBLINGS, ['quorum.version-vectors']), 'n2', 'x');
    expect(seen.siblings).toBe(undefined);
    const lww = look(split({}), 'n2', 'x');
    expect(lww.value).toBe(2);
    expect(lww.siblings).toBe(undefined);
  });

  /** Two blind writes through a node that is no replica of the key. */
  const throughAStranger = (ablations: readonly string[]) => {
    const bench = new StoreBench({
      nodes: 5,
      config: { ...SIBLINGS, readConsistency: 'all', writeConsistency: 'all' },
      ablations,
    });
    const stranger = bench.nodesOf('x')[4]!;
    bench.get(stranger, put('x', 1));
    bench.get(stranger, put('x', 2));
    return look(bench, 'n1', 'x');
  };

  it('are made by a replica of the key, to which others forward', () => {
    expect(throughAStranger([]).siblings).toEqual([1, 2]);
    expect(throughAStranger(['quorum.replica-coordinates']).siblings).toBe(undefined);
  });

  it('have a new name in each life: what a crash took is not named twice', () => {
    const ends = ([[], ['quorum.actor-epoch']] as const).map((ablations) => {
      const bench = new StoreBench({
        config: { ...SIBLINGS, writeConsistency: 'one', readRepair: 'off' },
        ablations,
      });
      bench.get('n1', put('x', 1));
      bench.after(10).crash('n1').after(10).restart('n1').after(10);
      // It has lost its write, which the others have.
      bench.get('n1', put('x', 2));
      bench.after(10);
      return look(bench, 'n2', 'x').siblings;
    });
    expect(ends).toEqual([[1, 2], undefined]);
  });
});

describe('data types', () => {
  it('count on both sides of a cut, and add up', () => {
    const config = { conflicts: 'pn-counter', writeConsistency: 'one' } as const;
    const bench = new StoreBench({ config });
    bench.get('n1', update('c', { do: 'increment', by: 5 }));
    bench.after(10).cut('n1', 'a1');
    expect(bench.get('n1', update('c', { do: 'increment', by: -2 }))).toEqual(DONE);
    bench.heal('n1', 'a1').cut('n1');
    expect(bench.get('n2', update('c', { do: 'increment', by: 10 }))).toEqual(DONE);
    bench.heal('n1').after(15_000);
    for (const name of bench.names) expect(look(bench, name, 'c').value).toBe(13);
  });

  it('count twice what comes twice where merging is not idempotent', () => {
    const totals = ([[], ['quorum.idempotent-merge']] as const).map((ablations) => {
      const bench = new StoreBench({
        config: { conflicts: 'g-counter', readConsistency: 'all' },
        ablations,
      });
      bench.inject('twice', { type: 'duplicate', probability: 1, from: 'n', to: 'n' });
      bench.get('n1', update('c', { do: 'increment', by: 5 }));
      bench.after(10).undo('twice');
      return look(bench, 'n2', 'c').value;
    });
    expect(totals[0]).toBe(5);
    expect(totals[1]).toBeGreaterThan(5);
  });

  it('keep an addition to a set against a concurrent removal', () => {
    const bench = new StoreBench({ config: { conflicts: 'or-set', writeConsistency: 'one' } });
    bench.get('n1', update('s', { do: 'add', element: 'a' }));
    bench.get('n1', update('s', { do: 'add', element: 'b' }));
    bench.after(10).cut('n1', 'a1');
    bench.get('n1', update('s', { do: 'remove', element: 'a' }));
    bench.get('n1', update('s', { do: 'remove', element: 'b' }));
    bench.heal('n1', 'a1').cut('n1');
    bench.get('n2', update('s', { do: 'add', element: 'a' }));
    bench.heal('n1').after(15_000);
    expect(look(bench, 'n3', 's').siblings).toEqual(['a']);
  });

  it('refuse updates that they do not know', () => {
    const bench = new StoreBench({ config: { conflicts: 'g-counter' } });
    expect(bench.get('n1', update('c', { do: 'increment', by: -1 }))).toBe('not-supported');
    expect(bench.get('n1', put('c', 1))).toBe('not-supported');
    const plain = new StoreBench();
    expect(plain.get('n1', update('c', { do: 'increment', by: 1 }))).toBe('not-supported');
  });
});
