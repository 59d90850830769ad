import { describe, expect, it } from 'vitest';
import { checkCausalReverse } from '../../../../src/sim/check/history/causal-reverse.ts';
import { checkCounterBounds } from '../../../../src/sim/check/history/counter-bounds.ts';
import { checkLostWrites, overwritten } from '../../../../src/sim/check/history/lost-writes.ts';
import { checkQueueTotal } from '../../../../src/sim/check/history/queue-total.ts';
import { checkSetTotal } from '../../../../src/sim/check/history/set-total.ts';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import { counterModel } from '../../../../src/sim/check/linearizable/models/counter.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { liveHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';
import { randomOf } from '../../../support/seeds.ts';

const line = (f: string, value: unknown, call: number, more: Partial<Line> = {}): Line => ({
  p: call,
  f,
  in: value,
  call,
  ret: call + 1,
  ...more,
});

describe('set totals', () => {
  it('pass when the last read holds all that was acknowledged', () => {
    const ops = historyOf([
      line('add', 1, 0),
      line('read', null, 2, { out: [] }),
      line('add', 2, 4, { outcome: 'unknown' }),
      line('read', null, 6, { out: [1] }),
    ]);
    expect(checkSetTotal(ops)).toMatchObject({
      verdict: 'pass',
      lost: [],
      acknowledged: 1,
      attempts: 2,
    });
  });
  it('are unknown without a read', () => {
    const result = checkSetTotal(historyOf([line('add', 1, 0)]));
    expect(result).toMatchObject({ verdict: 'unknown', lost: [] });
    expect(result.reason).toBe('no read of the whole set completed');
  });
  it('count a failed add that is there as recovered, or as a failure where asked', () => {
    const ops = historyOf([
      line('add', 1, 0, { outcome: 'fail' }),
      line('read', null, 2, { out: [1] }),
    ]);
    expect(checkSetTotal(ops)).toMatchObject({ verdict: 'pass', recovered: [1], refuted: [1] });
    expect(checkSetTotal(ops, { failedMustBeAbsent: true }).verdict).toBe('fail');
  });
});

describe('queue totals', () => {
  it('count what a drain returns, and allow duplicates where asked', () => {
    const ops = historyOf([
      line('enqueue', 'a', 0),
      line('enqueue', 'b', 2),
      line('dequeue', null, 4, { out: 'a' }),
      line('drain', null, 6, { out: ['b', 'a'] }),
    ]);
    const result = checkQueueTotal(ops);
    expect(result).toMatchObject({ verdict: 'fail', lost: [], duplicated: ['a'], dequeued: 3 });
    expect(result.because).toEqual(['"a" came out 2 times, enqueued 1.']);
    expect(checkQueueTotal(ops, { atLeastOnce: true }).verdict).toBe('pass');
  });
  it('recover an unknown enqueue, and refute a failed one', () => {
    const ops = historyOf([
      line('enqueue', 'a', 0, { outcome: 'unknown' }),
      line('enqueue', 'b', 2, { outcome: 'fail' }),
      line('dequeue', null, 4, { out: 'a' }),
      line('dequeue', null, 6, { out: 'b' }),
      line('dequeue', null, 8, { out: null }),
    ]);
    expect(checkQueueTotal(ops)).toMatchObject({
      verdict: 'pass',
      recovered: ['a', 'b'],
      refuted: ['b'],
    });
    expect(checkQueueTotal(ops, { failedMustBeAbsent: true }).verdict).toBe('fail');
  });
  it('tell 1 from "1"', () => {
    const ops = historyOf([line('enqueue', 1, 0), line('dequeue', null, 2, { out: '1' })]);
    expect(checkQueueTotal(ops)).toMatchObject({ lost: [1], unexpected: ['1'] });
  });
});

