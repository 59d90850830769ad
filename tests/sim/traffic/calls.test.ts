/** A call through an upstream: whom it goes to, when it is tried again, and what is said of it. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import { forSeeds } from '../../support/seeds.ts';
import { ok, refused } from '../components/support/traffic-partners.ts';
import type { Act, Play } from '../components/support/traffic-partners.ts';
import { clientBench } from '../components/support/traffic-bench.ts';
import type { ClientBenchPlan, TrafficBench } from '../components/support/traffic-bench.ts';

const REQUEST = 'http.request';
const times = (count: number, every = 10): number[] =>
  Array.from({ length: count }, (_, i) => 10 + i * every);
const run = (plan: ClientBenchPlan, untilMs = 5_000): TrafficBench => clientBench(plan).ms(untilMs);
/** The answers in turn; after the last one, silence. */
const inTurn =
  (...acts: Act[]): Play =>
  ({ nth }) =>
    acts[nth] ?? null;
const constant = { policy: 'constant', baseMs: 50, capMs: 1_000 };

describe('whom a call goes to', () => {
  it('is, by round robin, one member after the other', () => {
    const bench = run({ servers: 3, times: times(7) });
    expect(bench.targets(REQUEST)).toEqual(['b1', 'b2', 'b3', 'b1', 'b2', 'b3', 'b1']);
  });

  it('follows weights, and never a member of weight 0', () => {
    const balance = { policy: 'smooth-weighted-round-robin', weights: [2, 0, 1] };
    const bench = run({ servers: 3, times: times(6), call: { balance } });
    expect(bench.targets(REQUEST)).toEqual(['b1', 'b3', 'b1', 'b1', 'b3', 'b1']);
  });

  it('is another member when the first did not answer', () => {
    const call = { timeoutMs: 20, maxAttempts: 3, backoff: constant };
    const bench = run({ servers: 3, call, play: () => null });
    expect(bench.targets(REQUEST)).toEqual(['b1', 'b2', 'b3']);
  });

  it('counts requests under way by member, and forgets them when they end', () => {
    const play: Play = () => ok(100);
    const bench = clientBench({ servers: 2, times: [10, 11, 12], play }).ms(50);
    expect(bench.upstream().backends.active).toEqual([2, 1]);
    expect(bench.upstream().backends.sent).toEqual([2, 1]);
    bench.ms(500);
    expect(bench.upstream().backends.active).toEqual([0, 0]);
    expect(bench.upstream().backends.sent).toEqual([2, 1]);
  });
});

describe('a timeout', () => {
  it('ends a try after exactly so long', () => {
    const [end] = run({ play: () => null, call: { timeoutMs: 30 } }).completed();
    expect(end).toMatchObject({ outcome: 'fail', error: 'timeout', latencyMicros: 30_000 });
  });

  it('does not end a try that is answered a microsecond before', () => {
    const play = (): Act => ok(27.999);
    const [end] = run({ play, call: { timeoutMs: 30 } }).completed();
    expect(end).toMatchObject({ outcome: 'ok', latencyMicros: 29_999 });
  });

  it('leaves the late reply to be counted', () => {
    const bench = run({ play: () => ok(100), call: { timeoutMs: 30 } });
    expect(bench.completed()).toHaveLength(1);
    expect(bench.lateReplies).toBe(1);
  });

  it('is switched off by its ablation', () => {
    const plan = { play: () => ok(4_000), call: { timeoutMs: 30 } };
    const [end] = run({ ...plan, ablations: ['traffic.timeout'] }).completed();
    expect(end).toMatchObject({ outcome: 'ok', latencyMicros: 4_002_000 });
  });
});

