/** A coordinator of transactions, producers that ask it, and brokers that it asks for markers. */
import type {
  TransactionEnded,
  TransactionInitiated,
  TransactionPartitionsAdded,
  TransactionRequest,
  TransactionWriteMarkers,
} from '../../../../src/sim/contracts/log-transaction.ts';
import {
  transactionMachine,
  transactionRules,
} from '../../../../src/sim/protocols/txn-coordinator/index.ts';
import type {
  TransactionImage,
  TransactionsState,
} from '../../../../src/sim/protocols/txn-coordinator/index.ts';
import { Shard } from '../support/shard.ts';
import type { Ask } from '../support/shard.ts';

interface Asked {
  readonly ticket: number;
  readonly to: number;
  readonly request: TransactionWriteMarkers;
}

export interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export class Transactions extends Shard<TransactionsState, TransactionRequest> {
  /** Markers that nobody has answered. */
  asked: Asked[] = [];
  leader = 7;
  /** Brokers write markers as soon as they are asked to. */
  marksAtOnce = true;

  constructor(transactionVersion: 1 | 2 = 1, ablations: readonly string[] = []) {
    const machine = transactionMachine({
      maxTimeoutMs: 900_000,
      abortScanMs: 10_000,
      transactionVersion,
      rules: transactionRules(ablations),
    });
    super(machine, 100);
    this.feed({ type: 'loaded' });
  }

  protected world() {
    return {
      leaderOf: () => this.leader,
      partitionOfGroup: () => 50,
      partitionsOf: () => [],
    };
  }

  protected asks(effect: Ask): void {
    this.asked.push(effect as Asked & Ask);
    if (this.marksAtOnce) this.marked();
  }

  image(id = 'x'): TransactionImage | undefined {
    return this.state.transactions.get(id)?.image;
  }

  /** The phases that are in the log. */
  phases(): string[] {
    return this.log.map(({ value }) => (JSON.parse(String(value)) as TransactionImage).phase);
  }

  override failOver(): void {
    this.asked = [];
    super.failOver();
  }

  /** All markers that were asked for are written, or refused. */
  marked(error: string | null = null): void {
    for (const { ticket, request } of this.asked.splice(0)) {
      const parts = request.partitions.map((partition) => ({ partition, error }));
      this.feed({ type: 'answered', ticket, answer: { type: 'x', parts } as never });
    }
  }

  init(more: Partial<Producer> & { readonly timeoutMs?: number } = {}): TransactionInitiated {
    const who = { transactionalId: 'x', producerId: -1, producerEpoch: -1, timeoutMs: 60_000 };
    return this.ask({ type: 'transaction.init', ...who, ...more });
  }

  add(who: Producer, partitions: readonly number[]): string | null {
    return this.#partitions(who, partitions, false);
  }

  verify(who: Producer, partitions: readonly number[]): string | null {
    return this.#partitions(who, partitions, true);
  }

  #partitions(who: Producer, partitions: readonly number[], verifyOnly: boolean): string | null {
    const type = 'transaction.add-partitions';
    const request = { type, transactionalId: 'x', ...idOf(who), partitions, verifyOnly } as const;
    return (this.ask(request) as TransactionPartitionsAdded | undefined)?.error ?? null;
  }

  end(who: Producer, outcome: 'commit' | 'abort'): TransactionEnded {
    return this.ask({ type: 'transaction.end', transactionalId: 'x', ...idOf(who), outcome });
  }
}

const idOf = ({ producerId, producerEpoch }: Producer): Producer => ({ producerId, producerEpoch });
