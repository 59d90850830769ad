/**
 * A queue from which workers take messages for a time: who does not delete one in time has it taken
 * by another.
 *
 * Invariants: a message that was accepted is being stored, visible, in flight, deleted or a dead
 * letter, one of these; a receipt is that of the newest receive, or void; of a FIFO group nobody
 * receives while a message of it is in flight.
 *
 * Source: Amazon SQS Developer Guide: visibility timeout, dead-letter queues, FIFO queues.
 * Differs: a standard queue keeps the order as well as a FIFO queue does, but for what comes back.
 */
import type { QueuedMessage } from '../../contracts/queue.ts';
import type { Kept } from './kept.ts';
import type { VisibilityRules } from './rules.ts';

export interface VisibilityConfig {
  readonly visibilityTimeoutMicros: number;
  /** 0: none. */
  readonly maxReceiveCount: number;
  readonly isFifo: boolean;
  readonly deduplicationMicros: number;
  readonly rules: VisibilityRules;
}

export interface Entry {
  readonly seq: number;
  readonly message: QueuedMessage;
  receives: number;
  /** Of its newest receive; 0: none. */
  receipt: number;
  isInFlight: boolean;
}

/** What is being stored, and for whom it is answered then. */
interface Storing {
  readonly message: QueuedMessage;
  readonly sends: readonly number[];
}

export interface VisibilityState {
  nextSeq: number;
  nextReceipt: number;
  /** By place. */
  readonly storing: Map<number, Storing>;
  /** Whatever is stored and not deleted, in order of place. */
  readonly entries: Map<number, Entry>;
  /** Places by receipt, of receipts that are not void. */
  readonly receipts: Map<number, number>;
  /** Messages in flight by group. */
  readonly groups: Map<string, number>;
  /** Until when the value of a message of a FIFO queue is known, in the order of sending. */
  readonly known: Map<number, number>;
  readonly dead: QueuedMessage[];
}

export type VisibilityInput =
  | { readonly type: 'send'; readonly send: number; readonly message: QueuedMessage }
  | { readonly type: 'stored'; readonly seq: number }
  | { readonly type: 'receive'; readonly most: number }
  | { readonly type: 'delete'; readonly receipt: number }
  /** From now on it is invisible for so long; 0: no longer. */
  | { readonly type: 'change'; readonly receipt: number; readonly timeoutMicros: number }
  | { readonly type: 'time-out'; readonly receipt: number };

export type VisibilityEffect =
  /** With when it was sent, and until when its value is known; 0: it need not be. */
  | {
      readonly type: 'store';
      readonly seq: number;
      readonly message: QueuedMessage;
      readonly nowMicros: number;
      readonly knownUntilMicros: number;
    }
  | { readonly type: 'answer'; readonly send: number }
  | { readonly type: 'received'; readonly receipt: number; readonly entry: Entry }
  | { readonly type: 'arm'; readonly receipt: number; readonly timeoutMicros: number }
  | { readonly type: 'disarm'; readonly receipt: number }
  /** Its time was over before it was deleted. */
  | { readonly type: 'visible'; readonly entry: Entry }
  | { readonly type: 'deleted'; readonly seq: number }
  /** Deleted under a receipt that is void: nothing happened. */
  | { readonly type: 'void'; readonly receipt: number }
  | { readonly type: 'dead'; readonly entry: Entry };

/** As its disk has it: what was in flight is visible, and receipts of before are void. */
export function startVisibility({ kept, known, dead, receipt }: Kept): VisibilityState {
  const entries = new Map<number, Entry>();
  let nextSeq = 1;
  for (const [seq, { message, receives }] of kept) {
    entries.set(seq, { seq, message, receives, receipt: 0, isInFlight: false });
    nextSeq = Math.max(nextSeq, seq + 1);
  }
  return {
    nextSeq,
    nextReceipt: receipt + 1,
    storing: new Map(),
    entries,
    receipts: new Map(),
    groups: new Map(),
    known: new Map(known),
    dead: [...dead],
  };
}

export const inFlightIn = ({ entries }: VisibilityState): number => {
  let count = 0;
  for (const { isInFlight } of entries.values()) if (isInFlight) count += 1;
  return count;
};

export function step(
  config: VisibilityConfig,
  state: VisibilityState,
  input: VisibilityInput,
  nowMicros: number,
  effects: VisibilityEffect[],
): void {
  switch (input.type) {
    case 'send':
      return send(config, state, input, nowMicros, effects);
    case 'stored':
      return stored(state, input.seq, effects);
    case 'receive':
      return receive(config, state, input.most, effects);
    case 'delete':
      return remove(config, state, input.receipt, effects);
    case 'change':
      return change(config, state, input, effects);
    case 'time-out':
      return surface(state, entryOf(state, input.receipt), effects);
  }
}

