/** How a balancer finds out whom it can use: times of checks, ejections, panic, slow start. */
import { describe, expect, it } from 'vitest';
import type { LoadBalancerView } from '../../../../src/sim/components/load-balancer/view.ts';
import { request } from '../support/traffic-bench.ts';
import { ok, refused } from '../support/traffic-partners.ts';
import type { Play } from '../support/traffic-partners.ts';
import { balanced } from './support/balanced.ts';
import type { Balanced } from './support/balanced.ts';

const READY = { reply: { type: 'health.status', ready: true } as never };
const NOT_READY = { reply: { type: 'health.status', ready: false } as never };
const checked = { enabled: true, interMs: 2_000, timeoutMs: 1_000 };

/** A play for servers that answer checks. */
const healthy =
  (play: Play = () => ok()): Play =>
  (heard) =>
    heard.message.type === 'health.check' ? READY : play(heard);

const viewOf = (bench: Balanced, name = 'l1'): LoadBalancerView =>
  bench.view(name) as LoadBalancerView;
const healthOf = (bench: Balanced, name = 'l1'): boolean[] =>
  viewOf(bench, name).backends.map((backend) => backend.healthy);
/** When facts of this type were told, in milliseconds, and of whom. */
const told = (bench: Balanced, type: string, by = 'l1'): [number, string][] =>
  bench
    .told<{ type: string; backend: number }>(type, by)
    .map(({ atMicros, fact }) => [atMicros / 1_000, bench.nameOf(fact.backend)]);

describe('active health checks', () => {
  it('are spread over the interval, and come once in each', () => {
    const bench = balanced({ backends: 4, play: healthy(), config: { healthCheck: checked } });
    bench.ms(4_400);
    const checks = bench.sent('health.check').map(({ atMicros, to }) => [atMicros / 1e3, to]);
    expect(checks).toEqual([
      [0, 0],
      [500, 1],
      [1_000, 2],
      [1_500, 3],
      [2_000, 0],
      [2_500, 1],
      [3_000, 2],
      [3_500, 3],
      [4_000, 0],
    ]);
  });

  it('take a crashed backend down at its third failure, and up at its second success', () => {
    const bench = balanced({ backends: 2, play: healthy(), config: { healthCheck: checked } });
    bench.ms(2_500).inject('crash', { type: 'crash', target: 'b1' });
    // Checks of b1 at 4, 6, 8 s get no answer; each is given up after a second.
    bench.ms(8_999.9);
    expect(healthOf(bench)).toEqual([true, true]);
    bench.ms(9_000);
    expect(healthOf(bench)).toEqual([false, true]);
    expect(told(bench, 'balancer.backend-down')).toEqual([[9_000, 'b1']]);
    bench.ms(10_500).undo('crash');
    // Back at 12 s and 14 s, answered 2 ms later.
    bench.ms(14_001.9);
    expect(healthOf(bench)).toEqual([false, true]);
    bench.ms(14_002);
    expect(healthOf(bench)).toEqual([true, true]);
    expect(told(bench, 'balancer.backend-up')).toEqual([[14_002, 'b1']]);
  });

  it('count rise and fall in a row: an interrupted series starts anew', () => {
    const answers = 'xxoxxxoxoo';
    const play: Play = ({ message, nth }) => {
      if (message.type !== 'health.check') return ok();
      return answers[nth] === 'x' ? NOT_READY : READY;
    };
    const bench = balanced({ backends: 1, play, config: { healthCheck: checked } });
    // The new server stands at `rise`: its first failure takes it down (HAProxy).
    bench.ms(100_000);
    expect(told(bench, 'balancer.backend-down')).toEqual([[2, 'b1']]);
    expect(told(bench, 'balancer.backend-up')).toEqual([[18_002, 'b1']]);
  });

  it('keep requests from whoever is down, and give them back', () => {
    const bench = balanced({ backends: 2, play: healthy(), config: { healthCheck: checked } });
    bench.ms(2_500).inject('crash', { type: 'crash', target: 'b1' });
    bench.ms(9_500);
    for (let i = 0; i < 6; i++) bench.request(request(), 'l1');
    bench.ms(9_510);
    expect(bench.chosen()).toEqual(Array.from({ length: 6 }, () => 'b2'));
    bench.undo('crash').ms(16_500);
    for (let i = 0; i < 4; i++) bench.request(request(), 'l1');
    bench.ms(16_600);
    expect(new Set(bench.chosen().slice(6))).toEqual(new Set(['b1', 'b2']));
  });

  it('make a connection of layer 4 move when its backend is down', () => {
    const bench = balanced({
      backends: 2,
      play: healthy(),
      config: { layer: 'l4', healthCheck: checked },
    });
    const ask = (at: number) => bench.requestAt(at, request({ connection: 1 }), 'l1');
    ask(100);
    bench.ms(2_500).inject('crash', { type: 'crash', target: 'b1' });
    ask(3_000);
    ask(9_100);
    bench.undo('crash');
    ask(20_000);
    bench.ms(20_100);
    expect(bench.chosen()).toEqual(['b1', 'b1', 'b2', 'b2']);
  });

  it('of two balancers come at different times, so their views differ for a while', () => {
    const bench = balanced({
      backends: 1,
      balancers: 2,
      play: healthy(),
      config: { healthCheck: checked },
    });
    bench.ms(2_500).inject('crash', { type: 'crash', target: 'b1' });
    bench.ms(100_000);
    // One asks at 0, 2, 4..., the other at 1, 3, 5... seconds: third failures at 8 and 7 s.
    expect(told(bench, 'balancer.backend-down', 'l1')).toEqual([[9_000, 'b1']]);
    expect(told(bench, 'balancer.backend-down', 'l2')).toEqual([[8_000, 'b1']]);
  });

  it('are forgotten by a balancer that crashes: it starts with everybody healthy', () => {
    const bench = balanced({ backends: 2, play: healthy(), config: { healthCheck: checked } });
    bench.ms(2_500).inject('crash', { type: 'crash', target: 'b1' });
    bench.ms(9_500);
    expect(healthOf(bench)).toEqual([false, true]);
    bench.inject('again', { type: 'crash', target: 'l1' }).after(100);
    bench.undo('again').after(1);
    expect(healthOf(bench)).toEqual([true, true]);
  });
});

