/** What a queue knows, what it is told and what it wants done. Plain data; messages are frozen. */
import type { QueuedMessage } from '../../contracts/queue.ts';
import type { QueueRules } from './rules.ts';

export type Overflow = 'drop-head' | 'reject-publish';
export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery-limit';
export type Verdict = 'ack' | 'requeue' | 'reject';

export interface QueueConfig {
  readonly name: string;
  /** -1: none. */
  readonly deliveryLimit: number;
  /** What comes back stands behind all others: nobody counts how often it does. */
  readonly returnsToBack: boolean;
  /** Of those that are ready; 0: none. */
  readonly maxLength: number;
  readonly overflow: Overflow;
  /** 0: none. */
  readonly messageTtlMicros: number;
  /** Persistent messages are written to the disk. */
  readonly isDurable: boolean;
  /** A log keeps every message before it comes here: nothing is left to be written. */
  readonly isReplicated: boolean;
  readonly rules: QueueRules;
}

/** Frozen: whoever changes one puts another in its place. */
export interface Held {
  /** Its place in the queue. */
  readonly seq: number;
  readonly message: QueuedMessage;
  /** Deliveries that were not acknowledged (x-delivery-count). */
  readonly failures: number;
  readonly isRedelivered: boolean;
  /** -1: never. */
  readonly expiresMicros: number;
}

/** A message that is being written down, and for whom it is confirmed. */
export interface Pending {
  readonly held: Held;
  readonly publish: number;
}

export interface Delivered {
  readonly held: Held;
  readonly channel: number;
}

export interface Channel {
  readonly id: number;
  /** 0: no limit. */
  readonly prefetch: number;
  unacked: number;
}

export interface QueueState {
  nextSeq: number;
  nextTag: number;
  /** By place. */
  readonly pending: Map<number, Pending>;
  /** What came back, in order of place: all of it before `ready`. */
  readonly returned: Held[];
  /** In order of place, from `head` on. */
  readonly ready: Held[];
  head: number;
  /** By delivery tag. */
  readonly unacked: Map<number, Delivered>;
  readonly channels: Channel[];
  /** Whose turn it is, by place among the channels. */
  turn: number;
}

export type QueueInput =
  | { readonly type: 'publish'; readonly publish: number; readonly message: QueuedMessage }
  /** What was to be stored is on disk. */
  | { readonly type: 'stored'; readonly seq: number }
  | { readonly type: 'open'; readonly channel: number; readonly prefetch: number }
  | { readonly type: 'close'; readonly channel: number }
  | { readonly type: 'settle'; readonly tag: number; readonly verdict: Verdict }
  /** It is time to look at what has expired. */
  | { readonly type: 'tick' };

export type QueueEffect =
  | { readonly type: 'store'; readonly held: Held }
  | { readonly type: 'confirm'; readonly publish: number }
  | { readonly type: 'refuse'; readonly publish: number }
  | {
      readonly type: 'deliver';
      readonly channel: number;
      readonly tag: number;
      readonly held: Held;
    }
  /** It came back: what is on disk says so from now on. */
  | { readonly type: 'returned'; readonly held: Held }
  | { readonly type: 'acked'; readonly held: Held }
  /** It leaves the queue, for the one of dead letters if there is such. */
  | { readonly type: 'dead'; readonly held: Held; readonly reason: DeathReason }
  /** Its channel ended, and nobody puts it back. */
  | { readonly type: 'forgotten'; readonly held: Held };

export const newQueue = (): QueueState => ({
  nextSeq: 1,
  nextTag: 1,
  pending: new Map(),
  returned: [],
  ready: [],
  head: 0,
  unacked: new Map(),
  channels: [],
  turn: 0,
});

/** A copy that later steps on either side do not disturb. Messages are shared. */
export const copyQueue = (state: QueueState): QueueState => ({
  ...state,
  pending: new Map(state.pending),
  returned: state.returned.slice(),
  ready: state.ready.slice(),
  unacked: new Map(state.unacked),
  channels: state.channels.map((channel) => ({ ...channel })),
});

export const readyCount = ({ returned, ready, head }: QueueState): number =>
  returned.length + ready.length - head;

export const firstReady = ({ returned, ready, head }: QueueState): Held | undefined =>
  returned[0] ?? ready[head];

/** So many places at the front may be empty before they are given back. */
const EMPTY_MAX = 64;

export function takeFirst(state: QueueState): Held | undefined {
  const back = state.returned.shift();
  if (back !== undefined) return back;
  const first = state.ready[state.head];
  if (first === undefined) return undefined;
  state.head += 1;
  if (state.head > EMPTY_MAX && state.head * 2 > state.ready.length) {
    state.ready.splice(0, state.head);
    state.head = 0;
  }
  return first;
}

/** Whether the queue itself writes this message down. */
export const isStored = (
  { isDurable, isReplicated }: QueueConfig,
  { isTransient }: QueuedMessage,
): boolean => isDurable && !isReplicated && isTransient !== true;

/** A queue as its disk has it: whatever was out when the broker ended may have been delivered. */
export function recovered(stored: Iterable<Held>): QueueState {
  const state = newQueue();
  for (const held of stored) {
    state.ready.push(Object.freeze({ ...held, isRedelivered: true }));
  }
  state.ready.sort((a, b) => a.seq - b.seq);
  state.nextSeq = (state.ready.at(-1)?.seq ?? 0) + 1;
  return state;
}
