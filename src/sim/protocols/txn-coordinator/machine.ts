/**
 * The coordinator of transactions, as a machine over the records of `__transaction_state`.
 *
 * Invariant: a transaction is decided once, by its Prepare* record; whoever reads the log after a
 * change of coordinators marks the partitions by that, and by nothing else.
 *
 * Source: Apache Kafka 4.0, TransactionCoordinator, TransactionStateManager; KIP-98, KIP-360,
 * KIP-890
 * Leaves out: transactional ids that are forgotten (transactional.id.expiration.ms, Dead), epochs
 * of coordinators, two-phase commit with others (KIP-939), and partitions that a leader adds by
 * itself (KIP-890, part 2): producers add them in both versions.
 * Differs: a leader that may not verify is told INVALID_TXN_STATE, where newer clients are told
 * TRANSACTION_ABORTABLE.
 */
import type { TransactionRequest } from '../../contracts/log-transaction.ts';
import type { AppendError, CoordinatorMachine } from '../coordinator-machine.ts';
import { reply, replyOf } from './answers.ts';
import { onAddPartitions, onInit, onVerify } from './beginning.ts';
import {
  abortOld,
  askAgainLater,
  askForMarkers,
  mark,
  onDecided,
  onEnd,
  onMarked,
  tell,
} from './ending.ts';
import { replayRecord } from './records.ts';
import { copyTransaction, errorOf, isComplete, isPrepared, outcomeOf } from './state.ts';
import type { Step, TransactionConfig, TransactionsState } from './state.ts';

const SCAN = 'scan';

export function transactionMachine(
  config: TransactionConfig,
): CoordinatorMachine<TransactionsState, TransactionRequest> {
  return {
    create: () => ({
      transactions: new Map(),
      promised: new Map(),
      asked: new Map(),
      nextTicket: 0,
    }),
    replay(state, { records }) {
      for (const record of records) replayRecord(state, record);
    },
    step(state, input, at, out) {
      const step: Step = { config, state, at, out };
      switch (input.type) {
        case 'loaded':
          return onLoaded(step);
        case 'request':
          return onRequest(step, input.tag, input.request);
        case 'appended':
          return onAppended(step, input.ticket, input.error);
        case 'timer':
          return onTimer(step, input.timer);
        case 'answered':
          return onMarked(step, input.ticket, input.answer);
        case 'marker':
      }
    },
    copy: ({ transactions, promised, asked, nextTicket }) => ({
      transactions: new Map([...transactions].map(([id, one]) => [id, copyTransaction(one)])),
      promised: new Map(promised),
      asked: new Map(asked),
      nextTicket,
    }),
    plain: (state) => state,
  };
}

/** What was decided is carried out. */
function onLoaded(at: Step): void {
  for (const transaction of at.state.transactions.values()) {
    transaction.startMicros = at.at.nowMicros;
    if (isPrepared(transaction.image)) mark(at, transaction);
  }
  scanLater(at);
}

const scanLater = ({ config, out }: Step): void => {
  out.push({ type: 'set-timer', timer: SCAN, afterMicros: config.abortScanMs * 1_000 });
};

function onRequest(at: Step, tag: number, request: TransactionRequest): void {
  switch (request.type) {
    case 'transaction.init':
      return onInit(at, tag, request);
    case 'transaction.add-partitions':
      if (request.verifyOnly) return onVerify(at, tag, request);
      return onAddPartitions(at, tag, request, 'partitions-added');
    case 'transaction.add-offsets': {
      const partition = at.at.partitionOfGroup(request.group);
      if (partition < 0) {
        const answer = replyOf('offsets-added', 'COORDINATOR_NOT_AVAILABLE');
        at.out.push({ type: 'reply', tag, answer });
        return;
      }
      return onAddPartitions(at, tag, { ...request, partitions: [partition] }, 'offsets-added');
    }
    case 'transaction.end':
      return onEnd(at, tag, request);
  }
}

function onTimer(at: Step, timer: string): void {
  if (timer === SCAN) {
    scanLater(at);
    return abortOld(at);
  }
  const [, id] = JSON.parse(timer) as [string, string];
  const transaction = at.state.transactions.get(id);
  if (transaction !== undefined && isPrepared(transaction.image)) askForMarkers(at, transaction);
}

function onAppended(at: Step, ticket: number, error: AppendError | null): void {
  const { state } = at;
  const promised = state.promised.get(ticket);
  state.promised.delete(ticket);
  const transaction = promised === undefined ? undefined : state.transactions.get(promised.id);
  if (promised === undefined || transaction === undefined) return;
  const { image, id: transactionalId } = promised;
  transaction.pending = null;
  if (error !== null) {
    // It was never there: nobody has heard of it.
    if (transaction.image === image) state.transactions.delete(transactionalId);
    reply(at, promised, errorOf(error));
    // The log may refuse it at once, for as long as replicas are missing: not again in this moment.
    if (isComplete(image)) askAgainLater(at, transactionalId);
    return;
  }
  transaction.image = image;
  reply(at, promised, null, image);
  if (isPrepared(image)) onDecided(at, transaction);
  else if (isComplete(image)) {
    tell(at, { type: 'transaction.completed', transactionalId, outcome: outcomeOf(image.phase) });
  }
}
