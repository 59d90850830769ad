/** Painters of transactional stores and their clients: rows, locks, votes, and who is in doubt. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, View, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { Store } from '../sim/components/txn-store/support.ts';
import { pageOf } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

const page = pageOf('#s=distributed-transactions/write-skew');

const nodeAt = (micros: number, component: string): NodeFrame =>
  page(micros).find((node) => node.component === component)!;

const roster = nodeAt(2_000_000, 'txn-store');
const doctors = nodeAt(2_000_000, 'txn-client');

/** A shard of a bench, as the page would be told of it. */
const shard = (store: Store, name: string): NodeFrame => ({
  ...roster,
  name,
  view: store.view(name) as View,
});
const arcs = (node: NodeFrame) => drawn(node).calls.filter(({ name }) => name === 'arc').length;

const CONFIG = { isolation: 'serializable-2pl', lockTimeoutMs: 60_000, voteTimeoutMs: 5_000 };

describe('the painter of a shard', () => {
  it('draws its rows with what they hold, and how its transactions ended', () => {
    const { committed, aborted, rows } = roster.view as ViewOf<'txn-store'>;
    const { texts } = drawn(roster);
    expect(texts).toContain('oncall/0:');
    expect(texts).toContain(`${committed} committed, ${aborted} aborted`);
    expect(rows.map(({ key }) => key)).toEqual(['oncall/0', 'oncall/1']);
    const versions = rows.map((row) => row.versions).filter((count) => count > 1);
    for (const count of versions) expect(texts).toContain(`${count} versions`);
    expect(JSON.stringify(painterOf('txn-store').details(roster))).toContain('"oncall/0"');
  });

  it('tells what is written and not committed, by whom it is held, and who waits', () => {
    const store = new Store({ config: { ...CONFIG, rows: [{ key: 'x', value: 1 }] } });
    const first = store.begin();
    first.write('x', 2);
    const second = store.begin();
    expect(second.write('x', 3)).toBeUndefined();
    const node = shard(store, 's1');
    const { texts, labels } = drawn(node);
    expect(texts).toContain('2*');
    expect(labels.find(({ text }) => text === '2*')!.options.bold).toBe(true);
    expect(texts.join()).toMatch(/held by \d+/);
    // The tank of those that wait has a number below it.
    expect(texts).toContain('1');
    expect(describeNode(node)).toMatch(/; 1 locks held; 1 wait$/);
    const table = JSON.stringify(painterOf('txn-store').details(node));
    expect(table).toContain(`["x",${first.id},"exclusive","held"]`);
    expect(table).toContain(`["x",${second.id},"exclusive","waits"]`);
    first.commit();
    expect(drawn(shard(store, 's1')).texts).toContain('3*');
  });

  it('counts the readers of all rows that a scan covers', () => {
    const rows = [
      { key: 'a/1', value: 1 },
      { key: 'b/1', value: 1 },
    ];
    const store = new Store({ config: { ...CONFIG, rows } });
    const [first, second] = [store.begin(), store.begin()];
    first.scan('a/');
    second.scan('a/');
    second.read('a/1');
    const node = shard(store, 's1');
    expect(drawn(node).texts.filter((text) => text.includes('read by'))).toEqual(['read by 2']);
    expect(JSON.stringify(painterOf('txn-store').details(node))).toContain('["a/*",');
  });

  it('draws the votes that a coordinator gathers, and who is in doubt', () => {
    const store = new Store({ config: { ...CONFIG, commitProtocol: '2pc' }, count: 3 });
    const txn = store.begin('s1');
    for (let i = 0; i < 12; i++) txn.write(`k${i}`, i);
    store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
    const viewOf = (name: string) => store.view(name) as ViewOf<'txn-store'>;
    store.until(() => viewOf('s2').inDoubt[0]?.phase === 'prepared');
    const coordinator = shard(store, 's1');
    const [commit] = viewOf('s1').coordinating;
    expect(commit!.shards.map(({ name }) => name).sort()).toEqual(['s1', 's2', 's3']);
    expect(arcs(coordinator)).toBeGreaterThanOrEqual(3);
    expect(drawn(coordinator).texts.join()).toMatch(/yes \d of 3/);
    expect(describeNode(coordinator)).toMatch(/coordinates transaction \d+: voting, yes \d of 3/);
    expect(viewOf('s2').inDoubt).toEqual([{ txn: txn.id, coordinator: 's1', phase: 'prepared' }]);
    expect(drawn(shard(store, 's2')).texts).toContain('1?');
    expect(JSON.stringify(painterOf('txn-store').details(shard(store, 's2')))).toContain(
      `[${txn.id},"prepared","s1"]`,
    );
    store.until(() => viewOf('s1').coordinating[0]?.phase === 'telling');
    expect(drawn(shard(store, 's1')).texts.join()).toMatch(/told \d of 3/);
    store.until(() => viewOf('s1').coordinating.length === 0);
    expect(arcs(shard(store, 's1'))).toBe(0);
    expect(drawn(shard(store, 's2')).texts).not.toContain('1?');
  });

  it('is drawn down, and explains its letters', () => {
    expect(drawn({ ...roster, status: 'down', view: null }).texts).toEqual(['roster1', 'down']);
    expect(painterOf('txn-store').hint(roster)).toMatch(/^TX\. Shard/);
  });
});

describe('the painter of clients that run transactions', () => {
  it('fills a square for each worker with a transaction under way', () => {
    const seen = new Set<number>();
    for (let micros = 1_000_000; micros < 1_400_000; micros += 5_000) {
      const node = nodeAt(micros, 'txn-client');
      const { open, workers } = node.view as ViewOf<'txn-client'>;
      expect(workers.filter(({ phase }) => phase !== 'idle')).toHaveLength(open);
      expect(painterOf('txn-client').isBusy(node)).toBe(open > 0);
      seen.add(open);
    }
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });

  it('tells how they ended, and that some have read what cannot be', () => {
    const view = doctors.view as ViewOf<'txn-client'>;
    expect(view.wrong).toBeGreaterThan(0);
    expect(painterOf('txn-client').tallyOf(doctors)).toEqual({
      ok: view.committed,
      fail: view.aborted,
      unknown: view.unknown,
    });
    expect(describeNode(doctors)).toMatch(/; \d+ have read what cannot be$/);
    const triangles = (node: NodeFrame) =>
      drawn(node).calls.filter(({ name }) => name === 'poly').length;
    const right = saying(doctors, { ...view, wrong: 0 });
    expect(triangles(doctors)).toBe(triangles(right) + 2);
  });

  it('lists its workers, and is drawn down', () => {
    const table = painterOf('txn-client')
      .details(doctors)
      .find(({ kind }) => kind === 'table');
    expect(table?.kind === 'table' ? table.rows : []).toHaveLength(2);
    expect(drawn({ ...doctors, status: 'down', view: null }).texts).toEqual(['doctors1']);
  });
});
