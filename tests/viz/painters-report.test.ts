/** The painter of reports over frames of a real run: what they read, and what changed. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodeAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

const reportAt = (params: string): NodeFrame =>
  nodeAt(`#s=cap/read-twice${params}`, 3_950_000, 'west-report1');

describe('the painter of reports', () => {
  it('draws what was read, and what it was the second time', () => {
    const node = reportAt('');
    expect(drawn(node).texts.join()).toMatch(/west-report1,price \d{4} then \d{4},orders \d+ then/);
    expect(describeNode(node)).toMatch(
      /reports: \d made, 0 failed; the last read price \d{4} then/,
    );
  });

  it('draws it once where it was the same again', () => {
    const node = reportAt('&p.keeps=answers');
    expect(drawn(node).texts.join()).toMatch(/west-report1,price \d{4},orders \d+$/);
  });

  it('draws only its name from afar, and of one that is down', () => {
    const node = reportAt('');
    expect(drawn(node, { near: false }).texts).toEqual(['west-report1']);
    expect(drawn({ ...node, status: 'down', view: null }).texts).toEqual(['west-report1']);
    expect(painterOf('report-client').legend).toHaveLength(1);
  });
});
