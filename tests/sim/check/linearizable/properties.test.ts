import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import { ILLEGAL } from '../../../../src/sim/check/linearizable/model.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import type {
  CasInput,
  CasRegisterInput,
} from '../../../../src/sim/check/linearizable/models/cas-register.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import { mutexModel } from '../../../../src/sim/check/linearizable/models/mutex.ts';
import { queueModel } from '../../../../src/sim/check/linearizable/models/queue.ts';
import { stackModel } from '../../../../src/sim/check/linearizable/models/stack.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import type { Kind, Shape } from '../support/generate.ts';
import { casKinds, mutexKinds, queueKinds, stackKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

type KvOp = Op<CasRegisterInput, Value>;
const kv = kvModel({ initial: 0 });
const kvKinds = casKinds(3, ['x', 'y']);
const RUNS = 2_000;

const show = (ops: readonly Op[]): string => ops.map((op) => JSON.stringify(op)).join('\n');

function passes<S, I, O>(ops: readonly Op<I, O>[], model: Model<S, I, O>): boolean {
  return checkLinearizable(ops, model).verdict === 'pass';
}

/** Small histories, about half of them linearizable. */
function someHistory(random: Random): KvOp[] {
  const shape = {
    operations: 3 + random.int(9),
    clients: 2 + random.int(3),
    unknownPercent: random.pick([0, 15]),
  };
  return random.chance(60)
    ? liveHistory(kv, kvKinds, shape, random)
    : wildHistory(kvKinds, { ...shape, operations: Math.min(5, shape.operations) }, random);
}

/** Calls `judge` with many histories; at least `least` of them must be linearizable. */
function forHistories(least: number, judge: (ops: KvOp[], random: Random, legal: boolean) => void) {
  let legalCount = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const random = randomOf(seed);
    const ops = someHistory(random);
    const legal = passes(ops, kv);
    if (legal) legalCount++;
    try {
      judge(ops, random, legal);
    } catch (error) {
      throw new Error(`seed ${seed}:\n${show(ops)}`, { cause: error });
    }
  }
  expect(legalCount).toBeGreaterThan(least);
  expect(RUNS - legalCount).toBeGreaterThan(least / 4);
}

describe('histories of a real object', () => {
  const long = { operations: 400, clients: 6, unknownPercent: 2 };
  // Many equal values in a queue or stack leave exponentially many orders.
  const short = { operations: 40, clients: 4, unknownPercent: 2 };
  const live = <S, I, O>(model: Model<S, I, O>, kinds: readonly Kind<I, O>[], shape: Shape) => {
    for (let seed = 1; seed <= 10; seed++) {
      const ops = liveHistory(model, kinds, shape, randomOf(seed));
      const result = checkLinearizable(ops, model);
      expect(result.verdict, `seed ${seed}`).toBe('pass');
      const { witness } = result;
      if (witness !== undefined) expectLegal(ops, witness, model);
    }
  };
  it('pass for a store', () => live(kv, kvKinds, long));
  it('pass for a queue', () => live(queueModel(), queueKinds, short));
  it('pass for a stack', () => live(stackModel(), stackKinds, short));
  it('pass for a mutex', () => live(mutexModel(), mutexKinds, long));

  it('give a witness that is an order of the whole history', () => {
    let witnesses = 0;
    forHistories(400, (ops, _random, legal) => {
      const { witness } = checkLinearizable(ops, kv);
      expect(witness !== undefined).toBe(legal);
      if (witness === undefined) return;
      witnesses++;
      expectLegal(ops, witness, kv);
    });
    expect(witnesses).toBeGreaterThan(400);
  });

  it('when perturbed, are judged as by brute force', () => {
    let failed = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = randomOf(seed);
      const operations = 4 + random.int(5);
      const ops = liveHistory(kv, kvKinds, { operations, clients: 3, unknownPercent: 10 }, random);
      const perturbed = perturb(ops, random);
      const truth = hasOrder(perturbed, kv, 'real-time');
      if (!truth) failed++;
      if (passes(perturbed, kv) !== truth)
        expect.fail(`seed ${seed}: not ${truth}\n${show(perturbed)}`);
    }
    expect(failed).toBeGreaterThan(150);
  });
});

