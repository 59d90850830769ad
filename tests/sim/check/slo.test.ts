/** Service levels: what is measured, over which window and clients, and when it is unknown. */
import { describe, expect, it } from 'vitest';
import { slo } from '../../../src/sim/check/slo.ts';
import { Stage } from './support/check-env.ts';

const stage = (args: object) => new Stage(slo, args);

describe('a share of successes', () => {
  it('holds at its bound and breaks below it', () => {
    const half = (atLeast: number) => stage({ atLeast }).done(1, 'ok').done(2, 'fail').end();
    expect(half(0.5).verdict).toBe('pass');
    const broken = half(0.51);
    expect(broken.verdict).toBe('fail');
    expect(broken.whys).toEqual(['success-share is 0.5 over 2 operations, not at least 0.51.']);
  });

  it('counts what is unknown as no success', () => {
    expect(stage({ atLeast: 1 }).done(1, 'ok').done(2, 'unknown').end().verdict).toBe('fail');
  });

  it('is unknown with fewer operations than it needs', () => {
    const few = stage({ atLeast: 1, operationsMin: 3 }).done(1, 'fail').done(2, 'fail').end();
    expect(few.verdict).toBe('unknown');
    expect(few.told).toEqual([]);
    expect(stage({ atLeast: 1 }).end().verdict).toBe('unknown');
  });

  it('is judged at the end only', () => {
    expect(stage({ atLeast: 1 }).done(1, 'fail').now).toBe('unknown');
  });
});

describe('a window', () => {
  const window = { atLeast: 1, fromMs: 10, untilMs: 20 };

  it('takes the operations that end in it, both ends included', () => {
    const inside = stage(window).done(9, 'fail').done(10, 'ok').done(20, 'ok').done(21, 'fail');
    expect(inside.end().verdict).toBe('pass');
    expect(stage(window).done(20, 'fail').end().verdict).toBe('fail');
  });

  it('that the run did not reach the end of leaves it unknown', () => {
    const short = stage(window).done(15, 'fail').end(19);
    expect(short.verdict).toBe('unknown');
    expect(short.told).toEqual([]);
    expect(stage({ atLeast: 1 }).done(15, 'fail').end(19, false).verdict).toBe('unknown');
  });

  it('ends with the run, too, where thousandths are no binary fractions', () => {
    // 16.1 * 1_000 is 16_100.000000000002.
    const whole = stage({ atLeast: 1, fromMs: 10, untilMs: 16.1 }).done(15, 'ok').end(16.1);
    expect(whole.verdict).toBe('pass');
  });

  it('that was cut short still shows what can only get worse', () => {
    const most = { metric: 'ok-count', atMost: 1, fromMs: 10, untilMs: 20 };
    expect(stage(most).done(11, 'ok').done(12, 'ok').end(13, false).verdict).toBe('fail');
    expect(stage(most).done(11, 'ok').end(13, false).verdict).toBe('unknown');
  });
});

describe('clients', () => {
  it('of one group are told apart from the others', () => {
    // Nodes 0 and 1 are of group a, node 2 is of group b.
    const mixed = (clients: string) =>
      stage({ atLeast: 1, clients }).done(1, 'ok', 1, 0).done(2, 'fail', 1, 2).end().verdict;
    expect(mixed('a')).toBe('pass');
    expect(mixed('b')).toBe('fail');
    expect(mixed('')).toBe('fail');
    expect(mixed('nobody')).toBe('unknown');
  });
});

describe('latency', () => {
  const latencies = (args: object) => {
    const running = stage(args);
    for (let ms = 1; ms <= 100; ms++) running.done(ms, 'ok', ms);
    return running.end();
  };

  it('is that of the quantile', () => {
    expect(latencies({ metric: 'p50-ms', atMost: 52 }).verdict).toBe('pass');
    expect(latencies({ metric: 'p50-ms', atMost: 48 }).verdict).toBe('fail');
    expect(latencies({ metric: 'p99-ms', atMost: 101 }).verdict).toBe('pass');
    expect(latencies({ metric: 'p99-ms', atMost: 97 }).verdict).toBe('fail');
  });

  it('says of how many it is where some did not go well', () => {
    const run = (atMost: number) =>
      stage({ metric: 'p99-ms', atMost }).done(1, 'ok', 5).done(2, 'fail', 90).end();
    expect(run(4).whys).toEqual([
      'p99-ms is 5 over the 1 of 2 operations that went well, not at most 4.',
    ]);
    expect(run(6).verdict).toBe('pass');
  });

  it('is not known where nobody was answered', () => {
    const silent = stage({ metric: 'p99-ms', atMost: 10 }).done(1, 'fail').done(2, 'unknown').end();
    expect(silent.verdict).toBe('unknown');
  });
});

describe('a count of successes', () => {
  it('has a least and a most', () => {
    const two = (bounds: object) =>
      stage({ metric: 'ok-count', ...bounds })
        .done(1, 'ok')
        .done(2, 'ok')
        .done(3, 'fail')
        .end();
    expect(two({ atLeast: 2, atMost: 2 }).verdict).toBe('pass');
    expect(two({ atLeast: 3 }).whys).toEqual(['ok-count is 2 over 3 operations, not at least 3.']);
    expect(two({ atMost: 1 }).whys).toEqual(['ok-count is 2 over 3 operations, not at most 1.']);
  });
});

