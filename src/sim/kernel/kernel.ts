/**
 * The kernel of one run: its queue, its random streams, its trace hash and its event count.
 *
 * It knows time, order and randomness and nothing else. Whoever pops an event and runs a handler
 * for it says so with `executed`, once, before the handler runs: only then is it an event of the
 * run, and only then does it enter the trace hash.
 */
import { EventQueue } from './event-queue.ts';
import type { EventQueueImage, Order } from './event-queue.ts';
import { SIM_START } from './time.ts';
import type { SimMicros } from './time.ts';
import { StreamBank } from './random.ts';
import type { StreamImage } from './random.ts';
import { TraceHash } from './trace-hash.ts';
import type { TraceHashImage } from './trace-hash.ts';

export interface KernelImage {
  readonly queue: EventQueueImage;
  readonly streams: StreamImage;
  readonly hash: TraceHashImage;
  readonly eventNumber: number;
  readonly now: SimMicros;
}

export class Kernel {
  readonly streams: StreamBank;
  readonly queue: EventQueue;
  readonly hash = new TraceHash();
  /** Events executed so far; the number of the event that runs now. */
  eventNumber = 0;

  constructor(seed: number, order: Order) {
    this.streams = new StreamBank(seed);
    this.queue = new EventQueue(order);
  }

  /**
   * The present moment. Whoever pops an event sets it to the event's time; whoever acts between
   * events (a fault, a person) sets it to the time of the act, which may lie before the next event.
   */
  now: SimMicros = SIM_START;

  /** Counts the event that is about to run and mixes it into the trace hash. */
  executed(kind: number, target: number, source: number, type: number, word: number): void {
    this.eventNumber += 1;
    this.hash.event(this.now, kind, target, source, type, word);
  }

  save(): KernelImage {
    return {
      queue: this.queue.save(),
      streams: this.streams.save(),
      hash: this.hash.save(),
      eventNumber: this.eventNumber,
      now: this.now,
    };
  }

  restore(image: KernelImage): void {
    this.queue.restore(image.queue);
    this.streams.restore(image.streams);
    this.hash.restore(image.hash);
    this.eventNumber = image.eventNumber;
    this.now = image.now;
  }
}
