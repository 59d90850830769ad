/**
 * Ping-pong: N nodes, 4N messages under way, a small handler for each of three message types. The
 * cost of an engine event: queue, payload in typed arrays, dispatch.
 */
import { EventQueue } from '../src/sim/kernel/event-queue.ts';
import { SlotAllocator } from './slots.ts';
import type { SimMicros } from '../src/sim/kernel/time.ts';
import { queueContest, type Workload } from './queue-contest.ts';
import { delays, draws, TABLE_MASK } from './tables.ts';

const MEAN_MICROS = 50_000;
const LATE = Number.MAX_SAFE_INTEGER as SimMicros;

// A payload is four words; the receiver and the type travel in the event itself.
const STRIDE = 4;
const FROM = 0;
const TERM = 1;
const VALUE = 2;

class PingPong implements Workload {
  private readonly queue = new EventQueue();
  private readonly delays = delays(MEAN_MICROS);
  private readonly draws = draws();
  private payloads = new Int32Array(0);
  private readonly slots: SlotAllocator;
  private readonly terms: Int32Array;
  private readonly sums: Int32Array;
  private readonly size: number;
  private k = 0;
  private r = 0;
  private h = 0;

  constructor(size: number) {
    this.size = size;
    this.terms = new Int32Array(size);
    this.sums = new Int32Array(size);
    this.slots = new SlotAllocator((capacity) => {
      const grown = new Int32Array(capacity * STRIDE);
      grown.set(this.payloads);
      this.payloads = grown;
    });
    for (let n = 0; n < 4 * size; n++) this.send(n % size, (7 * n + 1) % size, n % 3, 0, n);
  }

  private send(from: number, to: number, type: number, term: number, value: number): void {
    const slot = this.slots.allocate();
    const base = slot * STRIDE;
    this.payloads[base + FROM] = from;
    this.payloads[base + TERM] = term;
    this.payloads[base + VALUE] = value;
    const at = (this.queue.now + this.delays[this.k++ & TABLE_MASK]!) as SimMicros;
    this.queue.schedule(at, type, to, slot);
  }

  run(events: number): void {
    for (let n = 0; n < events; n++) {
      this.queue.popUntil(LATE);
      this.deliver(this.queue.kind, this.queue.target, this.queue.payload);
    }
  }

  private deliver(type: number, to: number, slot: number): void {
    const base = slot * STRIDE;
    const from = this.payloads[base + FROM]!;
    const term = this.payloads[base + TERM]!;
    const value = this.payloads[base + VALUE]!;
    this.slots.free(slot);
    this.h = (Math.imul(this.h, 31) + to) | 0;
    if (term > this.terms[to]!) this.terms[to] = term;
    this.sums[to] = this.sums[to]! + value;
    switch (type) {
      case 0:
        this.send(to, from, 1, term, value + 1);
        break;
      case 1:
        this.send(to, this.draws[this.r++ & TABLE_MASK]! % this.size, 2, term + 1, value ^ to);
        break;
      default:
        this.send(to, from, 0, term, this.sums[to]! & 255);
    }
  }

  hash(): number {
    let h = this.h;
    for (let id = 0; id < this.size; id++) {
      h = (Math.imul(h, 31) + this.terms[id]! + this.sums[id]!) | 0;
    }
    return h;
  }
}

export const pingPong = queueContest({
  name: 'pingpong',
  summary: 'messages between N nodes, 4N under way, with a handler for each',
  reference: 'pingpong',
  sizes: [
    { size: 10, ratioMax: 2 },
    { size: 1_000, ratioMax: 1.3 },
    { size: 100_000, ratioMax: 1.3 },
  ],
  create: (size) => new PingPong(size),
});
