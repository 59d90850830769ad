/** List pages: what they cost one by one, each at once, and all together. */
import { describe, expect, it } from 'vitest';
import type { CacheGetMany, CacheValue, GroupPlan, HttpResponse, SqlQuery } from 'faultline';
import { objectsOf } from '../../../../src/sim/components/service/objects.ts';
import type { ServiceState } from '../../../../src/sim/components/service/state.ts';
import { cache, get, set } from '../cache/support.ts';
import { db, write } from '../database/support.ts';
import { AskBench } from '../support/ask-bench.ts';
import { request } from '../support/traffic-bench.ts';
import { followed } from './support/followed.ts';

const SIZE = 5;
const OF = 1_000;
type How = 'one-by-one' | 'at-once' | 'together';
const list = (how: How, steps: unknown[] = [cached()]) => [
  { do: 'list', size: SIZE, of: OF, how, steps },
];
const cached = (miss: unknown[] = [{ do: 'query', to: 'db' }]) => ({
  do: 'cached',
  in: 'ca',
  setInBackground: true,
  miss,
});

/** Reads take 2 ms and every further row half a millisecond; a message takes one. */
function bench(steps: unknown[], more: Partial<GroupPlan> = {}, rows = OF): AskBench {
  return new AskBench({
    groups: [
      db({ furtherRowMs: 0.5, rows }, { cores: 8 }),
      cache({ capacity: 100 }),
      {
        name: 's',
        component: 'service',
        count: 1,
        links: followed({ ca: 'ca', db: 'db' }, steps),
        ...more,
        config: { steps: steps as never, ...more.config },
      },
    ],
  });
}
const PAGE = 3;
const objects = objectsOf(PAGE, SIZE, OF);
function ask(b: AskBench, key = PAGE): number {
  const from = b.nowMs;
  const tag = b.ask('s1', request({ key }));
  b.after(1_000);
  expect(typeof b.reply(tag)).toBe('object');
  return (b.end(tag)?.atMs ?? Infinity) - from;
}
const counted = (b: AskBench) => ({
  gets: b.sentOf('cache.get') + b.sentOf('cache.get-many'),
  queries: b.sentOf('sql.query'),
  sets: b.sentOf('cache.set'),
});
const state = (b: AskBench) => b.node('s1').state as ServiceState;

describe('the objects of a page', () => {
  it('are neighbours in the catalogue, each of them once, and always the same', () => {
    for (let page = 0; page < 200; page++) {
      const shown = objectsOf(page, 20, 100);
      expect(new Set(shown).size).toBe(20);
      shown.forEach((key, n) => expect(key).toBe(((shown[0] ?? 0) + n) % 100));
      expect(objectsOf(page, 20, 100)).toEqual(shown);
    }
    const starts = new Set(Array.from({ length: 200 }, (_, page) => objectsOf(page, 1, 100)[0]));
    // 200 draws out of 100: 87 of them are expected to come up.
    expect(starts.size).toBeGreaterThan(75);
  });
});

