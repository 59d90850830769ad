/** How nodes and calls are named, and how a call ends. */
import type { Message } from '../contracts/contract.ts';

/** A node's place in the run's table: given at spawn, never given again. */
export type NodeIndex = number;

declare const callBrand: unique symbol;
/** Names one call that awaits a reply: plain data, may be kept in state. NO_CALL for a notice. */
export type CallRef = number & { readonly [callBrand]: true };
export const NO_CALL = -1 as CallRef;

declare const callIdBrand: unique symbol;
/** Names one call that this node made, to give it up early: plain data, may be kept in state. */
export type CallId = number & { readonly [callIdBrand]: true };

/** For whom a node makes a call: a request that it has to answer, or an operation of its own. */
export type Behalf =
  | { readonly of: 'call'; readonly call: CallRef }
  | { readonly of: 'operation'; readonly op: number };

/**
 * Why a call did not return a value. `detail` is plain data that the error's contract describes.
 */
export interface CallError {
  readonly code: string;
  readonly detail?: unknown;
}

/** How a call ended: exactly one of these, exactly once. */
export type CallResult<M extends Message = Message> =
  | { readonly outcome: 'ok'; readonly value: M }
  | { readonly outcome: 'fail'; readonly error: CallError }
  | { readonly outcome: 'unknown'; readonly error: CallError };
