/**
 * What the preemptive disciplines have in common. All work that is under way goes on at one rate at
 * a time, so a virtual clock that runs at that rate says when each piece is done: at the virtual
 * time of its start plus what it still needs. When the rate changes, no piece is touched; one event
 * for the whole node, that of the earliest end, is armed anew.
 *
 * Invariants. An end comes at the nearest microsecond; the virtual clock itself is never rounded,
 * so the errors do not add up. While anything is under way the event is armed, and each event ends
 * one piece. The clock goes back to 0 when nothing is left, which keeps its digits.
 *
 * The factor of a slow processor and a stall hold for work under way, from the moment of the
 * change. While the node stands still, its cores go on to the next end that is due and no further:
 * nobody is there to give them other work.
 *
 * Source: virtual time of fair queueing (Parekh & Gallager 1993) for processor sharing.
 */
import { invariant } from '../../kernel/errors.ts';
import { NO_HANDLE } from '../../kernel/handle.ts';
import type { Handle } from '../../kernel/handle.ts';
import type { CoreEvents, Cpu, CpuImage } from '../cpu.ts';

export interface VirtualImage extends CpuImage {
  readonly virtual: number;
  readonly sinceMicros: number;
  readonly stalledUntilMicros: number;
  readonly sequence: number;
  readonly dueMicros: number;
  readonly handle: Handle;
  readonly slot: number;
}

const NOT_ARMED = -1;

export abstract class VirtualTimeCores implements Cpu {
  readonly count: number;
  endedTag = 0;
  /** The virtual clock as of the last event of these cores. */
  protected virtual = 0;
  #events!: CoreEvents;
  #sinceMicros = 0;
  #stalledUntilMicros = 0;
  #factor = 1;
  #sequence = 0;
  /** When the one event comes, or came if it still waits for the node. */
  #dueMicros = NOT_ARMED;
  #handle: Handle = NO_HANDLE;
  #slot = -1;

  constructor(count: number) {
    this.count = count;
  }

  abstract get busy(): number;
  abstract get waiting(): number;
  /** Virtual microseconds in one that is real, for each piece under way at full speed. */
  protected abstract share(): number;
  protected abstract admit(
    demandMicros: number,
    tag: number,
    priority: number,
    sequence: number,
  ): void;
  /** The virtual time of the earliest end; Infinity where nothing is under way. */
  protected abstract nextEnd(): number;
  /** Takes out the piece that ends first, and returns its tag. */
  protected abstract endFirst(): number;
  protected abstract dropAll(): void;

  bind(events: CoreEvents): void {
    this.#events = events;
  }

  work(demandMicros: number, tag: number, priority: number): void {
    this.#advance();
    this.#sequence += 1;
    this.admit(demandMicros, tag, priority, this.#sequence);
    this.#arm();
  }

  end(slot: number): boolean {
    invariant(slot === this.#slot, 'cores have one event at a time');
    this.#advance();
    this.#events.finish(slot);
    this.#dueMicros = NOT_ARMED;
    this.#handle = NO_HANDLE;
    this.#slot = -1;
    this.endedTag = this.endFirst();
    this.#arm();
    return true;
  }

  stall(micros: number): void {
    this.#advance();
    this.#stalledUntilMicros = Math.max(this.#stalledUntilMicros, this.#events.now) + micros;
    this.#arm();
  }

  slow(factor: number): void {
    this.#advance();
    this.#factor = factor;
    this.#arm();
  }

  /** Whether a piece with this virtual end is done within this microsecond. */
  protected endsNow(virtualEnd: number): boolean {
    return this.#timeOf(virtualEnd) <= this.#events.now;
  }

  /** The nearest microsecond to a virtual time, at the present rate. */
  #timeOf(virtual: number): number {
    const { now } = this.#events;
    const from = Math.max(now, this.#stalledUntilMicros);
    const takes = ((virtual - this.virtual) * this.#factor) / this.share();
    return Math.max(now, Math.round(from + takes));
  }

  /** Brings the virtual clock to the present moment; not beyond an end that still waits. */
  #advance(): void {
    const { now } = this.#events;
    if (this.#dueMicros !== NOT_ARMED) {
      const from = Math.max(this.#sinceMicros, this.#stalledUntilMicros);
      const until = Math.min(now, this.#dueMicros);
      if (until > from) this.virtual += ((until - from) * this.share()) / this.#factor;
    }
    this.#sinceMicros = now;
  }

  #arm(): void {
    const end = this.nextEnd();
    if (end === Infinity) {
      this.virtual = 0;
      return;
    }
    // An end that is due now, or that waits for the node to go on, has happened.
    if (this.#dueMicros !== NOT_ARMED && this.#dueMicros <= this.#events.now) return;
    const due = this.#timeOf(end);
    if (due === this.#dueMicros) return;
    this.#dueMicros = due;
    if (this.#handle === NO_HANDLE) {
      this.#slot = this.#events.slot();
      this.#handle = this.#events.schedule(due, this.#slot);
      return;
    }
    this.#handle = this.#events.rearm(this.#handle, due);
    invariant(this.#handle !== NO_HANDLE, 'the event of cores is pending until it is due');
  }

  crash(): void {
    if (this.#handle !== NO_HANDLE) this.#events.cancel(this.#handle, this.#slot);
    this.#dueMicros = NOT_ARMED;
    this.#handle = NO_HANDLE;
    this.#slot = -1;
    this.#stalledUntilMicros = 0;
    this.virtual = 0;
    this.dropAll();
  }

  save(): VirtualImage {
    return {
      factor: this.#factor,
      virtual: this.virtual,
      sinceMicros: this.#sinceMicros,
      stalledUntilMicros: this.#stalledUntilMicros,
      sequence: this.#sequence,
      dueMicros: this.#dueMicros,
      handle: this.#handle,
      slot: this.#slot,
    };
  }

  restore(image: VirtualImage): void {
    this.#factor = image.factor;
    this.virtual = image.virtual;
    this.#sinceMicros = image.sinceMicros;
    this.#stalledUntilMicros = image.stalledUntilMicros;
    this.#sequence = image.sequence;
    this.#dueMicros = image.dueMicros;
    this.#handle = image.handle;
    this.#slot = image.slot;
  }
}
