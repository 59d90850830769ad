/** What each kind of step does, one by one. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse, SqlQuery } from 'faultline';
import { connected, ok, refused, response, rows } from '../support/traffic-partners.ts';
import type { Act, Heard, Play } from '../support/traffic-partners.ts';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { ServiceBenchPlan, TrafficBench } from '../support/traffic-bench.ts';

const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const wait = (ms: number) => ({ do: 'wait', time: { kind: 'constant', ms } });
const call = { do: 'call', to: 'to' };
const query = { do: 'query', to: 'to' };
const fail = { do: 'fail', share: 1 };

/** Asked at 9 ms, so that the request is there at 10 and an immediate answer is back at 11. */
function ask(plan: ServiceBenchPlan, fields: Partial<HttpRequest> = {}, untilMs = 5_000) {
  const bench = serviceBench(plan);
  const tag = bench.requestAt(9, request(fields));
  bench.ms(untilMs);
  const value = bench.value<HttpResponse>(tag);
  return { bench, tag, code: bench.code(tag), at: bench.at(tag), value };
}
const by =
  (of: (heard: Heard) => Act): Play =>
  (heard) =>
    heard.message.type === 'sql.connect' ? { reply: connected } : of(heard);

describe('work and wait', () => {
  it('without steps answers at once', () => {
    expect(ask({})).toMatchObject({ code: 'ok', at: 11 });
  });

  it('takes a core for its time: the next one waits for it', () => {
    const bench = serviceBench({ steps: [work(10)] });
    const tags = [9, 9, 9].map((ms) => bench.requestAt(ms, request()));
    bench.ms(100);
    expect(tags.map((tag) => bench.at(tag))).toEqual([21, 31, 41]);
  });

  it('waits without a core: all at once', () => {
    const bench = serviceBench({ steps: [wait(10)] });
    const tags = [9, 9, 9].map((ms) => bench.requestAt(ms, request()));
    bench.ms(100);
    expect(tags.map((tag) => bench.at(tag))).toEqual([21, 21, 21]);
  });

  it('goes through steps in turn', () => {
    expect(ask({ steps: [work(3), wait(4), work(5)] })).toMatchObject({ code: 'ok', at: 23 });
  });

  it('draws what a request costs from its own bits', () => {
    const steps = [{ do: 'work', time: { kind: 'exponential', meanMs: 10 } }];
    const at = (seed: number, run = 1) => ask({ steps, seed: run }, { seed }).at;
    expect(at(1, 1)).toBe(at(1, 2));
    expect(at(1)).not.toBe(at(2));
  });
});

describe('a call', () => {
  it('passes the request on: route, object, bits, and tells the version that comes back', () => {
    const fields = { route: 'PUT /x', write: true, key: 5, seed: 77, session: 3, priority: 2 };
    const { bench, value } = ask({ steps: [call], play: () => ok(0, 42) }, fields);
    expect(bench.sent('http.request')[1]?.message).toMatchObject({ ...fields, attempt: 0 });
    expect(value).toMatchObject({ version: 42, degraded: false });
  });

  it('takes the route of the step where it names one', () => {
    const { bench } = ask({ steps: [{ ...call, route: 'GET /other' }] });
    expect(bench.sent('http.request')[1]?.message).toMatchObject({ route: 'GET /other' });
  });

  it('that was answered degraded makes the answer degraded', () => {
    const { value, bench } = ask({ steps: [call], play: () => ({ reply: response(1, true) }) });
    expect(value?.degraded).toBe(true);
    expect(bench.service().degraded).toBe(1);
  });

  it('that fails ends the request with what is known', () => {
    const said = (act: Act, write: boolean) => ask({ steps: [call], play: () => act }, { write });
    expect(said(refused('overloaded'), true).code).toBe('overloaded');
    expect(said(refused('internal-error'), true).code).toBe('bad-gateway');
    expect(said(refused('internal-error'), false).code).toBe('bad-gateway');
    expect(said(null, true).code).toBe('gateway-timeout');
    expect(said(null, false).code).toBe('gateway-timeout');
    expect(said(refused('gateway-timeout'), false).code).toBe('gateway-timeout');
  });

  it('that fails is replaced by `otherwise`, which marks the answer as degraded', () => {
    const steps = [{ ...call, otherwise: [wait(5)] }, work(1)];
    const { code, at, value } = ask({ steps, play: () => refused('overloaded') });
    expect({ code, at }).toEqual({ code: 'ok', at: 19 });
    expect(value?.degraded).toBe(true);
    expect(ask({ steps, play: () => ok() }).value?.degraded).toBe(false);
  });

  it('whose `otherwise` fails ends the request', () => {
    const steps = [{ ...call, otherwise: [fail] }];
    expect(ask({ steps, play: () => refused('overloaded') }).code).toBe('internal-error');
  });
});

