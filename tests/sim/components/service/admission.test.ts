/** The door of a running service: who is let in, who waits, who is sent away, in which order. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { ServiceBenchPlan, TrafficBench } from '../support/traffic-bench.ts';

const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const wait = (ms: number) => ({ do: 'wait', time: { kind: 'constant', ms } });

interface DoorPlan extends ServiceBenchPlan {
  readonly admission: object;
  readonly arrive: readonly (Partial<HttpRequest> & {
    readonly at: number;
    readonly left?: number;
  })[];
}
function door({ admission, arrive, config, ...plan }: DoorPlan, untilMs = 5_000) {
  const bench = serviceBench({ ...plan, config: { admission, ...config } });
  const tags = arrive.map(({ at, left, ...fields }) =>
    bench.requestAt(at, request(fields), 's1', left ?? 10_000),
  );
  bench.ms(untilMs);
  return { bench, tags, at: tags.map((t) => bench.at(t)), codes: tags.map((t) => bench.code(t)) };
}
/** Requests at 9.0, 9.1, 9.2, ... */
const burst = (...priorities: number[]) =>
  priorities.map((priority, i) => ({ at: 9 + i / 10, priority, key: i }));
/** In which order requests of a burst were answered well. */
function order(bench: TrafficBench, tags: readonly number[]): number[] {
  const done = tags.filter((tag) => bench.code(tag) === 'ok');
  return done.toSorted((a, b) => (bench.at(a) ?? 0) - (bench.at(b) ?? 0));
}

describe('the limit', () => {
  it('lets so many in at once; the others wait', () => {
    const plan = { steps: [wait(10)], admission: { concurrencyLimit: 2 }, arrive: burst(0, 0, 0) };
    expect(door(plan).at).toEqual([21, 21.1, 31]);
  });

  it('of 0 lets all in', () => {
    expect(door({ steps: [wait(10)], admission: {}, arrive: burst(0, 0, 0) }).at).toEqual([
      21, 21.1, 21.2,
    ]);
  });

  it('and the queue take exactly so many: the next one is refused at once', () => {
    const admission = { concurrencyLimit: 2, maxQueue: 3 };
    const { bench, codes, at } = door({
      steps: [wait(10)],
      admission,
      arrive: burst(0, 0, 0, 0, 0, 0, 0),
    });
    expect(codes).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'overloaded', 'overloaded']);
    expect(at[5]).toBeCloseTo(11.5, 9);
    expect(bench.service()).toMatchObject({ ok: 5, refused: 2 });
    expect(bench.service().admission).toMatchObject({ refused: 2, shed: 0, inside: 0, waiting: 0 });
  });

  it('without a queue refuses whoever finds it full', () => {
    const admission = { concurrencyLimit: 1, maxQueue: 0 };
    const plan = { steps: [wait(10)], admission, arrive: [{ at: 9 }, { at: 18.999 }, { at: 19 }] };
    expect(door(plan).codes).toEqual(['ok', 'overloaded', 'ok']);
  });
});

describe('who is next', () => {
  const run = (discipline: string, ...priorities: number[]) => {
    const admission = { concurrencyLimit: 1, discipline };
    const plan = { steps: [wait(10)], admission, arrive: burst(...priorities) };
    const { bench, tags } = door(plan);
    return order(bench, tags);
  };

  it('is by fifo the one that came first', () => {
    expect(run('fifo', 0, 3, 2, 1)).toEqual([0, 1, 2, 3]);
  });

  it('is by lifo the one that came last', () => {
    expect(run('lifo', 0, 3, 2, 1)).toEqual([0, 3, 2, 1]);
  });

  it('is by priority the most important, among equals the first', () => {
    expect(run('priority', 7, 3, 1, 3, 0, 1)).toEqual([0, 4, 2, 5, 1, 3]);
  });
});

describe('a full queue by priority', () => {
  const admission = { concurrencyLimit: 1, maxQueue: 2, discipline: 'priority' };

  it('sheds the newest of the least important for one that is more important', () => {
    const { bench, codes } = door({
      steps: [wait(10)],
      admission,
      arrive: burst(0, 5, 5, 2),
    });
    expect(codes).toEqual(['ok', 'ok', 'overloaded', 'ok']);
    expect(bench.service().admission).toMatchObject({ shed: 1, refused: 0 });
  });

  it('refuses one that is not more important than any that waits', () => {
    const { bench, codes } = door({ steps: [wait(10)], admission, arrive: burst(0, 5, 5, 5, 6) });
    expect(codes).toEqual(['ok', 'ok', 'ok', 'overloaded', 'overloaded']);
    expect(bench.service().admission).toMatchObject({ shed: 0, refused: 2 });
  });

  it('leaves no slot and no timer behind', () => {
    const config = { requestTimeoutMs: 200 };
    const { bench } = door({ steps: [wait(10)], admission, config, arrive: burst(0, 5, 5, 2, 1) });
    const { jobs, freeJobs } = bench.service();
    expect(freeJobs).toHaveLength(jobs.length);
    expect(bench.node('s1').timers.size).toBe(0);
  });
});

