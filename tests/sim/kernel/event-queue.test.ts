import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/sim/kernel/errors.ts';
import { EventQueue } from '../../../src/sim/kernel/event-queue.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import type { SimMicros } from '../../../src/sim/kernel/time.ts';
import type { Handle } from '../../../src/sim/kernel/wheel.ts';
import { type Life, QueueModel, step } from './support/queue-model.ts';

const at = (micros: number) => micros as SimMicros;
const LATE = at(2 ** 53 - 1);

interface Popped {
  readonly time: number;
  readonly payload: number;
}

function drain(queue: EventQueue, count = Infinity): Popped[] {
  const out: Popped[] = [];
  while (out.length < count && queue.popUntil(LATE)) {
    out.push({ time: queue.time, payload: queue.payload });
  }
  return out;
}

/** Twenty moments of ten events each; every third event schedules one more for its own moment. */
function crowd(queue: EventQueue): Popped[] {
  for (let n = 0; n < 200; n++) queue.schedule(at(100 * (n % 20)), 0, 0, n);
  const out: Popped[] = [];
  while (queue.popUntil(LATE)) {
    out.push({ time: queue.time, payload: queue.payload });
    if (queue.payload < 200 && queue.payload % 3 === 0) {
      queue.schedule(queue.now, 0, 0, 1000 + queue.payload);
    }
  }
  return out;
}

const payloads = (events: readonly Popped[]) => events.map(({ payload }) => payload);
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

describe('event queue', () => {
  it('is the wheel when the order is fifo', () => {
    for (let seed = 0; seed < 20; seed++) {
      const life: Life = {
        wheel: new EventQueue('fifo', 4),
        model: new QueueModel(),
        draws: new StreamBank(seed).stream('life'),
        stale: [],
        log: [],
      };
      for (let call = 0; call < 1000; call++) step(life);
    }
  });

  it('permutes the events of a moment and never the moments', () => {
    const fifo = crowd(new EventQueue());
    for (let seed = 0; seed < 50; seed++) {
      const drawn = crowd(new EventQueue({ permute: seed }));
      expect(
        drawn.map(({ time }) => time),
        `seed ${seed}`,
      ).toEqual(fifo.map(({ time }) => time));
      for (let time = 0; time < 2000; time += 100) {
        const here = (events: readonly Popped[]) =>
          sorted(payloads(events.filter((event) => event.time === time)));
        expect(here(drawn), `seed ${seed}, time ${time}`).toEqual(here(fifo));
      }
      expect(payloads(drawn), `seed ${seed}`).not.toEqual(payloads(fifo));
    }
  });

  it('gives one order for one seed, another for another', () => {
    const orders = new Map<string, number>();
    for (let seed = 0; seed < 50; seed++) {
      const order = payloads(crowd(new EventQueue({ permute: seed }))).join();
      expect(payloads(crowd(new EventQueue({ permute: seed }))).join()).toBe(order);
      orders.set(order, seed);
    }
    expect(orders.size).toBe(50);
  });

  it('draws each event of a moment first about equally often', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 5000; seed++) {
      const queue = new EventQueue({ permute: seed }, 8);
      for (let n = 0; n < counts.length; n++) queue.schedule(at(3), 0, 0, n);
      queue.popUntil(at(3));
      counts[queue.payload]!++;
    }
    const chiSquare = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 4 degrees of freedom, 1 in 10,000.
    expect(chiSquare).toBeLessThan(23.5);
  });

  it('lets events of the pool be cancelled, and skips them', () => {
    for (let seed = 0; seed < 50; seed++) {
      const queue = new EventQueue({ permute: seed });
      const handles: Handle[] = [];
      for (let n = 0; n < 30; n++) handles.push(queue.schedule(at(7), 0, 0, n));
      const before = payloads(drain(queue, 5));
      const gone = handles.filter((_, n) => n % 4 === 0 && !before.includes(n));
      for (const handle of gone) {
        expect(queue.isPending(handle)).toBe(true);
        expect(queue.cancel(handle)).toBe(true);
        expect(queue.cancel(handle)).toBe(false);
      }
      expect(queue.size).toBe(25 - gone.length);
      const rest = payloads(drain(queue));
      const expected = [...handles.keys()].filter((n) => n % 4 !== 0 || before.includes(n));
      expect(sorted([...before, ...rest]), `seed ${seed}`).toEqual(expected);
      expect(queue.size).toBe(0);
    }
  });

  it('lets events of the pool be armed for another time, or for now again', () => {
    for (let seed = 0; seed < 50; seed++) {
      const queue = new EventQueue({ permute: seed });
      const handles: Handle[] = [];
      for (let n = 0; n < 30; n++) handles.push(queue.schedule(at(7), 0, 0, n));
      const before = payloads(drain(queue, 5));
      const moved = [...handles.keys()].filter((n) => n % 3 === 0 && !before.includes(n));
      for (const n of moved) {
        const handle = queue.rearm(handles[n] as Handle, at(n % 2 === 0 ? 7 : 9));
        expect(queue.isPending(handles[n] as Handle)).toBe(false);
        expect(queue.isPending(handle)).toBe(true);
      }
      const later = moved.filter((n) => n % 2 === 1);
      const rest = drain(queue);
      expect(sorted([...before, ...payloads(rest)]), `seed ${seed}`).toEqual([...handles.keys()]);
      expect(sorted(payloads(rest.slice(rest.length - later.length)))).toEqual(later);
      expect(queue.time).toBe(later.length > 0 ? 9 : 7);
    }
  });

  it('knows the next time while a pool is open, and keeps to the limit', () => {
    const queue = new EventQueue({ permute: 1 });
    queue.schedule(at(10), 0, 0, 0);
    queue.schedule(at(10), 0, 0, 1);
    queue.schedule(at(40), 0, 0, 2);
    expect(queue.popUntil(at(9))).toBe(false);
    expect(queue.popUntil(at(20))).toBe(true);
    expect(queue.nextTime()).toBe(10);
    expect(queue.popUntil(at(9))).toBe(false);
    expect(queue.now).toBe(10);
    expect(queue.popUntil(at(20))).toBe(true);
    expect(queue.nextTime()).toBe(40);
    expect(queue.popUntil(at(20))).toBe(false);
    expect(queue.now).toBe(20);
  });

  it('restores an image taken in the middle of a pool', () => {
    for (let seed = 0; seed < 30; seed++) {
      const queue = new EventQueue({ permute: seed }, 2);
      const handles: Handle[] = [];
      for (let n = 0; n < 60; n++) handles.push(queue.schedule(at(n % 3), 0, 0, n));
      drain(queue, 7);
      const image = queue.save();
      const first = drain(queue);
      queue.restore(image);
      expect(drain(queue), `seed ${seed}`).toEqual(first);
      const other = new EventQueue({ permute: seed }, 2);
      other.restore(image);
      const left = handles.filter((handle) => other.isPending(handle));
      expect(left.length).toBe(53);
      expect(left.every((handle) => other.cancel(handle))).toBe(true);
      expect(other.popUntil(LATE)).toBe(false);
    }
  });

  it('refuses an image of the other order', () => {
    const fifo = new EventQueue();
    const permuted = new EventQueue({ permute: 1 });
    expect(() => {
      fifo.restore(permuted.save());
    }).toThrow(InvariantError);
    expect(() => {
      permuted.restore(fifo.save());
    }).toThrow(InvariantError);
  });
});