function send(
  config: VisibilityConfig,
  state: VisibilityState,
  { send: asker, message }: Extract<VisibilityInput, { readonly type: 'send' }>,
  nowMicros: number,
  effects: VisibilityEffect[],
): void {
  const { rules, isFifo, deduplicationMicros } = config;
  let knownUntilMicros = 0;
  if (isFifo && rules.deduplication) {
    for (const [value, until] of state.known) {
      if (until > nowMicros) break;
      state.known.delete(value);
    }
    if (state.known.has(message.value)) return sendAgain(state, message, asker, effects);
    knownUntilMicros = nowMicros + deduplicationMicros;
    state.known.set(message.value, knownUntilMicros);
  }
  const seq = state.nextSeq++;
  effects.push({ type: 'store', seq, message, nowMicros, knownUntilMicros });
  state.storing.set(seq, { message, sends: [asker] });
  if (!rules.storeBeforeAnswer) stored(state, seq, effects);
}

/** It is there, or is being stored: whoever repeats it is answered no sooner than that. */
function sendAgain(
  { storing }: VisibilityState,
  { value }: QueuedMessage,
  send: number,
  effects: VisibilityEffect[],
): void {
  for (const [seq, { message, sends }] of storing) {
    if (message.value !== value) continue;
    storing.set(seq, { message, sends: [...sends, send] });
    return;
  }
  effects.push({ type: 'answer', send });
}

function stored(state: VisibilityState, seq: number, effects: VisibilityEffect[]): void {
  const pending = state.storing.get(seq);
  if (pending === undefined) return;
  state.storing.delete(seq);
  const { message, sends } = pending;
  state.entries.set(seq, { seq, message, receives: 0, receipt: 0, isInFlight: false });
  for (const asker of sends) effects.push({ type: 'answer', send: asker });
}

function receive(
  config: VisibilityConfig,
  state: VisibilityState,
  most: number,
  effects: VisibilityEffect[],
): void {
  const { rules, isFifo, maxReceiveCount, visibilityTimeoutMicros } = config;
  const isOrdered = isFifo && rules.groupOrder;
  // What this very receive takes of a group does not keep the rest of the group from it.
  const taken = new Set<string>();
  let left = most;
  for (const entry of state.entries.values()) {
    if (left === 0) return;
    const { group } = entry.message;
    if (entry.isInFlight) continue;
    if (isOrdered && group !== '' && state.groups.has(group) && !taken.has(group)) continue;
    if (rules.redrive && maxReceiveCount > 0 && entry.receives >= maxReceiveCount) {
      forget(state, entry);
      state.dead.push(entry.message);
      effects.push({ type: 'dead', entry });
      continue;
    }
    state.receipts.delete(entry.receipt);
    entry.receipt = state.nextReceipt++;
    entry.receives += 1;
    entry.isInFlight = true;
    state.receipts.set(entry.receipt, entry.seq);
    state.groups.set(group, (state.groups.get(group) ?? 0) + 1);
    taken.add(group);
    left -= 1;
    effects.push({ type: 'received', receipt: entry.receipt, entry: { ...entry } });
    if (!rules.timeout) continue;
    const { receipt } = entry;
    effects.push({ type: 'arm', receipt, timeoutMicros: visibilityTimeoutMicros });
  }
}

const entryOf = (state: VisibilityState, receipt: number): Entry | undefined =>
  state.entries.get(state.receipts.get(receipt) ?? -1);

function land(state: VisibilityState, entry: Entry): void {
  if (!entry.isInFlight) return;
  entry.isInFlight = false;
  const { group } = entry.message;
  const left = (state.groups.get(group) ?? 0) - 1;
  if (left > 0) state.groups.set(group, left);
  else state.groups.delete(group);
}

function forget(state: VisibilityState, entry: Entry): void {
  land(state, entry);
  state.receipts.delete(entry.receipt);
  state.entries.delete(entry.seq);
}

/**
 * The newest receipt deletes it, of a standard queue also when its time is over and nobody has
 * received it since; of a FIFO queue the receipt has expired then.
 */
function remove(
  { isFifo }: VisibilityConfig,
  state: VisibilityState,
  receipt: number,
  effects: VisibilityEffect[],
): void {
  const entry = entryOf(state, receipt);
  if (entry === undefined || (isFifo && !entry.isInFlight)) {
    effects.push({ type: 'void', receipt });
    return;
  }
  forget(state, entry);
  effects.push({ type: 'disarm', receipt }, { type: 'deleted', seq: entry.seq });
}

function change(
  { rules }: VisibilityConfig,
  state: VisibilityState,
  { receipt, timeoutMicros }: Extract<VisibilityInput, { readonly type: 'change' }>,
  effects: VisibilityEffect[],
): void {
  const entry = entryOf(state, receipt);
  if (entry === undefined || !entry.isInFlight) {
    effects.push({ type: 'void', receipt });
  } else if (timeoutMicros === 0) {
    effects.push({ type: 'disarm', receipt });
    surface(state, entry, effects);
  } else if (rules.timeout) effects.push({ type: 'arm', receipt, timeoutMicros });
}

function surface(
  state: VisibilityState,
  entry: Entry | undefined,
  effects: VisibilityEffect[],
): void {
  if (entry === undefined || !entry.isInFlight) return;
  land(state, entry);
  effects.push({ type: 'visible', entry });
}
