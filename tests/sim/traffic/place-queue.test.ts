/** Calls that wait for a place: in turn, as long as they may, and nobody gets lost. */
import { describe, expect, it } from 'vitest';
import { lawBroken } from '../../../src/sim/check/conservation.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { upstreamFlows, waitingIn } from '../../../src/sim/traffic/upstream-view.ts';
import { clientBench } from '../components/support/traffic-bench.ts';
import { ok } from '../components/support/traffic-partners.ts';

describe('a queue for places', () => {
  it('is there only where a call may wait', () => {
    const names = (call: object) =>
      upstreamFlows(clientBench({ call }).ms(1).upstream()).map(({ name }) => name);
    expect(names({})).toEqual(['calls to target']);
    expect(names({ maxConcurrentCalls: 2 })).toEqual(['calls to target']);
    expect(names({ maxConcurrentCalls: 2, maxWaitMs: 5 })).toEqual([
      'calls to target',
      'waits for target',
    ]);
  });

  it('lets go whose time is up, wherever they stand, and serves the others in turn', () => {
    // One place, 10 ms each with the way; the second and later arrivals wait 25 ms at most.
    const times = [10, 10, 10, 10, 10, 20.5, 30.5];
    const call = { maxConcurrentCalls: 1, maxWaitMs: 25 };
    const play = () => ok(8);
    const bench = clientBench({ times, call, play }).ms(34);
    // Sent at 10, 20 and 30; of those that came at 10 two still wait, and the two later ones.
    expect(bench.times('http.request')).toEqual([10, 20, 30]);
    expect(waitingIn(bench.upstream())).toBe(4);
    bench.ms(36);
    expect(waitingIn(bench.upstream())).toBe(2);
    bench.ms(200);
    expect(bench.times('http.request')).toEqual([10, 20, 30, 40, 50]);
    expect(bench.completed().map(({ latencyMicros }) => latencyMicros / 1_000)).toEqual([
      10, 20, 25, 25, 30, 29.5, 29.5,
    ]);
  });

  it('keeps its law, whoever comes, is served or gives up', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const draw = new StreamBank(seed).stream('arrivals');
      const times = Array.from({ length: 300 }, () => 10 + draw.below(400_000) / 1_000);
      times.sort((a, b) => a - b);
      const call = { maxConcurrentCalls: 3, maxWaitMs: 15, maxAttempts: 2 };
      const play = () => ok(draw.below(12));
      const bench = clientBench({ times, call, play, seed });
      for (const ms of [50, 120, 250, 1_000]) {
        const flows = upstreamFlows(bench.ms(ms).upstream());
        expect(flows.map(lawBroken), `seed ${seed} at ${ms} ms`).toEqual([null, null]);
      }
      const [, waits] = upstreamFlows(bench.upstream());
      expect(waits?.inside).toBe(0);
      expect(waits?.arrived).toBeGreaterThan(100);
    }
  });
});
