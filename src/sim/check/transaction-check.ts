/**
 * Checks of what clients of a transactional store saw, judged at the end from the recorded history.
 *
 * Invariant: a transaction that is open at the end counts with what it had done when it asked for
 * its commit; one that has not asked has not committed.
 */
import type { Fact } from '../contracts/facts.ts';
import type { TObject } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { defineCheck } from './check.ts';
import type { CheckDefinition, CheckEnv, Verdict } from './check.ts';
import type { MicroOp, TxnOp } from './transactions/index.ts';

interface ClientsArgs {
  readonly clients: string;
}

/** A verdict with its words; of a failure why, and which transactions show it. */
export interface JudgedTransactions {
  readonly verdict: Verdict;
  readonly text: string;
  readonly why: string;
  readonly shown: readonly number[];
}
interface AsksCommit extends Fact {
  readonly type: 'txn.asks-commit';
  readonly client: string;
  readonly micro: readonly MicroOp[];
}
interface Asked {
  readonly event: number;
  readonly client: string;
  readonly micro: readonly MicroOp[];
}
interface Image {
  readonly verdict: Verdict;
  readonly text: string;
  /** The last commit that each client asked for. */
  readonly asked: readonly Asked[];
}

export function defineTransactionCheck<A extends ClientsArgs>(definition: {
  readonly use: string;
  readonly about: string;
  readonly args: TObject;
  readonly judge: (ops: readonly TxnOp[], args: A) => JudgedTransactions;
}): CheckDefinition {
  const { use, about, args: schema } = definition;
  return defineCheck<A, Image, AsksCommit>({
    use,
    about,
    args: schema,
    create(args, env) {
      let verdict: Verdict = 'unknown';
      let text = 'judged at the end';
      const asked = new Map<string, Asked>();
      return {
        components: [],
        facts: ['txn.asks-commit'],
        probes: [],
        onFact({ event, fact: { client, micro } }) {
          asked.set(client, { event, client, micro });
        },
        onEnd() {
          const ops = txnsOf(args.clients, env, asked);
          if (ops.length === 0) {
            text = 'no transaction was recorded';
            return;
          }
          const judged = definition.judge(ops, args);
          ({ verdict, text } = judged);
          if (verdict === 'fail') report(judged, ops, env);
        },
        standing: () => ({ verdict, text }),
        save: () => ({ verdict, text, asked: [...asked.values()] }),
        restore(image) {
          ({ verdict, text } = image);
          asked.clear();
          for (const one of image.asked) asked.set(one.client, one);
        },
      };
    },
  });
}

function txnsOf(clients: string, env: CheckEnv, asked: ReadonlyMap<string, Asked>): TxnOp[] {
  const ops: TxnOp[] = [];
  for (const op of env.history.ops()) {
    if (op.f !== 'txn') continue;
    if (clients !== '' && (op.node === undefined || env.world.node(op.node).group !== clients)) {
      continue;
    }
    const txn = asTxn(op, asked.get(op.client ?? ''));
    if (txn !== null) ops.push(txn);
  }
  return ops;
}

/** Null: it was never asked to commit, and nobody can have seen that it was there. */
function asTxn(op: Op, asked: Asked | undefined): TxnOp | null {
  const isOpen = op.retMicros === undefined;
  if (!isOpen) {
    const micro = (op.output ?? []) as readonly MicroOp[];
    return { ...op, input: micro, output: micro };
  }
  if (asked === undefined || asked.event < (op.trace?.[0] ?? 0)) return null;
  const { output: _none, ...rest } = op;
  return { ...rest, input: asked.micro };
}

function report({ why, shown }: JudgedTransactions, ops: readonly TxnOp[], env: CheckEnv): void {
  const events: number[] = [];
  let atMicros: number | undefined;
  for (const op of ops) {
    if (!shown.includes(op.id)) continue;
    for (const event of op.trace ?? []) if (event !== undefined) events.push(event);
    atMicros = Math.max(atMicros ?? 0, op.retMicros ?? 0);
  }
  env.report({
    why,
    evidence: events.sort((a, b) => a - b),
    ...(atMicros === undefined || atMicros === 0 ? {} : { atMicros }),
  });
}
