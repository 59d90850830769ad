/** A service with caches of the catalogue: writes through each kind, and a near one and a far. */
import { describe, expect, it } from 'vitest';
import type { GroupPlan, HttpResponse, SqlRows } from 'faultline';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db, read } from '../database/support.ts';
import { cache, look } from '../cache/support.ts';
import { followed } from './support/followed.ts';
import { request } from '../support/traffic-bench.ts';

const WRITE_MS = 20;
const store = db({
  read: { time: constant(10) },
  write: { time: constant(WRITE_MS) },
  rows: 1_000,
});
const app = (steps: readonly unknown[], routes: readonly unknown[] = []): GroupPlan => ({
  name: 'app',
  component: 'service',
  count: 1,
  links: followed({ far: 'ca', db: 'db' }, [steps, routes]),
  config: { steps, routes },
});
const answered = (b: AskBench, tag: number) => ({
  version: (b.reply(tag) as HttpResponse).version,
  tookMs: b.end(tag)?.atMs,
});

describe('a put that writes', () => {
  /** Writes object 5 at 0; what the service said, and what store and cache hold at 60 and later. */
  function put(mode: string) {
    const groups = [
      store,
      cache(
        { mode, ...(mode === 'write-back' ? { writeBackMs: 200 } : {}) },
        { links: { origin: 'db' } },
      ),
      app([{ do: 'put', in: 'far', write: true }]),
    ];
    const b = new AskBench({ groups });
    const tag = b.ask('app1', request({ key: 5, write: true }));
    b.to(100);
    const inStore = () => (b.answer('db1', read(5)) as SqlRows).version;
    const first = inStore();
    b.to(400);
    return { ...answered(b, tag), first, later: inStore(), inCache: look(b, 5).is };
  }

  it('through is in the store and in the cache when it is answered', () => {
    const { version, tookMs, first, inCache } = put('write-through');
    expect([version, first, inCache]).toEqual([1, 1, 'hit 1']);
    // There and back over three links, and the write.
    expect(tookMs).toBe(6 + WRITE_MS);
  });

  it('around is in the store only', () => {
    expect(put('write-around')).toMatchObject({ version: 1, first: 1, inCache: 'miss 1' });
  });

  it('back is in the cache first, and in the store later', () => {
    const { version, tookMs, first, later, inCache } = put('write-back');
    expect([version, first, later, inCache]).toEqual([1, 0, 1, 'hit 1']);
    // It had to be read there first, but not to be written.
    expect(tookMs).toBe(6 + 10);
  });

  const writing = (mode: string, links: object) => [
    store,
    cache({ mode }, links),
    app([{ do: 'put', in: 'far', write: true }]),
  ];

  it('is refused by a cache that takes no writes, and the request fails', () => {
    const groups = writing('read-through', { links: { origin: 'db' } });
    const b = new AskBench({ groups });
    expect(b.answer('app1', request({ key: 5, write: true }))).toBe('unavailable');
  });

  it('is refused before the run where no store is behind the cache', () => {
    const groups = writing('aside', {});
    expect(() => new AskBench({ groups })).toThrow(/No store is behind/);
  });
});

describe('a near cache before a far one', () => {
  const NEAR_MS = 100;
  const near = { capacity: 10, ttlMs: NEAR_MS };
  const query = { do: 'query', to: 'db' };
  const bench = () =>
    new AskBench({
      groups: [
        store,
        cache({ ttlMs: 1_000 }),
        app(
          [{ do: 'cached', in: 'far', miss: [query], near }],
          [
            { route: 'PUT near', steps: [query, { do: 'invalidate', in: 'far' }] },
            { route: 'PUT far', steps: [query] },
          ],
        ),
      ],
    });
  const get = (b: AskBench): HttpResponse => b.answer('app1', request()) as HttpResponse;
  const asked = (b: AskBench) => [b.sentOf('cache.get'), b.sentOf('sql.query')];

  it('asks the store once, the far one when the near one is over, and else nobody', () => {
    const b = bench();
    const took: number[] = [];
    for (const ms of [0, 50, 200]) {
      b.to(ms);
      expect(get(b).version).toBe(0);
      took.push(b.nowMs - ms);
    }
    // 2 ms there and back, besides the far cache (2), the store (12) and the set (2).
    expect(took).toEqual([18, 2, 4]);
    expect(asked(b)).toEqual([2, 1]);
  });

  it('shows its own write at once, because both are emptied', () => {
    const b = bench();
    get(b);
    b.answer('app1', request({ route: 'PUT near', write: true }));
    expect(get(b).version).toBe(1);
  });

  it('shows the write of somebody else when the near one is over, and the far one was told', () => {
    const b = bench();
    get(b);
    const filled = b.nowMs;
    // Another service writes and empties the far cache; nobody tells the near one.
    b.answer('db1', { ...read(1), write: true } as never);
    b.answer('ca1', { type: 'cache.delete', key: 1, version: -1 } as never);
    b.to(filled + NEAR_MS - 10);
    expect(get(b).version).toBe(0);
    b.to(filled + NEAR_MS + 10);
    expect(get(b).version).toBe(1);
  });
});
