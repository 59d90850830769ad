import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BATCH_MS, batched } from '../../src/viz/stream/messages.ts';
import type { FromWorker } from '../../src/viz/worker/protocol.ts';

const stats = (eventsPerSecond: number): FromWorker => ({
  type: 'stats',
  generation: 1,
  eventsPerSecond,
});

describe('the stream of messages', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function listen() {
    const source = new Subject<FromWorker>();
    const log: string[] = [];
    const batches: number[] = [];
    const broken: string[] = [];
    const stop = batched(source, {
      now: (message) => log.push(`now ${message.type === 'stats' ? message.eventsPerSecond : ''}`),
      batch: (messages) => {
        log.push(`batch of ${messages.length}`);
        batches.push(messages.length);
      },
      broken: (reason) => broken.push(reason),
    });
    return { source, log, batches, broken, stop };
  }

  it('hands each on at once, before the batch that it is in', () => {
    const { source, log } = listen();
    source.next(stats(1));
    expect(log).toEqual(['now 1', 'batch of 1']);
  });

  it('tells of at most ten batches a second, and of every message once', () => {
    const { source, batches } = listen();
    for (let ms = 0; ms < 1_000; ms += 5) {
      source.next(stats(ms));
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(2 * BATCH_MS);
    expect(batches.length).toBeLessThanOrEqual(11);
    expect(batches.reduce((a, b) => a + b, 0)).toBe(200);
  });

  it('is still while nothing comes', () => {
    const { source, batches } = listen();
    source.next(stats(1));
    vi.advanceTimersByTime(BATCH_MS);
    expect(vi.getTimerCount()).toBe(0);
    expect(batches).toEqual([1]);
  });

  it('says when the engine broke, once', () => {
    const { source, broken } = listen();
    source.error(new Error('gone'));
    expect(broken).toEqual(['gone']);
  });

  it('can be stopped', () => {
    const { source, log, stop } = listen();
    stop();
    source.next(stats(1));
    expect(log).toEqual([]);
  });
});
