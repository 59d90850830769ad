/** Threads that wait for another one of their service: counted, and missed where one is dropped. */
import { describe, expect, it } from 'vitest';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { TrafficBench } from '../support/traffic-bench.ts';
import { brokenAt, flowNamed } from '../support/flows.ts';
import { cacheValue, connected, refused, rows, stored } from '../support/traffic-partners.ts';
import type { Play } from '../support/traffic-partners.ts';

const query = { do: 'query', to: 'to' };
const batch = (maxSize: number, maxDelayMs: number, ...steps: unknown[]) => ({
  do: 'batch',
  maxSize,
  maxDelayMs,
  steps,
});
const flights = [{ do: 'cached', in: 'to', singleFlight: true, miss: [query] }];

/** A cache that misses everything and a database that takes 50 ms. */
const slow: Play = ({ message: { type } }) => {
  if (type === 'cache.get') return { reply: cacheValue('miss', -1, 5) };
  if (type === 'sql.query') return { reply: rows(3), afterMs: 50 };
  return { reply: type === 'sql.connect' ? connected : stored };
};
const failing: Play = (heard) =>
  heard.message.type === 'sql.query' ? refused('lock-timeout', 50) : slow(heard);

function asked(steps: unknown[], times: readonly number[], play = slow): TrafficBench {
  const bench = serviceBench({ steps, play });
  for (const ms of times) bench.requestAt(ms, request());
  return bench;
}

describe('who waits for an object that another one makes', () => {
  const times = [9, 10, 11, 12];

  it.each([
    ['comes', slow],
    ['fails', failing],
  ])('is counted until it %s', (_, play) => {
    const bench = asked(flights, times, play).ms(40);
    expect(flowNamed(bench.node('s1'), 'flights')).toMatchObject({ arrived: 3, left: 0 });
    bench.ms(500);
    // The first misses at 12, its statement arrives at 13 and is back at 64.
    expect(flowNamed(bench.node('s1'), 'flights')).toMatchObject({
      arrived: 3,
      left: 3,
      inside: 0,
      sojournMicros: (51 + 50 + 49) * 1_000,
      areaMicros: (51 + 50 + 49) * 1_000,
    });
  });

  it('is missed when it is dropped without a word', () => {
    const bench = asked(flights, times).ms(40);
    expect(brokenAt(bench.node('s1'), 'flights')).toBe(null);
    for (const waiting of bench.service().flights.values()) waiting.pop();
    expect(brokenAt(bench.node('s1'), 'flights')).toBe(
      'flights: 3 arrived, but 0 left and 2 are inside.',
    );
  });
});

describe('who waits in a batch', () => {
  const steps = [batch(3, 100, query)];

  it('is counted while it gathers, and while another one works for it', () => {
    const bench = asked(steps, [9, 11, 13]).ms(12.5);
    const now = () => flowNamed(bench.node('s1'), 'batches');
    expect(now()).toMatchObject({ arrived: 2, left: 0, inside: 2 });
    // Full at 14: the first works for all.
    bench.ms(40);
    expect(now()).toMatchObject({ arrived: 3, left: 1, inside: 2 });
    // The statement is back at 66.
    bench.ms(500);
    const spent = (14 - 10 + (66 - 12) + (66 - 14)) * 1_000;
    expect(now()).toMatchObject({ arrived: 3, left: 3, inside: 0, sojournMicros: spent });
    expect(now().areaMicros).toBe(spent);
  });

  it('is missed when it is dropped without a word, before the batch goes and after', () => {
    const before = asked(steps, [9, 11, 13]).ms(12.5);
    expect(brokenAt(before.node('s1'), 'batches')).toBe(null);
    before.service().batches.forEach((waiting) => void waiting.pop());
    expect(brokenAt(before.node('s1'), 'batches')).toMatch(/2 arrived, but 0 left and 1 are/);
    const after = asked(steps, [9, 11, 13]).ms(40);
    expect(brokenAt(after.node('s1'), 'batches')).toBe(null);
    after.service().threads.forEach(({ followers }) => void followers.pop());
    expect(brokenAt(after.node('s1'), 'batches')).toMatch(/3 arrived, but 1 left and 1 are/);
  });

  it('is missed when its time of arrival is wrong', () => {
    const bench = asked(steps, [9, 11, 13]).ms(12.5);
    for (const thread of bench.service().threads) thread.waitsSinceMicros -= 1_000;
    bench.ms(500);
    expect(brokenAt(bench.node('s1'), 'batches')).toMatch(/cannot have arrived/);
  });

  it('of a batch goes on with it, not with a batch within', () => {
    const wait = { do: 'wait', time: { kind: 'constant', ms: 20 } };
    const bench = serviceBench({ steps: [batch(2, 100, batch(1, 100, query), wait)], play: slow });
    const tags = [9, 9].map((ms) => bench.requestAt(ms, request()));
    bench.ms(500);
    // The statement is back at 62; whoever waits for the outer batch has its last step, too.
    expect(tags.map((tag) => bench.at(tag))).toEqual([83, 83]);
    expect(brokenAt(bench.node('s1'), 'batches')).toBe(null);
  });
});
