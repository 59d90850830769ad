/** Cores: one FIFO queue, each item to its end; queueing theory says how long the waits are. */
import { describe, expect, it } from 'vitest';
import { micros, ms } from 'faultline';
import { Lab } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const node = (hooks: Hooks, cores = 1, seed = 1): Lab =>
  new Lab({ seed, groups: [{ name: 'n', hooks, cores }] });

describe('cores', () => {
  it('take work in the order in which it came', () => {
    const lab = node({
      start: (ctx) => [5, 1, 3].forEach((demand, i) => ctx.work(ms(demand), i)),
    });
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [5_000, 'worked', 0],
      [6_000, 'worked', 1],
      [9_000, 'worked', 2],
    ]);
  });

  it('work side by side: the queue is one, and goes to the first that is free', () => {
    const lab = node({ start: (ctx) => [5, 1, 3, 4, 2].forEach((d, i) => ctx.work(ms(d), i)) }, 2);
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [1_000, 'worked', 1],
      [4_000, 'worked', 2],
      [5_000, 'worked', 0],
      [7_000, 'worked', 4],
      [8_000, 'worked', 3],
    ]);
    expect(lab.node(0).cpu).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('are seen by their component and by the world', () => {
    const lab = node({ start: (ctx) => [5, 1, 3].forEach((d, i) => ctx.work(ms(d), i)) }, 2);
    lab.ms(0.5);
    expect(lab.node(0).context.cores).toMatchObject({ count: 2, busy: 2, waiting: 1 });
    const { world } = lab.parts;
    expect(world.node(0).cores).toMatchObject({ count: 2, busy: 2, waiting: 1 });
    lab.ms(2);
    expect(world.node(0).cores).toMatchObject({ count: 2, busy: 2, waiting: 0 });
  });

  it('lose everything in a crash', () => {
    const lab = node({
      start: (ctx) => ctx.mono() === 0 && [5, 5].forEach((d) => ctx.work(ms(d), d)),
    });
    lab.ms(1).inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
    expect(lab.saw(0)).toEqual(['start']);
    expect(lab.node(0).cpu).toMatchObject({ busy: 0, waiting: 0 });
  });

  it('slowed by a fault take longer for what begins then', () => {
    const lab = node({ start: (ctx) => [2, 2, 2, 2].forEach((d, i) => ctx.work(ms(d), i)) });
    lab.ms(1).inject('slow', { type: 'slow-cpu', target: 'n', factor: 5 });
    lab.ms(13).undo('slow').ms(100);
    expect(
      lab
        .log(0)
        .slice(1)
        .map(([time]) => time),
    ).toEqual([2_000, 12_000, 22_000, 24_000]);
  });

  it('stay taken while their node stands still', () => {
    const lab = node({ start: (ctx) => [2, 2].forEach((d, i) => ctx.work(ms(d), i)) });
    lab.ms(1).inject('p', { type: 'pause', target: 'n' }).ms(10).undo('p').ms(100);
    expect(
      lab
        .log(0)
        .slice(1)
        .map(([time]) => time),
    ).toEqual([10_000, 12_000]);
  });

  it('forget the queue behind them, and no item in it', () => {
    const many = 5_000;
    const lab = node({
      start: (ctx) => {
        for (let i = 0; i < many; i++) ctx.work(micros(1), i);
      },
    });
    lab.ms(100);
    expect(
      lab
        .log(0)
        .slice(1)
        .map(([, , tag]) => tag),
    ).toEqual([...Array(many).keys()]);
  });
});

/** Poisson arrivals, exponential demands, `cores` cores; the mean time in the system. */
function meanSojourn(cores: number, meanService: number, load: number, count: number): number {
  let arrival = 0;
  let total = 0;
  let done = 0;
  const arrivals: number[] = [];
  const lab = node(
    {
      start: (ctx) => ctx.setTimer('arrival', 0, micros(0)),
      timer: (ctx, state, _kind, key) => {
        const now = ctx.mono();
        state.log.length = 0;
        arrivals.push(now);
        ctx.work(micros(ctx.stream('service').exponential(meanService)), key);
        // A double, rounded only when it is armed: rounding each interval would change the rate.
        arrival += ctx.stream('arrivals').exponential(meanService / load / cores);
        if (key < count) ctx.setTimer('arrival', key + 1, micros(Math.max(0, arrival - now)));
      },
      worked: (ctx, state, tag) => {
        state.log.length = 0;
        total += ctx.mono() - (arrivals[tag] as number);
        done += 1;
      },
    },
    cores,
    11,
  );
  lab.ms(60_000_000);
  expect(done).toBe(count + 1);
  return total / done;
}

describe('the mean time in a queue', () => {
  it('is that of M/M/1 at a mean service of 20 us and a load of 0.8', () => {
    // 1 / (mu - lambda) = 20 us / (1 - 0.8). Demands floored instead of rounded would give 89.
    const mean = meanSojourn(1, 20, 0.8, 200_000);
    expect(Math.abs(mean / 100 - 1)).toBeLessThan(0.05);
  });

  it('is that of M/M/3 at a load of 0.7', () => {
    // Erlang C: with a = 2.1 erlangs on 3 cores the chance to wait is 0.4923.
    const a = 2.1;
    const tail = (a ** 3 / 6) * (3 / (3 - a));
    const wait = tail / (1 + a + a ** 2 / 2 + tail);
    const expected = 100 + (wait * 100) / (3 - a);
    expect(Math.abs(meanSojourn(3, 100, 0.7, 100_000) / expected - 1)).toBeLessThan(0.05);
  });
});
