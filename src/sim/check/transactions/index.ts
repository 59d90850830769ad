/** The door of the transaction checkers: what other folders import. */
export type { Anomaly, CycleStep } from './anomalies.ts';
export { checkTransactions } from './check.ts';
export type { TransactionOptions, TransactionResult } from './check.ts';
export type { Workload } from './explain.ts';
export type { Fork, LongForkOptions, LongForkResult } from './long-fork.ts';
export { checkLongFork } from './long-fork.ts';
export type { MicroOp, MicroValue, TxnOp } from './history.ts';
export { checkIsolation, ISOLATION_LEVELS } from './isolation.ts';
export type { IsolationLevel, IsolationResult } from './isolation.ts';
export type { SessionTxn, VersionOp } from './isolation-history.ts';
export { ANOMALIES, LEVELS, levelImplies } from './levels.ts';
export type { Ask } from './levels.ts';
export { LOG_CYCLES, LOG_DEPENDENCIES, findLogCycles } from './log-cycles.ts';
export type { LogCycle, LogDependency, LogRead, LogTxn } from './log-cycles.ts';
export type { Assumptions } from './rw-register.ts';
