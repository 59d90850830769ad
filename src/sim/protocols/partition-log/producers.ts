/**
 * What a partition remembers of idempotent and transactional producers.
 *
 * It is a function of the log: each replica notes what it appends, so a new leader knows what the
 * old one knew. Of each producer the last five batches are kept, the most that it may have under
 * way; of transactions, which are open and which ranges were aborted.
 *
 * Differs: producers are never forgotten (producer.id.expiration.ms); Kafka restores from a
 * snapshot what a truncated or restarted log says of producers, here the log is read again.
 *
 * Source: KIP-98, KIP-185, KIP-890; Apache Kafka, ProducerStateManager, ProducerAppendInfo
 */
import type { ProducedBatch, RecordBatch } from '../../contracts/record-batch.ts';
import { endOf, NO_PRODUCER, spanOf } from '../../contracts/record-batch.ts';

const BATCHES_KEPT = 5;
/** Sequence numbers are Java's int without its sign. */
const SEQUENCES = 0x8000_0000;

export type SequenceError =
  'INVALID_PRODUCER_EPOCH' | 'OUT_OF_ORDER_SEQUENCE_NUMBER' | 'INVALID_TXN_STATE';

interface KeptBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface ProducerState {
  readonly producerId: number;
  epoch: number;
  /** Oldest first. */
  batches: readonly KeptBatch[];
  /** Where its open transaction begins; -1: none is open. */
  txnFirstOffset: number;
}

/** A transaction that was aborted: readers of committed records drop its records. */
export interface AbortedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
}

/** A transaction whose marker is in the log. */
type EndedTxn = Omit<AbortedTxn, 'producerId'>;

/** What to do with a batch: append it, answer with where it is already, or refuse it. */
export type SequenceVerdict =
  | { readonly type: 'append' }
  | { readonly type: 'duplicate'; readonly baseOffset: number }
  | { readonly type: 'refuse'; readonly error: SequenceError };

const APPEND: SequenceVerdict = Object.freeze({ type: 'append' });
const refuse = (error: SequenceError): SequenceVerdict => ({ type: 'refuse', error });

export const addSequence = (sequence: number, count: number): number =>
  (sequence + count) % SEQUENCES;

export class ProducerStates {
  readonly #producers: Map<number, ProducerState>;
  /** In the order of their markers. */
  #aborted: AbortedTxn[];
  /** The same of all whose marker may be lost yet: it is not known to be replicated. */
  #ended: EndedTxn[];

  constructor(producers: Map<number, ProducerState>, aborted: AbortedTxn[], ended: EndedTxn[]) {
    this.#producers = producers;
    this.#aborted = aborted;
    this.#ended = ended;
  }

  get aborted(): readonly AbortedTxn[] {
    return this.#aborted;
  }

  /** Whether a leader may append the batch now. */
  check(batch: ProducedBatch, fences = true): SequenceVerdict {
    if (batch.producerId === NO_PRODUCER) return APPEND;
    const known = this.#producers.get(batch.producerId);
    // A producer that nothing is known of may begin anywhere: the log may have been deleted.
    if (known === undefined) return APPEND;
    if (batch.producerEpoch < known.epoch) {
      return fences ? refuse('INVALID_PRODUCER_EPOCH') : APPEND;
    }
    if (!batch.isTransactional && known.txnFirstOffset >= 0) return refuse('INVALID_TXN_STATE');
    // Of a coordinator: offsets in a transaction have no sequence.
    if (batch.baseSequence < 0) return APPEND;
    const newest = known.batches[known.batches.length - 1];
    // Also where a marker alone has told of the epoch: who is known begins each one with 0.
    if (batch.producerEpoch !== known.epoch || newest === undefined) {
      return batch.baseSequence === 0 ? APPEND : refuse('OUT_OF_ORDER_SEQUENCE_NUMBER');
    }
    const last = addSequence(batch.baseSequence, batch.records.length - 1);
    for (const kept of known.batches) {
      if (kept.firstSequence === batch.baseSequence && kept.lastSequence === last) {
        return { type: 'duplicate', baseOffset: kept.baseOffset };
      }
    }
    return batch.baseSequence === addSequence(newest.lastSequence, 1)
      ? APPEND
      : refuse('OUT_OF_ORDER_SEQUENCE_NUMBER');
  }

