/** Painters of locks over frames of real runs: leases that drain, tokens, and the wrong order. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodesAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

/** Client A has token 33 from 0.15 s on and stops at 0.35 s; it wakes at 2.85 s and writes. */
const lockedAt = (micros: number): readonly NodeFrame[] =>
  nodesAt('#s=coordination/paused-client', micros);

const early = lockedAt(700_000);
const late = lockedAt(2_600_000);
const after = lockedAt(2_900_000);
const of = (component: string, nodes: readonly NodeFrame[]) =>
  nodes.find((node) => node.component === component)!;

describe('the painters of locks', () => {
  it('draw the lease of the service and of its holder, with its token', () => {
    expect(drawn(of('lock-service', early)).texts).toContain('r0: a1, token 33');
    expect(drawn(of('lock-client', early)).texts).toEqual(['a1', '33', 'working']);
    expect(describeNode(of('lock-client', early))).toBe(
      'a1, paused, client of locks: working, believes to hold r0 with token 33',
    );
  });

  it('let the ring drain between two frames', () => {
    for (const component of ['lock-service', 'lock-client']) {
      const node = of(component, early);
      const { phaseOf } = painterOf(component);
      const steps = [200_000, 700_000, 1_100_000, 3_000_000].map((at) => phaseOf(node, at));
      expect(steps, component).toEqual([...steps].sort((a, b) => b - a));
      expect(new Set(steps).size, component).toBe(4);
      expect(steps.at(-1), component).toBe(0);
    }
  });

  it('show that one sleeps with a token while the service has lent newer ones', () => {
    const { calls: empty } = drawn(of('lock-client', late), { micros: 2_600_000 });
    const { calls: running } = drawn(of('lock-client', early), { micros: 700_000 });
    const arcs = (calls: typeof empty) => calls.filter(({ name }) => name === 'arc').length;
    expect(arcs(running)).toBe(1);
    expect(arcs(empty)).toBe(0);
    expect(drawn(of('lock-client', late)).texts).toContain('33');
    expect(describeNode(of('lock-service', late))).toMatch(/last token 3[5-9]/);
  });

  it('tell under which token was written, and which is the newest seen', () => {
    const storage = of('fenced-storage', after);
    expect(describeNode(storage)).toMatch(/written under 33; \d+ writes, 0 refused/);
    const table = painterOf('fenced-storage')
      .details(storage)
      .find(({ kind }) => kind === 'table');
    expect(JSON.stringify(table)).toMatch(/33, an older one/);
    expect(drawn(of('fenced-storage', lockedAt(0))).texts).toContain('nothing written');
  });

  it('draw them down, and explain their letters', () => {
    for (const component of ['lock-service', 'lock-client', 'fenced-storage']) {
      const node = of(component, early);
      const { texts } = drawn({ ...node, status: 'down', view: null });
      expect(texts[0]).toBe(node.name);
      expect(painterOf(component).legend.length).toBeGreaterThan(0);
    }
    expect(painterOf('lock-service').hint(of('lock-service', early))).toMatch(/^LK\. Lock service/);
  });
});
