/** Painters of unique ids over frames of real runs: numbers, clocks that are behind, who waits. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodeAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

const idsAt = (params: string, micros: number, name: string): NodeFrame =>
  nodeAt(`#s=coordination/unique-ids${params}`, micros, name);

const BACK = '&p.jumpBackMs=200';
const refusing = idsAt(BACK, 500_000, 'w1');
const waiting = idsAt(`${BACK}&p.whenBack=wait`, 500_000, 'w1');
const calm = idsAt('', 500_000, 'w3');

describe('the painters of unique ids', () => {
  it('draw the number of a worker, its last id, and how far its clock is behind', () => {
    expect(drawn(calm).texts.join()).toMatch(/^w3,ID,2,last \d{15}$/);
    expect(drawn(refusing).texts.join()).toMatch(/w1,ID,0,last \d{15},clock 9\d ms behind it/);
    expect(describeNode(refusing)).toMatch(/makes ids as worker 0: .* behind it$/);
  });

  it('draw those who wait for its clock as a queue', () => {
    expect(describeNode(waiting)).toMatch(/; \d+ wait$/);
    expect(drawn(waiting).texts).toContain('100');
    expect(drawn(refusing).texts).not.toContain('100');
  });

  it('draw a client with the number of its ids', () => {
    const client = idsAt('', 500_000, 'c1');
    expect(drawn(client).texts.join()).toMatch(/c1,\d{3} ids/);
    expect(describeNode(client)).toMatch(/asks for ids: \d{3} given, \d under way, last \d{15}/);
    expect(painterOf('id-client').legend).toHaveLength(1);
  });

  it('draws a worker that is down without a number', () => {
    expect(drawn({ ...calm, status: 'down', view: null }).texts).toEqual(['w3', 'down']);
  });
});
