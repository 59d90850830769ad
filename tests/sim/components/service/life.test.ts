/** Timeouts, deadlines, pauses, memory, starting, draining and health of a service. */
import { describe, expect, it } from 'vitest';
import type { Message } from 'faultline';
import { ok } from '../support/traffic-partners.ts';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { ServiceBenchPlan, TrafficBench } from '../support/traffic-bench.ts';

const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const wait = (ms: number) => ({ do: 'wait', time: { kind: 'constant', ms } });
const HEALTH = { type: 'health.check' } as Message;

/** One request for each time, with the time that its caller waits. */
function ask(plan: ServiceBenchPlan, times: readonly number[], leftMs = 10_000) {
  const bench = serviceBench(plan);
  const tags = times.map((ms) => bench.requestAt(ms, request({ key: ms }), 's1', leftMs));
  return { bench, tags };
}
const said = (bench: TrafficBench, tags: readonly number[]) =>
  tags.map((tag) => `${bench.code(tag) ?? 'none'} ${bench.at(tag) ?? ''}`.trim());
const drain = (bench: TrafficBench, args: object = {}) =>
  bench.act('s1', 'drain', { graceMs: 100, restartMs: -1, ...args });

describe('a request timeout', () => {
  it('answers 504 exactly then, and the work goes on and burns capacity', () => {
    const plan = { steps: [work(30)], config: { requestTimeoutMs: 20 } };
    const { bench, tags } = ask(plan, [9, 19]);
    bench.ms(35);
    expect(bench.node('s1').cpu.busy).toBe(1);
    bench.ms(69.9);
    expect(bench.node('s1').cpu.busy).toBe(1);
    bench.ms(200);
    // Two requests at 10 and 20, each of 30 ms: both are too late.
    expect(said(bench, tags)).toEqual(['gateway-timeout 31', 'gateway-timeout 41']);
    expect(bench.service()).toMatchObject({ ok: 0, failed: 2 });
    expect(bench.service().freeJobs).toHaveLength(2);
  });

  it('does not come where the answer was in time', () => {
    const plan = { steps: [work(19)], config: { requestTimeoutMs: 20 } };
    const { bench, tags } = ask(plan, [9]);
    expect(said(bench.ms(200), tags)).toEqual(['ok 30']);
    expect(bench.node('s1').timers.size).toBe(0);
  });
});

describe('a limiter behind a service', () => {
  const plan = { steps: [{ do: 'call', to: 'to' }], play: () => REFUSED };
  const REFUSED = { refuse: 'rate-limited', detail: { retryAfterMs: 250 } };

  it('is heard by whoever asked, and so is when to try again', () => {
    const { bench, tags } = ask(plan, [9]);
    expect(said(bench.ms(100), tags)).toEqual(['rate-limited 13']);
    const error = bench.reply(tags[0]!)?.result;
    expect(error).toMatchObject({ outcome: 'fail', error: { detail: { retryAfterMs: 250 } } });
  });
});

describe('a deadline', () => {
  const steps = [work(10), work(10), { do: 'call', to: 'to' }];

  it('that has passed ends a request between two steps', () => {
    const { bench } = ask({ steps, config: { propagateDeadline: true } }, [9], 15);
    bench.ms(200);
    // One work of two was done: at 20 there were 4 ms left, at 30 none.
    expect(bench.service().errors.get('gateway-timeout')).toBe(1);
    expect(bench.times('error')).toEqual([30]);
    expect(bench.sent('http.request')).toHaveLength(1);
  });

  it('that nobody propagates is not heeded, nor under the ablation', () => {
    expect(ask({ steps }, [9], 15).bench.ms(200).sent('http.request')).toHaveLength(2);
    const plan = { steps, config: { propagateDeadline: true } };
    const ablations = ['traffic.deadline-propagation'];
    expect(
      ask({ ...plan, ablations }, [9], 15)
        .bench.ms(200)
        .sent('http.request'),
    ).toHaveLength(2);
  });

  it('travels with the calls that propagate it', () => {
    const left = (upstream: object) => {
      const config = { upstreams: [{ to: 'to', timeoutMs: 500, ...upstream }] };
      const plan = { steps: [work(10), { do: 'call', to: 'to' }], config, play: () => ok() };
      return ask(plan, [9], 100).bench.ms(200).heard('b1')[0]?.left;
    };
    // Asked at 9 for 100 ms; called at 20, heard at 21.
    expect(left({ propagateDeadline: true })).toBe(88_000);
    expect(left({})).toBe(499_000);
    expect(left({ propagateDeadline: true, timeoutMs: 30 })).toBe(29_000);
    expect(left({ deadlineMs: 40 })).toBe(39_000);
  });
});