describe('every member', () => {
  const every = (need?: number) => ({
    ...call,
    every: true,
    ...(need === undefined ? {} : { need }),
  });
  const byServer =
    (...acts: Act[]): Play =>
    ({ server }) =>
      acts[server] ?? null;

  it('is called at once, each with bits of its own, and all must answer', () => {
    const play = byServer(ok(10, 1), ok(30, 3), ok(20, 2));
    const { bench, at, value } = ask({ servers: 3, steps: [every()], play });
    expect(bench.targets('http.request').slice(1)).toEqual(['b1', 'b2', 'b3']);
    expect(bench.times('http.request').slice(1)).toEqual([10, 10, 10]);
    const seeds = bench.sent('http.request').map(({ message }) => (message as HttpRequest).seed);
    expect(new Set(seeds).size).toBe(4);
    expect({ at, version: value?.version }).toEqual({ at: 43, version: 3 });
  });

  it('fails as soon as too few can still answer', () => {
    const play = byServer(ok(10), refused('overloaded', 20), ok(30));
    const { code, at } = ask({ servers: 3, steps: [every()], play });
    expect({ code, at }).toEqual({ code: 'overloaded', at: 33 });
  });

  it('goes on as soon as `need` of them have answered', () => {
    const play = byServer(ok(10), refused('overloaded', 1), ok(30));
    expect(ask({ servers: 3, steps: [every(1)], play }).at).toBe(23);
    expect(ask({ servers: 3, steps: [every(2)], play }).at).toBe(43);
    expect(ask({ servers: 3, steps: [every(3)], play }).code).toBe('overloaded');
  });

  it('leaves nothing behind when the late ones have answered, too', () => {
    const play = byServer(ok(10), ok(200), ok(300));
    const { bench } = ask({ servers: 3, steps: [every(1)], play });
    const { threads, freeThreads, jobs, freeJobs } = bench.service();
    expect(threads).toHaveLength(4);
    expect([freeThreads.length, freeJobs.length]).toEqual([threads.length, jobs.length]);
  });

  it('has an `otherwise`', () => {
    const steps = [{ ...every(), otherwise: [] }];
    const { value } = ask({ servers: 3, steps, play: () => refused('overloaded') });
    expect(value?.degraded).toBe(true);
  });
});

describe('a query', () => {
  const sqlPlay = (version: number, ms = 0): Play =>
    by(() => ({ reply: rows(version), afterMs: ms }));

  it('names its statement and the row, and writes as the request says', () => {
    const { bench, value } = ask({ steps: [query], play: sqlPlay(8) }, { write: true, key: 4 });
    expect(bench.sent('sql.query')[0]?.message).toMatchObject({
      statement: 'row',
      write: true,
      key: 4,
    });
    expect(value?.version).toBe(8);
  });

  it('writes, or does not, as the step says', () => {
    const writes = (step: object, write: boolean) => {
      const { bench } = ask({ steps: [{ ...query, ...step }], play: sqlPlay(1) }, { write });
      return (bench.sent('sql.query')[0]?.message as unknown as SqlQuery).write;
    };
    expect(writes({ write: false }, true)).toBe(false);
    expect(writes({ write: true }, false)).toBe(true);
    expect(writes({}, false)).toBe(false);
  });

  it('comes `times` times, one after the other, each with bits of its own', () => {
    const steps = [{ ...query, times: 3, statement: 'n+1' }];
    const { bench, at } = ask({ steps, play: sqlPlay(1, 5) });
    expect(bench.times('sql.query')).toEqual([10, 17, 24]);
    expect(at).toBe(32);
    const seeds = bench.sent('sql.query').map(({ message }) => (message as { seed?: number }).seed);
    expect(new Set(seeds).size).toBe(3);
  });

  it('that was refused is a 503, that was not answered a 504', () => {
    expect(ask({ steps: [query], play: () => refused('lock-timeout') }).code).toBe('unavailable');
    const { code } = ask({ steps: [query], play: () => null }, { write: true });
    expect(code).toBe('gateway-timeout');
  });
});