  /** Whether the producer, in that epoch, may end a transaction here. */
  checkMarker(producerId: number, epoch: number): SequenceVerdict {
    const known = this.#producers.get(producerId);
    return known !== undefined && epoch < known.epoch ? refuse('INVALID_PRODUCER_EPOCH') : APPEND;
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.openSince(producerId) < Infinity;
  }

  /** Where its open transaction begins; Infinity: it has none. */
  openSince(producerId: number): number {
    const first = this.#producers.get(producerId)?.txnFirstOffset ?? -1;
    return first < 0 ? Infinity : first;
  }

  /** The batch is in the log now. */
  note(batch: RecordBatch): void {
    const { producerId } = batch;
    if (producerId === NO_PRODUCER) return;
    let known = this.#producers.get(producerId);
    if (known === undefined) {
      known = { producerId, epoch: batch.producerEpoch, batches: [], txnFirstOffset: -1 };
      this.#producers.set(producerId, known);
    }
    if (batch.producerEpoch > known.epoch) {
      known.epoch = batch.producerEpoch;
      known.batches = [];
    }
    if (batch.marker !== null) this.#end(known, batch);
    else this.#add(known, batch);
  }

  #add(known: ProducerState, batch: RecordBatch): void {
    const { baseSequence: firstSequence, baseOffset } = batch;
    if (batch.isTransactional && known.txnFirstOffset < 0) known.txnFirstOffset = baseOffset;
    if (firstSequence < 0) return;
    const lastSequence = addSequence(firstSequence, spanOf(batch) - 1);
    const kept = known.batches.slice(-(BATCHES_KEPT - 1));
    kept.push({ firstSequence, lastSequence, baseOffset });
    known.batches = kept;
  }

  #end(known: ProducerState, batch: RecordBatch): void {
    const { txnFirstOffset: firstOffset, producerId } = known;
    known.txnFirstOffset = -1;
    if (firstOffset < 0) return;
    const lastOffset = endOf(batch) - 1;
    this.#ended.push({ firstOffset, lastOffset });
    if (batch.marker === 'abort') this.#aborted.push({ producerId, firstOffset, lastOffset });
  }

  /**
   * Where the earliest transaction begins that is open, or would be if what is not replicated yet
   * were lost; Infinity: there is none.
   */
  firstUnstableOffset(highWatermark: number): number {
    let first = Infinity;
    for (const { txnFirstOffset } of this.#producers.values()) {
      if (txnFirstOffset >= 0 && txnFirstOffset < first) first = txnFirstOffset;
    }
    for (let at = this.#ended.length - 1; at >= 0; at--) {
      const { firstOffset, lastOffset } = this.#ended[at] as EndedTxn;
      if (lastOffset < highWatermark) break;
      first = Math.min(first, firstOffset);
    }
    return first;
  }

  /** All below is replicated: no marker there will be lost. */
  onReplicated(highWatermark: number): void {
    let done = 0;
    while ((this.#ended[done]?.lastOffset ?? Infinity) < highWatermark) done += 1;
    if (done > 0) this.#ended.splice(0, done);
  }

  /** The log was cut: what is left of it says it anew. */
  rebuild(batches: readonly RecordBatch[]): void {
    this.#producers.clear();
    this.#aborted = [];
    this.#ended = [];
    for (const batch of batches) this.note(batch);
  }

  clone(): ProducerStates {
    const producers = new Map<number, ProducerState>();
    for (const [id, producer] of this.#producers) producers.set(id, { ...producer });
    return new ProducerStates(producers, this.#aborted.slice(), this.#ended.slice());
  }
}

export const createProducers = (): ProducerStates => new ProducerStates(new Map(), [], []);
