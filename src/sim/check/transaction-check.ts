/**
 * Checks of what clients of a transactional store saw, judged at the end from the recorded history.
 *
 * Invariant: a transaction that is open at the end counts with what it had done when it asked for
 * its commit; one that has not asked has not committed.
 */
import type { TObject } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { defineCheck } from './check.ts';
import type { CheckDefinition, CheckEnv, Verdict } from './check.ts';
import { checkPlannedTransactions } from './planned-transactions.ts';
import { checkHistory } from './told.ts';
import { askOf, copyAsks, noAsks, noteAsk } from './transactions/open-asks.ts';
import type { OpenAsks, Seen } from './transactions/open-asks.ts';
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
interface Image {
  readonly verdict: Verdict;
  readonly text: string;
  readonly asks: OpenAsks;
}

export function defineTransactionCheck<A extends ClientsArgs>(definition: {
  readonly use: string;
  readonly about: string;
  readonly args: TObject;
  readonly judge: (ops: readonly TxnOp[], args: A) => JudgedTransactions;
}): CheckDefinition {
  const { use, about, args: schema } = definition;
  return defineCheck<A, Image, Seen>({
    use,
    about,
    args: schema,
    check({ clients }, path, run) {
      checkHistory(clients, ['txn'], path, run);
      checkPlannedTransactions(clients, path, run);
    },
    create(args, env) {
      let verdict: Verdict = 'unknown';
      let text = 'judged at the end';
      let asks = noAsks();
      return {
        components: [],
        facts: ['txn.asks-commit', 'client.invoked', 'client.completed'],
        probes: [],
        onFact: ({ event, fact }) => noteAsk(asks, event, fact),
        onEnd() {
          const ops = txnsOf(args.clients, env, asks);
          if (ops.length === 0) {
            text = 'no transaction was recorded';
            return;
          }
          const judged = definition.judge(ops, args);
          ({ verdict, text } = judged);
          if (verdict === 'fail') report(judged, ops, env);
        },
        standing: () => ({ verdict, text }),
        save: () => ({ verdict, text, asks: copyAsks(asks) }),
        restore(image) {
          ({ verdict, text } = image);
          asks = copyAsks(image.asks);
        },
      };
    },
  });
}

function txnsOf(clients: string, env: CheckEnv, asks: OpenAsks): TxnOp[] {
  const ops: TxnOp[] = [];
  for (const op of env.history.ops()) {
    if (op.f !== 'txn') continue;
    if (clients !== '' && (op.node === undefined || env.world.node(op.node).group !== clients)) {
      continue;
    }
    const txn = asTxn(op, asks);
    if (txn !== null) ops.push(txn);
  }
  return ops;
}

/** Null: it was never asked to commit, and nobody can have seen that it was there. */
function asTxn(op: Op, asks: OpenAsks): TxnOp | null {
  const isOpen = op.retMicros === undefined;
  if (!isOpen) {
    const micro = (op.output ?? []) as readonly MicroOp[];
    return { ...op, input: micro, output: micro };
  }
  const asked = askOf(asks, op.client ?? '', op.trace?.[0] ?? 0);
  if (asked === null) return null;
  const { output: _none, ...rest } = op;
  return { ...rest, input: asked };
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
