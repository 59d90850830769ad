/** A pool of connections: opened once, used again, closed, waited for. */
import { describe, expect, it } from 'vitest';
import { waitingIn } from '../../../src/sim/traffic/upstream-view.ts';
import { connected, rows } from '../components/support/traffic-partners.ts';
import type { Act, Heard, Play } from '../components/support/traffic-partners.ts';
import { request, serviceBench } from '../components/support/traffic-bench.ts';
import type { ServiceBenchPlan, TrafficBench } from '../components/support/traffic-bench.ts';

/** Connects at once; a statement takes so many milliseconds. */
const database =
  (takesMs: number | ((nth: Heard) => number | null)): Play =>
  (heard) => {
    if (heard.message.type !== 'sql.query') return { reply: connected };
    const ms = typeof takesMs === 'number' ? takesMs : takesMs(heard);
    return ms === null ? null : { reply: rows(1), afterMs: ms };
  };

interface PoolPlan extends Omit<ServiceBenchPlan, 'config'> {
  readonly pool: object;
  readonly policy?: object;
  readonly times: readonly number[];
}

/** A service with a pool; it is asked at each of the times (they reach it 1 ms later). */
function run({ pool, policy, times, ...plan }: PoolPlan, untilMs = 5_000) {
  const bench = serviceBench({
    steps: [{ do: 'query', to: 'to' }],
    ...plan,
    config: { upstreams: [{ to: 'to', pool, ...policy }] },
  });
  const tags = times.map((ms) => bench.requestAt(ms, request({ seed: ms })));
  return { bench: bench.ms(untilMs), tags };
}
const poolOf = (bench: TrafficBench) => bench.upstream('s1').pool;

describe('a connection', () => {
  it('is opened before the first statement, and used again for the next', () => {
    const { bench } = run({ pool: { maxOpen: 2 }, times: [9, 99], play: database(10) });
    expect(bench.times('sql.connect')).toEqual([10]);
    expect(bench.times('sql.query')).toEqual([12, 100]);
    expect(bench.sent('sql.close')).toEqual([]);
    expect(poolOf(bench)).toMatchObject({ opened: 1, closed: 0 });
  });

  it('that was used last is taken first', () => {
    const play = database(({ nth }) => (nth < 4 ? 10 : 1));
    const plan = { pool: { maxOpen: 2 }, servers: 2, times: [9, 14, 99, 199], play };
    const { bench } = run(plan);
    // The first two overlap, each on a member of its own; the second ends last.
    expect(bench.targets('sql.connect')).toEqual(['b1', 'b2']);
    expect(bench.targets('sql.query')).toEqual(['b1', 'b2', 'b2', 'b2']);
  });

  it('beyond maxIdle is closed when it is given back', () => {
    const pool = { maxOpen: 3, maxIdle: 1 };
    const { bench } = run({ pool, times: [9, 9.5, 10], play: database(10) });
    expect(bench.sent('sql.connect')).toHaveLength(3);
    // Statements end 10.5 and 11 ms later than the first, which is kept.
    expect(bench.times('sql.close')).toEqual([24.5, 25]);
    expect(poolOf(bench)).toMatchObject({ opened: 3, closed: 2 });
    expect(poolOf(bench).idle).toHaveLength(1);
  });

  it('that is too old is closed and another one opened', () => {
    const pool = { maxOpen: 2, maxLifetimeMs: 50 };
    // Opened at 10: at 60 it is as old as it may be.
    const old = run({ pool, times: [9, 59], play: database(1) }).bench;
    expect(old.times('sql.connect')).toEqual([10, 60]);
    expect(old.times('sql.close')[0]).toBe(60);
    const young = run({ pool, times: [9, 58.999], play: database(1) }).bench;
    expect(young.times('sql.connect')).toEqual([10]);
  });

  it('that is too old when it is given back is closed then', () => {
    const pool = { maxOpen: 2, maxLifetimeMs: 50 };
    const { bench } = run({ pool, times: [9], play: database(60) });
    expect(bench.times('sql.close')).toEqual([74]);
  });

  it('on which a statement timed out is closed and not used again', () => {
    const play = database(({ nth }) => (nth === 1 ? null : 1));
    const plan = { pool: { maxOpen: 2 }, policy: { timeoutMs: 50 }, times: [9, 99], play };
    const { bench, tags } = run(plan);
    expect(bench.times('sql.close')).toEqual([62]);
    expect(bench.times('sql.connect')).toEqual([10, 100]);
    expect(tags.map((tag) => bench.code(tag))).toEqual(['gateway-timeout', 'ok']);
  });

  it('on which a statement was refused is used again', () => {
    const play: Play = ({ message, nth }) => {
      if (message.type !== 'sql.query') return { reply: connected };
      return nth === 1 ? { refuse: 'lock-timeout' } : { reply: rows() };
    };
    const { bench } = run({ pool: { maxOpen: 2 }, times: [9, 99], play });
    expect(bench.times('sql.connect')).toEqual([10]);
  });

  it('that was refused is none: it is not closed', () => {
    const play = (): Act => ({ refuse: 'too-many-connections' });
    const { bench, tags } = run({ pool: { maxOpen: 2 }, times: [9], play });
    expect(bench.sent('sql.close')).toEqual([]);
    expect(poolOf(bench)).toMatchObject({ opened: 1, closed: 1 });
    expect(bench.code(tags[0] as number)).toBe('unavailable');
  });

  it('that may be open although nobody knows is closed', () => {
    const policy = { timeoutMs: 50 };
    const { bench } = run({ pool: { maxOpen: 2 }, policy, times: [9], play: () => null });
    expect(bench.times('sql.close')).toEqual([60]);
    expect(poolOf(bench)).toMatchObject({ opened: 1, closed: 1 });
  });

  it('to a member that left the group is not used again', () => {
    const bench = serviceBench({
      steps: [{ do: 'query', to: 'to' }],
      servers: 2,
      play: database(1),
      config: { upstreams: [{ to: 'to', pool: { maxOpen: 2 } }] },
    });
    bench.requestAt(9, request());
    bench.ms(50);
    bench.parts.growth.retire(bench.index('b1'));
    const tag = bench.requestAt(99, request());
    bench.ms(500);
    expect(bench.targets('sql.query')).toEqual(['b1', 'b2']);
    expect(bench.code(tag)).toBe('ok');
    expect(poolOf(bench)).toMatchObject({ opened: 2, closed: 1 });
  });

  it('that comes at the very moment of the deadline does not make the call a success', () => {
    // Connecting takes 2 ms.
    for (let permute = 1; permute <= 12; permute++) {
      const { bench, tags } = run({
        pool: { maxOpen: 2 },
        policy: { deadlineMs: 2 },
        times: [9],
        play: database(1),
        order: { permute },
      });
      expect(bench.code(tags[0] as number)).toBe('gateway-timeout');
      expect(poolOf(bench)).toMatchObject({ opened: 1, closed: 1, idle: [] });
      expect(bench.upstream('s1').running).toBe(0);
    }
  });
});

