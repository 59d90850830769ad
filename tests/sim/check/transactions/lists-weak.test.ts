/**
 * Lists at levels that are no matter of certain cycles: atomic reads, causality, prefixes. Their
 * order of versions is known, and there must be an order of transactions that explains each read.
 */
import { describe, expect, it } from 'vitest';
import { checkTransactions } from 'faultline';
import type { MicroOp, TransactionResult, TxnOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { txns } from './support/short.ts';

const KEYS = ['x', 'y'];

const check = (ops: TxnOp[], level: string, workload: 'list-append' | 'rw-register') =>
  checkTransactions(ops, { workload, ask: { models: [level] } });
const lists = (ops: TxnOp[], level: string): TransactionResult => check(ops, level, 'list-append');

/** Each on its own mix of states of the two keys: some are of one moment, some are not. */
function someHistory(random: Random): TxnOp[] {
  const states: number[][][] = [[[], []]];
  let element = 1;
  const drafts = Array.from({ length: 2 + random.int(3) }, () => {
    const one = random.pick(states);
    const seen = KEYS.map((_, k) => (random.chance(50) ? one : random.pick(states))[k]!);
    const next = states.at(-1)!.map((list) => [...list]);
    const ops = KEYS.flatMap((key, k): MicroOp[] => {
      const what = random.int(4);
      if (what === 0) return [];
      const read: MicroOp = ['r', key, seen[k]!];
      if (what === 1) return [read];
      next[k]!.push(element);
      const append: MicroOp = ['append', key, element++];
      return what === 2 ? [append] : [read, append];
    });
    states.push(next);
    return ops;
  });
  for (let reader = 0; reader < 2; reader++) {
    drafts.push(KEYS.map((key, k): MicroOp => ['r', key, random.pick(states)[k]!]));
  }
  drafts.push(KEYS.map((key, k): MicroOp => ['r', key, states.at(-1)![k]!]));
  return drafts.map((output, id): TxnOp => {
    const input = output.map((op): MicroOp => (op[0] === 'r' ? ['r', op[1]] : op));
    const times = { call: 2 * id, ret: 2 * id + 1 };
    return { id, process: id, f: 'txn', input, output, outcome: 'ok', ...times };
  });
}

function* ordersOf<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const item of items) {
    for (const rest of ordersOf(items.filter((one) => one !== item))) yield [item, ...rest];
  }
}

/** Some order of commits, and for each transaction some moment before its own, explain all. */
function isPrefix(ops: readonly TxnOp[]): boolean {
  for (const order of ordersOf(ops)) {
    const states: ReadonlyMap<string, readonly unknown[]>[] = [new Map()];
    const isExplained = order.every(({ output = [] }) => {
      const fits = states.some((state) =>
        output.every(
          ([f, key, value]) => f !== 'r' || String(state.get(key) ?? []) === String(value),
        ),
      );
      const next = new Map(states.at(-1));
      for (const [f, key, value] of output) {
        if (f === 'append') next.set(key, [...(next.get(key) ?? []), value]);
      }
      states.push(next);
      return fits;
    });
    if (isExplained) return true;
  }
  return false;
}

/** The same, of registers: the newest element is the version. */
const asRegisters = (ops: readonly TxnOp[]): TxnOp[] =>
  ops.map((op) => {
    const one = ([f, key, value]: MicroOp): MicroOp => {
      if (f === 'append') return ['w', key, value ?? null];
      return Array.isArray(value) ? ['r', key, (value as number[]).at(-1) ?? null] : [f, key];
    };
    return { ...op, input: op.input.map(one), output: (op.output ?? []).map(one) };
  });

const show = (ops: readonly TxnOp[]): string =>
  ops.map(({ output }) => JSON.stringify(output)).join('\n');

describe('lists', () => {
  it('of 500 histories have prefixes where some order of commits has', () => {
    const counts = { pass: 0, fail: 0 };
    for (let seed = 1; seed <= 500; seed++) {
      const ops = someHistory(randomOf(seed));
      const expected = isPrefix(ops) ? 'pass' : 'fail';
      const { verdict } = lists(ops, 'prefix');
      counts[expected]++;
      if (verdict === 'unknown' && expected === 'pass') continue;
      expect(verdict, `seed ${seed}:\n${show(ops)}`).toBe(expected);
    }
    expect(counts.pass).toBeGreaterThan(100);
    expect(counts.fail).toBeGreaterThan(100);
  });

  it('never pass where registers of the same versions fail, whose order is less known', () => {
    const failed = new Map<string, number>();
    for (let seed = 1; seed <= 1_500; seed++) {
      const ops = someHistory(randomOf(seed));
      for (const level of ['read-atomic', 'causal', 'prefix']) {
        if (check(asRegisters(ops), level, 'rw-register').verdict !== 'fail') continue;
        failed.set(level, (failed.get(level) ?? 0) + 1);
        expect(lists(ops, level).verdict, `seed ${seed}: ${level}\n${show(ops)}`).toBe('fail');
      }
    }
    expect([...failed.values()].every((count) => count > 100)).toBe(true);
  });

  const fractured = txns('ax1 ay1', 'ly1 lx');
  const causeMissed = txns('ax1', 'lx1 ay1', 'ly1 lx');
  const longFork = txns('ax1', 'ay1', 'lx1 ly', 'lx ly1');

  it.each([
    ['a half of what one transaction wrote', fractured, 'read-atomic', 'read-committed'],
    ['an effect without its cause', causeMissed, 'causal', 'read-atomic'],
    ['two writes in either order', longFork, 'prefix', 'causal'],
  ])('%s is found where it matters', (_, ops, breaks, holds) => {
    const result = lists(ops, breaks);
    expect([result.verdict, ...result.found]).toEqual(['fail', 'no-order']);
    expect(result.because.at(-1)).toContain(`no order of these ${ops.length} is ${breaks}`);
    expect(lists(ops, holds).verdict).toBe('pass');
  });

  it('are unknown at a level between one that holds and one that does not', () => {
    const result = lists(fractured, 'monotonic-atomic-view');
    expect(result.verdict).toBe('unknown');
    expect(result.reason).toMatch(/makes this read-atomic, and whether one makes it monotonic-at/);
    expect(lists(txns('ax1 ay1', 'ly1 lx1'), 'monotonic-atomic-view').verdict).toBe('pass');
  });

  it('a transaction of unknown fate took place where its element lies below another', () => {
    const seen = (fate: 'ok' | 'unknown') =>
      txns({ txn: 'ax1 ay1', outcome: fate }, 'ax2', 'lx12 ly', 'ly1');
    expect(lists(seen('ok'), 'prefix').verdict).toBe('fail');
    expect(lists(seen('unknown'), 'prefix').verdict).toBe('fail');
  });
});
