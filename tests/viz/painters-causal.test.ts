/** The painter of causal stores over frames of real runs: what is shown, and what waits. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodeAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

/** The answer has arrived, its question has not. */
const waiting = nodeAt('#s=cap/causal', 3_000_000, 'n3');
const over = nodeAt('#s=cap/causal', 13_400_000, 'n3');

describe('the painter of causal stores', () => {
  it('draws an envelope for each write held back, and says what it waits for', () => {
    const boxes = (node: NodeFrame) =>
      drawn(node).calls.filter(({ name }) => name === 'roundRect').length;
    expect(boxes(waiting)).toBeGreaterThan(boxes(over));
    expect(drawn(waiting).texts.join()).toMatch(/waits for n1 \d+/);
    expect(describeNode(waiting)).toMatch(/holds back .*waits for n1 \d+/);
    expect(describeNode(over)).not.toMatch(/holds back/);
  });

  it('draws the newest keys with the versions that it shows', () => {
    expect(drawn(over).texts.join()).toMatch(/k\d:,\d+,n\d \d+/);
    const table = JSON.stringify(painterOf('causal-store').details(waiting));
    expect(table).toMatch(/"answer","I have!","n2","n1 \d+"/);
  });

  it('draws it down, and explains its letters and marks', () => {
    const { texts } = drawn({ ...waiting, status: 'down', view: null });
    expect(texts).toEqual(['n3', 'down']);
    const { legend, hint } = painterOf('causal-store');
    expect(legend).toHaveLength(2);
    expect(hint(waiting)).toMatch(/^CS\. Datacentre of a causal store/);
  });
});
