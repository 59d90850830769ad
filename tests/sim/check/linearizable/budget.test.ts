import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import type { CasRegisterInput } from '../../../../src/sim/check/linearizable/index.ts';
import { casRegisterModel } from '../../../../src/sim/check/linearizable/models/cas-register.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { liveHistory } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';
import { casKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';

type KvOp = Op<CasRegisterInput, Value>;
const kv = kvModel({ initial: 0 });

/** Many pending writes of different values, and a read of none of them: exponential for both. */
function hard(key: string, pending: number, position: number): Line[] {
  const lines: Line[] = [];
  for (let value = 1; value <= pending; value++) {
    lines.push({ p: 100 + value, f: 'put', key, in: value, call: position + value });
  }
  const after = position + pending;
  for (let value = 1; value < pending; value++) {
    const call = after + value * 2;
    lines.push({ p: 0, f: 'get', key, call, ret: call + 1, out: value });
  }
  lines.push({ p: 0, f: 'get', key, call: after + 200, ret: after + 201, out: 99 });
  return lines;
}

/** Writes at once that leave every order open, then a value that nobody wrote. */
function wide(key: string, writers: number, position: number): Line[] {
  const lines: Line[] = [];
  for (let value = 1; value <= writers; value++) {
    lines.push({
      p: value,
      f: 'put',
      key,
      in: value,
      call: position + value,
      ret: position + 200 + value,
      out: null,
    });
  }
  lines.push({ p: 99, f: 'get', key, call: position + 100, ret: position + 101, out: 77 });
  return lines;
}

describe('the budget of the linearizability check', () => {
  it('gives unknown with the part and the limit named, never a pass', () => {
    const ops = historyOf<CasRegisterInput, Value>(wide('x', 13, 0));
    const result = checkLinearizable(ops, kv, { steps: 40_000 });
    expect(result.verdict).toBe('unknown');
    expect(result.steps).toBeLessThanOrEqual(40_000);
    expect(result.reason).toBe(
      'the budget of 40000 steps ended after 1 round in part "x" (14 operations)',
    );
    expect(result.explanation).toBeUndefined();
    // With enough of it, the same history fails.
    expect(checkLinearizable(ops, kv, { steps: 4_000_000 }).verdict).toBe('fail');
  });

  it('names the limit of positions where that is what ended breadth first', () => {
    const ops = historyOf<CasRegisterInput, Value>(wide('x', 13, 0));
    const result = checkLinearizable(ops, kv, { steps: 100_000, configurations: 50 });
    expect(result.verdict).toBe('unknown');
    expect(result.reason).toContain('breadth first meets more than 50 positions');
  });

  it('finds the part that fails beside parts that are exponential', () => {
    const lines: Line[] = [];
    for (let part = 0; part < 5; part++) lines.push(...wide(`hard-${part}`, 18, part * 1_000));
    lines.push({ p: 1, f: 'put', key: 'bad', in: 1, call: 9_000, ret: 9_001, out: null });
    lines.push({ p: 1, f: 'get', key: 'bad', call: 9_002, ret: 9_003, out: 0 });
    const ops = historyOf<CasRegisterInput, Value>(lines);
    const result = checkLinearizable(ops, kv);
    expect(result.verdict).toBe('fail');
    expect(result.explanation?.partition).toBe('bad');
    // Key by key, the first of the hard parts alone would have eaten the budget.
    expect(result.steps).toBeLessThan(1_000_000);
  });

  it('gives a verdict that does not depend on the order of the parts', () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 150; seed++) {
      const random = randomOf(seed);
      const lines: Line[] = [
        ...hard('h', 2 + random.int(8), 0),
        ...wide('w', 2 + random.int(9), 500),
      ];
      const ops = historyOf<CasRegisterInput, Value>(lines).filter(
        // Without their last read both parts pass; sometimes they keep it.
        (op) =>
          !(op.output === 99 && random.chance(60)) && !(op.output === 77 && random.chance(60)),
      );
      const shape = { operations: 40, clients: 3, unknownPercent: 0 };
      for (const op of liveHistory(kv, casKinds(3, ['a', 'b']), shape, random)) {
        ops.push({ ...op, id: op.id + 900, process: op.process + 900 });
      }
      const steps = random.pick([200, 1_000, 5_000, 50_000]);
      const { verdict } = checkLinearizable(ops, kv, { steps });
      seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      for (let turn = 0; turn < 4; turn++) {
        const shuffled = shuffle(ops, (below) => random.int(below));
        expect(checkLinearizable(shuffled, kv, { steps }).verdict, `seed ${seed}`).toBe(verdict);
      }
    }
    for (const verdict of ['pass', 'fail', 'unknown']) {
      expect(seen.get(verdict), verdict).toBeGreaterThan(10);
    }
  });

  it('is enough by far for histories of ordinary size', () => {
    const model = casRegisterModel({ initial: 0 });
    const anchors = [
      { operations: 10_000, clients: 5, unknownPercent: 0, stepsMax: 40_000 },
      { operations: 10_000, clients: 10, unknownPercent: 0, stepsMax: 120_000 },
      { operations: 10_000, clients: 20, unknownPercent: 0, stepsMax: 6_000_000 },
      { operations: 5_000, clients: 10, unknownPercent: 1, stepsMax: 500_000 },
    ];
    for (const { stepsMax, ...shape } of anchors) {
      const ops = liveHistory(model, casKinds(5), shape, randomOf(1));
      const result = checkLinearizable(ops, model);
      expect(result.verdict).toBe('pass');
      expect(result.steps, JSON.stringify(shape)).toBeLessThan(stepsMax);
    }
  });
});

function shuffle(ops: readonly KvOp[], int: (below: number) => number): KvOp[] {
  const shuffled = [...ops];
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = int(at + 1);
    [shuffled[at], shuffled[other]] = [shuffled[other] as KvOp, shuffled[at] as KvOp];
  }
  return shuffled;
}
