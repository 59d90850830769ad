/** The door of the queue: what components import. */
export { EXCHANGE_TYPES, routed } from './routing.ts';
export type { Exchange } from './routing.ts';
export { QUEUE_RULES, queueRules } from './rules.ts';
export type { QueueAblation } from './rules.ts';
export { copyQueue, isStored, newQueue, readyCount, recovered } from './state.ts';
export type {
  DeathReason,
  Held,
  QueueConfig,
  QueueEffect,
  QueueInput,
  QueueState,
  Verdict,
} from './state.ts';
export { nextExpiry, step } from './step.ts';
