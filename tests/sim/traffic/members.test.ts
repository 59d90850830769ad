/** Members that crash, leave and come while calls are under way. */
import { describe, expect, it } from 'vitest';
import { ok, refused } from '../components/support/traffic-partners.ts';
import { clientBench } from '../components/support/traffic-bench.ts';

const REQUEST = 'http.request';
const times = (count: number, every: number): number[] =>
  Array.from({ length: count }, (_, i) => 10 + i * every);
const retry = {
  timeoutMs: 30,
  maxAttempts: 2,
  backoff: { policy: 'constant', baseMs: 5, capMs: 5 },
};

describe('a group without members', () => {
  it('is unavailable, and tried again like any failure', () => {
    const bench = clientBench({ times: [10], call: { ...retry, maxAttempts: 3 } });
    bench.ms(5).parts.growth.retire(bench.index('b1'));
    bench.ms(500);
    expect(bench.completed()).toMatchObject([
      { outcome: 'fail', error: 'unavailable', latencyMicros: 10_000 },
    ]);
    expect(bench.times(REQUEST)).toEqual([]);
    expect(bench.upstream().running).toBe(0);
  });

  it('is there again when a member comes', () => {
    const bench = clientBench({ times: [10, 50] });
    bench.ms(5).parts.growth.retire(bench.index('b1'));
    bench.ms(20).parts.growth.spawn('b');
    bench.ms(500);
    expect(bench.completed().map(({ outcome }) => outcome)).toEqual(['fail', 'ok']);
  });
});

describe('a member that crashes', () => {
  it('is found out by a timeout; the retry goes to another', () => {
    const bench = clientBench({ servers: 2, times: [10, 100, 200], call: retry });
    bench.ms(5).inject('c', { type: 'crash', target: 'b1' } as never);
    bench.ms(500);
    expect(bench.targets(REQUEST)).toEqual(['b1', 'b2', 'b1', 'b2', 'b1', 'b2']);
    expect(bench.completed().every(({ outcome }) => outcome === 'ok')).toBe(true);
  });

  it('with calls under way ends them all once, as timeouts', () => {
    const bench = clientBench({ times: times(5, 1), play: () => ok(100), call: { timeoutMs: 50 } });
    bench.ms(30).inject('c', { type: 'crash', target: 'b1' } as never);
    bench.ms(500);
    expect(bench.completed().map(({ error }) => error)).toEqual(Array(5).fill('timeout'));
    expect(bench.upstream().backends.active).toEqual([0]);
  });
});

describe('a member that leaves', () => {
  it('gets no more requests; what was under way still ends', () => {
    const call = { timeoutMs: 80 };
    const bench = clientBench({ servers: 3, times: times(9, 10), play: () => ok(40), call });
    bench.ms(25).parts.growth.retire(bench.index('b2'));
    bench.ms(1_000);
    expect(bench.targets(REQUEST).slice(2)).not.toContain('b2');
    const outcomes = bench.completed().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(8);
    expect(outcomes).toHaveLength(9);
    expect(bench.upstream().backends.active).toEqual([0, 0]);
  });

  it('leaves the numbers of the others to them', () => {
    const bench = clientBench({ servers: 3, times: times(6, 1), play: () => ok(500) });
    bench.ms(12.5);
    expect(bench.upstream().backends.active).toEqual([1, 1, 1]);
    bench.parts.growth.retire(bench.index('b1'));
    bench.ms(14.5);
    expect(bench.upstream().backends.active.reduce((sum, n) => sum + n, 0)).toBe(4);
    bench.parts.growth.spawn('b');
    bench.ms(15.5);
    // The newcomer takes the ordinal 1 and stands first: it may have had the last request.
    const { active, members, place } = bench.upstream().backends;
    expect(members.map((node) => bench.nameOf(node))).toEqual(['b1', 'b2', 'b3']);
    expect(members.map((node) => place.get(node))).toEqual([0, 1, 2]);
    expect(active.reduce((sum, n) => sum + n, 0)).toBe(5);
    bench.ms(2_000);
    expect(bench.upstream().backends.active).toEqual([0, 0, 0]);
  });
});

describe('a caller that crashes', () => {
  it('forgets its calls, and begins anew', () => {
    const bench = clientBench({ times: times(20, 10), play: () => ok(30) });
    bench.ms(45).inject('c', { type: 'crash', target: 'c1' } as never);
    bench.ms(95).undo('c');
    bench.ms(1_000);
    const { flow, freeCalls, calls, freeTries, tries } = bench.upstream();
    expect(flow.inside).toBe(0);
    expect(flow.arrived).toBe(flow.left);
    expect(freeCalls).toHaveLength(calls.length);
    expect(freeTries).toHaveLength(tries.length);
  });
});

describe('what is sent', () => {
  it('tells a refusal that surely had no effect from one that may have had', () => {
    const said = (code: string) => {
      const bench = clientBench({ write: true, play: () => refused(code) });
      return bench.ms(500).completed()[0]?.outcome;
    };
    expect(said('bad-request')).toBe('fail');
    expect(said('bad-gateway')).toBe('unknown');
    expect(said('gateway-timeout')).toBe('unknown');
  });
});
