/** How work shares the cores of a node, worked out by hand for each discipline. */
import { describe, expect, it } from 'vitest';
import { micros, ms } from 'faultline';
import { ALL, ends, jobsOf, stationOf } from './support/jobs.ts';
import type { Scheduling } from './support/jobs.ts';
import { Lab } from './support/lab.ts';

/** What comes of these jobs, as `A 5, B 3`: name and millisecond of each end. */
function run(scheduling: Scheduling, cores: number, text: string, disturb?: (lab: Lab) => void) {
  const jobs = jobsOf(text);
  const lab = stationOf({ scheduling, cores, jobs });
  disturb?.(lab);
  lab.ms(1_000);
  expect(lab.node(0).cpu).toMatchObject({ busy: 0, waiting: 0 });
  expect(lab.parts.kernel.queue.size).toBe(0);
  return ends(lab, jobs)
    .map(([name, at]) => `${name} ${at}`)
    .join(', ');
}

const slow = (factor: number, fromMs: number, toMs: number) => (lab: Lab) =>
  lab.ms(fromMs).inject('slow', { type: 'slow-cpu', target: 'n', factor }).ms(toMs).undo('slow');
const pause = (fromMs: number, toMs: number) => (lab: Lab) =>
  lab.ms(fromMs).inject('p', { type: 'pause', target: 'n' }).ms(toMs).undo('p');

describe('processor sharing', () => {
  const sharing = (cores: number, text: string, disturb?: (lab: Lab) => void): string =>
    run('processor-sharing', cores, text, disturb);

  it('gives each of n pieces on one core an n-th of it', () => {
    // From 1 on each has half: B is done after 2 more, A then has 2 left.
    expect(sharing(1, 'A 4@0, B 1@1')).toBe('B 3, A 5');
    expect(sharing(1, 'A 1@0, B 2@0, C 3@0')).toBe('A 3, B 5, C 6');
  });

  it('never gives one piece more than a core', () => {
    expect(sharing(2, 'A 4@0')).toBe('A 4');
    expect(sharing(4, 'A 4@0, B 2@1, C 1@1')).toBe('C 2, B 3, A 4');
  });

  it('gives three pieces on two cores two thirds each', () => {
    expect(sharing(2, 'A 4@0, B 4@0, C 4@0')).toBe('A 6, B 6, C 6');
    // From 1 to 4 each has 2/3: C gets its 2 ms, A and B 2 of the 5 that they still need.
    expect(sharing(2, 'A 6@0, B 6@0, C 2@1')).toBe('C 4, A 7, B 7');
  });

  it('ends what takes no time at once', () => {
    expect(sharing(1, 'A 4@0, B 0@1')).toBe('B 1, A 4');
  });

  it('goes on more slowly from the moment at which its processor does', () => {
    // Done by 2: 1 each. From 2 to 6 at a quarter: 1 more. The other 2 at a half.
    expect(sharing(1, 'A 4@0, B 4@0', slow(2, 2, 6))).toBe('A 10, B 10');
  });

  it('goes on to the next end while its node stands still, and no further', () => {
    // A is due at 4 and waits; B has 1 ms left then, alone.
    expect(sharing(1, 'A 2@0, B 3@0', pause(1, 10))).toBe('A 10, B 11');
  });

  it('counts those beyond its cores as waiting', () => {
    const lab = stationOf({
      scheduling: 'processor-sharing',
      cores: 2,
      jobs: jobsOf('A 9@0, B 9@1, C 9@2'),
    });
    expect(lab.ms(0.5).node(0).context.cores).toMatchObject({ count: 2, busy: 1, waiting: 0 });
    expect(lab.ms(2.5).node(0).context.cores).toMatchObject({ count: 2, busy: 2, waiting: 1 });
    expect(lab.parts.world.node(0).cores).toMatchObject({ busy: 2, waiting: 1 });
  });

  it('rounds each end to the nearest microsecond, and no error adds up', () => {
    // 1 us on two thirds of a core takes 1.5; on three fifths 1.67, and 1 more for E, alone: 2.67.
    expect(sharing(2, 'A 0.001@0, B 0.001@0, C 0.001@0')).toBe('A 0.002, B 0.002, C 0.002');
    expect(sharing(3, 'A 0.001@0, B 0.001@0, C 0.001@0, D 0.001@0, E 0.002@0')).toBe(
      'A 0.002, B 0.002, C 0.002, D 0.002, E 0.003',
    );
    const seen: number[] = [];
    const lab = new Lab({
      groups: [
        {
          name: 'n',
          scheduling: 'processor-sharing',
          hooks: {
            start: (ctx) => {
              for (let i = 0; i < 3_000; i++) ctx.work(micros(i % 3), i);
            },
            worked: (ctx) => void seen.push(ctx.mono()),
          },
        },
      ],
    });
    lab.ms(100);
    expect(seen).toHaveLength(3_000);
    // 1,000 of nothing, 1,000 of 1 us on 2,000 shares, 1,000 of 1 us more on 1,000 shares.
    expect(new Set(seen.slice(0, 1_000))).toEqual(new Set([0]));
    expect(new Set(seen.slice(1_000, 2_000))).toEqual(new Set([2_000]));
    expect(new Set(seen.slice(2_000))).toEqual(new Set([3_000]));
  });
});

