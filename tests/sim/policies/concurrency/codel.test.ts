/** CoDel against the pseudocode of RFC 8289, and what the RFC says of it. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import {
  CODEL_DEFAULTS,
  codelDrops,
  codelEmpty,
  startCodel,
} from '../../../../src/sim/policies/concurrency/codel.ts';

const { targetMicros, intervalMicros } = CODEL_DEFAULTS;

/** The RFC's own loop (section 5), over a list of arrival times; returns who is served when. */
class Rfc8289 {
  readonly queue: number[] = [];
  readonly drops: number[] = [];
  firstAbove = 0;
  dropNext = 0;
  count = 0;
  lastCount = 0;
  dropping = false;

  dequeue(now: number): number | undefined {
    let [packet, isOk] = this.doDequeue(now);
    if (this.dropping) {
      if (!isOk) this.dropping = false;
      while (now >= this.dropNext && this.dropping) {
        this.drops.push(packet!);
        this.count++;
        [packet, isOk] = this.doDequeue(now);
        if (!isOk) this.dropping = false;
        else this.dropNext += intervalMicros / Math.sqrt(this.count);
      }
    } else if (isOk) {
      this.drops.push(packet!);
      [packet, isOk] = this.doDequeue(now);
      this.dropping = true;
      const delta = this.count - this.lastCount;
      this.count = 1;
      if (delta > 1 && now - this.dropNext < 16 * intervalMicros) this.count = delta;
      this.dropNext = now + intervalMicros / Math.sqrt(this.count);
      this.lastCount = this.count;
    }
    return packet;
  }

  doDequeue(now: number): [number | undefined, boolean] {
    const packet = this.queue.shift();
    if (packet === undefined) {
      this.firstAbove = 0;
      return [undefined, false];
    }
    if (now - packet < targetMicros || this.queue.length === 0) {
      this.firstAbove = 0;
    } else if (this.firstAbove === 0) {
      this.firstAbove = now + intervalMicros;
    } else if (now >= this.firstAbove) {
      return [packet, true];
    }
    return [packet, false];
  }
}

describe('CoDel', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))(
    'seed %i: drops and serves what the loop of the RFC does',
    (seed) => {
      const stream = new StreamBank(seed).stream('codel');
      const reference = new Rfc8289();
      const state = startCodel();
      const queue: number[] = [];
      const drops: number[] = [];
      let now = 0;
      let load = 1;
      for (let i = 0; i < 6_000; i++) {
        if (i % 500 === 0) load = stream.pick([0.3, 0.9, 1.3, 2, 4]);
        now += Math.round(stream.exponential(1_000));
        const arrivals = Math.floor(load + stream.open01());
        for (let n = 0; n < arrivals; n++) {
          queue.push(now);
          reference.queue.push(now);
        }
        now += stream.below(400);
        let served: number | undefined;
        for (;;) {
          served = queue.shift();
          if (served === undefined) codelEmpty(state);
          if (served === undefined) break;
          if (!codelDrops(state, CODEL_DEFAULTS, now, now - served, queue.length)) break;
          drops.push(served);
        }
        expect(served, `step ${i}`).toBe(reference.dequeue(now));
      }
      expect(drops).toEqual(reference.drops);
      expect(drops.length).toBeGreaterThan(10);
      expect(state.count).toBe(reference.count);
    },
  );

  it('leaves a burst alone that is gone within an interval', () => {
    const state = startCodel();
    for (let now = 10_000; now < 10_000 + intervalMicros; now += 1_000) {
      expect(codelDrops(state, CODEL_DEFAULTS, now, 50_000, 10)).toBe(false);
    }
    expect(codelDrops(state, CODEL_DEFAULTS, 120_000, 4_999, 10)).toBe(false);
    expect(state.firstAboveMicros).toBe(0);
  });

  it('drops at interval / sqrt(n) after the n-th drop while waits stay over the target', () => {
    const state = startCodel();
    const times: number[] = [];
    for (let now = 1_000; now < 2_000_000; now += 100) {
      if (codelDrops(state, CODEL_DEFAULTS, now, 20_000, 10)) times.push(now);
    }
    expect(times[0]).toBe(1_000 + intervalMicros);
    let due = times[0]!;
    times.slice(1).forEach((time, i) => {
      due += intervalMicros / Math.sqrt(i + 1);
      expect(time).toBe(Math.ceil((due - 1_000) / 100) * 100 + 1_000);
    });
    expect(times.length).toBeGreaterThan(90);
  });

  it('never drops the last one', () => {
    const state = startCodel();
    for (let now = 1_000; now < 1_000_000; now += 100) {
      expect(codelDrops(state, CODEL_DEFAULTS, now, 900_000, 0)).toBe(false);
    }
  });
});
