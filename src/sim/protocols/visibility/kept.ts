/**
 * What the disk of a queue that lends keeps: its messages with how often each was received, what it
 * has taken for as long as it has to know that, and the last receipt, so that none is given twice.
 *
 * Source: Amazon SQS Developer Guide: message deduplication ID, ApproximateReceiveCount
 */
import type { QueuedMessage } from '../../contracts/queue.ts';

export interface KeptMessage {
  readonly message: QueuedMessage;
  readonly receives: number;
}

export interface Kept {
  /** By place. */
  readonly kept: Map<number, KeptMessage>;
  /** Until when the value of a message of a FIFO queue is known, in the order of sending. */
  readonly known: Map<number, number>;
  readonly dead: QueuedMessage[];
  /** The last that was given. */
  receipt: number;
}

export type KeptRecord =
  | {
      readonly type: 'put';
      readonly seq: number;
      readonly message: QueuedMessage;
      readonly nowMicros: number;
      readonly knownUntilMicros: number;
    }
  | { readonly type: 'received'; readonly seq: number; readonly receipt: number }
  | { readonly type: 'take'; readonly seq: number }
  | { readonly type: 'dead'; readonly seq: number; readonly message: QueuedMessage };

export const emptyKept = (): Kept => ({ kept: new Map(), known: new Map(), dead: [], receipt: 0 });

export const cloneKept = ({ kept, known, dead, receipt }: Kept): Kept => ({
  kept: new Map(kept),
  known: new Map(known),
  dead: dead.slice(),
  receipt,
});

export function keep(on: Kept, record: KeptRecord): void {
  const { kept, known, dead } = on;
  switch (record.type) {
    case 'put': {
      const { seq, message, nowMicros, knownUntilMicros } = record;
      kept.set(seq, { message, receives: 0 });
      if (knownUntilMicros === 0) return;
      for (const [value, until] of known) {
        if (until > nowMicros) break;
        known.delete(value);
      }
      known.set(message.value, knownUntilMicros);
      return;
    }
    case 'received': {
      const { seq, receipt } = record;
      const one = kept.get(seq);
      on.receipt = receipt;
      if (one !== undefined) kept.set(seq, { ...one, receives: one.receives + 1 });
      return;
    }
    case 'take':
      kept.delete(record.seq);
      return;
    case 'dead':
      kept.delete(record.seq);
      dead.push(record.message);
  }
}
