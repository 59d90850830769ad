/**
 * Linearizability of what clients saw, judged at the end from the recorded history, each key on
 * its own. A failure names the smallest set of operations that cannot be ordered.
 */
import { Type, field } from '../contracts/schema.ts';
import { defineCheck } from './check.ts';
import type { Verdict } from './check.ts';
import { DEFAULT_BUDGET, checkLinearizable, kvModel } from './linearizable/index.ts';

interface Args {
  readonly model: 'kv';
  readonly steps: number;
}

export const linearizable = defineCheck<Args>({
  use: 'linearizable',
  about: 'There is one order of all operations that every client could have seen, in real time.',
  args: Type.Object(
    {
      model: field.choice(['kv'], { about: 'What the object is.', default: 'kv' }),
      steps: field.count({
        about: 'The budget of the search, in steps; spent, the verdict is unknown.',
        default: DEFAULT_BUDGET.steps,
        min: 1,
      }),
    },
    { additionalProperties: false },
  ),
  create(args, env) {
    let verdict: Verdict = 'unknown';
    let text = 'judged at the end';
    return {
      components: [],
      facts: [],
      probes: [],
      onEnd() {
        const ops = env.history.ops();
        if (ops.length === 0) {
          text = 'no operation was recorded';
          return;
        }
        const result = checkLinearizable(ops, kvModel() as never, {
          ...DEFAULT_BUDGET,
          steps: args.steps,
        });
        ({ verdict } = result);
        text =
          verdict === 'pass' ? `${ops.length} operations in order` : (result.reason ?? 'broken');
        if (verdict !== 'fail') return;
        if (result.explanation === undefined) {
          env.report({ why: `No order explains what the clients saw: ${text}.` });
          return;
        }
        const { culprit, because, window } = result.explanation;
        const shown = ops.filter((op) => window.includes(op.id));
        const evidence: number[] = [];
        for (const op of shown) for (const event of op.trace ?? []) evidence.push(event ?? 0);
        const at = ops.find((op) => op.id === culprit);
        env.report({
          why: because.join(' '),
          evidence: [...new Set(evidence)].sort((a, b) => a - b),
          ...(at?.retMicros === undefined ? {} : { atMicros: at.retMicros }),
          ...(at?.trace?.[1] === undefined ? {} : { event: at.trace[1] }),
        });
      },
      standing: () => ({ verdict, text }),
      save: () => [verdict, text],
      restore(image) {
        [verdict, text] = image as [Verdict, string];
      },
    };
  },
});
