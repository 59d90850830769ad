/** Answers of a coordinator, and those of whoever is none. */
import type { CoordinatorError } from '../../contracts/broker.ts';
import type {
  TransactionError,
  TransactionReply,
  TransactionRequest,
} from '../../contracts/log-transaction.ts';
import type { Promised, Step, TransactionImage } from './state.ts';

const NOBODY = Object.freeze({ producerId: -1, producerEpoch: -1 });

export function replyOf(
  answer: Exclude<Promised['answer'], 'nobody'>,
  error: TransactionError | null,
  image: Pick<TransactionImage, 'producerId' | 'producerEpoch'> = NOBODY,
): TransactionReply {
  const { producerId, producerEpoch } = error === null ? image : NOBODY;
  switch (answer) {
    case 'initiated':
      return { type: 'transaction.initiated', error, producerId, producerEpoch };
    case 'partitions-added':
      return { type: 'transaction.partitions-added', error };
    case 'offsets-added':
      return { type: 'transaction.offsets-added', error };
    case 'ended':
      return { type: 'transaction.ended', error, producerId, producerEpoch };
  }
}

export function reply(
  { out }: Step,
  { tag, answer }: Pick<Promised, 'tag' | 'answer'>,
  error: TransactionError | null,
  image?: TransactionImage,
): void {
  if (answer !== 'nobody') out.push({ type: 'reply', tag, answer: replyOf(answer, error, image) });
}

const ANSWERS = {
  'transaction.init': 'initiated',
  'transaction.add-partitions': 'partitions-added',
  'transaction.add-offsets': 'offsets-added',
  'transaction.end': 'ended',
} as const;

/** The answer of whoever is not the coordinator of that id, or not yet. */
export const refuseTransactionRequest = (
  { type }: TransactionRequest,
  error: CoordinatorError,
): TransactionReply => replyOf(ANSWERS[type], error);
