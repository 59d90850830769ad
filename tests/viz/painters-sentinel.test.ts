/** The painter of sentinels over frames of a real failover: S_DOWN, O_DOWN, votes and the end. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { pageOf } from './support/moments.ts';
import { drawn } from './support/paper.ts';

const sentinelsAt = (
  link: string,
  moments: readonly number[],
): readonly (readonly NodeFrame[])[] => {
  const page = pageOf(link);
  return moments.map((micros) => page(micros).filter(({ component }) => component === 'sentinel'));
};

const textsOf = (node: NodeFrame): string => drawn(node).texts.join(' | ');

describe('the painter of sentinels', () => {
  const [calm, after] = sentinelsAt('#s=storage/sentinel', [3_000_000, 17_000_000]) as [
    readonly NodeFrame[],
    readonly NodeFrame[],
  ];

  it('names the primary, before and after', () => {
    for (const node of calm) expect(textsOf(node)).toContain('primary n1');
    for (const node of after) expect(textsOf(node)).toMatch(/epoch 1.*primary n[23]/);
    expect(describeNode(calm[0]!)).toMatch(/^s1.*sentinel in epoch 0: primary n1/);
  });

  it('says what one alone holds for down, and that it was not voted for', () => {
    const moments = [8_500_000, 9_500_000];
    const link = '#s=storage/sentinel&p.quorum=1&p.sentinelsInside=2';
    const [early, late] = sentinelsAt(link, moments).map((nodes) => nodes[2]!) as [
      NodeFrame,
      NodeFrame,
    ];
    const seen = `${textsOf(early)} | ${textsOf(late)}`;
    expect(seen).toContain('agreed down: n1');
    expect(seen).toContain('votes 1 of 2');
    const [alone] = sentinelsAt('#s=storage/sentinel&p.sentinelsInside=2', [9_500_000]);
    expect(textsOf(alone![2]!)).toContain('down to it: n1');
  });

  it('draws a piece of its ring for each server', () => {
    const strokes = (node: NodeFrame): number =>
      drawn(node).calls.filter(({ name }) => name === 'arc').length;
    expect(strokes(calm[0]!)).toBeGreaterThanOrEqual(3);
    const { servers } = calm[0]!.view as ViewOf<'sentinel'>;
    expect(servers.map(({ name, isPrimary }) => [name, isPrimary])).toEqual([
      ['n1', true],
      ['n2', false],
      ['n3', false],
    ]);
    expect(painterOf('sentinel').component).toBe('sentinel');
  });
});
