/**
 * Hold: N events pending; each one that comes is scheduled again after an exponential delay of
 * 1 s mean. The classic test of an event queue (Jones, CACM 1986).
 */
import { EventQueue } from '../src/sim/kernel/event-queue.ts';
import type { SimMicros } from '../src/sim/kernel/time.ts';
import { queueContest, type Workload } from './queue-contest.ts';
import { delays, TABLE_MASK } from './tables.ts';

const MEAN_MICROS = 1_000_000;
const LATE = Number.MAX_SAFE_INTEGER as SimMicros;

class Hold implements Workload {
  private readonly queue = new EventQueue();
  private readonly delays = delays(MEAN_MICROS);
  private k = 0;
  private h = 0;

  constructor(size: number) {
    for (let id = 0; id < size; id++) {
      this.queue.schedule(this.delays[this.k++ & TABLE_MASK]! as SimMicros, 0, id, 0);
    }
  }

  run(events: number): void {
    const { queue, delays } = this;
    let { k, h } = this;
    for (let n = 0; n < events; n++) {
      queue.popUntil(LATE);
      const id = queue.target;
      h = (Math.imul(h, 31) + id) | 0;
      queue.schedule((queue.time + delays[k++ & TABLE_MASK]!) as SimMicros, 0, id, 0);
    }
    this.k = k;
    this.h = h;
  }

  hash(): number {
    return this.h;
  }
}

export const hold = queueContest({
  name: 'hold',
  summary: 'pop the next event, schedule it again; N events pending',
  reference: 'hold',
  sizes: [
    { size: 100, ratioMax: 1.5 },
    { size: 10_000, ratioMax: 1.0 },
    // A second of simulated time is a million events here, and once a second the wheel spreads its
    // longest list: only a block of whole seconds has the average cost.
    { size: 1_000_000, ratioMax: 0.9, events: 2 ** 21 },
  ],
  create: (size) => new Hold(size),
});