describe('the size of a pool', () => {
  it('is never exceeded, whoever comes', () => {
    let most = 0;
    const bench = serviceBench({
      steps: [{ do: 'query', to: 'to' }],
      play: database(({ nth }) => (nth % 7 === 0 ? null : (nth * 5) % 23)),
      config: {
        upstreams: [
          { to: 'to', timeoutMs: 40, pool: { maxOpen: 3, maxIdle: 1, maxLifetimeMs: 60 } },
        ],
      },
    });
    let open = 0;
    bench.onPacket = ({ message }) => {
      if (message.type === 'sql.connect') open += 1;
      if (message.type === 'sql.close') open -= 1;
      most = Math.max(most, open);
    };
    for (let i = 0; i < 200; i++) bench.requestAt(10 + i * 5, request({ seed: i }));
    bench.ms(20_000);
    expect(most).toBe(3);
    expect(bench.upstream('s1').running).toBe(0);
    expect(open).toBe(poolOf(bench).idle.length);
    expect(bench.sent('sql.connect').length).toBeGreaterThan(20);
  });
});

describe('waiting for a connection', () => {
  const one = { maxOpen: 1, maxIdle: 1 };

  it('is first come, first served, and sends as soon as one is free', () => {
    const keys = [1, 2, 3, 4];
    const bench = serviceBench({
      steps: [{ do: 'query', to: 'to' }],
      play: database(10),
      config: { upstreams: [{ to: 'to', pool: one }] },
    });
    for (const key of keys) bench.requestAt(9 + key / 10, request({ key }));
    bench.ms(500);
    const asked = bench.sent('sql.query').map(({ message }) => (message as { key?: number }).key);
    expect(asked).toEqual(keys);
    expect(bench.times('sql.query')).toEqual([12.1, 24.1, 36.1, 48.1]);
    expect(bench.sent('sql.connect')).toHaveLength(1);
  });

  it('ends after waitTimeoutMs exactly', () => {
    const pool = { ...one, waitTimeoutMs: 20 };
    const { bench, tags } = run({ pool, times: [9, 19], play: database(500) });
    const waited = tags[1] as number;
    expect(bench.code(waited)).toBe('unavailable');
    expect(bench.at(waited)).toBe(41);
    expect(bench.upstream('s1').heldBack).toBe(1);
    expect(waitingIn(bench.upstream('s1'))).toBe(0);
  });

  it('without a timeout ends with the deadline of the call', () => {
    const policy = { deadlineMs: 30, timeoutMs: 1_000 };
    const { bench, tags } = run({ pool: one, policy, times: [9, 19], play: database(500) });
    expect(bench.at(tags[1] as number)).toBe(51);
  });

  it('is over for those who gave up: their turn goes to the next', () => {
    const pool = { ...one, waitTimeoutMs: 20 };
    const { bench, tags } = run({ pool, times: [9, 10, 29], play: database(30) });
    expect(tags.map((tag) => bench.code(tag))).toEqual(['ok', 'unavailable', 'ok']);
    expect(bench.times('sql.query')).toEqual([12, 44]);
  });
});
