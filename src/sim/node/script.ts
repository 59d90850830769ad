/**
 * Scripts: short linear programs of a client or operator, written as generators.
 *
 * A script touches only its locals and the values that it is handed. The host keeps its name, its
 * arguments and the results it received, and restores it by feeding them to a fresh one. It is
 * resumed by the event loop; async functions are not used, because one extra `await` reorders a
 * run.
 */
import type { Message } from '../contracts/contract.ts';
import type { Duration } from '../kernel/time.ts';
import type { CallResult, NodeIndex } from './call.ts';

export type ScriptRequest =
  | {
      readonly do: 'call';
      readonly to: NodeIndex;
      readonly request: Message;
      readonly timeout: Duration;
      readonly tryNumber: number;
    }
  | { readonly do: 'sleep'; readonly duration: Duration }
  | { readonly do: 'draw'; readonly purpose: string; readonly below: number };

/**
 * What a generator of a script yields and receives; use the helpers below, never a bare `yield`.
 */
export type ScriptRun<R> = Generator<ScriptRequest, R, unknown>;

export interface Script<A = never, R = unknown> {
  readonly name: string;
  readonly run: (args: A) => ScriptRun<R>;
}

/** Calls a node and waits for how it ended. A further try of the same says which one it is. */
export function* call(
  to: NodeIndex,
  request: Message,
  timeout: Duration,
  tryNumber = 1,
): Generator<ScriptRequest, CallResult, unknown> {
  return (yield { do: 'call', to, request, timeout, tryNumber }) as CallResult;
}

export function* sleep(duration: Duration): Generator<ScriptRequest, void, unknown> {
  yield { do: 'sleep', duration };
}

/** An integer from 0 to `below` - 1 from the node's stream `purpose`. */
export function* draw(purpose: string, below: number): Generator<ScriptRequest, number, unknown> {
  return (yield { do: 'draw', purpose, below }) as number;
}
