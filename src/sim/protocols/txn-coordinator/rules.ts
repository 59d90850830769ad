/** The rules of transactions that can be switched off, to see what each is for. */

export type TransactionAblation =
  | 'transaction.epoch-fencing'
  | 'transaction.verification'
  | 'transaction.epoch-bump'
  | 'transaction.last-stable-offset'
  | 'transaction.aborted-ranges';

export interface TransactionRule {
  readonly id: TransactionAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const TRANSACTION_RULES: readonly TransactionRule[] = [
  {
    id: 'transaction.epoch-fencing',
    rule: 'Who writes or ends a transaction in an older epoch than the newest is refused.',
    breaks: 'One writer: a producer that was replaced writes into its successor’s transaction.',
    source: 'KIP-98, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH',
  },
  {
    id: 'transaction.verification',
    rule: 'Before a transaction’s first batch a leader asks the coordinator whether it is open.',
    breaks: 'Progress: a batch that comes after its marker opens a transaction that nobody ends.',
    source: 'KIP-890, part 1',
  },
  {
    id: 'transaction.epoch-bump',
    rule: 'Each end of a transaction begins a new epoch.',
    breaks: 'Atomicity: a late order to end a transaction ends half of the next one.',
    source: 'KIP-890, part 2 (transaction.version 2)',
  },
  {
    id: 'transaction.last-stable-offset',
    rule: 'Who reads committed records reads below the first transaction that is open.',
    breaks: 'Isolation: records are read before it is decided whether they count.',
    source: 'KIP-98, last stable offset',
  },
  {
    id: 'transaction.aborted-ranges',
    rule: 'Who reads committed records is told which were aborted, and drops them.',
    breaks: 'Isolation: records of aborted transactions are read.',
    source: 'KIP-98, AbortedTxn',
  },
];

/** Those that a coordinator keeps: the others are a leader’s. */
export interface TransactionRules {
  readonly epochFencing: boolean;
  readonly epochBump: boolean;
}

export function transactionRules(ablations: readonly string[]): TransactionRules {
  const holds = (rule: TransactionAblation): boolean => !ablations.includes(rule);
  return Object.freeze({
    epochFencing: holds('transaction.epoch-fencing'),
    epochBump: holds('transaction.epoch-bump'),
  });
}