describe('a list page', () => {
  it('one by one asks for each object, and for each that is missing once more', () => {
    const b = bench(list('one-by-one'));
    // Two to the service and back; of each object a look-up (2), and a statement (2 and its 2 ms).
    expect(ask(b)).toBe(2 + SIZE * (2 + 4));
    expect(counted(b)).toEqual({ gets: SIZE, queries: SIZE, sets: SIZE });
    expect(ask(b)).toBe(2 + SIZE * 2);
    expect(counted(b)).toEqual({ gets: 2 * SIZE, queries: SIZE, sets: SIZE });
  });

  it('each at once is as quick as one object, and costs as much as all', () => {
    const b = bench(list('at-once'));
    expect(ask(b)).toBe(2 + 2 + 4);
    expect(counted(b)).toEqual({ gets: SIZE, queries: SIZE, sets: SIZE });
    expect(ask(b)).toBe(2 + 2);
  });

  it('together asks once, and runs one statement for what is missing', () => {
    const b = bench(list('together'));
    b.ask('ca1', set(objects[1] ?? -1, 0));
    b.ask('ca1', set(objects[4] ?? -1, 0));
    b.after(10);
    expect(ask(b)).toBe(2 + 2 + 4 + 2 * 0.5);
    const keys = (type: string) =>
      b.sent.flatMap(({ message }) =>
        message.type === type ? [(message as CacheGetMany | SqlQuery).keys] : [],
      );
    expect(keys('cache.get-many')).toEqual([objects]);
    expect(keys('sql.query')).toEqual([[objects[0], objects[2], objects[3]]]);
    expect(counted(b)).toEqual({ gets: 1, queries: 1, sets: 2 + 3 });
    expect([state(b).cacheHits, state(b).cacheMisses]).toEqual([2, 3]);
    // Now all are there: the page costs one look-up.
    expect(ask(b)).toBe(2 + 2);
    expect(counted(b)).toEqual({ gets: 2, queries: 1, sets: 5 });
  });

  it('together keeps each object in its own version, and answers with the newest', () => {
    const b = bench(list('together'));
    for (let i = 0; i < 3; i++) b.answer('db1', write(objects[2] ?? -1));
    const tag = b.ask('s1', request({ key: PAGE }));
    b.after(100);
    expect((b.reply(tag) as HttpResponse).version).toBe(3);
    const versions = objects.map((key) => b.answer('ca1', get(key)));
    expect(versions.map((v) => (v as CacheValue).version)).toEqual([0, 0, 3, 0, 0]);
  });

  it('together keeps what there is not only if it is told to', () => {
    const sets = (negative: boolean): number => {
      const b = bench(list('together', [{ ...cached(), negative }]), {}, 3);
      ask(b);
      return counted(b).sets;
    };
    // Of a table of three rows none is on the page.
    expect([sets(false), sets(true)]).toEqual([0, SIZE]);
  });

  it('without its cache reads all, and does not fill it', () => {
    const b = bench(list('together'), { config: { upstreams: [{ to: 'ca', timeoutMs: 20 }] } });
    b.crash('ca1');
    expect(ask(b)).toBe(2 + 20 + 4 + (SIZE - 1) * 0.5);
    expect(counted(b)).toEqual({ gets: 1, queries: 1, sets: 0 });
  });

  it('goes on behind the list with the object of its request', () => {
    const steps = [...list('together'), { do: 'query', to: 'db' }];
    for (const how of ['one-by-one', 'at-once', 'together'] as const) {
      const b = bench([...list(how), ...steps.slice(1)]);
      ask(b);
      const last = b.sent.findLast(({ message }) => message.type === 'sql.query');
      expect(last?.message, how).toMatchObject({ key: PAGE });
      expect((last?.message as SqlQuery).keys, how).toBe(undefined);
    }
  });

  it('draws for each object what it costs', () => {
    const wait = { do: 'wait', time: { kind: 'exponential', meanMs: 10 } };
    const one = ask(bench(list('together', [wait])));
    const all = ask(bench(list('one-by-one', [wait])));
    const slowest = ask(bench(list('at-once', [wait])));
    expect(all).not.toBeCloseTo(2 + SIZE * (one - 2), 1);
    expect(slowest).toBeLessThan(all);
  });

  it('fails as one of its objects does, and leaves nothing behind', () => {
    for (const how of ['one-by-one', 'at-once', 'together'] as const) {
      const b = bench(list(how, [cached([{ do: 'fail', share: 1 }])]));
      const tag = b.ask('s1', request({ key: PAGE }));
      b.after(100);
      expect(b.reply(tag), how).toBe('internal-error');
      expect(state(b).freeThreads, how).toHaveLength(state(b).threads.length);
      expect(ask(bench(list(how))), how).toBeGreaterThan(0);
    }
  });

  it('whose statement fails goes on by its `otherwise`', () => {
    const query = { do: 'query', to: 'db', otherwise: [] };
    const config = { upstreams: [{ to: 'db', timeoutMs: 20 }] };
    const b = bench(list('together', [cached([query])]), { config });
    b.crash('db1');
    expect(ask(b)).toBe(2 + 2 + 20);
  });
});
