import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import type { Explanation } from '../../../../src/sim/check/history/result.ts';
import type { CasRegisterInput } from '../../../../src/sim/check/linearizable/index.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import { mutexModel } from '../../../../src/sim/check/linearizable/models/mutex.ts';
import { queueModel } from '../../../../src/sim/check/linearizable/models/queue.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import { casKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';

type KvOp = Op<CasRegisterInput, Value>;
const kv = kvModel({ initial: 0 });

function explain(ops: readonly KvOp[]): Explanation {
  const { verdict, explanation } = checkLinearizable(ops, kv);
  expect(verdict).toBe('fail');
  return explanation as Explanation;
}

describe('the explanation of a failure', () => {
  it('says who read what too late, and what had been acknowledged before', () => {
    const ops = historyOf<CasRegisterInput, Value>([
      { p: 0, f: 'put', key: 'y', in: 9, call: 0, ret: 1, out: true },
      { p: 1, f: 'put', key: 'x', in: 1, call: 2, ret: 3, out: true },
      { p: 3, f: 'get', key: 'x', call: 4, ret: 5, out: 1 },
      { p: 1, f: 'put', key: 'x', in: 2, call: 6, ret: 11, out: true },
      { p: 2, f: 'get', key: 'x', call: 12, ret: 13, out: 1 },
      { p: 3, f: 'get', key: 'x', call: 14, ret: 15, out: 2 },
    ]);
    expect(explain(ops)).toEqual({
      culprit: 4,
      partition: 'x',
      lastOk: 3,
      statesBefore: ['x = 2'],
      maximalPaths: [
        {
          order: [1, 3],
          stuckAt: 4,
          why:
            'In the order "c1 wrote x = 1, then c1 wrote x = 2" the state is 2, ' +
            'and "c2 read x = 1" cannot follow.',
        },
      ],
      window: [1, 3, 4],
      because: [
        'c2 read x = 1 at 1.300 s, but c1 wrote x = 2, acknowledged at 1.100 s, ' +
          'before that call at 1.200 s.',
        'c1 wrote x = 1, called at 0.200 s, answered at 0.300 s.',
        'No order of these 3 operations fits their times and results.',
        'In the order "c1 wrote x = 1, then c1 wrote x = 2" the state is 2, ' +
          'and "c2 read x = 1" cannot follow.',
      ],
    });
  });

  it('names the read that shows a new value before an old one', () => {
    const ops = historyOf<CasRegisterInput, Value>([
      { p: 0, f: 'put', key: 'x', in: 5, call: 0 },
      { p: 1, f: 'get', key: 'x', call: 1, ret: 2, out: 5 },
      { p: 2, f: 'get', key: 'x', call: 3, ret: 4, out: 0 },
    ]);
    const { culprit, window, because } = explain(ops);
    expect(culprit).toBe(2);
    // Without the write, the read of 5 would be what cannot be.
    expect(window).toEqual([0, 1, 2]);
    expect(because[0]).toBe(
      'c2 read x = 0 at 0.400 s, but c1 read x = 5, acknowledged at 0.200 s, ' +
        'before that call at 0.300 s.',
    );
    expect(because[1]).toBe(
      'c0 wrote x = 5, called at 0.000 s: whether it took effect is not known.',
    );
  });

  it('says what the state could only be, where nobody wrote the value', () => {
    const ops = historyOf<CasRegisterInput, Value>([
      { p: 0, f: 'put', key: 'x', in: 1, call: 0, ret: 1, out: true },
      { p: 1, f: 'put', key: 'x', in: 2, call: 2, ret: 9, out: true },
      { p: 2, f: 'get', key: 'x', call: 3, ret: 4, out: 7 },
    ]);
    const { window, because, statesBefore } = explain(ops);
    expect(window).toEqual([2]);
    expect(statesBefore).toEqual(['x = 1, with this still to come: c1 wrote x = 2']);
    expect(because[0]).toBe(
      'c2 read x = 7 at 0.400 s, but just before it could only be: ' +
        'x = 1, with this still to come: c1 wrote x = 2.',
    );
  });

  it('explains other objects in their own words', () => {
    const lock = checkLinearizable(
      historyOf([
        { p: 0, f: 'acquire', call: 0, ret: 1, out: true },
        { p: 1, f: 'acquire', call: 2, ret: 3, out: true },
      ]),
      mutexModel(),
    );
    expect(lock.explanation?.because[0]).toBe(
      'c1 acquired the lock at 0.300 s, but just before it could only be: held.',
    );
    const queue = checkLinearizable(
      historyOf<Value, Value>([
        { p: 0, f: 'enqueue', in: 'a', call: 0, ret: 1 },
        { p: 0, f: 'enqueue', in: 'b', call: 2, ret: 3 },
        { p: 1, f: 'dequeue', call: 4, ret: 5, out: 'b' },
      ]),
      queueModel(),
    );
    expect(queue.explanation?.because.at(-1)).toBe(
      'In the order "c0 enqueued "a", then c0 enqueued "b"" the state is ["a", "b"], ' +
        'and "c1 dequeued "b"" cannot follow.',
    );
  });

  it('finds the few operations that matter in a long history', () => {
    let long = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const random = randomOf(seed);
      const shape = { operations: 1_500, clients: 5, unknownPercent: 0 };
      const ops = liveHistory(kv, casKinds(40, ['x', 'y']), shape, random);
      const victim = 700 + random.int(700);
      const at = ops.findIndex((op) => op.id >= victim && op.f === 'get');
      ops[at] = { ...(ops[at] as KvOp), output: random.int(40) };
      const { verdict, explanation } = checkLinearizable(ops, kv);
      if (verdict === 'pass' || explanation === undefined) continue;
      long++;
      expect(explanation.window.length, `seed ${seed}`).toBeLessThanOrEqual(12);
      expect(explanation.window).toContain(explanation.culprit);
    }
    expect(long).toBeGreaterThan(20);
  });

  it('leaves out of a lock what was taken and given back, though neither half can go alone', () => {
    const rounds = 80;
    const ops: Op[] = [];
    const add = (round: number, f: string, call: number, ret: number) =>
      ops.push({
        id: ops.length,
        process: round % 5,
        client: `c${round % 5}`,
        f,
        input: null,
        output: true,
        outcome: 'ok',
        call,
        ret,
      });
    // Three wait at any time, so that no stretch of the calls is a whole number of turns.
    for (let round = 0; round < rounds; round++) {
      add(round, 'acquire', round * 10 - 30, round * 10);
      if (round < rounds - 2) add(round, 'release', round * 10 + 5, round * 10 + 9);
    }
    const { verdict, explanation } = checkLinearizable(ops, mutexModel());
    expect(verdict).toBe('fail');
    const shown = explanation?.window.map((id) => ops[id]);
    expect(shown?.map((op) => op?.f)).toEqual(['acquire', 'acquire']);
    expect(shown?.map((op) => op?.ret)).toEqual([(rounds - 2) * 10, (rounds - 1) * 10]);
    expect(explanation?.culprit).toBe(ops.at(-1)?.id);
  });

  it('gives a window that fails by itself, of the same kind, and of which nothing can go', () => {
    let windows = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomOf(seed);
      const shape = { operations: 25, clients: 4, unknownPercent: 5 };
      const ops = liveHistory(kv, casKinds(5, ['x']), shape, random);
      const at = random.int(ops.length);
      if (ops[at]?.f !== 'get' || ops[at]?.outcome !== 'ok') continue;
      ops[at] = { ...(ops[at] as KvOp), output: random.int(5) };
      const { explanation } = checkLinearizable(ops, kv);
      if (explanation === undefined) continue;
      windows++;
      const culprit = ops.find((op) => op.id === explanation.culprit) as KvOp;
      // What had not returned when the culprit did is open in the window.
      const window = ops
        .filter((op) => explanation.window.includes(op.id))
        .map((op) => (op.ret > culprit.ret ? { ...op, ret: Infinity } : op));
      const anytime = (among: readonly KvOp[]) =>
        among.map((op) => (op.id === culprit.id ? { ...op, call: -1, ret: Number.MAX_VALUE } : op));
      expect(hasOrder(window, kv, 'real-time'), `seed ${seed}`).toBe(false);
      const optional = (among: readonly KvOp[]) =>
        among.map((op) => (op.id === culprit.id ? op : { ...op, ret: Infinity }));
      const placeable = hasOrder(anytime(window), kv, 'real-time');
      const supportable = hasOrder(optional(window), kv, 'real-time');
      for (const dropped of window) {
        const rest = window.filter((op) => op !== dropped);
        if (dropped.id === culprit.id) {
          expect(hasOrder(rest, kv, 'real-time'), `seed ${seed}`).toBe(true);
          continue;
        }
        const stillFails = !hasOrder(rest, kv, 'real-time');
        const sameKind =
          hasOrder(
            rest.filter((op) => op.id !== culprit.id),
            kv,
            'real-time',
          ) &&
          (!placeable || hasOrder(anytime(rest), kv, 'real-time')) &&
          (placeable || !supportable || hasOrder(optional(rest), kv, 'real-time'));
        expect(stillFails && sameKind, `seed ${seed}: ${dropped.id} is not needed`).toBe(false);
      }
    }
    expect(windows).toBeGreaterThan(30);
  });
});
