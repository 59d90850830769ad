/**
 * Isolation of what clients of a transactional store saw. A failure names the anomaly, with the
 * shortest circle of transactions that shows it.
 *
 * Source: Adya (1999); Kingsbury and Alvaro, Elle (VLDB 2020)
 */
import { Type, field } from '../contracts/schema.ts';
import { plural } from '../kernel/plural.ts';
import { clientsField } from './client-history.ts';
import { defineTransactionCheck } from './transaction-check.ts';
import type { JudgedTransactions } from './transaction-check.ts';
import { LEVELS, checkTransactions } from './transactions/index.ts';
import type { MicroOp, TransactionResult, TxnOp } from './transactions/index.ts';

interface Args {
  readonly level: string;
  readonly clients: string;
}

const SENTENCES_MAX = 8;

export const transactions = defineTransactionCheck<Args>({
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
  judge: (ops, { level }) => wordsOf(judge(ops, level), ops.length),
});

function wordsOf(result: TransactionResult, transactions: number): JudgedTransactions {
  const { verdict, found, reason } = result;
  const [worst] = result.anomalies;
  const because = result.because.slice(0, SENTENCES_MAX).join(' ');
  return {
    verdict,
    text:
      verdict === 'fail' ? found.join(', ') : (reason ?? `${plural(transactions, 'transaction')}`),
    why: `${worst?.type ?? found.join(', ')}: ${because}`,
    shown: worst?.ops ?? [],
  };
}

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