describe('preemptive priority', () => {
  const priority = (cores: number, text: string, disturb?: (lab: Lab) => void): string =>
    run('preemptive-priority', cores, text, disturb);

  it('serves the more important first, and then goes on where it was', () => {
    expect(priority(1, 'A 5@0 p1, B 2@1 p0')).toBe('B 3, A 7');
  });

  it('serves equals in the order in which they came, also one that was displaced', () => {
    expect(priority(1, 'A 5@0 p1, B 2@1 p0, C 1@2 p1')).toBe('B 3, A 7, C 8');
    expect(priority(1, 'A 2@0, B 1@1')).toBe('A 2, B 3');
  });

  it('displaces the least important of those at work', () => {
    expect(priority(2, 'A 4@0 p2, B 4@0 p1, C 2@1 p0')).toBe('C 3, B 4, A 6');
    // Of two that are equal, the one that came later.
    expect(priority(2, 'A 4@0 p1, B 4@0 p1, C 2@1 p-3')).toBe('C 3, A 4, B 6');
  });

  it('has no use for what is more important while a core is free', () => {
    expect(priority(2, 'A 4@0 p2, B 2@1 p0')).toBe('B 3, A 4');
  });

  it('does not displace what is done at this very moment', () => {
    expect(priority(1, 'A 2@0 p1, B 3@2 p0')).toBe('A 2, B 5');
  });

  it('goes on more slowly from the moment at which its processor does', () => {
    // A did 1 by 1 and half a millisecond by 2; B takes 2; A's 2.5 take 5.
    expect(priority(1, 'A 4@0 p1, B 1@2 p0', slow(2, 1, 100))).toBe('B 4, A 9');
  });

  it('goes on to the next end while its node stands still, and no further', () => {
    expect(priority(1, 'A 2@0 p0, B 3@0 p1', pause(1, 10))).toBe('A 10, B 13');
  });
});

describe('last come, first served, preemptive', () => {
  const newest = (cores: number, text: string, disturb?: (lab: Lab) => void): string =>
    run('lcfs-preemptive', cores, text, disturb);

  it('serves the newest at once, and then goes on where it was', () => {
    expect(newest(1, 'A 4@0, B 2@1, C 1@2')).toBe('C 3, B 4, A 7');
  });

  it('displaces the oldest of those at work', () => {
    expect(newest(2, 'A 4@0, B 4@0, C 1@1')).toBe('C 2, B 4, A 5');
  });

  it('has no use for priorities', () => {
    expect(newest(1, 'A 4@0 p0, B 2@1 p5')).toBe('B 3, A 6');
  });

  it('goes on more slowly while its processor does', () => {
    // B: 1 ms takes 2. A did 1 before; 1 of its 3 in the 2 ms that are left of the slowness.
    expect(newest(1, 'A 4@0, B 1@1', slow(2, 1, 5))).toBe('B 3, A 7');
  });
});

describe('every preemptive discipline', () => {
  it('ends at once what is under way when its processor takes no time at all', () => {
    for (const scheduling of ALL.slice(1)) {
      const text = 'A 4@0, B 3@0, C 2@5';
      expect(run(scheduling, 2, text, slow(0, 1, 4)), scheduling).toBe('B 1, A 1, C 7');
    }
  });
});