describe('what is not worth beginning', () => {
  it('is begun unless it is dropped', () => {
    const arrive = [{ at: 9 }, { at: 9, left: 5 }, { at: 9 }];
    const begun = (dropExpired: boolean) =>
      door({ steps: [wait(10)], admission: { concurrencyLimit: 1, dropExpired }, arrive });
    expect(begun(false).at).toEqual([21, 14, 41]);
    const dropped = begun(true);
    expect(dropped.at).toEqual([21, 14, 31]);
    expect(dropped.bench.service().admission.expired).toBe(1);
  });

  it('is what has been answered by a timeout, too', () => {
    const admission = { concurrencyLimit: 1, dropExpired: true };
    const config = { requestTimeoutMs: 15 };
    const plan = { steps: [wait(12)], admission, config, arrive: burst(0, 0, 0) };
    const { bench, codes } = door(plan);
    expect(codes).toEqual(['ok', 'gateway-timeout', 'gateway-timeout']);
    // The second began in time, the third did not.
    expect(bench.service().admission.expired).toBe(1);
  });
});

describe('CoDel', () => {
  const steps = [work(10)];
  // An arrival each 5 ms, twice what it can do.
  const arrive = Array.from({ length: 200 }, (_, i) => ({ at: 9 + i * 5 }));

  it('drops from a queue that stands, with an answer, and keeps waits short', () => {
    const admission = (codel: boolean) => ({ concurrencyLimit: 1, codel });
    const off = door({ steps, admission: admission(false), arrive });
    const on = door({ steps, admission: admission(true), arrive });
    expect(off.codes.every((code) => code === 'ok')).toBe(true);
    const { shed } = on.bench.service().admission;
    expect(shed).toBeGreaterThan(10);
    expect(on.codes.filter((code) => code === 'overloaded')).toHaveLength(shed);
    const longest = (at: readonly (number | undefined)[]) =>
      Math.max(...at.map((ms, i) => (ms ?? 0) - (arrive[i]?.at ?? 0)));
    expect(longest(on.at)).toBeLessThan(longest(off.at));
  });

  it('drops nothing before a whole interval of long waits', () => {
    const admission = { concurrencyLimit: 1, codel: true, codelIntervalMs: 10_000 };
    expect(door({ steps, admission, arrive }).codes.every((code) => code === 'ok')).toBe(true);
  });
});

describe('shedding by utilisation', () => {
  it('refuses the less important earlier', () => {
    // Two may be under way: over 1.5 the priority 1 is refused, over 2.5 the priority 0.
    const admission = { concurrencyLimit: 2, shedAbove: [2.5, 1.5] };
    const arrive = burst(0, 0, 0, 1, 0, 0, 1, 0, 0);
    const { bench, codes } = door({ steps: [wait(50)], admission, arrive });
    const shed = codes.flatMap((code, i) => (code === 'overloaded' ? [i] : []));
    // The fourth finds 3 over 2, the fifth 4, the sixth 5; the last three find 6.
    expect(shed).toEqual([6, 7, 8]);
    expect(bench.service().admission.shed).toBe(3);
  });
});

describe('a limit that moves', () => {
  const fails = { do: 'fail', share: 1 };

  it('grows while it is used and shrinks when requests fail', () => {
    const admission = { concurrencyLimit: 4, limitPolicy: 'aimd', maxLimit: 9 };
    const arrive = Array.from({ length: 300 }, (_, i) => ({ at: 9 + i / 10, route: 'GET /x' }));
    const limit = (steps: unknown[]) => {
      const { bench } = door({ steps, admission, arrive });
      return (bench.view('s1') as unknown as { limit: number }).limit;
    };
    expect(limit([wait(5)])).toBe(9);
    expect(limit([wait(5), fails])).toBe(1);
  });

  it('that is fixed stays', () => {
    const admission = { concurrencyLimit: 4 };
    const { bench } = door({ steps: [wait(5), fails], admission, arrive: burst(0, 0, 0) });
    expect((bench.view('s1') as unknown as { limit: number }).limit).toBe(4);
  });
});
