/** A coordinator with a clock that a test turns, a log, and brokers that it asks for markers. */
import type { LogRecord, Message } from 'faultline';
import type {
  TransactionEnded,
  TransactionInitiated,
  TransactionPartitionsAdded,
  TransactionRequest,
  TransactionWriteMarkers,
} from '../../../../src/sim/contracts/log-transaction.ts';
import type {
  AppendError,
  MachineEffect,
  MachineInput,
} from '../../../../src/sim/protocols/coordinator-machine.ts';
import {
  transactionMachine,
  transactionRules,
} from '../../../../src/sim/protocols/txn-coordinator/index.ts';
import type {
  TransactionImage,
  TransactionsState,
} from '../../../../src/sim/protocols/txn-coordinator/index.ts';

interface Asked {
  readonly ticket: number;
  readonly to: number;
  readonly request: TransactionWriteMarkers;
}

export interface Producer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export class Transactions {
  readonly answers = new Map<number, Message>();
  readonly log: LogRecord[] = [];
  readonly timers = new Map<string, number>();
  readonly facts: string[] = [];
  /** Markers that nobody has answered. */
  asked: Asked[] = [];
  /** What becomes of what it writes; undefined: it waits. */
  fate: AppendError | null | undefined = null;
  waiting: { readonly ticket: number; readonly records: readonly LogRecord[] }[] = [];
  leader = 7;
  /** Brokers write markers as soon as they are asked to. */
  marksAtOnce = true;
  state: TransactionsState;
  readonly #machine;
  #nowMs = 0;
  #next = 0;
  #ids = 100;

  constructor(transactionVersion: 1 | 2 = 1, ablations: readonly string[] = []) {
    this.#machine = transactionMachine({
      maxTimeoutMs: 900_000,
      abortScanMs: 10_000,
      transactionVersion,
      rules: transactionRules(ablations),
    });
    this.state = this.#machine.create();
    this.feed({ type: 'loaded' });
  }

  image(id = 'x'): TransactionImage | undefined {
    return this.state.transactions.get(id)?.image;
  }

  /** The phases that are in the log. */
  phases(): string[] {
    return this.log.map(({ value }) => (JSON.parse(String(value)) as TransactionImage).phase);
  }

  failOver(): void {
    this.timers.clear();
    this.asked = [];
    this.waiting = [];
    this.state = this.#machine.create();
    for (const record of this.log) this.#machine.replay(this.state, { records: [record] } as never);
    this.feed({ type: 'loaded' });
  }

  feed(input: MachineInput<TransactionRequest>): void {
    const out: MachineEffect[] = [];
    const at = {
      nowMicros: this.#nowMs * 1_000,
      unique: () => (this.#ids += 1),
      leaderOf: () => this.leader,
      partitionOfGroup: () => 50,
      partitionsOf: () => [],
    };
    this.#machine.step(this.state, input, at, out);
    for (const effect of out) this.#perform(effect);
  }

  #perform(effect: MachineEffect): void {
    switch (effect.type) {
      case 'reply':
        this.answers.set(effect.tag, effect.answer);
        return;
      case 'told':
        this.facts.push(effect.fact.type);
        return;
      case 'cancel-timer':
        this.timers.delete(effect.timer);
        return;
      case 'set-timer':
        this.timers.set(effect.timer, this.#nowMs + effect.afterMicros / 1_000);
        return;
      case 'append':
        this.waiting.push(effect);
        if (this.fate !== undefined) this.settle(this.fate);
        return;
      case 'ask': {
        const asked = effect as Asked & MachineEffect;
        this.asked.push(asked);
        if (this.marksAtOnce) this.marked();
      }
    }
  }

  settle(error: AppendError | null): void {
    for (const { ticket, records } of this.waiting.splice(0)) {
      if (error === null) this.log.push(...records);
      this.feed({ type: 'appended', ticket, error });
    }
  }

  /** All markers that were asked for are written, or refused. */
  marked(error: string | null = null): void {
    for (const { ticket, request } of this.asked.splice(0)) {
      const parts = request.partitions.map((partition) => ({ partition, error }));
      this.feed({ type: 'answered', ticket, answer: { type: 'x', parts } as never });
    }
  }

  ms(duration: number): this {
    const end = this.#nowMs + duration;
    for (;;) {
      const due = [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1])[0];
      if (due === undefined) break;
      this.timers.delete(due[0]);
      this.#nowMs = due[1];
      this.feed({ type: 'timer', timer: due[0] });
    }
    this.#nowMs = end;
    return this;
  }

  send(request: TransactionRequest): number {
    const tag = this.#next++;
    this.feed({ type: 'request', tag, request });
    return tag;
  }

  ask<A extends Message>(request: TransactionRequest): A {
    return this.answers.get(this.send(request)) as A;
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
