/**
 * Registers whose versions the dependency graph cannot order, against every order of the
 * transactions: blind writes, so that a graph without a circle proves nothing.
 */
import { describe, expect, it } from 'vitest';
import { checkTransactions, levelImplies } from 'faultline';
import type { MicroOp, TransactionResult, TxnOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { txns } from './support/short.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';

const check = (ops: TxnOp[], level: string, stepsMax?: number): TransactionResult =>
  checkTransactions(ops, {
    workload: 'rw-register',
    ask: { models: [level] },
    ...(stepsMax === undefined ? {} : { stepsMax }),
  });

/** A few transactions on two keys, each value new; reads of anything committed or of nothing. */
function someHistory(random: Random): TxnOp[] {
  const count = 2 + random.int(4);
  const written = new Map<string, number[]>([
    ['x', []],
    ['y', []],
  ]);
  const shapes = Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.int(3) }, () => ({
      key: random.pick(['x', 'y']),
      writes: random.chance(50),
    })),
  );
  let value = 1;
  const drafts = shapes.map((shape) => {
    const keys = new Set<string>();
    return shape.flatMap(({ key, writes }): MicroOp[] => {
      // Once written a key is left alone: intermediate states are told elsewhere.
      if (keys.has(key)) return [];
      keys.add(key);
      if (!writes) return [['r', key]];
      written.get(key)?.push(value);
      return [['w', key, value++]];
    });
  });
  let position = 0;
  const isSerial = random.chance(50);
  return drafts.map((draft, id): TxnOp => {
    const isUnknown = random.chance(10);
    const output = draft.map(([f, key, stored]): MicroOp =>
      f === 'w'
        ? ['w', key, stored ?? null]
        : ['r', key, random.pick([null, ...(written.get(key) ?? [])])],
    );
    const call = isSerial || random.chance(50) ? position++ : 0;
    const ret = isUnknown ? Infinity : position++;
    const common = { id, process: id, f: 'txn', input: draft, call, ret };
    return isUnknown ? { ...common, outcome: 'unknown' } : { ...common, output, outcome: 'ok' };
  });
}

type State = ReadonlyMap<string, unknown>;

function hasOrder(ops: readonly TxnOp[], isStrict: boolean): boolean {
  const place = (left: readonly TxnOp[], state: State): boolean => {
    if (left.every(({ outcome }) => outcome === 'unknown')) return true;
    return left.some((op) => {
      if (isStrict && left.some((other) => other.ret < op.call)) return false;
      const next = new Map(state);
      for (const [f, key, value] of op.output ?? op.input) {
        if (f === 'w') next.set(key, value);
        else if (value !== undefined && value !== (next.get(key) ?? null)) return false;
      }
      return place(
        left.filter((other) => other !== op),
        next,
      );
    });
  };
  return place(ops, new Map());
}

const show = (ops: readonly TxnOp[]): string => ops.map((op) => JSON.stringify(op)).join('\n');

