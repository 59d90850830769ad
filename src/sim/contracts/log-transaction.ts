/**
 * What a transactional producer says to the coordinator of its transactional.id, and what that says
 * to the leaders of the partitions in which a transaction has written.
 *
 * Errors are values inside an answer, with Kafka's names.
 *
 * Source: Apache Kafka 4.0, the protocol: InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn,
 * EndTxn, WriteTxnMarkers; KIP-98, KIP-360, KIP-890
 * Differs: a request to write markers is about one transaction; coordinators have no epoch.
 */
import { hashText } from '../kernel/trace-hash.ts';
import type { CoordinatorError, PartitionError } from './broker.ts';
import { defineContract } from './contract.ts';
import type { Marker } from './record-batch.ts';

export type TransactionError =
  | CoordinatorError
  | 'CONCURRENT_TRANSACTIONS'
  | 'PRODUCER_FENCED'
  | 'INVALID_PRODUCER_ID_MAPPING'
  | 'INVALID_TXN_STATE'
  | 'INVALID_TRANSACTION_TIMEOUT';

/** Who speaks: a producer in one of its epochs. */
export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionInit extends TransactionalProducer {
  readonly type: 'transaction.init';
  /** transaction.timeout.ms. Its id and epoch are -1, unless it had some before (KIP-360). */
  readonly timeoutMs: number;
}
export interface TransactionInitiated {
  readonly type: 'transaction.initiated';
  readonly error: TransactionError | null;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionAddPartitions extends TransactionalProducer {
  readonly type: 'transaction.add-partitions';
  readonly partitions: readonly number[];
  /** A leader asks whether they are in the transaction that is open (KIP-890). */
  readonly verifyOnly: boolean;
}
export interface TransactionPartitionsAdded {
  readonly type: 'transaction.partitions-added';
  readonly error: TransactionError | null;
}

export interface TransactionAddOffsets extends TransactionalProducer {
  readonly type: 'transaction.add-offsets';
  readonly group: string;
}
export interface TransactionOffsetsAdded {
  readonly type: 'transaction.offsets-added';
  readonly error: TransactionError | null;
}

export interface TransactionEnd extends TransactionalProducer {
  readonly type: 'transaction.end';
  readonly outcome: Marker;
}
export interface TransactionEnded {
  readonly type: 'transaction.ended';
  readonly error: TransactionError | null;
  /** In which it goes on: another one than before with transaction.version 2. */
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionWriteMarkers {
  readonly type: 'transaction.write-markers';
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly marker: Marker;
  readonly partitions: readonly number[];
}
export interface MarkedPart {
  readonly partition: number;
  readonly error: PartitionError | null;
}
export interface TransactionMarkersWritten {
  readonly type: 'transaction.markers-written';
  readonly parts: readonly MarkedPart[];
}

/** What a coordinator is asked. */
export type TransactionRequest =
  TransactionInit | TransactionAddPartitions | TransactionAddOffsets | TransactionEnd;
export type TransactionReply =
  TransactionInitiated | TransactionPartitionsAdded | TransactionOffsetsAdded | TransactionEnded;
export type TransactionMessage =
  TransactionRequest | TransactionReply | TransactionWriteMarkers | TransactionMarkersWritten;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;
const word = (text: string | null): number => (text === null ? 0 : hashText(text));
const ofProducer = (m: TransactionalProducer): number =>
  mix(mix(word(m.transactionalId), m.producerId), m.producerEpoch);
const ofList = (numbers: readonly number[]): number => numbers.reduce(mix, numbers.length);
const named = (partitions: readonly number[]): string =>
  `${partitions.length === 1 ? 'partition' : 'partitions'} ${partitions.join(', ')}`;

export const logTransaction = defineContract<TransactionMessage>({
  name: 'log-transaction',
  about: 'Producers begin and end transactions at a coordinator, which marks partitions.',
  source: 'Apache Kafka 4.0, the protocol',
  overConnections: true,
  keepsOrder: true,
  messages: {
    'transaction.init': {
      role: 'request',
      flight: 'control',
      digest: ofProducer,
      label: (m) => `I am ${m.transactionalId}`,
    },
    'transaction.initiated': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(mix(m.producerId, m.producerEpoch), word(m.error)),
      label: (m) => m.error ?? `epoch ${m.producerEpoch}`,
    },
    'transaction.add-partitions': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(mix(ofProducer(m), ofList(m.partitions)), m.verifyOnly ? 1 : 0),
      label: (m) => `${m.verifyOnly ? 'is this in:' : 'add'} ${named(m.partitions)}`,
    },
    'transaction.partitions-added': {
      role: 'reply',
      flight: 'control',
      digest: (m) => word(m.error),
      label: (m) => m.error ?? 'in the transaction',
    },
    'transaction.add-offsets': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(ofProducer(m), word(m.group)),
      label: (m) => `add offsets of ${m.group}`,
    },
    'transaction.offsets-added': {
      role: 'reply',
      flight: 'control',
      digest: (m) => word(m.error),
      label: (m) => m.error ?? 'in the transaction',
    },
    'transaction.end': {
      role: 'request',
      flight: 'request',
      digest: (m) => mix(ofProducer(m), word(m.outcome)),
      label: (m) => m.outcome,
    },
    'transaction.ended': {
      role: 'reply',
      flight: 'response',
      digest: (m) => mix(mix(m.producerId, m.producerEpoch), word(m.error)),
      label: (m) => m.error ?? 'so it ends',
    },
    'transaction.write-markers': {
      role: 'request',
      flight: 'replication',
      digest: (m) =>
        mix(mix(m.producerId, m.producerEpoch), mix(ofList(m.partitions), word(m.marker))),
      label: (m) => `${m.marker} in ${named(m.partitions)}`,
    },
    'transaction.markers-written': {
      role: 'reply',
      flight: 'acknowledgement',
      digest: (m) => m.parts.reduce((h, p) => mix(mix(h, p.partition), word(p.error)), 3),
      label: (m) => m.parts.find(({ error }) => error !== null)?.error ?? 'marked',
    },
  },
  errors: [],
});
