/** The door of the history checkers other than linearizability: what other folders import. */
export { checkCausalReverse } from './causal-reverse.ts';
export type { CausalReverseResult, ReversedWrite } from './causal-reverse.ts';
export { checkCounterBounds } from './counter-bounds.ts';
export type { CounterBoundsResult, CounterRead } from './counter-bounds.ts';
export { checkLostWrites, overwritten } from './lost-writes.ts';
export type { ExplainedLoss, LostWritesInput, LostWritesResult } from './lost-writes.ts';
export { checkQueueTotal } from './queue-total.ts';
export type { QueueTotalOptions, QueueTotalResult } from './queue-total.ts';
export type { Budget, Explanation, MaximalPath } from './result.ts';
export type { Result as HistoryResult, Value as HistoryValue } from './result.ts';
export { checkSequential } from './sequential.ts';
export { checkSession, SESSION_GUARANTEES } from './session.ts';
export type { Guarantee, SessionOptions, SessionResult, SessionViolation } from './session.ts';
export { checkSetTotal } from './set-total.ts';
export type { SetTotalOptions, SetTotalResult } from './set-total.ts';