describe('what took effect already', () => {
  const write = { write: true };
  const play: Play = by(({ message }) =>
    message.type === 'sql.query' ? { reply: rows(1) } : refused('overloaded'),
  );

  it('is not denied by a later step that surely failed', () => {
    expect(ask({ steps: [query, call], play }, write).code).toBe('bad-gateway');
    expect(ask({ steps: [query, { ...fail, code: 'unavailable' }], play }, write).code).toBe(
      'bad-gateway',
    );
  });

  it('does not hide that nothing has been changed', () => {
    expect(ask({ steps: [{ ...query, write: false }, call], play }, write).code).toBe('overloaded');
    expect(ask({ steps: [call, query], play }, write).code).toBe('overloaded');
  });

  it('is remembered of a branch that still runs', () => {
    const slow: Play = by(({ message }) =>
      message.type === 'sql.query' ? { reply: rows(1), afterMs: 50 } : refused('overloaded'),
    );
    const steps = [{ do: 'parallel', branches: [[query], [call]] }];
    expect(ask({ steps, play: slow }, write).code).toBe('bad-gateway');
  });
});

describe('branches', () => {
  const parallel = (need: number | undefined, ...branches: unknown[][]) => ({
    do: 'parallel',
    branches,
    ...(need === undefined ? {} : { need }),
  });

  it('run at once, and all are waited for', () => {
    expect(ask({ steps: [parallel(undefined, [wait(5)], [wait(9)]), wait(1)] }).at).toBe(21);
  });

  it('give their place back once: whoever comes next does not share it', () => {
    const bench = serviceBench({ steps: [parallel(undefined, [wait(5)])] });
    const early = bench.requestAt(9, request());
    const late = [29, 30].map((ms) => bench.requestAt(ms, request()));
    bench.ms(100);
    expect(bench.at(early)).toBe(16);
    expect(late.map((tag) => bench.at(tag))).toEqual([36, 37]);
    expect(bench.service().freeJobs.toSorted()).toEqual([0, 1]);
    expect(bench.service().freeThreads).toHaveLength(4);
  });

  it('go on with the first `need` of them; the others burn capacity', () => {
    const { bench, at } = ask({ steps: [parallel(1, [wait(5)], [work(50)]), wait(1)] }, {}, 30);
    expect(at).toBe(17);
    expect(bench.node('s1').cpu.busy).toBe(1);
    bench.ms(100);
    expect(bench.service().freeThreads).toHaveLength(3);
  });

  it('fail when too few can end well', () => {
    expect(ask({ steps: [parallel(1, [fail], [wait(5)])] })).toMatchObject({ code: 'ok', at: 16 });
    const both = ask({ steps: [parallel(2, [{ ...fail, code: 'bad-request' }], [wait(5)])] });
    expect(both).toMatchObject({ code: 'bad-request', at: 11 });
    expect(ask({ steps: [parallel(1, [wait(3), fail], [wait(5), fail])] }).at).toBe(16);
  });

  it('within branches work the same', () => {
    const inner = parallel(1, [wait(50)], [wait(2)]);
    expect(ask({ steps: [parallel(undefined, [inner], [wait(1)])] }).at).toBe(13);
  });

  it('that are over at once do not end a request twice', () => {
    const { bench, code } = ask({ steps: [parallel(1, [], [], [fail])] });
    expect(code).toBe('ok');
    expect(bench.service()).toMatchObject({ ok: 1, failed: 0 });
    expect(bench.service().freeThreads).toHaveLength(4);
  });

  it('tell the newest version that any of them saw', () => {
    const play: Play = by(({ message }) =>
      message.type === 'sql.query' ? { reply: rows(9) } : ok(20, 4),
    );
    expect(ask({ steps: [parallel(undefined, [query], [call])], play }).value?.version).toBe(9);
  });
});