describe('the longest gap', () => {
  const gap = (atMost: number, window: object = {}) =>
    stage({ metric: 'longest-gap-ms', atMost, ...window });

  it('lies between two successes; what fails does not end it', () => {
    const run = (atMost: number) =>
      gap(atMost, { untilMs: 60 }).done(10, 'ok').done(30, 'fail').done(50, 'ok').end().verdict;
    expect(run(40)).toBe('pass');
    expect(run(39)).toBe('fail');
  });

  it('counts the ends of the window', () => {
    const window = { fromMs: 100, untilMs: 200 };
    expect(gap(40, window).done(140, 'ok').done(170, 'ok').end().verdict).toBe('pass');
    expect(gap(39, window).done(140, 'ok').done(170, 'ok').end().verdict).toBe('fail');
    expect(gap(40, window).done(130, 'ok').done(159, 'ok').end().verdict).toBe('fail');
  });
});

describe('a saved service level', () => {
  it('goes on as if nothing had been in between', () => {
    const running = stage({ metric: 'p99-ms', atMost: 5 }).done(1, 'ok', 4);
    const image = running.check.save();
    running.done(2, 'ok', 400).end();
    expect(running.verdict).toBe('fail');
    running.check.restore(image);
    expect(running.now).toBe('unknown');
    expect(running.done(2, 'ok', 3).end().verdict).toBe('pass');
  });
});

describe('what operations cost', () => {
  /** Ends with so many retries, under a name, with an error or without. */
  const ended = (run: Stage, ms: number, more: object, latencyMs = 1) =>
    run.fact(ms, {
      type: 'client.completed',
      op: ms,
      client: 'c',
      f: 'GET /a',
      outcome: 'ok',
      output: null,
      retries: 0,
      latencyMicros: latencyMs * 1_000,
      ...more,
    } as never);
  const verdict = (args: object) => {
    const run = stage(args);
    ended(run, 1, {}, 10);
    ended(run, 2, { retries: 3 }, 20);
    ended(run, 3, { outcome: 'fail', error: 'overloaded', f: 'GET /b', retries: 1 }, 99);
    ended(run, 4, { outcome: 'unknown', error: 'timeout' }, 99);
    return run.end().verdict;
  };

  it('counts retries and hedges among the tries, each once', () => {
    const run = stage({ metric: 'tries-per-operation', atMost: 4, atLeast: 4 });
    ended(run, 1, { retries: 2, hedges: 1 });
    expect(run.end().verdict).toBe('pass');
    const hedged = stage({ metric: 'tries-per-operation', atMost: 1.5, atLeast: 1.5 });
    ended(hedged, 1, { hedges: 1 });
    ended(hedged, 2, { hedges: 0 });
    expect(hedged.end().verdict).toBe('pass');
  });

  it('counts tries per operation, of all that ended', () => {
    expect(verdict({ metric: 'tries-per-operation', atMost: 2, atLeast: 2 })).toBe('pass');
    expect(verdict({ metric: 'tries-per-operation', atMost: 1.99 })).toBe('fail');
  });

  it('has the mean of those that were answered', () => {
    expect(verdict({ metric: 'mean-ms', atMost: 15, atLeast: 15 })).toBe('pass');
    expect(verdict({ metric: 'mean-ms', atMost: 14.99 })).toBe('fail');
  });

  it('counts errors, all or of one code', () => {
    expect(verdict({ metric: 'error-count', atMost: 2, atLeast: 2 })).toBe('pass');
    expect(verdict({ metric: 'error-count', error: 'timeout', atMost: 1, atLeast: 1 })).toBe(
      'pass',
    );
    expect(verdict({ metric: 'error-count', error: 'nothing', atMost: 0 })).toBe('pass');
    expect(verdict({ metric: 'error-count', error: 'overloaded', atMost: 0 })).toBe('fail');
  });

  it('takes only operations of one name', () => {
    expect(verdict({ operation: 'GET /b', atMost: 0 })).toBe('pass');
    expect(verdict({ operation: 'GET /a', atLeast: 0.6, atMost: 0.7 })).toBe('pass');
  });

  it('counts successes a second, in the window', () => {
    const rate = (args: object) => {
      const run = stage({ metric: 'ok-per-second', ...args });
      for (let ms = 10; ms <= 100; ms += 10) run.done(ms, 'ok');
      return run.end(200).verdict;
    };
    expect(rate({ atLeast: 50, atMost: 50 })).toBe('pass');
    expect(rate({ untilMs: 100, atLeast: 100, atMost: 100 })).toBe('pass');
    expect(rate({ fromMs: 50, untilMs: 90, atLeast: 125, atMost: 125 })).toBe('pass');
  });

  it('has the far end of the latencies', () => {
    const far = (atMost: number) => {
      const run = stage({ metric: 'p999-ms', atMost });
      for (let i = 0; i < 2_000; i++) run.done(i / 10, 'ok', i < 1_997 ? 1 : 50);
      return run.end().verdict;
    };
    expect(far(51)).toBe('pass');
    expect(far(48)).toBe('fail');
  });

  it('keeps all of it over a checkpoint', () => {
    const run = stage({ metric: 'tries-per-operation', atMost: 2 });
    ended(run, 1, { retries: 1 });
    const image = run.check.save();
    ended(run, 2, { retries: 9 });
    run.check.restore(image);
    expect(run.end().verdict).toBe('pass');
  });
});
