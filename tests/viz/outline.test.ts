/** How wide outlines are: what a name inside has for room. */
import { describe, expect, it } from 'vitest';
import type { Outline } from '../../src/viz/painters/outline.ts';
import { widthAt } from '../../src/viz/painters/outline.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { drawn } from './support/paper.ts';
import { shopAt } from './support/shop.ts';

describe('the width of an outline', () => {
  it.each<Outline>(['circle', 'hexagon', 'octagon', 'rounded', 'cylinder', 'star'])(
    'of a %s is whole in its middle, and nothing above it',
    (outline) => {
      expect(widthAt(outline, 34, 0)).toBeGreaterThan(60);
      expect(widthAt(outline, 34, 0)).toBeLessThan(80);
      expect(widthAt(outline, 34, -60)).toBe(0);
      expect(widthAt(outline, 34, 60)).toBe(0);
      expect(widthAt(outline, 34, -26)).toBeLessThanOrEqual(widthAt(outline, 34, 0));
    },
  );

  it('of a circle is its chord', () => {
    expect(widthAt('circle', 34, -16)).toBeCloseTo(2 * Math.sqrt(34 * 34 - 16 * 16), 0);
  });

  it('is the room of the name of each node, which is outlined if it is wider', () => {
    for (const node of shopAt([1_500_000]).flat()) {
      const name = drawn(node).labels.find(({ text }) => text === node.name)!;
      expect(name.options.room, node.name).toBeGreaterThan(20);
      expect(name.options.room, node.name).toBeLessThan(72);
      expect(name.options.halo, node.name).toBe(TOKENS.dark.node);
    }
  });
});
