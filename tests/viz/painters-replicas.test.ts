/** The painter of replicated servers over frames of a real split brain: crowns, lines and lag. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';
import { drawn } from './support/paper.ts';

const LINK = '#s=storage/split-brain&off=replica.lease-fencing';

function serversAt(micros: number): readonly NodeFrame[] {
  const { controller, settle } = harness(engine);
  controller.start();
  controller.open({ from: 'link', link: LINK });
  settle();
  controller.scrubTo(micros);
  settle();
  return controller.state.scene!.nodes.filter(({ component }) => component === 'sql-node');
}

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

  it('says it in words, draws it down, and explains its letters', () => {
    expect(describeNode(calm[0]!)).toMatch(/^n1.*primary on timeline 1: log \d+/);
    expect(drawn({ ...calm[0]!, status: 'down', view: null }).texts).toContain('down');
    expect(painterOf('sql-node').hint(calm[1]!)).toMatch(/^SB\. Standby/);
  });
});