describe('counter bounds', () => {
  it('widen by unknown additions, and by decrements the other way', () => {
    const ops = historyOf([
      line('add', 5, 0),
      line('add', 3, 2, { outcome: 'unknown' }),
      line('add', -2, 4, { outcome: 'unknown' }),
      line('add', -1, 6),
      line('add', 7, 8, { outcome: 'fail' }),
      line('read', null, 10, { out: 2 }),
      line('read', null, 12, { out: 8 }),
      line('read', null, 14, { out: 1 }),
    ]);
    const result = checkCounterBounds(ops);
    expect(result.reads).toEqual([
      { id: 5, low: 2, value: 2, high: 7 },
      { id: 6, low: 2, value: 8, high: 7 },
      { id: 7, low: 2, value: 1, high: 7 },
    ]);
    expect(result.because).toEqual([
      'c12 read 8 at 1.300 s, outside of 2 to 7.',
      'c14 read 1 at 1.500 s, outside of 2 to 7.',
    ]);
  });

  it('hold in every history of a real counter', () => {
    const kinds: Kind<number, number>[] = [
      { f: 'add', weight: 2, input: (r) => r.int(7) - 3, outputs: () => [undefined as never] },
      {
        f: 'read',
        weight: 1,
        input: () => 0,
        outputs: () => Array.from({ length: 601 }, (_, n) => n - 300),
      },
    ];
    let strayed = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomOf(seed);
      const shape = { operations: 40, clients: 4, unknownPercent: 3 };
      const ops = liveHistory(counterModel(), kinds, shape, random);
      expect(checkCounterBounds(ops).verdict, `seed ${seed}`).toBe('pass');
      const reads = ops.filter((op) => op.f === 'read' && op.outcome === 'ok');
      const victim = random.pick(reads);
      const wrong: Op<number, number>[] = [...ops];
      wrong[victim.id] = { ...victim, output: (victim.output as number) + random.int(21) - 10 };
      if (checkCounterBounds(wrong).verdict === 'pass') continue;
      strayed++;
      // Bounds are weaker than the model: what they refuse, it refuses.
      expect(checkLinearizable(wrong, counterModel()).verdict, `seed ${seed}`).toBe('fail');
    }
    expect(strayed).toBeGreaterThan(8);
  });
});

describe('causal reverse', () => {
  it('does not ask for a write that overlapped the one seen, or may not be done', () => {
    const overlapping = historyOf([
      { p: 0, f: 'write', in: 1, call: 0, ret: 3 },
      { p: 1, f: 'write', in: 2, call: 1, ret: 2 },
      { p: 2, f: 'write', in: 3, call: 4 },
      { p: 1, f: 'write', in: 4, call: 5, ret: 6 },
      line('read', null, 7, { out: [2] }),
      line('read', null, 9, { out: [1, 2, 4] }),
    ]);
    expect(checkCausalReverse(overlapping).verdict).toBe('pass');
  });
  it('names the pair', () => {
    const ops = historyOf([
      line('write', 1, 0),
      line('write', 2, 2),
      line('read', null, 4, { out: [2] }),
    ]);
    expect(checkCausalReverse(ops)).toMatchObject({
      verdict: 'fail',
      reversed: [{ read: 2, missing: 0, seen: 1 }],
      because: ['c4 saw 2, begun at 0.200 s, but not 1, acknowledged at 0.100 s.'],
    });
  });
});

describe('accounting of acknowledged writes', () => {
  const written = (op: Op): Value | undefined => (op.f === 'put' ? (op.input as Value) : undefined);
  const ops = historyOf([
    line('put', 1, 0, { key: 'x' }),
    line('put', 2, 2, { key: 'x' }),
    line('put', 3, 4, { key: 'x', outcome: 'unknown' }),
    line('put', 4, 6, { key: 'y', outcome: 'fail' }),
    line('put', 5, 8, { key: 'x' }),
    line('get', null, 10, { key: 'x', out: 5 }),
  ]);

  it('adds up: acknowledged = present + explained + lost', () => {
    const result = checkLostWrites(ops, {
      written,
      isPresent: (_key, value) => value === 1 || value === 3,
      explain: (op) => (op.input === 2 ? 'the disk of n2 was lost' : undefined),
    });
    expect(result).toMatchObject({
      verdict: 'fail',
      acknowledged: 3,
      present: 1,
      lost: [4],
      recovered: [2],
      refuted: [],
      explained: [{ id: 1, why: 'the disk of n2 was lost' }],
    });
    expect(result.acknowledged).toBe(result.present + result.explained.length + result.lost.length);
    expect(result.because).toEqual(['c8 wrote x = 5, acknowledged at 0.900 s, and it is gone.']);
  });

  it('fails for a write that was refused and is there', () => {
    const result = checkLostWrites(ops, { written, isPresent: () => true });
    expect(result).toMatchObject({ verdict: 'fail', lost: [], refuted: [3] });
  });

  it('explains in a register what the final value may have overwritten, and nothing else', () => {
    const judge = (final: Value) =>
      checkLostWrites(ops, {
        written,
        isPresent: (key, value) => key === 'x' && value === final,
        explain: overwritten(ops, written, (key) => (key === 'x' ? final : null)),
      });
    expect(judge(5)).toMatchObject({
      verdict: 'pass',
      present: 1,
      explained: [{ id: 0 }, { id: 1 }],
    });
    // 2 is final although 5 was written after it: 5 is lost.
    expect(judge(2)).toMatchObject({ verdict: 'fail', lost: [4], explained: [{ id: 0 }] });
    // The unknown write of 3 may have come last.
    expect(judge(3)).toMatchObject({
      verdict: 'pass',
      explained: [{ id: 0 }, { id: 1 }, { id: 4 }],
    });
  });
});
