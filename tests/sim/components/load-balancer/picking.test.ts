/** Which backend a balancer picks, in sequences of real requests, and what it answers. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import type { LoadBalancerView } from '../../../../src/sim/components/load-balancer/view.ts';
import { balanced } from './support/balanced.ts';
import { request } from '../support/traffic-bench.ts';
import { ok, refused } from '../support/traffic-partners.ts';

const letters = (targets: readonly string[]): string =>
  targets.map((name) => String.fromCharCode(96 + Number(name.slice(1)))).join('');

describe('a balancer of layer 7', () => {
  it.each([
    [[5, 1, 1], 'aabacaa'],
    [[1, 1, 1], 'abc'],
    [[10, 5, 2, 1], 'abacabaabadabacaba'],
  ])('takes smooth weighted turns as nginx does: %j', (weights, sequence) => {
    const bench = balanced({
      backends: weights.length,
      config: { call: { balance: { policy: 'smooth-weighted-round-robin', weights } } },
    });
    for (let i = 0; i < sequence.length; i++) bench.request(request(), 'l1');
    bench.ms(10);
    expect(letters(bench.chosen())).toBe(sequence);
  });

  it('takes turns one after the other', () => {
    const bench = balanced({ backends: 3 });
    for (let i = 0; i < 7; i++) bench.request(request(), 'l1');
    bench.ms(10);
    expect(letters(bench.chosen())).toBe('abcabca');
  });

  it('sends requests of one key to one backend where the policy hashes', () => {
    const bench = balanced({ backends: 5, config: { call: { balance: { policy: 'maglev' } } } });
    for (let i = 0; i < 40; i++) bench.request(request({ key: i % 4, session: i }), 'l1');
    bench.ms(10);
    const chosen = bench.chosen();
    for (let i = 4; i < 40; i++) expect(chosen[i]).toBe(chosen[i % 4]);
    expect(new Set(chosen).size).toBeGreaterThan(1);
  });

  it('hashes on what it is told to hash on', () => {
    const balance = { policy: 'ring-hash', hashOn: 'session' };
    const bench = balanced({ backends: 5, config: { call: { balance } } });
    for (let i = 0; i < 40; i++) bench.request(request({ key: i, session: i % 4 }), 'l1');
    bench.ms(10);
    const chosen = bench.chosen();
    for (let i = 4; i < 40; i++) expect(chosen[i]).toBe(chosen[i % 4]);
  });

  it('sends to whoever has the fewest requests under way', () => {
    const bench = balanced({
      backends: 2,
      play: ({ server }) => ok(server === 0 ? 1_000 : 1),
      config: { call: { timeoutMs: 5_000, balance: { policy: 'least-connections' } } },
    });
    for (let i = 0; i < 10; i++) bench.requestAt(1 + i * 10, request(), 'l1');
    bench.ms(200);
    expect(letters(bench.chosen())).toBe('abbbbbbbbb');
  });
});

describe('sticky sessions', () => {
  const sticky = { sticky: 'session' };

  it('stay with the backend of their first request', () => {
    const bench = balanced({ backends: 3, config: sticky });
    const sessions = [1, 2, 3, 4, 1, 3, 2, 4, 4, 1];
    for (const session of sessions) bench.request(request({ session }), 'l1');
    bench.ms(10);
    // The first four take turns: 1 = a, 2 = b, 3 = c, 4 = a.
    expect(letters(bench.chosen())).toBe('abcaacbaaa');
  });

  it('move to another backend for good when theirs is ejected', () => {
    const bench = balanced({
      backends: 2,
      play: ({ server }) => (server === 0 ? refused('internal-error') : ok()),
      config: {
        ...sticky,
        panicThresholdPercent: 0,
        outlierDetection: { enabled: true, consecutive5xx: 2 },
      },
    });
    for (let i = 0; i < 5; i++) bench.requestAt(10 * (i + 1), request({ session: 1 }), 'l1');
    bench.ms(100);
    expect(letters(bench.chosen())).toBe('aabbb');
  });

  it('are forgotten when there are too many, the longest unused first', () => {
    const bench = balanced({ backends: 3, config: { ...sticky, maxTracked: 2 } });
    for (const session of [1, 2, 1, 3, 1, 2]) bench.request(request({ session }), 'l1');
    bench.ms(10);
    // 1 = a, 2 = b, 3 = c drives out 2 (1 was used after it); 2 is new again: the next turn, a.
    expect(letters(bench.chosen())).toBe('abacaa');
    expect((bench.view('l1') as LoadBalancerView).backends.map(({ pinned }) => pinned)).toEqual([
      2, 0, 0,
    ]);
  });
});

describe('a balancer of layer 4', () => {
  it('sends two connections to no more than two of four backends, whatever the requests', () => {
    const bench = balanced({ backends: 4, config: { layer: 'l4' } });
    for (let i = 0; i < 40; i++) {
      bench.request(request({ connection: i % 2, session: i, key: i }), 'l1');
    }
    bench.ms(10);
    const { backends } = bench.view('l1') as LoadBalancerView;
    expect(backends.map(({ sent }) => sent)).toEqual([20, 20, 0, 0]);
    expect(backends.map(({ pinned }) => pinned)).toEqual([1, 1, 0, 0]);
  });

  it.each([1, 2, 3, 5, 8])('reaches at most as many backends as connections: %i', (k) => {
    const balance = { policy: 'random' };
    const bench = balanced({ backends: 6, config: { layer: 'l4', call: { balance } } });
    for (let i = 0; i < 60; i++) bench.request(request({ connection: i % k, key: i }), 'l1');
    bench.ms(10);
    expect(new Set(bench.chosen()).size).toBeLessThanOrEqual(k);
  });

  it('tells the connections of two callers apart', () => {
    const bench = balanced({ backends: 4, callers: 2, config: { layer: 'l4' } });
    for (let i = 0; i < 4; i++) {
      bench.requestFrom('a1', request({ connection: 7 }), 'l1');
      bench.requestFrom('a2', request({ connection: 7 }), 'l1');
    }
    bench.ms(10);
    expect(new Set(bench.chosen()).size).toBe(2);
  });

  it('counts connections, not requests, where the policy asks for load', () => {
    const bench = balanced({
      backends: 2,
      play: () => ok(1_000),
      config: {
        layer: 'l4',
        call: { timeoutMs: 5_000, balance: { policy: 'least-connections' } },
      },
    });
    // One busy connection on a, three quiet ones: by requests all of them would go to b.
    for (let i = 0; i < 9; i++) bench.requestAt(10 + i, request({ connection: 1 }), 'l1');
    bench.requestAt(30, request({ connection: 2 }), 'l1');
    bench.requestAt(40, request({ connection: 3 }), 'l1');
    bench.requestAt(50, request({ connection: 4 }), 'l1');
    bench.ms(60);
    const { backends } = bench.view('l1') as LoadBalancerView;
    expect(backends.map(({ pinned }) => pinned)).toEqual([2, 2]);
  });
});

describe('what a balancer answers', () => {
  it.each([
    ['overloaded', 'overloaded'],
    ['unavailable', 'unavailable'],
    ['bad-request', 'bad-request'],
    ['internal-error', 'internal-error'],
    ['gateway-timeout', 'gateway-timeout'],
  ])('is what the backend answered: %s', (code, seen) => {
    const bench = balanced({ backends: 1, play: () => refused(code) });
    const tag = bench.request(request({ write: true }), 'l1');
    bench.ms(10);
    expect(bench.code(tag)).toBe(seen);
  });

  it('is the response, unchanged', () => {
    const bench = balanced({ backends: 1, play: () => ok(0, 42) });
    const tag = bench.request(request(), 'l1');
    bench.ms(10);
    expect(bench.value(tag)).toEqual({ type: 'http.response', version: 42, degraded: false });
  });

  it('tells after how long to come back, as the backend did', () => {
    const detail = { retryAfterMs: 750 };
    const bench = balanced({ backends: 1, play: () => ({ refuse: 'rate-limited', detail }) });
    const tag = bench.request(request(), 'l1');
    bench.ms(10);
    expect(bench.reply(tag)?.result).toMatchObject({
      outcome: 'fail',
      error: { code: 'rate-limited', detail },
    });
  });

  it.each([false, true])('is a gateway timeout where no answer came (write: %j)', (write) => {
    const bench = balanced({ backends: 1, play: () => null, config: { call: { timeoutMs: 50 } } });
    const tag = bench.requestAt(1, request({ write }), 'l1');
    bench.ms(100);
    expect(bench.code(tag)).toBe('gateway-timeout');
    expect(bench.at(tag)).toBe(1 + 1 + 50 + 1);
    expect(bench.reply(tag)?.result.outcome).toBe('unknown');
  });

  it('leaves in doubt a write of which one try is in doubt, though the last was refused', () => {
    const bench = balanced({
      backends: 1,
      play: ({ nth }) => (nth === 0 ? null : refused('overloaded')),
      config: { call: { timeoutMs: 20, maxAttempts: 2, backoff: { policy: 'none' } } },
    });
    const tag = bench.request(request({ write: true }), 'l1');
    const read = bench.requestAt(200, request(), 'l1');
    bench.ms(300);
    expect(bench.code(tag)).toBe('bad-gateway');
    expect(bench.reply(tag)?.result.outcome).toBe('unknown');
    expect(bench.code(read)).toBe('overloaded');
  });

  it('is that a backend is unavailable when there is none', () => {
    const bench = balanced({
      backends: 1,
      play: () => refused('internal-error'),
      config: {
        panicThresholdPercent: 0,
        outlierDetection: { enabled: true, consecutive5xx: 1 },
      },
    });
    bench.request(request(), 'l1');
    const tag = bench.requestAt(10, request({ write: true }), 'l1');
    bench.ms(20);
    expect(bench.code(tag)).toBe('unavailable');
    expect(bench.reply(tag)?.result.outcome).toBe('fail');
  });

  it('comes once for each request, whatever happened to the tries', () => {
    const bench = balanced({
      backends: 3,
      play: ({ nth }) => (nth % 3 === 0 ? null : nth % 3 === 1 ? refused('overloaded') : ok(4)),
      config: { call: { timeoutMs: 15, maxAttempts: 3, hedge: { afterMs: 5 } } },
    });
    const tags = Array.from({ length: 30 }, (_, i) => bench.requestAt(i * 3, request(), 'l1'));
    bench.ms(5_000);
    expect(tags.every((tag) => bench.code(tag) !== undefined)).toBe(true);
    const seen = bench.view('l1') as LoadBalancerView;
    expect(seen.ok + seen.failed).toBe(30);
    expect(seen.requests).toBe(30);
    expect(seen.underWay).toBe(0);
  });
});

describe('another try', () => {
  it('goes to another backend, by the policy', () => {
    const bench = balanced({
      backends: 3,
      play: ({ server }) => (server === 0 ? refused('overloaded') : ok()),
      config: { call: { maxAttempts: 2, backoff: { policy: 'none' } } },
    });
    const tag = bench.request(request(), 'l1');
    bench.ms(20);
    expect(letters(bench.chosen())).toBe('ab');
    expect(bench.code(tag)).toBe('ok');
  });

  it('says that it is one', () => {
    const bench = balanced({
      backends: 1,
      play: ({ nth }) => (nth === 0 ? refused('overloaded') : ok()),
      config: { call: { maxAttempts: 2, backoff: { policy: 'none' } } },
    });
    bench.request(request(), 'l1');
    bench.ms(20);
    const tries = bench.heard().map(({ message }) => (message as HttpRequest).attempt);
    expect(tries).toEqual([0, 1]);
  });
});

describe('a subset', () => {
  it('gives each balancer its own backends, and together they use all', () => {
    const bench = balanced({ backends: 6, balancers: 3, config: { subsetSize: 2 } });
    const subsets = ['l1', 'l2', 'l3'].map((name) =>
      (bench.ms(1).view(name) as LoadBalancerView).backends.map((backend) => backend.name),
    );
    expect(subsets.map((subset) => subset.length)).toEqual([2, 2, 2]);
    expect(subsets.flat().sort()).toEqual(['b1', 'b2', 'b3', 'b4', 'b5', 'b6']);
  });
});

describe('several balancers', () => {
  it('each know only the requests that they sent themselves', () => {
    const bench = balanced({
      backends: 2,
      balancers: 2,
      play: () => ok(500),
      config: { call: { balance: { policy: 'least-connections' } } },
    });
    bench.request(request(), 'l1');
    bench.requestAt(5, request(), 'l2');
    bench.ms(10);
    // The second does not see that a is busy.
    expect(letters(bench.chosen())).toBe('aa');
  });
});
