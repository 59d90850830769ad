/** Painters of replicated servers over frames of a real split brain: crowns, keys and lag. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { nodesAt } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

const LINK = '#s=storage/split-brain&off=replica.lease-fencing';

const at = (micros: number): readonly NodeFrame[] => nodesAt(LINK, micros);

const serversAt = (micros: number): readonly NodeFrame[] =>
  at(micros).filter(({ component }) => component === 'sql-node');

/** Only what is left of a key is drawn as one. */
const arcs = (node: NodeFrame, micros: number) =>
  drawn(node, { micros }).calls.filter(({ name }) => name === 'arc');

const calm = serversAt(5_000_000);
const split = serversAt(13_000_000);

/** A crown is filled, and nothing else of a server is in the leader's colour. */
const isCrowned = (node: NodeFrame): boolean =>
  drawn(node).calls.some(
    ({ name, given }) =>
      name === 'fill' && (given[0] as { color?: string }).color === TOKENS.dark.leader,
  );

describe('the painter of replicated servers', () => {
  it('crowns the primary, and both of a split brain', () => {
    expect(calm.filter(isCrowned)).toHaveLength(1);
    expect(split.filter(isCrowned)).toHaveLength(2);
  });

  it('tells their timelines apart', () => {
    const lines = split.map((node) => drawn(node).texts.find((text) => text.startsWith('line ')));
    expect(new Set(lines)).toEqual(new Set(['line 1', 'line 2']));
  });

  it('shows how far standbys are behind a primary that cannot reach them', () => {
    const widths = (node: NodeFrame): number[] =>
      drawn(node)
        .calls.filter(({ name, given }) => name === 'roundRect' && given[3] === 6)
        .map(({ given }) => given[2] as number)
        .filter((width) => width < 52);
    const [before] = widths(calm[0]!);
    const [after] = widths(split[0]!);
    expect(after!).toBeLessThan(before!);
  });

  it('draws the leader key as a ring that drains, and empty around one that has lost it', () => {
    const primary = calm[0]!;
    const [early, late] = [5_000_000, 7_000_000].map((micros) => {
      const [ring] = arcs(primary, micros);
      return ring === undefined ? 0 : (ring.given[4] as number) - (ring.given[3] as number);
    });
    expect(early!).toBeGreaterThan(late!);
    expect(painterOf('sql-node').phaseOf(primary, 5_000_000)).toBeGreaterThan(
      painterOf('sql-node').phaseOf(primary, 7_000_000),
    );
    const [old, , young] = split;
    expect(describeNode(old!)).toMatch(/^n1.*primary/);
    expect(arcs(old!, 13_000_000)).toHaveLength(0);
    expect(arcs(young!, 13_000_000)).toHaveLength(1);
    expect(arcs(split[1]!, 13_000_000)).toHaveLength(0);
  });

  it('tells what has come and is not applied from what has not come', () => {
    const [standby] = calm.slice(1);
    const view = standby!.view as ViewOf<'sql-node'>;
    const behind = (more: Partial<ViewOf<'sql-node'>>): NodeFrame =>
      saying(standby!, { ...view, lsn: 100, applied: 100, sourceEnd: 100, ...more });
    /** Where the bar ends that is filled, and where the thin line that goes on from there. */
    const bar = (node: NodeFrame): { readonly filled: number; readonly thin: number | null } => {
      const { calls } = drawn(node);
      const [, fill] = calls.filter(({ name, given }) => name === 'roundRect' && given[3] === 6);
      const y = (fill!.given[1] as number) + 3;
      const line = calls.find(({ name, given }) => name === 'lineTo' && given[1] === y);
      return { filled: fill!.given[2] as number, thin: (line?.given[0] as number) ?? null };
    };
    const even = bar(behind({}));
    const unapplied = bar(behind({ applied: 90 }));
    const missing = bar(behind({ sourceEnd: 130 }));
    const both = bar(behind({ applied: 90, sourceEnd: 130 }));
    expect(even.thin).toBeNull();
    expect(unapplied.filled).toBeLessThan(even.filled);
    expect(unapplied.thin).not.toBeNull();
    expect(missing.filled).toBeLessThan(unapplied.filled);
    expect(missing.thin).toBeNull();
    expect(both.filled).toBeLessThan(missing.filled);
    expect(both.thin).toBeLessThan(unapplied.thin!);
    expect(drawn(behind({ sourceEnd: 130 })).texts).toContain('applied 100 of 100, 30 to come');
  });

  it('draws whose the leader key is, with its token, and what is left of it', () => {
    const store = (micros: number) => at(micros).find(({ component }) => component === 'dcs')!;
    const before = store(5_000_000);
    expect(drawn(before).texts).toEqual(
      expect.arrayContaining(['d1', '1', 'n1', 'n1 has the key, token 1']),
    );
    const steps = [5_000_000, 6_000_000, 12_000_000].map((micros) =>
      painterOf('dcs').phaseOf(before, micros),
    );
    expect(steps[0]).toBeGreaterThan(steps[1]!);
    expect(steps[2]).toBe(0);
    const after = store(13_000_000);
    expect(describeNode(after)).toMatch(/^d1, store of a leader key: n3 has the key, token 2/);
    const over = saying(after, { ...(after.view as ViewOf<'dcs'>), leader: null, lease: null });
    expect(drawn(over).texts).toContain('nobody has the leader key, last token 2');
    expect(arcs(over, 13_000_000)).toHaveLength(0);
    expect(arcs(after, 13_000_000)).toHaveLength(1);
    expect(painterOf('dcs').hint(after)).toMatch(/^DC\. Store of a leader key/);
  });

  it('keeps name and line apart where letters have grown against the scale', () => {
    for (const node of [calm[0]!, { ...calm[0]!, status: 'down', view: null } as const]) {
      const { labels } = drawn(node, { near: false });
      const [name, line] = labels;
      expect(line!.text).toMatch(/^line 1$|^down$/);
      // At a scale of 0.5 both are 22 units high, and capitals 0.72 of that.
      expect(line!.y - name!.y).toBeGreaterThan(20);
    }
  });

  it('says it in words, draws it down, and explains its letters', () => {
    expect(describeNode(calm[0]!)).toMatch(/^n1.*primary on timeline 1: log \d+/);
    expect(drawn({ ...calm[0]!, status: 'down', view: null }).texts).toContain('down');
    expect(painterOf('sql-node').hint(calm[1]!)).toMatch(/^SB\. Standby/);
  });
});
