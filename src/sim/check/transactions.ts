/**
 * Isolation of what clients of a transactional store saw, judged at the end from the recorded
 * history. A failure names the anomaly, with the shortest circle of transactions that shows it.
 *
 * Invariant: a transaction that is open at the end counts with what it had done when it asked for
 * its commit; one that has not asked has not committed.
 *
 * Source: Adya (1999); Kingsbury and Alvaro, Elle (VLDB 2020)
 */
import type { Fact } from '../contracts/facts.ts';
import { Type, field } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { clientsField } from './client-history.ts';
import { LEVELS, checkTransactions } from './transactions/index.ts';
import type { MicroOp, TransactionResult, TxnOp } from './transactions/index.ts';

interface Args {
  readonly level: string;
  readonly clients: string;
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

const SENTENCES_MAX = 8;

export const transactions = defineCheck<Args, Image, AsksCommit>({
  use: 'transactions',
  about: 'The history of all transactions shows nothing that an isolation level forbids.',
  args: Type.Object(
    {
      level: field.choice(LEVELS as [string, ...string[]], {
        about: 'Which level is asked for.',
        default: 'serializable',
        source: 'Adya (1999); Bailis et al. (2014)',
      }),
      clients: clientsField(),
    },
    { additionalProperties: false },
  ),
  create({ level, clients }, env) {
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
        const ops = txnsOf(clients, env, asked);
        if (ops.length === 0) {
          text = 'no transaction was recorded';
          return;
        }
        const result = judge(ops, level);
        ({ verdict } = result);
        text =
          verdict === 'fail'
            ? result.found.join(', ')
            : (result.reason ?? `${ops.length} transactions`);
        if (verdict === 'fail') report(result, ops, env);
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

/** Lists where there are lists; else registers, whose writes follow the reads before them. */
function judge(ops: readonly TxnOp[], level: string): TransactionResult {
  const isAppended = ops.some(({ input }) => input.some(([f]) => f === 'append'));
  return checkTransactions(isAppended ? ops.map(withLists) : ops, {
    workload: isAppended ? 'list-append' : 'rw-register',
    ask: { models: [level] },
    ...(isAppended ? {} : { assume: { wfrKeys: true } }),
  });
}

/** A list that nobody has appended to is empty, not unknown. */
function withLists(op: TxnOp): TxnOp {
  const of = (micro: readonly MicroOp[]): MicroOp[] =>
    micro.map((one) => (one[0] === 'r' && one[2] === null ? ['r', one[1], []] : one));
  const input = of(op.input);
  return op.output === undefined ? { ...op, input } : { ...op, input, output: of(op.output) };
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

function report(result: TransactionResult, ops: readonly TxnOp[], env: CheckEnv): void {
  const [worst] = result.anomalies;
  const shown = new Set(worst?.ops ?? []);
  const events: number[] = [];
  let atMicros: number | undefined;
  for (const op of ops) {
    if (!shown.has(op.id)) continue;
    for (const event of op.trace ?? []) if (event !== undefined) events.push(event);
    atMicros = Math.max(atMicros ?? 0, op.retMicros ?? 0);
  }
  const because = result.because.slice(0, SENTENCES_MAX).join(' ');
  env.report({
    why: `${worst?.type ?? result.found.join(', ')}: ${because}`,
    evidence: events.sort((a, b) => a - b),
    ...(atMicros === undefined || atMicros === 0 ? {} : { atMicros }),
  });
}
