/**
 * Linearizability of what clients saw, judged at the end from the recorded history, each key on
 * its own. A failure names the smallest set of operations that cannot be ordered.
 *
 * It judges the operations of its model and no others: linearizability is local (Herlihy and Wing
 * 1990, theorem 1), so what clients ask of other objects has no say in it.
 */
import { Type, field } from '../contracts/schema.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import type { Op } from '../observe/history.ts';
import { DEFAULT_BUDGET, checkLinearizable, kvModel } from './linearizable/index.ts';

interface Args {
  readonly model: 'kv';
  readonly clients: string;
  readonly steps: number;
}

/** The operations of the contract `kv`. */
const KV_OPERATIONS: readonly string[] = Object.freeze(['get', 'put', 'cas']);

function judged({ clients }: Args, { history, world }: CheckEnv): Op[] {
  return history.ops().filter(({ f, node }) => {
    if (!KV_OPERATIONS.includes(f)) return false;
    return clients === '' || (node !== undefined && world.node(node).group === clients);
  });
}

export const linearizable = defineCheck<Args, readonly [Verdict, string]>({
  use: 'linearizable',
  about: 'There is one order of all operations that every client could have seen, in real time.',
  args: Type.Object(
    {
      model: field.choice(['kv'], { about: 'What the object is.', default: 'kv' }),
      clients: field.text({
        about: 'Only what clients of this group saw; empty: all.',
        default: '',
        names: 'group',
      }),
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
        const ops = judged(args, env);
        if (ops.length === 0) {
          text = 'no operation of the kv contract was recorded';
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
        [verdict, text] = image;
      },
    };
  },
});