describe('chance', () => {
  function shares(steps: unknown[], n = 10_000): { readonly bench: TrafficBench; share: number } {
    const bench = serviceBench({ steps });
    const tags: number[] = [];
    for (let i = 0; i < n; i++) tags.push(bench.request(request({ seed: i * 7_919 })));
    bench.ms(100);
    return { bench, share: tags.filter((tag) => bench.code(tag) === 'ok').length / n };
  }

  it('takes one list or the other by its share', () => {
    const either = { do: 'either', share: 0.3, then: [], otherwise: [fail] };
    // Four standard errors of 10,000 draws.
    expect(Math.abs(shares([either]).share - 0.3)).toBeLessThan(0.0184);
  });

  it('fails by its share, with its code', () => {
    const { bench, share } = shares([{ do: 'fail', share: 0.2, code: 'overloaded' }]);
    expect(Math.abs(share - 0.8)).toBeLessThan(0.016);
    expect([...bench.service().errors.keys()]).toEqual(['overloaded']);
  });

  it('of nothing never, of one always', () => {
    expect(shares([{ do: 'fail', share: 0 }], 1_000).share).toBe(1);
    expect(shares([{ do: 'fail', share: 1 }], 1_000).share).toBe(0);
    expect(shares([{ do: 'either', share: 0, then: [fail] }], 1_000).share).toBe(1);
    expect(shares([{ do: 'either', share: 1, then: [fail] }], 1_000).share).toBe(0);
  });
});

describe('a batch', () => {
  const batch = (maxSize: number, maxDelayMs: number, ...steps: unknown[]) => ({
    do: 'batch',
    maxSize,
    maxDelayMs,
    steps,
  });
  function many(steps: unknown[], times: number[], play?: Play) {
    const bench = serviceBench({ steps, ...(play === undefined ? {} : { play }) });
    const tags = times.map((ms, i) => bench.requestAt(ms, request({ key: i, write: true })));
    bench.ms(1_000);
    return { bench, at: tags.map((tag) => bench.at(tag)), codes: tags.map((t) => bench.code(t)) };
  }

  it('goes when it is full, and works once for all', () => {
    const { bench, at } = many(
      [batch(3, 100, query), wait(1)],
      [9, 11, 13, 15],
      by(() => ({ reply: rows(1) })),
    );
    // Full at 14; the fourth waits for its own delay.
    expect(bench.times('sql.query')).toEqual([14, 116]);
    expect(at).toEqual([18, 18, 18, 120]);
  });

  it('goes after its delay', () => {
    const { at } = many([batch(9, 20, work(5))], [9, 11, 40]);
    expect(at).toEqual([36, 36, 67]);
  });

  it('that fails fails all of it', () => {
    const { codes, bench } = many([batch(2, 50, fail)], [9, 9]);
    expect(codes).toEqual(['internal-error', 'internal-error']);
    expect(bench.service().freeThreads).toHaveLength(bench.service().threads.length);
  });

  it('whose failure has an `otherwise` goes on for all', () => {
    const step = { ...call, otherwise: [] };
    const { codes } = many([batch(2, 50, step)], [9, 9], () => refused('overloaded'));
    expect(codes).toEqual(['ok', 'ok']);
  });

  it('gives all the version that it made', () => {
    const bench = serviceBench({
      steps: [batch(2, 50, query)],
      play: by(() => ({ reply: rows(6) })),
    });
    const tags = [1, 2].map((key) => bench.requestAt(9, request({ key })));
    bench.ms(100);
    expect(tags.map((tag) => bench.value<HttpResponse>(tag)?.version)).toEqual([6, 6]);
  });

  it('does not deny to any of them what it has changed', () => {
    const play: Play = by(({ message }) =>
      message.type === 'sql.query' ? { reply: rows(1) } : refused('overloaded'),
    );
    expect(many([batch(2, 50, query), call], [9, 9], play).codes).toEqual([
      'bad-gateway',
      'bad-gateway',
    ]);
  });
});

describe('routes', () => {
  const routes = [
    { route: 'GET /a', steps: [wait(5)] },
    { route: 'GET /b', steps: [wait(7)] },
  ];

  it('have steps of their own; others take the common ones', () => {
    const at = (route: string) => ask({ steps: [wait(1)], config: { routes } }, { route }).at;
    expect([at('GET /a'), at('GET /b'), at('GET /c')]).toEqual([16, 18, 12]);
  });

  it('that are not known are a bad request where there are no common steps', () => {
    expect(ask({ config: { routes } }, { route: 'GET /c' }).code).toBe('bad-request');
    expect(ask({ config: { routes } }, { route: 'GET /a' }).code).toBe('ok');
  });
});
