/**
 * Cancel: N nodes with a message under way and an election timer each. A message cancels its
 * node's timer, arms it again and sends the next message: what Raft does to a queue.
 */
import { EventQueue } from '../src/sim/kernel/event-queue.ts';
import type { SimMicros } from '../src/sim/kernel/time.ts';
import type { Handle } from '../src/sim/kernel/wheel.ts';
import { queueContest, type Workload } from './queue-contest.ts';
import { delays, TABLE_MASK, timeouts } from './tables.ts';

const MEAN_MICROS = 50_000;
const LATE = Number.MAX_SAFE_INTEGER as SimMicros;

class Cancel implements Workload {
  private readonly queue = new EventQueue();
  private readonly delays = delays(MEAN_MICROS);
  private readonly timeouts = timeouts();
  private readonly timers: Float64Array;
  private readonly size: number;
  private k = 0;
  private m = 0;
  private h = 0;

  constructor(size: number) {
    this.size = size;
    this.timers = new Float64Array(size);
    for (let id = 0; id < size; id++) {
      this.queue.schedule(this.delays[this.k++ & TABLE_MASK]! as SimMicros, 0, id, 0);
      this.arm(id);
    }
  }

  private arm(id: number): void {
    const at = (this.queue.now + this.timeouts[this.m++ & TABLE_MASK]!) as SimMicros;
    this.timers[id] = this.queue.schedule(at, 1, this.size + id, 0);
  }

  run(events: number): void {
    const { queue, delays, size, timers } = this;
    for (let n = 0; n < events; n++) {
      queue.popUntil(LATE);
      const id = queue.target;
      this.h = (Math.imul(this.h, 31) + id) | 0;
      if (id < size) {
        const at = (queue.now + this.timeouts[this.m++ & TABLE_MASK]!) as SimMicros;
        timers[id] = queue.rearm(timers[id]! as Handle, at);
        queue.schedule((queue.now + delays[this.k++ & TABLE_MASK]!) as SimMicros, 0, id, 0);
      } else {
        this.arm(id - size);
      }
    }
  }

  hash(): number {
    return this.h;
  }
}

export const cancel = queueContest({
  name: 'cancel',
  summary: 'each message cancels and re-arms a timer; N nodes, 2N events pending',
  reference: 'cancel',
  sizes: [
    { size: 50, ratioMax: 2.2 },
    { size: 5_000, ratioMax: 1.0 },
    { size: 500_000, ratioMax: 0.9 },
  ],
  create: (size) => new Cancel(size),
});
