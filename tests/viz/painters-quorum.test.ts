/** The painter of quorum stores over frames of real runs: siblings, hints, who has answered. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodeAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

/** The cut is over, both carts have met; nobody writes any more. */
const siblings = nodeAt('#s=cap/ap-partition&p.conflicts=version-vectors', 12_900_000, 'n1');
/** n5 stands in for n1, n4 for n2: both keep a write. */
const holder = nodeAt('#s=cap/sloppy-quorum', 4_000_000, 'n5');
/** n1 has stored a write that nobody else acknowledges. */
const waiting = nodeAt('#s=cap/failed-write', 2_900_000, 'n1');

describe('the painter of quorum stores', () => {
  it('draws siblings side by side', () => {
    const { texts } = drawn(siblings);
    expect(texts).toContain('cart:');
    const at = texts.indexOf('cart:');
    expect(texts.slice(at + 1, at + 3)).toEqual(['milk and eggs', 'milk and bread']);
    expect(describeNode(siblings)).toMatch(/milk and eggs beside milk and bread/);
  });

  it('draws an envelope for each hint, and says for whom it is', () => {
    expect(drawn(holder).texts).toContain('1 for n1');
    const boxes = (node: NodeFrame) =>
      drawn(node).calls.filter(({ name }) => name === 'roundRect').length;
    expect(boxes(holder)).toBeGreaterThan(boxes(waiting));
    expect(describeNode(holder)).toMatch(/1 hints? waiting/);
  });

  it('draws who has answered, of how many are needed', () => {
    const { texts, calls } = drawn(waiting);
    expect(texts).toContain('W 1 of 2');
    expect(calls.filter(({ name }) => name === 'arc')).toHaveLength(3);
    expect(describeNode(waiting)).toMatch(/write of x, 1 of 2 have answered/);
    const table = JSON.stringify(painterOf('quorum-store').details(waiting));
    expect(table).toMatch(/"write","x",2,"n1","n\d, n\d"/);
  });

  it('draws it down, and explains its letters and marks', () => {
    const { texts } = drawn({ ...holder, status: 'down', view: null });
    expect(texts).toEqual(['n5', 'down']);
    const { legend, hint } = painterOf('quorum-store');
    expect(legend).toHaveLength(3);
    expect(hint(holder)).toMatch(/^QS\. Store without a leader/);
  });
});