describe('pauses between tries', () => {
  // A refusal is back 2 ms after its try.
  const tries = (backoff: object, attempts: number, ablations: string[] = [], seed = 1) => {
    const call = { maxAttempts: attempts, backoff };
    return run({ play: () => refused('overloaded'), call, ablations, seed }).times(REQUEST);
  };

  it('are constant', () => {
    expect(tries(constant, 4)).toEqual([10, 62, 114, 166]);
  });

  it('double up to the cap', () => {
    const backoff = { policy: 'exponential', baseMs: 50, capMs: 150 };
    expect(tries(backoff, 5)).toEqual([10, 62, 164, 316, 468]);
  });

  it('are none without a policy of pauses', () => {
    expect(tries({ policy: 'none' }, 3)).toEqual([10, 12, 14]);
  });

  it('are none without backoff, and not drawn without jitter', () => {
    const jitter = { policy: 'full-jitter', baseMs: 50, capMs: 150 };
    expect(tries(jitter, 3, ['traffic.retry-backoff'])).toEqual([10, 12, 14]);
    expect(tries(jitter, 5, ['traffic.retry-jitter'])).toEqual([10, 62, 164, 316, 468]);
  });

  const pauses = (policy: string, seed: number): number[] => {
    const at = tries({ policy, baseMs: 50, capMs: 150 }, 5, [], seed);
    return at.slice(1).map((ms, i) => ms - (at[i] as number) - 2);
  };
  const doubled = [50, 100, 150, 150];
  /** Times are whole microseconds. */
  const EPSILON = 0.002;

  it('with full jitter lie between nothing and the doubled pause', () => {
    const seen: number[] = [];
    forSeeds(20, import.meta.url, (seed) => {
      pauses('full-jitter', seed).forEach((p, i) => {
        expect(p).toBeLessThanOrEqual((doubled[i] as number) + EPSILON);
        seen.push(p);
      });
    });
    expect(new Set(seen).size).toBeGreaterThan(seen.length / 2);
    // Half of them are below half of the pause; none was so with equal jitter.
    expect(seen.some((p, i) => p < (doubled[i % 4] as number) / 2)).toBe(true);
  });

  it('with equal jitter lie between half of it and all', () => {
    const seen: number[] = [];
    forSeeds(20, import.meta.url, (seed) => {
      pauses('equal-jitter', seed).forEach((p, i) => {
        expect(p).toBeGreaterThanOrEqual((doubled[i] as number) / 2 - EPSILON);
        expect(p).toBeLessThanOrEqual((doubled[i] as number) + EPSILON);
        seen.push(p);
      });
    });
    expect(new Set(seen).size).toBeGreaterThan(seen.length / 2);
  });

  it('decorrelated lie between the base and three times the last, up to the cap', () => {
    forSeeds(20, import.meta.url, (seed) => {
      const seen = pauses('decorrelated-jitter', seed);
      seen.forEach((p, i) => {
        const last = i === 0 ? 50 : (seen[i - 1] as number);
        expect(p).toBeGreaterThanOrEqual(50 - EPSILON);
        expect(p).toBeLessThanOrEqual(Math.min(150, 3 * last) + EPSILON);
      });
      expect(new Set(seen).size).toBeGreaterThan(1);
    });
  });
});

describe('tries', () => {
  it('say the how-manieth they are, and are counted', () => {
    const call = { maxAttempts: 3, backoff: constant };
    const bench = run({ play: inTurn(refused('overloaded'), refused('overloaded'), ok()), call });
    const sent = bench.sent(REQUEST).map(({ message }) => (message as HttpRequest).attempt);
    expect(sent).toEqual([0, 1, 2]);
    expect(bench.completed()).toMatchObject([{ outcome: 'ok', retries: 2 }]);
    expect(bench.upstream()).toMatchObject({ retries: 2, ok: 1, failed: 0 });
  });

  it('end with the last attempt', () => {
    const bench = run({ play: () => refused('overloaded'), call: { maxAttempts: 1 } });
    expect(bench.times(REQUEST)).toEqual([10]);
    expect(bench.completed()).toMatchObject([{ outcome: 'fail', error: 'overloaded', retries: 0 }]);
    expect(bench.upstream()).toMatchObject({ retries: 0, ok: 0, failed: 1 });
  });

  it('are not begun at or after the deadline: it fails without the pause', () => {
    const plan = (deadlineMs: number) => ({
      play: () => refused('overloaded'),
      call: { maxAttempts: 9, deadlineMs, backoff: constant },
    });
    // Tries begin 0, 52 and 104 ms after the wish.
    const short = run(plan(104));
    expect(short.times(REQUEST)).toEqual([10, 62]);
    expect(short.completed()).toMatchObject([{ error: 'overloaded', latencyMicros: 54_000 }]);
    expect(run(plan(104.001)).times(REQUEST)).toEqual([10, 62, 114]);
  });

  it('wait no longer than the deadline', () => {
    const call = { timeoutMs: 30, deadlineMs: 100, maxAttempts: 9, backoff: constant };
    const bench = run({ play: () => null, call });
    expect(bench.times(REQUEST)).toEqual([10, 90]);
    expect(bench.completed()).toMatchObject([{ error: 'timeout', latencyMicros: 100_000 }]);
  });
});