describe('outlier detection', () => {
  const failing =
    (server: number, code = 'internal-error'): Play =>
    (heard) =>
      heard.server === server ? refused(code) : ok();
  const detection = { enabled: true };

  it('ejects after five failures in a row, and lets back in at an interval after 30 s', () => {
    const bench = balanced({
      backends: 4,
      play: failing(0),
      config: { outlierDetection: detection },
    });
    for (let i = 0; i < 24; i++) bench.requestAt(100 + i, request(), 'l1');
    // b1 gets every fourth request: its fifth at 116 ms, answered 2 + 1 ms later.
    bench.ms(200);
    expect(told(bench, 'balancer.ejected')).toEqual([[119, 'b1']]);
    expect(viewOf(bench).backends.map(({ ejected }) => ejected)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const before = bench.chosen().length;
    for (let i = 0; i < 9; i++) bench.requestAt(300 + i, request(), 'l1');
    bench.ms(400);
    expect(bench.chosen().slice(before)).not.toContain('b1');
    bench.ms(100_000);
    // Intervals end at 10, 20, 30, 40 s; 30 s are over at 30.119.
    expect(told(bench, 'balancer.returned')).toEqual([[40_000, 'b1']]);
  });

  it('ejects for twice as long the second time', () => {
    const bench = balanced({
      backends: 4,
      play: failing(0),
      config: { outlierDetection: detection },
    });
    for (let i = 0; i < 24; i++) bench.requestAt(100 + i, request(), 'l1');
    for (let i = 0; i < 24; i++) bench.requestAt(40_100 + i, request(), 'l1');
    bench.ms(300_000);
    expect(told(bench, 'balancer.ejected')).toHaveLength(2);
    // 60 s after 40.1 s.
    expect(told(bench, 'balancer.returned').map(([at]) => at)).toEqual([40_000, 110_000]);
  });

  it.each([
    ['five', 5, 1],
    ['twenty', 20, 2],
    ['thirty', 30, 3],
  ])('of %s failing backends ejects one always, ten per cent at most', (_, backends, ejected) => {
    const bench = balanced({
      backends,
      play: () => refused('internal-error'),
      config: { panicThresholdPercent: 0, outlierDetection: detection },
    });
    for (let i = 0; i < backends * 10; i++) bench.requestAt(1 + i, request(), 'l1');
    bench.ms(9_000);
    const { backends: seen } = viewOf(bench);
    expect(seen.filter((backend) => backend.ejected)).toHaveLength(ejected);
  });

  it.each([
    ['rate-limited', false],
    ['bad-request', false],
    ['overloaded', true],
    ['gateway-timeout', true],
  ])('holds %s against a backend: %j', (code, isEjected) => {
    const bench = balanced({
      backends: 4,
      play: failing(0, code),
      config: { outlierDetection: detection },
    });
    for (let i = 0; i < 24; i++) bench.requestAt(100 + i, request(), 'l1');
    bench.ms(1_000);
    expect(told(bench, 'balancer.ejected')).toHaveLength(isEjected ? 1 : 0);
  });

  it('holds no answer against a backend', () => {
    const bench = balanced({
      backends: 4,
      play: ({ server }) => (server === 0 ? null : ok()),
      config: { call: { timeoutMs: 50 }, outlierDetection: detection },
    });
    for (let i = 0; i < 24; i++) bench.requestAt(100 + i, request(), 'l1');
    bench.ms(1_000);
    expect(told(bench, 'balancer.ejected').map(([, who]) => who)).toEqual(['b1']);
  });

  it('ejects by success rate at the end of an interval', () => {
    // b1 fails every second request, never five in a row: 50 % among 100 % is far below.
    const play: Play = ({ server, nth }) =>
      server === 0 && nth % 2 === 0 ? refused('internal-error') : ok();
    const bench = balanced({ backends: 6, play, config: { outlierDetection: detection } });
    for (let i = 0; i < 600; i++) bench.requestAt(1 + i * 10, request(), 'l1');
    bench.ms(10_001);
    expect(told(bench, 'balancer.ejected')).toEqual([[10_000, 'b1']]);
  });

  it('is off by default', () => {
    const bench = balanced({ backends: 4, play: failing(0) });
    for (let i = 0; i < 200; i++) bench.requestAt(1 + i, request(), 'l1');
    bench.ms(100_000);
    expect(told(bench, 'balancer.ejected')).toEqual([]);
  });
});

describe('panic', () => {
  const crash = (bench: Balanced, names: readonly string[]) =>
    names.forEach((name) => bench.inject(name, { type: 'crash', target: name }));

  it('begins when fewer than half are healthy: then all get requests', () => {
    const bench = balanced({ backends: 4, play: healthy(), config: { healthCheck: checked } });
    bench.ms(1_900);
    crash(bench, ['b1', 'b2']);
    bench.ms(20_000);
    expect(healthOf(bench)).toEqual([false, false, true, true]);
    expect(viewOf(bench).isPanicking).toBe(false);
    crash(bench, ['b3']);
    bench.ms(40_000);
    expect(viewOf(bench).isPanicking).toBe(true);
    expect(bench.node('l1').behaviour.roles(bench.node('l1').state)).toEqual(['panicking']);
    for (let i = 0; i < 4; i++) bench.request(request(), 'l1');
    bench.ms(40_100);
    expect(new Set(bench.chosen())).toEqual(new Set(['b1', 'b2', 'b3', 'b4']));
    bench.undo('b3').ms(60_000);
    expect(viewOf(bench).isPanicking).toBe(false);
    expect(bench.told('balancer.panic').map(({ fact }) => fact)).toEqual([
      { type: 'balancer.panic', healthy: 1, backends: 4 },
    ]);
    expect(bench.told('balancer.calm').map(({ fact }) => fact)).toEqual([
      { type: 'balancer.calm', healthy: 2, backends: 4 },
    ]);
  });

  it('never begins with a threshold of 0: then nobody gets requests', () => {
    const bench = balanced({
      backends: 2,
      play: healthy(),
      config: { healthCheck: checked, panicThresholdPercent: 0 },
    });
    bench.ms(1_900);
    crash(bench, ['b1', 'b2']);
    bench.ms(20_000);
    const tag = bench.request(request(), 'l1');
    bench.ms(20_100);
    expect(bench.code(tag)).toBe('unavailable');
    expect(bench.told('balancer.panic')).toEqual([]);
  });
});

describe('slow start', () => {
  it('lets the share of a backend that comes up grow little by little', () => {
    const bench = balanced({
      backends: 2,
      play: healthy(),
      config: {
        healthCheck: { ...checked, interMs: 1_000, timeoutMs: 500 },
        slowStart: { windowMs: 10_000 },
        call: { balance: { policy: 'smooth-weighted-round-robin' } },
      },
    });
    bench.ms(100).inject('crash', { type: 'crash', target: 'b1' });
    bench.ms(6_100).undo('crash');
    bench.until(() => healthOf(bench)[0] === true);
    const up = bench.run.now / 1_000;
    expect(viewOf(bench).backends.map(({ weight }) => weight)).toEqual([0.1, 1]);
    const shares: number[] = [];
    for (let second = 0; second < 12; second++) {
      const before = bench.chosen().length;
      for (let i = 0; i < 100; i++) bench.requestAt(up + second * 1_000 + i * 10, request(), 'l1');
      bench.ms(up + second * 1_000 + 999);
      const chosen = bench.chosen().slice(before);
      shares.push(chosen.filter((name) => name === 'b1').length);
    }
    // At the middle of second s the weight is (s + 0.5) / 10: a share of w / (w + 1) of 100.
    for (let s = 1; s < 10; s++) {
      const weight = (s + 0.5) / 10;
      expect(Math.abs(shares[s]! - (100 * weight) / (weight + 1))).toBeLessThanOrEqual(2);
    }
    expect(shares[0]).toBeLessThanOrEqual(10);
    expect(shares.slice(10)).toEqual([50, 50]);
  });

  it('does not slow those that are there when the balancer starts', () => {
    const bench = balanced({
      backends: 2,
      config: {
        slowStart: { windowMs: 10_000 },
        call: { balance: { policy: 'least-connections' } },
      },
    });
    bench.ms(10);
    expect(viewOf(bench).backends.map(({ weight }) => weight)).toEqual([1, 1]);
  });

  it('slows a new member', () => {
    const bench = balanced({
      backends: 2,
      config: {
        slowStart: { windowMs: 10_000 },
        call: { balance: { policy: 'least-connections' } },
      },
    });
    bench.ms(10).parts.growth.spawn('b');
    bench.ms(20);
    expect(viewOf(bench).backends.map(({ weight }) => weight)).toEqual([1, 1, 0.1]);
    bench.ms(20_000);
    expect(viewOf(bench).backends.map(({ weight }) => weight)).toEqual([1, 1, 1]);
  });
});

describe('members', () => {
  it('that leave get no requests and no checks any more, and nothing is lost', () => {
    const bench = balanced({
      backends: 3,
      play: healthy(() => ok(50)),
      config: { healthCheck: checked, sticky: 'session' },
    });
    const early = [0, 1, 2].map((session) => bench.requestAt(10, request({ session }), 'l1'));
    bench.ms(20).parts.growth.retire(1);
    const late = [0, 1, 2].map((session) => bench.requestAt(100, request({ session }), 'l1'));
    bench.ms(10_000);
    expect(viewOf(bench).backends.map(({ name }) => name)).toEqual(['b1', 'b3']);
    expect(late.map((tag) => bench.code(tag))).toEqual(['ok', 'ok', 'ok']);
    expect(early.every((tag) => bench.code(tag) !== undefined)).toBe(true);
    expect(
      bench.sent('health.check').filter(({ atMicros, to }) => to === 1 && atMicros > 20_000),
    ).toEqual([]);
    expect(viewOf(bench).underWay).toBe(0);
  });
});
