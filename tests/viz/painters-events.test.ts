/** Event sourcing on the map: heads of streams, and how far a projection is behind them. */
import { describe, expect, it } from 'vitest';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { named, nodesAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

/** While the processor of the projection is slow. */
const behind = nodesAt('#s=patterns/cqrs', 3_400_000);
const calm = nodesAt('#s=patterns/cqrs', 2_950_000);

describe('the painters of event sourcing', () => {
  it('show the head of all events, and the revision of each stream', () => {
    const store = named(calm, 'e1');
    expect(drawn(store).texts).toContain('head 20');
    expect(drawn(store).texts.join()).toMatch(/account-\d at \d/);
    expect(describeNode(store)).toMatch(/store of 20 events; account-\d at \d/);
  });

  it('show how far a projection is behind', () => {
    expect(drawn(named(calm, 'p1')).texts).toContain('at 20');
    const texts = drawn(named(behind, 'p1')).texts.join();
    expect(texts).toMatch(/at 2\d, \d behind/);
    expect(texts).toMatch(/\d queries wait/);
    expect(describeNode(named(behind, 'p1'))).toMatch(
      /projection at 2\d, \d behind, \d queries wait/,
    );
  });

  it('count what clients and services have done', () => {
    expect(describeNode(named(calm, 's1'))).toContain('0 commands under way, 20 done, 0 refused');
    expect(painterOf('account-client').tallyOf(named(calm, 'c1'))).toEqual({
      ok: 20,
      fail: 0,
      unknown: 0,
    });
    for (const name of ['s1', 'c1']) {
      const { labels } = drawn(named(calm, name), { radius: 22 });
      for (const { y } of labels) expect(Math.abs(y)).toBeLessThanOrEqual(22);
    }
  });
});
