/** The published small cases: every verdict and every count, exactly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCausalReverse } from '../../../../src/sim/check/history/causal-reverse.ts';
import { checkCounterBounds } from '../../../../src/sim/check/history/counter-bounds.ts';
import { checkQueueTotal } from '../../../../src/sim/check/history/queue-total.ts';
import { checkSequential } from '../../../../src/sim/check/history/sequential.ts';
import { checkSetTotal } from '../../../../src/sim/check/history/set-total.ts';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import { registerModel } from '../../../../src/sim/check/linearizable/models/register.ts';
import { setModel } from '../../../../src/sim/check/linearizable/models/set.ts';
import { stackModel } from '../../../../src/sim/check/linearizable/models/stack.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';

interface CaseOp {
  readonly process: number;
  readonly f: string;
  readonly arg: Value;
  readonly call: number;
  readonly ret: number | null;
  readonly type: 'ok' | 'fail' | 'info';
  readonly out?: unknown;
}
interface Case {
  readonly id: string;
  readonly check: string;
  readonly model: string;
  readonly init: unknown;
  readonly ops: readonly CaseOp[];
  readonly expect: Readonly<Record<string, unknown>>;
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const file = JSON.parse(readFileSync(join(folder, 'history_small_cases.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

function opsOf(entry: Case): Op[] {
  return entry.ops.map((op, id) => ({
    id,
    process: op.process,
    f: op.f,
    input: op.arg,
    ...(op.out === undefined ? {} : { output: op.out }),
    outcome: op.type === 'info' ? 'unknown' : op.type,
    call: op.call,
    ret: op.ret ?? Infinity,
  }));
}

function modelOf(entry: Case): Model<unknown> {
  const models: Readonly<Record<string, unknown>> = {
    register: registerModel(entry.init as Value),
    stack: stackModel(entry.init as Value[]),
    set: setModel(entry.init as Value[]),
  };
  return models[entry.model] as Model<unknown>;
}

/** What our checkers say, in the words of the file. */
function verdictsOf(entry: Case): Readonly<Record<string, unknown>> {
  const ops = opsOf(entry);
  const valid = (result: { readonly verdict: string }) => result.verdict === 'pass';
  switch (entry.check) {
    case 'linearizable+sequential':
      return {
        linearizable: valid(checkLinearizable(ops, modelOf(entry))),
        sequential: valid(checkSequential(ops, modelOf(entry))),
      };
    case 'set-total': {
      const result = checkSetTotal(ops);
      return { ...result, valid: valid(result) };
    }
    case 'queue-total': {
      const result = checkQueueTotal(ops);
      return { ...result, valid: valid(result) };
    }
    case 'counter-bounds': {
      const result = checkCounterBounds(ops, entry.init as number);
      const reads = result.reads.map(({ low, value, high }) => ({ low, value, high }));
      return { reads, valid: valid(result) };
    }
    case 'causal-reverse':
      return { valid: valid(checkCausalReverse(ops)) };
    default:
      throw new Error(`no checker for "${entry.check}" of case ${entry.id}`);
  }
}

describe('small histories with published verdicts', () => {
  it('are all here', () => expect(file.cases.length).toBeGreaterThanOrEqual(18));
  for (const entry of file.cases) {
    it(`${entry.id}: ${entry.check}`, () => {
      expect(verdictsOf(entry)).toMatchObject(entry.expect);
    });
  }
});
