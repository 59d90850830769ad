import { describe, expect, it } from 'vitest';
import { checkSequential } from '../../../../src/sim/check/history/sequential.ts';
import {
  checkLinearizable,
  kvModel,
  mutexModel,
} from '../../../../src/sim/check/linearizable/index.ts';
import { queueModel, stackModel } from '../../../../src/sim/check/linearizable/index.ts';
import type { CasRegisterInput, Model } from '../../../../src/sim/check/linearizable/index.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { casKinds, mutexKinds, queueKinds, stackKinds } from '../support/kinds.ts';
import { randomOf } from '../../../support/seeds.ts';

type KvOp = Op<CasRegisterInput, Value>;
const kv = kvModel({ initial: 0 });
const kvKinds = casKinds(3, ['x', 'y']);

const show = (ops: readonly Op[]): string => ops.map((op) => JSON.stringify(op)).join('\n');

describe('sequential consistency', () => {
  it('is judged as by brute force, on keys together', () => {
    const found = { pass: 0, fail: 0 };
    const kinds = casKinds(2, ['x', 'y']);
    for (let seed = 1; seed <= 10_000; seed++) {
      const random = randomOf(seed);
      const shape = {
        operations: 2 + random.int(6),
        clients: 1 + random.int(4),
        unknownPercent: random.pick([0, 20]),
      };
      const ops = wildHistory(kinds, shape, random);
      const expected = hasOrder(ops, kv, 'process') ? 'pass' : 'fail';
      found[expected]++;
      const { verdict } = checkSequential(ops, kv);
      if (verdict !== expected)
        expect.fail(`seed ${seed}: ${verdict}, not ${expected}\n${show(ops)}`);
    }
    expect(found.pass).toBeGreaterThan(1_000);
    expect(found.fail).toBeGreaterThan(1_000);
  });

  it('lets operations that follow a pending one of their process go on', () => {
    // Logs from elsewhere do not always retire the process.
    const ops: KvOp[] = [
      {
        id: 0,
        process: 0,
        f: 'put',
        key: 'x',
        input: 1,
        outcome: 'unknown',
        call: 0,
        ret: Infinity,
      },
      {
        id: 1,
        process: 0,
        f: 'get',
        key: 'x',
        input: null,
        output: 0,
        outcome: 'ok',
        call: 1,
        ret: 2,
      },
      {
        id: 2,
        process: 0,
        f: 'get',
        key: 'x',
        input: null,
        output: 1,
        outcome: 'ok',
        call: 3,
        ret: 4,
      },
    ];
    expect(checkSequential(ops, kv).verdict).toBe('pass');
  });

  it('follows from linearizability, for every model and history here', () => {
    let linearizable = 0;
    let onlySequential = 0;
    const check = <S, I, O>(model: Model<S, I, O>, kinds: readonly Kind<I, O>[]) => {
      for (let seed = 1; seed <= 1_000; seed++) {
        const random = randomOf(seed);
        const shape = {
          operations: 2 + random.int(7),
          clients: 2 + random.int(3),
          unknownPercent: 10,
        };
        const ops = random.chance(50)
          ? liveHistory(model, kinds, shape, random)
          : wildHistory(kinds, shape, random);
        const sequential = checkSequential(ops, model).verdict === 'pass';
        if (checkLinearizable(ops, model).verdict === 'pass') {
          linearizable++;
          expect(sequential, `seed ${seed} of ${model.name}\n${show(ops)}`).toBe(true);
        } else if (sequential) onlySequential++;
      }
    };
    check(kv, kvKinds);
    check(stackModel(), stackKinds);
    check(queueModel(), queueKinds);
    check(mutexModel(), mutexKinds);
    expect(linearizable).toBeGreaterThan(1_000);
    expect(onlySequential).toBeGreaterThan(100);
  });

  it('says how far it came', () => {
    const ops: KvOp[] = [
      {
        id: 0,
        process: 0,
        client: 'c1',
        f: 'put',
        key: 'x',
        input: 1,
        outcome: 'ok',
        call: 0,
        ret: 1,
      },
      {
        id: 1,
        process: 0,
        client: 'c1',
        f: 'get',
        key: 'x',
        input: null,
        output: 0,
        outcome: 'ok',
        call: 2,
        ret: 3,
      },
    ];
    expect(checkSequential(ops, kv)).toMatchObject({
      verdict: 'fail',
      explanation: {
        culprit: 1,
        maximalPaths: [{ order: [0], stuckAt: 1 }],
        window: [0, 1],
        because: [
          'c1 wrote x = 1, then read x = 0.',
          'No one order of these 2 operations keeps what each process did in its order.',
          'In the order "c1 wrote x = 1" the state is 1, and this cannot be next: c1 read x = 0.',
        ],
      },
    });
  });

  it('is unknown when its budget ends', () => {
    const shape = { operations: 60, clients: 8, unknownPercent: 0 };
    const ops = wildHistory(casKinds(3, ['x']), shape, randomOf(3));
    const result = checkSequential(ops, kv, { steps: 50 });
    expect(result).toMatchObject({ verdict: 'unknown', steps: 50 });
    expect(result.reason).toContain('the budget of 50 steps ended (60 operations of 8 processes; ');
  });
});
