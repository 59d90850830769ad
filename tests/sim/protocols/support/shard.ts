/** A coordinator by itself: a machine, a clock that a test turns, and a log for what it writes. */
import type { LogRecord, Message } from 'faultline';
import type {
  AppendError,
  CoordinatorMachine,
  MachineAt,
  MachineEffect,
  MachineInput,
} from '../../../../src/sim/protocols/coordinator-machine.ts';

type Append = Extract<MachineEffect, { readonly type: 'append' }>;
export type Ask = Extract<MachineEffect, { readonly type: 'ask' }>;

export abstract class Shard<S, R extends Message> {
  readonly answers = new Map<number, Message>();
  readonly facts: string[] = [];
  readonly log: (LogRecord & { readonly producerId: number | null })[] = [];
  readonly timers = new Map<string, number>();
  /** What becomes of what it writes; undefined: it waits. */
  fate: AppendError | null | undefined = null;
  state: S;
  readonly #machine: CoordinatorMachine<S, R>;
  waiting: Append[] = [];
  #nowMs = 0;
  #next = 0;
  #ids: number;

  /** Ids that are given out are greater than this. */
  constructor(machine: CoordinatorMachine<S, R>, ids: number) {
    this.#machine = machine;
    this.#ids = ids;
    this.state = machine.create();
  }

  protected abstract world(): Omit<MachineAt, 'nowMicros' | 'unique'>;

  /** It asks another broker. */
  protected abstract asks(effect: Ask): void;

  /** Another broker becomes the coordinator: it knows what the log says. */
  failOver(): void {
    this.timers.clear();
    this.waiting = [];
    this.state = this.#machine.create();
    for (const [baseOffset, { producerId, ...record }] of this.log.entries()) {
      const isTransactional = producerId !== null;
      const batch = { baseOffset, marker: null, producerId, isTransactional, records: [record] };
      this.#machine.replay(this.state, batch as never);
    }
    this.feed({ type: 'loaded' });
  }

  feed(input: MachineInput<R>): void {
    const out: MachineEffect[] = [];
    const unique = (): number => (this.#ids += 1);
    const at = { nowMicros: this.#nowMs * 1_000, unique, ...this.world() };
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
      case 'ask':
        this.asks(effect);
    }
  }

  /** All that waits is written, or refused. */
  settle(error: AppendError | null): void {
    for (const { ticket, records, producer } of this.waiting.splice(0)) {
      const producerId = producer?.producerId ?? null;
      if (error === null) this.log.push(...records.map((one) => ({ ...one, producerId })));
      this.feed({ type: 'appended', ticket, error });
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

  /** The tag of the request: `answers` has what comes of it. */
  send(request: R): number {
    const tag = this.#next++;
    this.feed({ type: 'request', tag, request });
    return tag;
  }

  ask<A extends Message = Message & { readonly error: string | null }>(request: R): A {
    return this.answers.get(this.send(request)) as A;
  }
}