describe('registers with blind writes', () => {
  const runs = LONG ? 60_000 : 4_000;
  it(`agree with every order of ${runs} histories`, () => {
    const counts = { pass: 0, fail: 0 };
    const byOrder = { pass: 0, fail: 0 };
    for (let seed = 1; seed <= runs; seed++) {
      const ops = someHistory(randomOf(seed));
      for (const [level, isStrict] of [
        ['serializable', false],
        ['strict-serializable', true],
      ] as const) {
        const expected = hasOrder(ops, isStrict) ? 'pass' : 'fail';
        const { verdict, found, because } = check(ops, level);
        counts[expected]++;
        if (found.includes('no-order')) byOrder.fail++;
        // Where nothing is read nothing is proven; by brute force it passes.
        if (verdict === expected || (verdict === 'unknown' && expected === 'pass')) continue;
        const told = `${verdict} (${found.join()}):\n${show(ops)}\n${because.join('\n')}`;
        expect.fail(`seed ${seed}: ${level} ${expected}, not ${told}`);
      }
    }
    expect(counts.pass).toBeGreaterThan(runs / 8);
    expect(counts.fail).toBeGreaterThan(runs / 8);
    expect(byOrder.fail).toBeGreaterThan(runs / 100);
  });

  it('never pass a level and fail a weaker one', () => {
    const levels = [
      'strict-serializable',
      'strong-snapshot-isolation',
      'strong-session-serializable',
      'serializable',
      'repeatable-read',
      'snapshot-isolation',
      'parallel-snapshot-isolation',
      'prefix',
      'causal',
      'read-atomic',
      'read-committed',
      'read-uncommitted',
    ];
    let differing = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const ops = someHistory(randomOf(seed));
      const results = levels.map((level) => check(ops, level));
      if (new Set(results.map(({ verdict }) => verdict)).size > 1) differing++;
      levels.forEach((strong, a) =>
        levels.forEach((weak, b) => {
          if (!levelImplies(strong, weak) || results[a]?.verdict !== 'pass') return;
          expect(results[b]?.verdict, `seed ${seed}: ${strong} and not ${weak}`).not.toBe('fail');
        }),
      );
    }
    expect(differing).toBeGreaterThan(100);
  });

  it('two whole writes, half of each read: no level of atomic reads', () => {
    const ops = txns(
      { txn: 'wx1 wy1', call: 0, ret: 3 },
      { txn: 'wx2 wy2', call: 1, ret: 4 },
      { txn: 'rx1 ry2', call: 2, ret: 5 },
    );
    for (const level of ['read-atomic', 'causal', 'prefix', 'snapshot-isolation', 'serializable']) {
      const { verdict, found, rulesOut, because } = check(ops, level);
      expect([verdict, ...found], level).toEqual(['fail', 'no-order']);
      expect(rulesOut).toEqual(['read-atomic', 'repeatable-read']);
      expect(because.at(-1)).toContain(`no order of these 3 is ${level}`);
    }
    expect(check(ops, 'read-committed').verdict).toBe('pass');
  });

  it('write skew on what was written blindly is snapshot isolation, and not serializable', () => {
    const skew = [
      { txn: 'rx1 wy2', call: 2, ret: 6 },
      { txn: 'ry1 wx2', call: 3, ret: 7 },
    ];
    const ops = txns('wx1 wy1', ...skew);
    for (const level of ['serializable', 'strict-serializable', 'repeatable-read']) {
      const { verdict, rulesOut } = check(ops, level);
      expect([verdict, ...rulesOut], level).toEqual(['fail', 'repeatable-read']);
    }
    expect(check(ops, 'strong-snapshot-isolation').verdict).toBe('pass');
  });

  it('a stale read of blind writes is serializable, and not in real time', () => {
    const ops = txns('wx1', 'wx2', 'rx1');
    expect(check(ops, 'serializable').verdict).toBe('pass');
    const { verdict, rulesOut } = check(ops, 'strong-snapshot-isolation');
    expect([verdict, ...rulesOut]).toEqual(['fail', 'strong-snapshot-isolation']);
  });

  it('the transactions told are the fewest', () => {
    const noise = Array.from({ length: 40 }, (_, at) => `wz${at + 10}`);
    const ops = txns(...noise, 'wx1 wy1', 'wx2 wy2', 'rx1 ry2', 'rz15', 'rz30');
    const { anomalies } = check(ops, 'serializable');
    expect(anomalies[0]?.ops).toEqual([40, 41, 42]);
  });

  it('what the budget leaves open is unknown', () => {
    const ops = txns('wx1 wy1', 'wx2 wy2', 'rx1 ry2');
    const { verdict, reason } = check(ops, 'serializable', 2);
    expect(verdict).toBe('unknown');
    expect(reason).toContain('the search for an order of the versions met its limits');
  });

  it('a long serial history of blind writes has its order', () => {
    const random = randomOf(7);
    const state = new Map<string, number>();
    const lines: string[] = [];
    for (let at = 1; at <= 3_000; at++) {
      const key = random.pick(['x', 'y', 'z']);
      const other = random.pick(['x', 'y', 'z']);
      lines.push(`r${other}${state.get(other) ?? '_'} w${key}${at}`);
      state.set(key, at);
    }
    expect(check(txns(...lines), 'strict-serializable').verdict).toBe('pass');
    expect(check(txns(...lines), 'strong-snapshot-isolation').verdict).toBe('pass');
  });
});
