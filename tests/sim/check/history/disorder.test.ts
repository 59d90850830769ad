/** What is shown of a history without an order: the least of it, against trying every order. */
import { describe, expect, it } from 'vitest';
import { checkSequential } from '../../../../src/sim/check/history/sequential.ts';
import { NOT_FEWEST } from '../../../../src/sim/check/history/fewest.ts';
import { ILLEGAL, kvModel, storeModel } from '../../../../src/sim/check/linearizable/index.ts';
import type { CasRegisterInput, Model } from '../../../../src/sim/check/linearizable/index.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { hasOrder } from '../support/brute-force.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';

type KvOp = Op<CasRegisterInput, Value>;
const kv = kvModel({ initial: 0 });

const put = (p: number, key: string, value: Value, call: number): Line => ({
  p,
  f: 'put',
  key,
  in: value,
  out: true,
  call,
  ret: call + 1,
});
const get = (p: number, key: string, value: Value, call: number): Line => ({
  p,
  f: 'get',
  key,
  out: value,
  call,
  ret: call + 1,
});

/** Operations that no order of any of the others makes legal. */
function impossibleIn<S, I, O>(ops: readonly Op<I, O>[], model: Model<S, I, O>): number[] {
  const possible = new Set<number>();
  const states = new Map([[model.key(model.init()), model.init()]]);
  for (const state of states.values()) {
    for (const op of ops) {
      const next = model.step(state, op);
      if (next === ILLEGAL) continue;
      possible.add(op.id);
      states.set(model.key(next), next);
    }
  }
  return ops.flatMap(({ id }) => (possible.has(id) ? [] : [id]));
}

/** Reads see anything that is ever written to their key, and now and then what nobody wrote. */
function someHistory(random: Random): KvOp[] {
  const written: Readonly<Record<string, number[]>> = { x: [0], y: [0] };
  const lines = Array.from({ length: 4 + random.int(6) }, (_, i): Line => {
    const [p, key] = [random.int(3), random.pick(['x', 'y'])];
    if (random.chance(55)) return get(p, key, null, 2 * i);
    written[key]?.push(i + 1);
    return put(p, key, i + 1, 2 * i);
  });
  return historyOf<CasRegisterInput, Value>(
    lines.map((line) => {
      if (line.f === 'put') return line;
      return { ...line, out: random.chance(2) ? 99 : random.pick(written[line.key ?? ''] ?? []) };
    }),
  );
}

describe('a history without an order', () => {
  it('is shown by a set without one, of which nothing can go', () => {
    const sizes = new Map<number, number>();
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = randomOf(seed);
      const ops = someHistory(random);
      const { explanation } = checkSequential(ops, kv);
      if (explanation === undefined) continue;
      const why = `seed ${seed}`;
      const window = ops.filter(({ id }) => explanation.window.includes(id));
      sizes.set(window.length, (sizes.get(window.length) ?? 0) + 1);
      expect(hasOrder(window, kv, 'process'), why).toBe(false);
      expect(explanation.because, why).not.toContain(NOT_FEWEST);
      const never = impossibleIn(ops, kv);
      for (const gone of window) {
        const rest = window.filter((op) => op !== gone);
        const isBereft = impossibleIn(rest, kv).some((id) => !never.includes(id));
        expect(isBereft || hasOrder(rest, kv, 'process'), `${why}: without ${gone.id}`).toBe(true);
      }
    }
    expect([1, 2, 3, 4].every((size) => (sizes.get(size) ?? 0) > 20)).toBe(true);
  });

  it('is told process by process, whatever else happened', () => {
    const others = Array.from({ length: 60 }, (_, i) => put(7 + (i % 3), 'z', i, 20 + 2 * i));
    const ops = historyOf<CasRegisterInput, Value>([
      put(1, 'x', 1, 0),
      put(2, 'x', 2, 0),
      get(3, 'x', 1, 2),
      get(3, 'x', 2, 4),
      get(4, 'x', 2, 2),
      get(4, 'x', 1, 4),
      ...others,
    ]) as KvOp[];
    const { explanation } = checkSequential(ops, storeModel() as never);
    expect(explanation?.window).toEqual([0, 1, 2, 4, 3, 5]);
    expect(explanation?.because.slice(0, 5)).toEqual([
      'c1 wrote x = 1.',
      'c2 wrote x = 2.',
      'c3 read x = 1, then read x = 2.',
      'c4 read x = 2, then read x = 1.',
      'No one order of these 6 operations keeps what each process did in its order.',
    ]);
  });

  it('keeps the write of what was read', () => {
    const ops = historyOf<CasRegisterInput, Value>([
      put(1, 'x', 1, 0),
      put(1, 'x', 2, 2),
      get(2, 'x', 2, 4),
      get(2, 'x', 1, 6),
    ]) as KvOp[];
    expect(checkSequential(ops, kv).explanation?.window).toEqual([0, 1, 2, 3]);
    const lone = checkSequential(ops.slice(2, 3), kv).explanation;
    expect(lone?.because[1]).toBe('No state allows that.');
  });

  it('of hundreds of operations is shown by few', () => {
    const lines: Line[] = [];
    for (let i = 0; i < 120; i++) {
      const p = i % 2;
      lines.push(put(p, `k${i % 6}`, i + 1, 4 * i), get(p, `k${i % 6}`, i + 1, 4 * i + 2));
    }
    // What one client wrote and read is gone for it later.
    lines.push(get(0, 'k0', 0, 5_000));
    const ops = historyOf<CasRegisterInput, Value>(lines) as KvOp[];
    const { verdict, explanation } = checkSequential(ops, kv);
    expect(verdict).toBe('fail');
    expect(explanation?.window.length).toBe(2);
  });
});
