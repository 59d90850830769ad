/**
 * First come, first served: work waits in one queue and each item occupies one core to its end.
 * A slow processor stretches what begins then; what is under way ends when it was to end.
 *
 * Source: the G/G/c station of queueing theory. Leaves out preemption and context switches.
 *
 * Each item has an event of its own and nothing is kept of it: this is the path that most work
 * takes. A stall therefore does not move events; an item that comes before its stalls are over is
 * sent on, by the account that travels with it.
 */
import type { CoreEvents, Cpu, CpuImage } from '../cpu.ts';
import { Stalls } from './stalls.ts';
import type { StallsImage } from './stalls.ts';

export interface FifoImage extends CpuImage {
  readonly busy: number;
  readonly queue: readonly number[];
  /** Absent where the cores never stalled in this life. */
  readonly stalls?: StallsImage;
}

export class FifoCores implements Cpu {
  readonly count: number;
  endedTag = 0;
  #events!: CoreEvents;
  #busy = 0;
  #factor = 1;
  #stalls: Stalls | null = null;
  /** Demand and tag in turn; read from `#head` so that taking one is O(1). */
  #queue: number[] = [];
  #head = 0;

  constructor(count: number) {
    this.count = count;
  }

  get busy(): number {
    return this.#busy;
  }
  get waiting(): number {
    return (this.#queue.length - this.#head) / 2;
  }

  bind(events: CoreEvents): void {
    this.#events = events;
  }

  work(demandMicros: number, tag: number): void {
    if (this.#busy < this.count) {
      this.#busy += 1;
      this.#begin(demandMicros, tag);
    } else {
      this.#queue.push(demandMicros, tag);
    }
  }

  #begin(demandMicros: number, tag: number): void {
    const due = this.#events.now + Math.round(demandMicros * this.#factor);
    if (this.#stalls === null) {
      this.#events.begin(due, tag, due);
      return;
    }
    const { untilMicros, totalMicros } = this.#stalls;
    const later = due + Math.max(0, untilMicros - this.#events.now);
    this.#events.begin(later, tag, later - totalMicros);
  }

  end(slot: number): boolean {
    if (this.#stalls !== null) {
      const due = this.#stalls.endOf(this.#events.accountOf(slot));
      if (due > this.#events.now) {
        this.#events.schedule(due, slot);
        return false;
      }
    }
    this.endedTag = this.#events.tagOf(slot);
    this.#events.finish(slot);
    this.#next();
    return true;
  }

  /** A core became free: the first of the queue gets it. */
  #next(): void {
    if (this.#head >= this.#queue.length) {
      this.#busy -= 1;
      return;
    }
    const demandMicros = this.#queue[this.#head] as number;
    const tag = this.#queue[this.#head + 1] as number;
    this.#head += 2;
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    this.#begin(demandMicros, tag);
  }

  stall(micros: number): void {
    this.#stalls ??= new Stalls();
    this.#stalls.add(this.#events.now, micros);
  }

  slow(factor: number): void {
    this.#factor = factor;
  }

  crash(): void {
    this.#busy = 0;
    this.#queue = [];
    this.#head = 0;
    this.#stalls = null;
  }

  save(): FifoImage {
    const stalls = this.#stalls;
    return {
      busy: this.#busy,
      queue: this.#queue.slice(this.#head),
      factor: this.#factor,
      ...(stalls === null ? {} : { stalls: stalls.save() }),
    };
  }

  restore(image: FifoImage): void {
    this.#busy = image.busy;
    this.#queue = image.queue.slice();
    this.#head = 0;
    this.#factor = image.factor;
    this.#stalls = image.stalls === undefined ? null : new Stalls(image.stalls);
  }
}