/** Swaps two results, changes one, or hurries or delays a completion. */
function perturb(ops: readonly KvOp[], random: Random): KvOp[] {
  const changed = [...ops];
  const completed = ops.filter((op) => op.outcome === 'ok');
  if (completed.length < 2) return changed;
  const first = random.pick(completed);
  const second = random.pick(completed);
  switch (random.int(4)) {
    case 0: {
      if (first.f !== second.f) return changed;
      changed[first.id] = { ...first, output: second.output as Value };
      changed[second.id] = { ...second, output: first.output as Value };
      return changed;
    }
    case 1:
      if (first.f === 'get') changed[first.id] = { ...first, output: random.int(3) };
      return changed;
    case 2:
      changed[first.id] = { ...first, ret: first.ret + random.int(8) + 0.5 };
      return changed;
    default:
      changed[first.id] = { ...first, ret: first.call + 0.5 };
      return changed;
  }
}

/** Replays `order`: legal, in real time, every completed operation once. */
function expectLegal<S, I, O>(
  ops: readonly Op<I, O>[],
  order: readonly number[],
  model: Model<S, I, O>,
) {
  const byId = new Map(ops.map((op) => [op.id, op]));
  const placed = new Set<number>();
  let state = model.init();
  let latestCall = -Infinity;
  for (const id of order) {
    const op = byId.get(id) as Op<I, O>;
    expect(placed.has(id)).toBe(false);
    placed.add(id);
    const next = model.step(state, op);
    if (next === ILLEGAL) throw new Error(`operation ${id} is illegal in the witness`);
    state = next;
    // Nothing placed before it was called after it returned.
    latestCall = Math.max(latestCall, op.call);
    expect(op.outcome === 'unknown' ? Infinity : op.ret).toBeGreaterThan(latestCall);
  }
  for (const op of ops) if (op.outcome === 'ok') expect(placed.has(op.id)).toBe(true);
}

describe('changes that must not change the verdict', () => {
  it('widening an interval never turns pass into fail', () => {
    forHistories(400, (ops, random, legal) => {
      if (!legal) return;
      const op = random.pick(ops);
      const wider = {
        ...op,
        call: op.call - random.int(6) - 0.5,
        ret: op.ret + random.int(6) + 0.5,
      };
      expect(
        passes(
          ops.map((other) => (other === op ? wider : other)),
          kv,
        ),
      ).toBe(true);
    });
  });

  it('not knowing an answer never turns pass into fail', () => {
    forHistories(400, (ops, random, legal) => {
      if (!legal) return;
      const op = random.pick(ops);
      const { output: _, ...rest } = op;
      const unsure: KvOp = { ...rest, outcome: 'unknown', ret: Infinity };
      expect(
        passes(
          ops.map((other) => (other === op ? unsure : other)),
          kv,
        ),
      ).toBe(true);
    });
  });

  it('removing a pure operation keeps a pass', () => {
    forHistories(400, (ops, random, legal) => {
      const pure = ops.filter((op) => kv.pure?.(op));
      if (!legal || pure.length === 0) return;
      const removed = random.pick(pure);
      expect(
        passes(
          ops.filter((op) => op !== removed),
          kv,
        ),
      ).toBe(true);
    });
  });

  it('removing an operation that failed changes nothing', () => {
    forHistories(400, (ops, random, legal) => {
      const at = random.int(99);
      const failed: KvOp = {
        id: 999,
        process: 77,
        f: 'put',
        key: 'x',
        input: 2,
        outcome: 'fail',
        call: at,
        ret: at + 0.5,
      };
      expect(passes([...ops, failed], kv)).toBe(legal);
    });
  });

  it('other names for values, keys and processes, and other times in the same order', () => {
    const rename = (value: unknown): Value =>
      typeof value === 'number' ? `value-${(value * 7) % 5}` : (value as Value);
    const renamedModel = kvModel({ initial: rename(0) });
    forHistories(400, (ops, _random, legal) => {
      const renamed = ops.map((op): KvOp => {
        const input =
          op.f === 'cas'
            ? {
                expected: rename((op.input as CasInput).expected),
                value: rename((op.input as CasInput).value),
              }
            : rename(op.input);
        return {
          ...op,
          id: 500 - op.id,
          process: 90 - op.process,
          key: `renamed-${op.key}`,
          input,
          ...(op.output === undefined ? {} : { output: rename(op.output) }),
          call: op.call * op.call + 17,
          ret: op.ret * op.ret + 17,
        };
      });
      expect(passes(renamed.reverse(), renamedModel)).toBe(legal);
    });
  });

  it('serial histories of the model pass', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const shape = { operations: 30, clients: 1, unknownPercent: 0 };
      expect(passes(liveHistory(kv, kvKinds, shape, randomOf(seed)), kv), `seed ${seed}`).toBe(
        true,
      );
    }
  });
});
