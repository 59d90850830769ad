/**
 * The nullable taps through which a run is observed. Each is called synchronously and returns
 * nothing; a tap that is null costs one comparison. Nothing that a model reads is behind a tap.
 */
import type { Message } from '../contracts/contract.ts';
import type { Fact } from '../contracts/facts.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { Behalf, CallRef, CallResult, NodeIndex } from './behaviour.ts';

/** What becomes of calls. A call's reference names it in the whole run. */
export interface CallTap {
  opened(
    call: CallRef,
    from: NodeIndex,
    to: NodeIndex,
    request: Message,
    mark: TryMark,
    behalf: Behalf | null,
  ): void;
  /** Its request is handled by the process that it was sent to. */
  received(call: CallRef): void;
  /** An answer or an error was sent: each one, also when nobody waits any more. */
  answered(call: CallRef, answer: Message): void;
  /** The caller has its result; null: it gave the call up. A crash of the caller tells nothing. */
  ended(call: CallRef, result: CallResult | null): void;
}

/** What leads to what: an event waits in a slot from when it is scheduled until it is handled. */
export interface CauseTap {
  /** The event that runs now has scheduled a later one. */
  scheduled(slot: number): void;
  /** The event that was just counted is about to run. */
  handled(kind: number, node: NodeIndex): void;
}

export interface Taps {
  fact: ((node: NodeIndex, fact: Fact) => void) | null;
  probe: ((node: NodeIndex, channel: string, payload: unknown) => void) | null;
  /**
   * A packet left; `due` is when it arrives or would have; fate as in the network floor; the mark
   * says which try of its sender a request is.
   */
  sent:
    | ((
        from: NodeIndex,
        to: NodeIndex,
        message: Message,
        sentMicros: number,
        dueMicros: number,
        fate: number,
        mark: TryMark,
      ) => void)
    | null;
  calls: CallTap | null;
  causes: CauseTap | null;
  /** A handler of this node ran, or its status changed. */
  touched: ((node: NodeIndex) => void) | null;
}

export const noTaps = (): Taps => ({
  fact: null,
  probe: null,
  sent: null,
  calls: null,
  causes: null,
  touched: null,
});
