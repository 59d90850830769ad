/** The coordinator of transactions, for those who host it in a component or explore it. */
export { refuseTransactionRequest } from './answers.ts';
export type { TransactionFact } from './facts.ts';
export { transactionMachine } from './machine.ts';
export { TRANSACTION_RULES, transactionRules } from './rules.ts';
export type { TransactionAblation, TransactionRule, TransactionRules } from './rules.ts';
export type {
  Transaction,
  TransactionConfig,
  TransactionImage,
  TransactionPhase,
  TransactionsState,
} from './state.ts';
