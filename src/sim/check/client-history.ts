/**
 * Checks of what clients saw, judged once, when the run is over.
 *
 * Invariant: only operations of the contract `kv` are judged, or those that a check names, of all
 * clients or of one group; a verdict is that of the history checker, and its words are the finding.
 */
import { field } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckDefinition, CheckEnv, Verdict } from './check.ts';
import type { Result } from './history/result.ts';
import { DEFAULT_BUDGET } from './linearizable/index.ts';
import { checkHistory } from './told.ts';

export const KV_OPERATIONS: readonly string[] = Object.freeze(['get', 'put', 'cas']);
const SENTENCES_MAX = 6;

interface ClientsArgs {
  readonly clients: string;
}

export type Judged = Result & { readonly because?: readonly string[] };

/** Clients of one store: a value that one of another group wrote would come out of nowhere. */
export function clientsField(
  about = 'Only clients of this group, with all that write what they read; empty: all.',
) {
  return field.text({ about, default: '', names: 'group' });
}

/** What a search for an order may cost. */
export function stepsField() {
  return field.count({
    about: 'The budget of the search, in steps; spent, the verdict is unknown.',
    default: DEFAULT_BUDGET.steps,
    min: 1,
  });
}

/** A check whose arguments name a group of clients and whose verdict is that of `judge`. */
export function defineHistoryCheck<A extends ClientsArgs>(definition: {
  readonly use: string;
  readonly about: string;
  readonly args: TObject;
  /** Names of the operations that are judged. Default: those of the contract `kv`. */
  readonly operations?: readonly string[];
  /** What is handed to `judge` where that is more: operations that are none of its, to say so. */
  readonly judged?: readonly string[];
  /** Of these the ones that are judged of one group alone; those of others are of everybody. */
  readonly ofGroup?: readonly string[];
  readonly check?: (args: A, path: string) => void;
  readonly stands?: CheckDefinition['stands'];
  /** Whether it holds where there is nothing to judge it by; otherwise that is unknown. */
  readonly holdsUnseen?: (args: A) => boolean;
  readonly judge: (ops: readonly Op[], args: A, env: CheckEnv) => Judged;
}): CheckDefinition {
  return defineCheck<A, readonly [Verdict, string]>({
    use: definition.use,
    about: definition.about,
    args: definition.args,
    ...(definition.stands === undefined ? {} : { stands: definition.stands }),
    check(args, path, run) {
      definition.check?.(args, path);
      const { operations = KV_OPERATIONS, ofGroup = operations } = definition;
      checkHistory(args.clients, args.clients === '' ? operations : ofGroup, path, run);
    },
    create(args, env) {
      let verdict: Verdict = 'unknown';
      let text = 'judged at the end';
      return {
        components: [],
        facts: [],
        probes: [],
        onEnd() {
          const { operations, judged = operations, ofGroup } = definition;
          const ops = kvOperations(args.clients, env, judged, ofGroup);
          if (ops.length === 0) {
            if (definition.holdsUnseen?.(args) === true) verdict = 'pass';
            const what = operations?.join(' or ') ?? 'operation of the kv contract';
            text = `no ${what} was recorded`;
            return;
          }
          const result = definition.judge(ops, args, env);
          ({ verdict } = result);
          text = result.reason ?? (verdict === 'pass' ? plural(ops.length, 'operation') : 'broken');
          if (verdict === 'fail') report(result, ops, env);
        },
        standing: () => ({ verdict, text }),
        save: () => [verdict, text],
        restore(image) {
          [verdict, text] = image;
        },
      };
    },
  });
}

/** What is judged of a history. */
export function kvOperations(
  clients: string,
  { history, world }: CheckEnv,
  operations: readonly string[] = KV_OPERATIONS,
  ofGroup: readonly string[] = operations,
): Op[] {
  return history.ops().filter(({ f, node }) => {
    if (!operations.includes(f)) return false;
    if (clients === '' || !ofGroup.includes(f)) return true;
    return node !== undefined && world.node(node).group === clients;
  });
}

function report(result: Judged, ops: readonly Op[], env: CheckEnv): void {
  const because = result.because ?? result.explanation?.because ?? [];
  const window = result.explanation?.window ?? [];
  const culprit = ops.find(({ id }) => id === result.explanation?.culprit);
  const evidence = new Set<number>();
  for (const op of ops) {
    if (!window.includes(op.id)) continue;
    for (const event of op.trace ?? []) if (event !== undefined) evidence.add(event);
  }
  env.report({
    why: because.slice(0, SENTENCES_MAX).join(' ') || `${result.reason ?? 'It is broken'}.`,
    evidence: [...evidence].sort((a, b) => a - b),
    ...(culprit?.retMicros === undefined ? {} : { atMicros: culprit.retMicros }),
    ...(culprit?.trace?.[1] === undefined ? {} : { event: culprit.trace[1] }),
  });
}
