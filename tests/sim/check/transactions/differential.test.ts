/** What the dependency graph says of small histories, against every order of the transactions. */
import { describe, expect, it } from 'vitest';
import { checkTransactions, levelImplies } from 'faultline';
import type { MicroOp, TransactionResult, TxnOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

const KEYS = ['x', 'y'];
const LONG = process.env['FAULTLINE_LONG'] === '1';

interface Draft {
  readonly ops: MicroOp[];
  readonly isUnknown: boolean;
}

type State = ReadonlyMap<string, readonly number[]>;

/**
 * A few transactions over lists, half of them run on a real store with some staleness, and last one
 * that reads every key: then the order of versions is known and the graph must find everything.
 */
function someHistory(random: Random): TxnOp[] {
  const drafts: Draft[] = [];
  const states: State[] = [new Map()];
  const isStale = random.chance(70);
  let element = 1;
  for (let id = 0; id < 2 + random.int(4); id++) {
    const isUnknown = random.chance(10);
    const snapshot = isStale ? random.pick(states) : (states.at(-1) as State);
    const own = new Map(snapshot);
    const added: [string, number][] = [];
    const ops = Array.from({ length: 1 + random.int(3) }, (): MicroOp => {
      const key = random.pick(KEYS);
      if (random.chance(50)) return ['r', key, own.get(key) ?? []];
      own.set(key, [...(own.get(key) ?? []), element]);
      added.push([key, element]);
      return ['append', key, element++];
    });
    drafts.push({ ops, isUnknown });
    if (isUnknown && random.chance(50)) continue;
    const next = new Map(states.at(-1));
    for (const [key, value] of added) next.set(key, [...(next.get(key) ?? []), value]);
    states.push(next);
  }
  const last = states.at(-1) as State;
  drafts.push({ ops: KEYS.map((key) => ['r', key, last.get(key) ?? []]), isUnknown: false });
  return timed(drafts, random);
}

/** Intervals at random: in the order given or overlapping. */
function timed(drafts: readonly Draft[], random: Random): TxnOp[] {
  let position = 0;
  const isSerial = random.chance(50);
  return drafts.map(({ ops, isUnknown }, id) => {
    const call = isSerial || random.chance(50) ? position++ : 0;
    const ret = position++;
    const process = isUnknown ? 100 + id : random.int(3);
    return {
      id,
      // Two open transactions are never of one process.
      process: call === 0 ? 50 + id : process,
      f: 'txn',
      input: ops.map((op): MicroOp => (op[0] === 'r' ? ['r', op[1]] : op)),
      ...(isUnknown ? {} : { output: ops }),
      outcome: isUnknown ? 'unknown' : 'ok',
      call,
      ret: isUnknown ? Infinity : ret,
    };
  });
}

/** True when some order explains every read; in real time if asked. Unknown ones may be out. */
function hasOrder(ops: readonly TxnOp[], isStrict: boolean): boolean {
  const place = (left: readonly TxnOp[], state: State): boolean => {
    if (left.every(({ outcome }) => outcome === 'unknown')) return true;
    return left.some((op) => {
      if (isStrict && left.some((other) => other.ret < op.call)) return false;
      const next = applied(op, state);
      return (
        next !== undefined &&
        place(
          left.filter((other) => other !== op),
          next,
        )
      );
    });
  };
  return place(ops, new Map());
}

function applied(op: TxnOp, state: State): State | undefined {
  const next = new Map(state);
  for (const [f, key, value] of op.output ?? op.input) {
    const list = next.get(key) ?? [];
    if (f === 'append') next.set(key, [...list, value as number]);
    else if (value !== undefined && String(value) !== String(list)) return undefined;
  }
  return next;
}

const check = (ops: TxnOp[], level: string): TransactionResult =>
  checkTransactions(ops, { workload: 'list-append', ask: { models: [level] } });

const show = (ops: readonly TxnOp[]): string => ops.map((op) => JSON.stringify(op)).join('\n');

describe('the dependency graph', () => {
  const runs = LONG ? 100_000 : 6_000;
  it(`agrees with every order of ${runs} histories that end with a read of everything`, () => {
    const counts = { pass: 0, fail: 0 };
    for (let seed = 1; seed <= runs; seed++) {
      const ops = someHistory(randomOf(seed));
      for (const [level, isStrict] of [
        ['serializable', false],
        ['strict-serializable', true],
      ] as const) {
        const expected = hasOrder(ops, isStrict) ? 'pass' : 'fail';
        const { verdict, found, because } = check(ops, level);
        counts[expected]++;
        // Nothing to order is no proof of anything; by brute force it passes.
        if (verdict === expected || (verdict === 'unknown' && expected === 'pass')) continue;
        const told = `${verdict} (${found.join()}):\n${show(ops)}\n${because.join('\n')}`;
        expect.fail(`seed ${seed}: ${level} ${expected}, not ${told}`);
      }
    }
    expect(counts.pass).toBeGreaterThan(runs / 8);
    expect(counts.fail).toBeGreaterThan(runs / 8);
  });

  it('never passes a level and fails a weaker one', () => {
    const levels = [
      'strict-serializable',
      'strong-session-serializable',
      'strong-snapshot-isolation',
      'serializable',
      'repeatable-read',
      'snapshot-isolation',
      'prefix',
      'causal',
      'read-atomic',
      'read-committed',
      'read-uncommitted',
    ];
    let differing = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const ops = someHistory(randomOf(seed));
      const verdicts = levels.map((level) => check(ops, level).verdict);
      if (new Set(verdicts).size > 1) differing++;
      levels.forEach((strong, a) =>
        levels.forEach((weak, b) => {
          if (!levelImplies(strong, weak) || verdicts[a] !== 'pass') return;
          expect(verdicts[b], `seed ${seed}: ${strong} and not ${weak}`).not.toBe('fail');
        }),
      );
    }
    expect(differing).toBeGreaterThan(100);
  });

  it('every cycle told is one: each step leads to the next, the last to the first', () => {
    let cycles = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      for (const { cycle, type } of check(someHistory(randomOf(seed)), 'strict-serializable')
        .anomalies) {
        if (cycle === undefined) continue;
        cycles++;
        cycle.forEach((step, at) => expect(step.to).toBe(cycle[(at + 1) % cycle.length]!.from));
        expect(new Set(cycle.map(({ from }) => from)).size).toBe(cycle.length);
        const misses = cycle.filter(({ kind }) => kind === 'rw').length;
        const inARow = cycle.some(
          ({ kind }, at) => kind === 'rw' && cycle[(at + 1) % cycle.length]!.kind === 'rw',
        );
        const base = type.replace(/-(process|realtime)$/, '');
        if (base === 'G0' || base === 'G1c') expect(misses).toBe(0);
        if (base === 'G-single') expect(misses).toBe(1);
        if (base === 'G-nonadjacent') expect([misses > 1, inARow]).toEqual([true, false]);
        if (base === 'G2-item' || base === 'write-skew') expect(inARow).toBe(true);
        expect(cycle.some(({ kind }) => kind === 'realtime')).toBe(type.endsWith('-realtime'));
      }
    }
    expect(cycles).toBeGreaterThan(500);
  });
});