describe('what is said of a call that failed', () => {
  const call = { timeoutMs: 30, maxAttempts: 2, backoff: constant };
  const said = (plan: ClientBenchPlan) => run({ call, ...plan }).completed()[0]?.outcome;

  it('is a definite failure where every try was surely without effect', () => {
    expect(said({ write: true, play: () => refused('overloaded') })).toBe('fail');
  });

  it('is unknown where a write got no answer', () => {
    expect(said({ write: true, play: () => null })).toBe('unknown');
  });

  it('is unknown where the answer does not tell whether a write took effect', () => {
    expect(said({ write: true, play: () => refused('internal-error') })).toBe('unknown');
  });

  it('is unknown where a write got no answer once and was then refused', () => {
    expect(said({ write: true, play: inTurn(null, refused('overloaded')) })).toBe('unknown');
    expect(said({ write: true, play: inTurn(refused('overloaded'), null) })).toBe('unknown');
  });

  it('is never unknown of a read', () => {
    expect(said({ play: () => null })).toBe('fail');
    expect(said({ play: () => refused('internal-error') })).toBe('fail');
  });

  it('is forgotten by the next call', () => {
    const play: Play = ({ nth }) => (nth === 0 ? null : refused('overloaded'));
    const one = { timeoutMs: 30 };
    const bench = run({ write: true, times: [10, 100], play, call: one });
    expect(bench.completed().map(({ outcome }) => outcome)).toEqual(['unknown', 'fail']);
  });
});

describe('a write whose fate is unknown', () => {
  const call = { timeoutMs: 30, maxAttempts: 3, backoff: constant, retryUnknown: false };

  it('is tried again only if that is wanted', () => {
    const plan = { write: true, play: inTurn(null, ok()) };
    expect(run({ ...plan, call }).times(REQUEST)).toEqual([10]);
    expect(run({ ...plan, call: { ...call, retryUnknown: true } }).times(REQUEST)).toEqual([
      10, 90,
    ]);
  });

  it('is tried again after a refusal: that one had no effect', () => {
    const bench = run({ write: true, call, play: inTurn(refused('overloaded'), ok()) });
    expect(bench.times(REQUEST)).toEqual([10, 62]);
  });

  it('stops at the first try whose fate is unknown', () => {
    const play = inTurn(refused('overloaded'), null, ok());
    expect(run({ write: true, call, play }).times(REQUEST)).toEqual([10, 62]);
  });

  it('does not hinder a read', () => {
    expect(run({ call, play: inTurn(null, ok()) }).times(REQUEST)).toEqual([10, 90]);
  });
});

describe('Retry-After', () => {
  const call = { maxAttempts: 3, backoff: constant };
  const limited = (retryAfterMs: number): Play =>
    inTurn({ refuse: 'rate-limited', detail: { retryAfterMs } }, ok());

  it('is waited for', () => {
    expect(run({ call, play: limited(400) }).times(REQUEST)).toEqual([10, 412]);
  });

  it('does not shorten the pause', () => {
    expect(run({ call, play: limited(20) }).times(REQUEST)).toEqual([10, 62]);
  });

  it('is not waited for by who does not respect it', () => {
    const rude = { ...call, respectRetryAfter: false };
    expect(run({ call: rude, play: limited(400) }).times(REQUEST)).toEqual([10, 62]);
    const ablations = ['traffic.retry-after'];
    expect(run({ call, ablations, play: limited(400) }).times(REQUEST)).toEqual([10, 62]);
  });

  it('beyond the deadline ends the call at once', () => {
    const bench = run({ call: { ...call, deadlineMs: 300 }, play: limited(400) });
    expect(bench.completed()).toMatchObject([{ error: 'rate-limited', latencyMicros: 2_000 }]);
  });
});
