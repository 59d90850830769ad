import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import { casRegisterModel } from '../../../../src/sim/check/linearizable/models/cas-register.ts';
import type { CasRegisterInput } from '../../../../src/sim/check/linearizable/index.ts';
import { counterModel } from '../../../../src/sim/check/linearizable/models/counter.ts';
import { keyed } from '../../../../src/sim/check/linearizable/models/keyed.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import { queueModel } from '../../../../src/sim/check/linearizable/models/queue.ts';
import { registerModel } from '../../../../src/sim/check/linearizable/models/register.ts';
import { setModel } from '../../../../src/sim/check/linearizable/models/set.ts';
import { stackModel } from '../../../../src/sim/check/linearizable/models/stack.ts';
import { ILLEGAL } from '../../../../src/sim/check/linearizable/model.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import { casKinds, queueKinds, stackKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';

describe('a failed compare-and-set', () => {
  const ops = historyOf<CasRegisterInput, Value>([
    { p: 0, f: 'cas', in: { expected: 0, value: 1 }, call: 0, ret: 1, outcome: 'fail' },
  ]);
  it('never happened, by default', () => {
    expect(checkLinearizable(ops, casRegisterModel({ initial: 0 })).verdict).toBe('pass');
  });
  it('saw another value, where fail means that it was executed', () => {
    const observed = casRegisterModel({ initial: 0, failedCasObserved: true });
    const result = checkLinearizable(ops, observed);
    expect(result.verdict).toBe('fail');
    expect(result.explanation?.because[0]).toBe(
      'c0 found the value other than 0 (and did not set 1) at 0.100 s, ' +
        'but just before it could only be: 0.',
    );
    const other = casRegisterModel({ initial: 5, failedCasObserved: true });
    expect(checkLinearizable(ops, other).verdict).toBe('pass');
  });
  it('is ok with output false in our own histories', () => {
    const refused = historyOf<CasRegisterInput, Value>([
      { p: 0, f: 'cas', key: 'x', in: { expected: 0, value: 1 }, call: 0, ret: 1, out: false },
    ]);
    expect(checkLinearizable(refused, kvModel({ initial: 0 })).verdict).toBe('fail');
    expect(checkLinearizable(refused, kvModel({ initial: 2 })).verdict).toBe('pass');
  });
  it('does not make a failed write count', () => {
    const failed = historyOf<CasRegisterInput, Value>([
      { p: 0, f: 'put', key: 'x', in: 1, call: 0, ret: 1, outcome: 'fail' },
      { p: 0, f: 'get', key: 'x', call: 2, ret: 3, out: 1 },
    ]);
    const model = kvModel({ initial: 0, failedCasObserved: true });
    expect(checkLinearizable(failed, model).verdict).toBe('fail');
  });
});

describe('models', () => {
  it('tell values of different types apart', () => {
    const ops = historyOf<Value, Value>([
      { p: 0, f: 'write', in: 1, call: 0, ret: 1 },
      { p: 0, f: 'read', call: 2, ret: 3, out: '1' },
    ]);
    expect(checkLinearizable(ops, registerModel()).verdict).toBe('fail');
  });

  it('take a read without a result as legal', () => {
    const ops = historyOf<Value, Value>([{ p: 0, f: 'read', call: 0, ret: 1 }]);
    expect(checkLinearizable(ops, registerModel(7)).verdict).toBe('pass');
  });

  it('refuse an operation that they do not know, with those that they do', () => {
    const ops = historyOf<Value, Value>([{ p: 0, f: 'get', call: 0, ret: 1 }]);
    expect(() => checkLinearizable(ops, registerModel())).toThrow(
      'the model "register" knows no operation "get"',
    );
  });

  it('keep many objects apart by key, and together where nothing may be partitioned', () => {
    const counters = keyed('counters', counterModel());
    const [a, b] = historyOf<number, number>([
      { p: 0, f: 'add', key: 'a', in: 2, call: 0, ret: 1 },
      { p: 0, f: 'add', key: 'b', in: 3, call: 2, ret: 3 },
    ]) as [Op<number, number>, Op<number, number>];
    const one = counters.step(counters.init(), a);
    const two = one === ILLEGAL ? ILLEGAL : counters.step(one, b);
    if (one === ILLEGAL || two === ILLEGAL) throw new Error('legal');
    expect(counters.describeState(two)).toBe('a: 2, b: 3');
    // Back at the start, whatever the way.
    const back = counters.step(one, { ...a, input: -2 });
    if (back === ILLEGAL) throw new Error('legal');
    expect(counters.key(back)).toBe(counters.key(counters.init()));
    expect(counters.partition?.(a)).toBe('a');
  });

  /** The laws that the searches rely on, in every state that a live history goes through. */
  function laws<S, I, O>(model: Model<S, I, O>, kinds: readonly Kind<I, O>[]): void {
    let pure = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const shape = { operations: 40, clients: 1, unknownPercent: 0 };
      const ops = liveHistory(model, kinds, shape, randomOf(seed));
      let state = model.init();
      for (const op of ops) {
        if (op.outcome === 'fail') continue;
        const before = model.key(state);
        const next = model.step(state, op);
        expect(model.key(state), 'step does not touch the state it is given').toBe(before);
        if (next === ILLEGAL) throw new Error('a live history is legal');
        if (model.pure?.(op)) {
          pure++;
          expect(model.key(next), 'pure operations change nothing').toBe(before);
        }
        expect(model.describe(op).length).toBeGreaterThan(3);
        expect(model.describeState(next).length).toBeGreaterThan(0);
        state = next;
      }
    }
    expect(pure).toBeGreaterThan(50);
  }
  it('keep their laws: cas-register', () => laws(casRegisterModel({ initial: 0 }), casKinds(3)));
  it('keep their laws: kv', () => laws(kvModel({ initial: 0 }), casKinds(3, ['x', 'y'])));
  it('keep their laws: stack', () => laws(stackModel(), stackKinds));
  it('keep their laws: queue', () => laws(queueModel(), queueKinds));
  it('keep their laws: set', () =>
    laws(setModel(), [
      { f: 'add', weight: 2, input: (r) => r.int(4), outputs: () => [null] },
      { f: 'remove', weight: 1, input: (r) => r.int(4), outputs: () => [null] },
      { f: 'contains', weight: 2, input: (r) => r.int(4), outputs: () => [true, false] },
    ]));
});

describe('a set', () => {
  it('is judged as by brute force', () => {
    const every = [1, 2, 3];
    const subsets = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => every.filter((_, i) => (bits >> i) & 1));
    const kinds: Kind<Value, boolean | readonly Value[] | null>[] = [
      { f: 'add', weight: 4, input: (r) => r.pick(every), outputs: () => [null] },
      { f: 'remove', weight: 2, input: (r) => r.pick(every), outputs: () => [null] },
      { f: 'contains', weight: 2, input: (r) => r.pick(every), outputs: () => [true, false] },
      { f: 'read', weight: 3, input: () => null, outputs: () => subsets },
    ];
    let failed = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = randomOf(seed);
      const shape = { operations: 2 + random.int(6), clients: 3, unknownPercent: 10 };
      const ops = random.chance(50)
        ? liveHistory(setModel(), kinds, shape, random)
        : wildHistory(kinds, shape, random);
      const truth = hasOrder(ops, setModel(), 'real-time');
      if (!truth) failed++;
      expect(checkLinearizable(ops, setModel()).verdict === 'pass', `seed ${seed}`).toBe(truth);
    }
    expect(failed).toBeGreaterThan(300);
  });
});
