/** A stalled world: all cores stand still, handlers do not, and stalls add up. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import { ALL, ends, jobsOf, stationOf } from './support/jobs.ts';
import type { Scheduling } from './support/jobs.ts';
import { Lab, note } from './support/lab.ts';
import type { Ctx } from './support/lab.ts';

type Acts = readonly (readonly [atMs: number, act: (ctx: Ctx) => void])[];
const stalls = (...list: readonly (readonly [atMs: number, forMs: number])[]): Acts =>
  list.map(([atMs, forMs]) => [atMs, (ctx) => ctx.stall(ms(forMs))] as const);

function run(scheduling: Scheduling, cores: number, text: string, acts: Acts): string {
  const jobs = jobsOf(text);
  const lab = stationOf({ scheduling, cores, jobs, acts }).ms(1_000);
  expect(lab.node(0).cpu).toMatchObject({ busy: 0, waiting: 0 });
  expect(lab.parts.kernel.queue.size).toBe(0);
  return ends(lab, jobs)
    .map(([name, at]) => `${name} ${at}`)
    .join(', ');
}

describe.each(ALL)('a stall of cores with scheduling %s', (scheduling) => {
  const stalled = (cores: number, text: string, acts: Acts): string =>
    run(scheduling, cores, text, acts);

  it('makes work under way end so much later', () => {
    expect(stalled(1, 'A 4@0', stalls([2, 3]))).toBe('A 7');
  });

  it('lets work that is asked for meanwhile start after it', () => {
    expect(stalled(2, 'A 4@0, B 1@3', stalls([2, 3]))).toBe('B 6, A 7');
    expect(stalled(1, 'A 1@3', stalls([2, 3]))).toBe('A 6');
  });

  it('adds up with one that it overlaps', () => {
    expect(stalled(1, 'A 4@0', stalls([2, 3], [3, 2]))).toBe('A 9');
    expect(stalled(1, 'A 4@0', stalls([2, 3], [2, 2]))).toBe('A 9');
    expect(stalled(2, 'A 4@0, B 1@3', stalls([2, 3], [4, 10]))).toBe('B 16, A 17');
  });

  it('adds up with one that comes later, in the time that the first one added', () => {
    expect(stalled(1, 'A 4@0', stalls([1, 3], [6, 2]))).toBe('A 9');
    expect(stalled(1, 'A 4@0', stalls([1, 3], [4, 2]))).toBe('A 9');
  });

  it('is over and forgotten for what comes after it', () => {
    expect(stalled(1, 'A 1@0, B 2@10', stalls([2, 3]))).toBe('A 1, B 12');
  });

  it('does not touch what ends at its very moment', () => {
    expect(stalled(1, 'A 2@0, B 1@3', stalls([2, 5]))).toBe('A 2, B 8');
  });

  it('of no length changes nothing', () => {
    expect(stalled(1, 'A 2@0', stalls([1, 0]))).toBe('A 2');
  });

  it('stops no messages and no timers', () => {
    const lab = new Lab({
      groups: [
        {
          name: 'n',
          scheduling,
          hooks: {
            start: (ctx) => {
              ctx.work(ms(2), 7);
              ctx.setTimer('tick', 0, ms(3));
              ctx.stall(ms(10));
            },
          },
        },
        { name: 'sender', hooks: { start: (ctx) => ctx.send(0, note(5)) } },
      ],
    });
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [1_000, 'note', 5],
      [3_000, 'tick', 0],
      [12_000, 'worked', 7],
    ]);
  });

  it('ends with a crash', () => {
    const lab = new Lab({
      groups: [
        {
          name: 'n',
          scheduling,
          hooks: {
            start: (ctx) => {
              ctx.work(ms(1), 0);
              if (ctx.mono() === 0) ctx.stall(ms(500));
            },
          },
        },
      ],
    });
    lab.ms(2).inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
    expect(lab.log(0)).toEqual([
      [2_000, 'start'],
      [3_000, 'worked', 0],
    ]);
  });

  it('is not stretched by a slow processor', () => {
    const jobs = jobsOf('A 2@0');
    const lab = stationOf({ scheduling, jobs, acts: stalls([1, 5]) });
    lab.inject('slow', { type: 'slow-cpu', target: 'n', factor: 2 }).ms(100);
    // Half of its 2 ms is done at 2, so it takes 4 in all, and 5 more.
    expect(ends(lab, jobs)).toEqual([['A', 9]]);
  });

  it('goes on while its node stands still, also past the end that was due', () => {
    const jobs = jobsOf('A 4@0');
    const lab = stationOf({ scheduling, jobs, acts: stalls([1, 5]) });
    lab.ms(2).inject('p', { type: 'pause', target: 'n' }).ms(7).undo('p').ms(100);
    expect(ends(lab, jobs)).toEqual([['A', 9]]);
  });
});

it('fifo: a queue behind stalled work begins after it', () => {
  expect(run('fifo', 1, 'A 2@0, B 1@0, C 1@2', stalls([1, 3]))).toBe('A 5, B 6, C 7');
});

it('of a node that never stalled leaves no trace in what is saved', () => {
  const lab = stationOf({ scheduling: 'fifo', jobs: jobsOf('A 2@0') }).ms(1);
  expect(lab.node(0).cpu.save()).toEqual({ busy: 1, queue: [], factor: 1 });
});