describe('a pause of the garbage collector', () => {
  it('holds all work for its time, and is told', () => {
    const gc = { everyMs: 300, pauseMs: 40 };
    const { bench, tags } = ask({ steps: [work(100)], config: { gc } }, [9]);
    bench.ms(2_000);
    const [first] = bench.told('service.gc-pause', 's1');
    const pauses = bench.told('service.gc-pause', 's1').filter(({ atMicros }) => {
      return atMicros > 10_000 && atMicros < (bench.at(tags[0] as number) ?? 0) * 1_000;
    });
    expect(first?.fact).toMatchObject({ pauseMs: 40 });
    expect(bench.at(tags[0] as number)).toBeCloseTo(111 + 40 * pauses.length, 3);
    expect(bench.service().pauses).toBe(bench.told('service.gc-pause', 's1').length);
  });

  it('delays what is under way by exactly its length', () => {
    // Each run has its own moments: some hit the work, some do not.
    const late = new Set<number>();
    for (let seed = 1; seed <= 12; seed++) {
      const gc = { everyMs: 200, pauseMs: 40 };
      const { bench, tags } = ask({ steps: [work(50)], config: { gc }, seed }, [9]);
      bench.ms(1_000);
      const delay = (bench.at(tags[0] as number) ?? 0) - 61;
      expect(delay).toBeGreaterThanOrEqual(0);
      late.add(delay === 0 ? 0 : 1);
      const struck = bench.told('service.gc-pause').filter((f) => f.atMicros <= 60_000);
      if (struck.length === 0) expect(delay).toBe(0);
      if (struck.some((f) => f.atMicros > 10_000)) expect(delay).toBeGreaterThanOrEqual(40);
    }
    expect([...late].toSorted()).toEqual([0, 1]);
  });
});

describe('memory', () => {
  const memory = { baseMb: 50, perRequestMb: 20, limitMb: 100, restartMs: 300 };

  it('over its limit kills the process with all that is under way, and it comes back', () => {
    const { bench, tags } = ask({ steps: [wait(1_000)], config: { memory } }, [9, 10, 11], 5_000);
    bench.ms(50);
    expect(bench.told('service.oom-killed')).toMatchObject([
      { atMicros: 12_000, fact: { usedMb: 110, limitMb: 100 } },
    ]);
    expect(bench.node('s1').status).toBe('down');
    bench.ms(311.999);
    expect(bench.node('s1').status).toBe('down');
    bench.ms(313);
    expect(bench.node('s1').status).toBe('up');
    bench.ms(4_000);
    expect(said(bench, tags)).toEqual(Array(3).fill('connection-reset 13'));
    const again = bench.request(request());
    bench.ms(6_000);
    expect(bench.code(again)).toBe('ok');
    expect(tags.map((tag) => bench.code(tag))).toEqual(Array(3).fill('connection-reset'));
  });

  it('at its limit does not', () => {
    const exact = { ...memory, baseMb: 60 };
    const { bench, tags } = ask({ steps: [wait(100)], config: { memory: exact } }, [9, 10, 300]);
    expect(said(bench.ms(1_000), tags)).toEqual(['ok 111', 'ok 112', 'ok 402']);
    expect((bench.view('s1') as unknown as { memoryMb: number }).memoryMb).toBe(60);
  });
});

