import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import { searchJit } from '../../../../src/sim/check/linearizable/jit.ts';
import { casRegisterModel } from '../../../../src/sim/check/linearizable/models/cas-register.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import { mutexModel } from '../../../../src/sim/check/linearizable/models/mutex.ts';
import { queueModel } from '../../../../src/sim/check/linearizable/models/queue.ts';
import { stackModel } from '../../../../src/sim/check/linearizable/models/stack.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import { counts, problemOf } from '../../../../src/sim/check/linearizable/problem.ts';
import { StateSpace } from '../../../../src/sim/check/linearizable/state-space.ts';
import { searchWgl } from '../../../../src/sim/check/linearizable/wgl.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { firstBadReturn, hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { casKinds, mutexKinds, queueKinds, stackKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

const STEPS = 1_000_000;

/** Both searches, without the portfolio around them and without partition. */
function bothSearches<S, I, O>(ops: readonly Op<I, O>[], model: Model<S, I, O>) {
  const problem = problemOf(
    ops.filter((op) => counts(op, model)),
    model,
  );
  const space = new StateSpace(model, problem.ops);
  const deep = searchWgl(problem, space, STEPS);
  const wide = searchJit(problem, space, STEPS, STEPS);
  const idOf = (index: number) => problem.ops[index]?.id;
  return {
    deep: deep.verdict,
    wide: wide.verdict,
    deepCulprit: idOf(deep.culprit),
    wideCulprit: idOf(wide.culprit),
  };
}

/** Half of the histories come from a real object with one result mutated, half from none. */
function history<S, I, O>(
  model: Model<S, I, O>,
  kinds: readonly Kind<I, O>[],
  random: Random,
): Op<I, O>[] {
  const shape = {
    operations: 2 + random.int(7),
    clients: 1 + random.int(5),
    unknownPercent: random.pick([0, 10, 40]),
  };
  if (random.chance(40)) return wildHistory(kinds, shape, random);
  const ops = liveHistory(model, kinds, shape, random);
  if (random.chance(70)) {
    const at = random.int(ops.length);
    const op = ops[at] as Op<I, O>;
    const kind = kinds.find((candidate) => candidate.f === op.f) as Kind<I, O>;
    if (op.outcome === 'ok') ops[at] = { ...op, output: random.pick(kind.outputs(op.input)) };
  }
  return ops;
}

function compare<S, I, O>(
  model: Model<S, I, O>,
  kinds: readonly Kind<I, O>[],
  runs: number,
  firstSeed: number,
): { pass: number; fail: number } {
  const found = { pass: 0, fail: 0 };
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const ops = history(model, kinds, randomOf(seed));
    const expected = hasOrder(ops, model, 'real-time') ? 'pass' : 'fail';
    found[expected]++;
    const searched = bothSearches(ops, model);
    if (searched.deep !== expected || searched.wide !== expected) {
      expect.fail(`seed ${seed}: ${expected}, but ${JSON.stringify(searched)} for ${show(ops)}`);
    }
    if (searched.deepCulprit !== searched.wideCulprit) {
      expect.fail(`seed ${seed}: culprits differ ${JSON.stringify(searched)} for ${show(ops)}`);
    }
    if (expected === 'fail' && seed % 10 === 0) {
      const culprit = firstBadReturn(ops, model);
      if (searched.wideCulprit !== culprit) {
        expect.fail(
          `seed ${seed}: culprit ${searched.wideCulprit} is not ${culprit}: ${show(ops)}`,
        );
      }
    }
    if (seed % 8 === 0 && checkLinearizable(ops, model).verdict !== expected) {
      expect.fail(`seed ${seed}: the portfolio does not say ${expected} for ${show(ops)}`);
    }
  }
  return found;
}

const show = (ops: readonly Op[]): string => ops.map((op) => JSON.stringify(op)).join('\n');

describe('linearizability: both searches agree with the definition', () => {
  it('on 60,000 histories of a cas-register', () => {
    const found = compare(casRegisterModel({ initial: 0 }), casKinds(3), 60_000, 1);
    expect(found.pass).toBeGreaterThan(10_000);
    expect(found.fail).toBeGreaterThan(10_000);
  });
  it('on 20,000 histories of two keys of a store, which the portfolio takes apart', () => {
    const found = compare(kvModel({ initial: 0 }), casKinds(2, ['x', 'y']), 20_000, 100_001);
    expect(found.fail).toBeGreaterThan(2_000);
  });
  it('on 10,000 histories of a stack', () => {
    expect(compare(stackModel(), stackKinds, 10_000, 200_001).fail).toBeGreaterThan(1_000);
  });
  it('on 10,000 histories of a queue', () => {
    expect(compare(queueModel(), queueKinds, 10_000, 300_001).fail).toBeGreaterThan(1_000);
  });
  it('on 5,000 histories of a mutex', () => {
    expect(compare(mutexModel(), mutexKinds, 5_000, 400_001).fail).toBeGreaterThan(500);
  });
});