describe('every discipline', () => {
  it('ends each piece of work exactly once, whatever the processor does meanwhile', () => {
    for (const scheduling of ALL) {
      const count = 400;
      const seen = new Map<number, number>();
      const lab = new Lab({
        seed: 5,
        groups: [
          {
            name: 'n',
            cores: 3,
            scheduling,
            hooks: {
              start: (ctx) => ctx.setTimer('job', 0, micros(0)),
              timer: (ctx, _state, _kind, key) => {
                const draws = ctx.stream('jobs');
                ctx.work(micros(draws.exponential(900)), key, draws.below(4));
                if (draws.chance(0.05)) ctx.stall(ms(draws.below(4)));
                if (key + 1 < count) ctx.setTimer('job', key + 1, micros(draws.below(600)));
              },
              worked: (_ctx, _state, tag) => void seen.set(tag, (seen.get(tag) ?? 0) + 1),
            },
          },
        ],
      });
      for (let at = 3; at < 300; at += 7) {
        lab.ms(at).inject('slow', { type: 'slow-cpu', target: 'n', factor: 1 + (at % 5) });
        if (at % 3 === 0) lab.inject('pause', { type: 'pause', target: 'n' });
        lab
          .ms(at + 3)
          .undo('slow')
          .undo('pause');
      }
      lab.ms(60_000);
      expect(
        [...seen.values()].filter((times) => times !== 1),
        scheduling,
      ).toEqual([]);
      expect(seen.size, scheduling).toBe(count);
      expect(lab.node(0).cpu).toMatchObject({ busy: 0, waiting: 0 });
      expect(lab.parts.kernel.queue.size).toBe(0);
    }
  });

  it('does the same work in the same time on one core: none is lost or idle', () => {
    const text = 'A 3@0 p2, B 1@0 p0, C 5@1 p1, D 2@4 p0, E 4@6 p3';
    for (const scheduling of ALL) {
      const jobs = jobsOf(text);
      const lab = stationOf({ scheduling, jobs }).ms(100);
      expect(Math.max(...ends(lab, jobs).map(([, at]) => at)), scheduling).toBe(15);
    }
  });

  it('loses everything in a crash, and begins anew', () => {
    for (const scheduling of ALL) {
      const lab = new Lab({
        groups: [
          {
            name: 'n',
            scheduling,
            hooks: {
              start: (ctx) => {
                const life = ctx.mono() === 0 ? 0 : 10;
                [5, 6].forEach((d, i) => ctx.work(ms(d), life + i, i));
              },
            },
          },
        ],
      });
      lab.ms(2).inject('c', { type: 'crash', target: 'n' });
      expect(lab.node(0).cpu, scheduling).toMatchObject({ busy: 0, waiting: 0 });
      lab.undo('c').ms(100);
      const worked = lab.log(0).filter(([, what]) => what === 'worked');
      const tags = worked.map(([, , tag]) => tag as number).sort((a, b) => a - b);
      expect(tags, scheduling).toEqual([10, 11]);
      expect(worked.at(-1)?.[0], scheduling).toBe(13_000);
      expect(lab.parts.kernel.queue.size).toBe(0);
    }
  });

  it('loses in a crash also an end that waited for the node', () => {
    for (const scheduling of ALL) {
      const lab = stationOf({ scheduling, jobs: jobsOf('A 2@0, B 2@0') });
      lab.ms(1).inject('p', { type: 'pause', target: 'n' }).ms(8);
      lab.inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
      expect(lab.saw(0), scheduling).toEqual(['start']);
      expect(lab.parts.kernel.queue.size).toBe(0);
    }
  });

  it('takes back what a handler asks before an end that waited is told', () => {
    for (const scheduling of ALL) {
      // The timer and the end of A both wait; the timer comes first and asks for more.
      const jobs = jobsOf('A 4@0 p1, B 1@3 p0');
      const lab = stationOf({ scheduling, cores: 2, jobs });
      lab.ms(2).inject('p', { type: 'pause', target: 'n' }).ms(10).undo('p').ms(100);
      expect(ends(lab, jobs), scheduling).toEqual([
        ['A', 10],
        ['B', 11],
      ]);
    }
  });
});