describe('starting', () => {
  it('takes its time: until then it refuses, and says so', () => {
    const { bench, tags } = ask({ config: { startupMs: 50 } }, [9, 60]);
    expect(said(bench.ms(200), tags)).toEqual(['unavailable 11', 'ok 62']);
  });

  it('shows in its role and its health', () => {
    const bench = serviceBench({ config: { startupMs: 50 } });
    const first = bench.requestAt(9, HEALTH);
    const role = () => bench.node('s1').behaviour.roles(bench.service());
    expect(role()).toEqual(['starting']);
    const second = bench.requestAt(60, HEALTH);
    bench.ms(100);
    expect(role()).toEqual(['ready']);
    expect(
      [first, second].map((tag) => bench.value<{ ready: boolean } & Message>(tag)?.ready),
    ).toEqual([false, true]);
  });

  it('begins anew after a restart', () => {
    const bench = serviceBench({ config: { startupMs: 50 } });
    bench.ms(100).inject('c', { type: 'crash', target: 's1' } as never);
    bench.ms(200).undo('c');
    const tags = [bench.requestAt(220, request()), bench.requestAt(260, request())];
    expect(said(bench.ms(400), tags)).toEqual(['unavailable 222', 'ok 262']);
  });
});

describe('draining', () => {
  it('refuses what is new, finishes what is old, and stops', () => {
    const { bench, tags } = ask({ steps: [wait(50)] }, [9]);
    bench.ms(20);
    drain(bench);
    expect(bench.node('s1').behaviour.roles(bench.service())).toEqual(['draining']);
    const later = bench.requestAt(25, request());
    const health = bench.request(HEALTH);
    bench.ms(500);
    expect(said(bench, [...tags, later])).toEqual(['ok 61', 'unavailable 27']);
    expect(bench.value<{ ready: boolean } & Message>(health)?.ready).toBe(false);
    expect(bench.told('service.draining')).toMatchObject([{ fact: { underWay: 1 } }]);
    expect(bench.told('service.drained')).toMatchObject([{ atMicros: 60_000, fact: { cut: 0 } }]);
    expect(bench.node('s1').status).toBe('down');
  });

  it('finishes those that wait to be let in, too', () => {
    const config = { admission: { concurrencyLimit: 1 } };
    const { bench, tags } = ask({ steps: [wait(20)], config }, [9, 10]);
    bench.ms(20);
    drain(bench);
    expect(said(bench.ms(500), tags)).toEqual(['ok 31', 'ok 51']);
  });

  it('stops when its grace is over, and cuts off what is left', () => {
    const { bench, tags } = ask({ steps: [wait(500)] }, [9, 10], 2_000);
    bench.ms(20);
    drain(bench, { graceMs: 100 });
    bench.ms(3_000);
    expect(bench.told('service.drained')).toMatchObject([{ atMicros: 120_000, fact: { cut: 2 } }]);
    expect(said(bench, tags)).toEqual(['connection-reset 121', 'connection-reset 121']);
  });

  it('stops at once where nothing is under way, and starts again if it is to', () => {
    const bench = serviceBench({});
    bench.ms(20);
    drain(bench, { restartMs: 30 });
    bench.ms(40);
    expect(bench.node('s1').status).toBe('down');
    const tag = bench.requestAt(60, request());
    bench.ms(100);
    expect(bench.code(tag)).toBe('ok');
    expect(bench.told('service.drained')).toHaveLength(1);
  });

  it('is not offered twice', () => {
    const bench = serviceBench({ steps: [wait(100)] });
    bench.requestAt(9, request());
    bench.ms(20);
    const why = () => bench.node('s1').behaviour.actions?.['drain']?.unavailable?.(bench.service());
    expect(why()).toBe(null);
    drain(bench);
    expect(why()).toBe('It is draining already.');
  });
});

describe('health', () => {
  it('is good where it takes requests', () => {
    const bench = serviceBench({});
    const tag = bench.requestAt(9, HEALTH);
    bench.ms(100);
    expect(bench.value<{ ready: boolean } & Message>(tag)?.ready).toBe(true);
  });
});
