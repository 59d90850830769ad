/** Painters of members that watch each other, and of who changes a group, over real runs. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { named, pageOf } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

describe('the painter of members that watch each other', () => {
  // m3 dies at 2 s, is suspected, then taken for dead; m4 to m6 stop from 18 s to 22 s.
  const link = '#s=coordination/gossip-membership';
  const [calm, dead, doubt, after] = [1_000_000, 17_000_000, 21_500_000, 33_000_000].map(
    pageOf(link),
  ) as [readonly NodeFrame[], readonly NodeFrame[], readonly NodeFrame[], readonly NodeFrame[]];

  /** Whole pieces, dashes, and thin ones, by the width and the colour of their strokes. */
  function ring(node: NodeFrame) {
    const strokes = drawn(node).calls.filter(({ name }) => name === 'stroke');
    const count = (width: number, color: string) =>
      strokes.filter(({ given }) => {
        const ink = given[0] as { readonly width: number; readonly color: string };
        return ink.width === width && ink.color === color;
      }).length;
    const { pass, unknown, fail } = TOKENS.dark;
    return { alive: count(6, pass), suspect: count(6, unknown), dead: count(1.6, fail) };
  }

  it('draws a piece for each of the others, by what it holds them for', () => {
    expect(ring(named(calm, 'm1'))).toEqual({ alive: 11, suspect: 0, dead: 0 });
    expect(ring(named(dead, 'm1'))).toEqual({ alive: 10, suspect: 0, dead: 1 });
    const doubtful = doubt.find(
      ({ view }) => view !== null && ring(named(doubt, 'm1')).suspect > 0,
    );
    expect(doubtful).toBeDefined();
    expect(ring(named(doubt, 'm1')).dead).toBe(1);
  });

  it('names whom it suspects and who is dead, and says nothing where all are well', () => {
    expect(drawn(named(calm, 'm1')).texts).toEqual(['m1', 'inc 0', 'SW']);
    expect(drawn(named(dead, 'm1')).texts).toContain('dead: m3');
    expect(drawn(named(doubt, 'm1')).texts.join()).toMatch(/suspects m[456]/);
    expect(describeNode(named(dead, 'm1'))).toMatch(
      /^m1, member with incarnation 0; of the others 10 alive, 0 suspect, 1 dead, dead: m3$/,
    );
  });

  it('shows the new incarnation of one that has said that it lives', () => {
    const again = ['m4', 'm5', 'm6'].map((name) => named(after, name));
    const refuted = again.filter(({ view }) => (view as ViewOf<'swim-member'>).incarnation > 0);
    expect(refuted.length).toBeGreaterThan(0);
    expect(drawn(refuted[0]!).texts).toContain('inc 1');
    // From afar only what has changed is said.
    expect(drawn(refuted[0]!, { near: false }).texts).toEqual([refuted[0]!.name, 'inc 1']);
    expect(drawn(named(calm, 'm1'), { near: false }).texts).toEqual(['m1']);
  });

  it('draws one piece for each status where there are too many members', () => {
    const one = named(dead, 'm1');
    const view = one.view as ViewOf<'swim-member'>;
    const members = Array.from({ length: 40 }, (_, i) => ({
      name: `m${i + 2}`,
      status: i < 30 ? ('alive' as const) : i < 38 ? ('suspect' as const) : ('dead' as const),
      incarnation: 0,
    }));
    const crowd = saying(one, { ...view, members });
    expect(ring(crowd)).toEqual({ alive: 1, suspect: 1, dead: 1 });
    expect(drawn(crowd).texts).toEqual(expect.arrayContaining(['suspects 8', 'dead: m40, m41']));
  });

  it('lists the others in one order, draws it down, and explains its letters', () => {
    const one = named(dead, 'm1');
    const table = painterOf('swim-member')
      .details(one)
      .find(({ kind }) => kind === 'table');
    const names = table?.kind === 'table' ? table.rows.map(([name]) => name) : [];
    expect(names.slice(0, 3)).toEqual(['m2', 'm3', 'm4']);
    expect(names.slice(-2)).toEqual(['m11', 'm12']);
    expect(drawn(named(dead, 'm3')).texts).toEqual(['m3', 'down']);
    expect(painterOf('swim-member').hint(one)).toMatch(/^SW\. Member/);
  });
});

describe('the painters of heartbeats', () => {
  // m1 stops at 20.01 s for two seconds; m3 crashes at 180.01 s.
  const link = '#s=coordination/failure-detectors&p.acceptablePauseMs=0';
  const [start, calm, stop, dead] = [0, 15_500_000, 21_900_000, 200_000_000].map(pageOf(link)) as [
    readonly NodeFrame[],
    readonly NodeFrame[],
    readonly NodeFrame[],
    readonly NodeFrame[],
  ];
  const watch = (nodes: readonly NodeFrame[]) => named(nodes, 'watch1');

  it('draw a bar for each member, the suspected first and struck through', () => {
    expect(drawn(watch(calm)).texts).toEqual(['watch1', 'FD', 'm1', 'm2', 'm3']);
    expect(drawn(watch(stop)).texts).toEqual(['watch1', 'FD', 'suspects m1', 'm1', 'm2', 'm3']);
    expect(drawn(watch(dead)).texts).toContain('suspects m3');
    const strikes = (node: NodeFrame) =>
      drawn(node).calls.filter(
        ({ name, given }) =>
          name === 'stroke' && (given[0] as { readonly color: string }).color === TOKENS.dark.fail,
      ).length;
    expect([strikes(watch(calm)), strikes(watch(stop))]).toEqual([0, 1]);
  });

  it('say whom the monitor suspects, and how silent each member is', () => {
    expect(describeNode(watch(calm))).toBe(
      'watch1, failure monitor (phi-normal) of 3 members, suspects nobody',
    );
    expect(describeNode(watch(stop))).toMatch(/suspects m1$/);
    const table = painterOf('failure-monitor')
      .details(watch(stop))
      .find(({ kind }) => kind === 'table');
    const rows = table?.kind === 'table' ? table.rows : [];
    expect(rows.map(([name, verdict]) => `${name} ${verdict}`)).toEqual([
      'm1 suspected',
      'm2 trusted',
      'm3 trusted',
    ]);
  });

  it('say when nobody is known, and leave names out from afar', () => {
    const empty = { ...(watch(calm).view as ViewOf<'failure-monitor'>), members: [] };
    expect(drawn(saying(watch(calm), empty)).texts).toContain('has heard of nobody');
    expect(drawn(watch(stop), { near: false }).texts).toEqual(['watch1', 'FD', 'suspects m1']);
    const many = Array.from({ length: 9 }, (_, i) => ({
      name: `m${i + 1}`,
      isSuspected: i === 8,
      level: i,
      silentMicros: 0,
      heard: 1,
    }));
    const crowd = drawn(saying(watch(calm), { ...empty, members: many })).texts;
    expect(crowd.slice(2)).toEqual(['suspects m9', 'm9', 'm7', 'm8', 'm5', 'and 5 less suspect']);
  });

  it('draw the time until the next heartbeat, and explain their letters', () => {
    const member = named(calm, 'm2');
    expect(painterOf('heartbeat-sender').timerOf(member)).toBe('beat');
    expect(describeNode(member)).toBe('m2, member that has sent 16 heartbeats');
    expect(painterOf('heartbeat-sender').hint(member)).toMatch(/^HB\. Member/);
    expect(painterOf('failure-monitor').hint(watch(calm))).toMatch(/^FD\. Failure monitor/);
    expect(drawn(named(dead, 'm3')).texts).toEqual(['m3', 'down']);
    expect(drawn(watch(start)).texts[0]).toBe('watch1');
  });
});

describe('the painter of an operator', () => {
  // It has n4 added at 5 s, and is told at once that it is done.
  const link = '#s=consensus/membership-change';
  const all = [1_000_000, 5_050_000, 8_000_000].map(pageOf(link));
  const [before, during, after] = all.map((nodes) => named(nodes, 'operator1')) as [
    NodeFrame,
    NodeFrame,
    NodeFrame,
  ];
  const discs = (node: NodeFrame) =>
    drawn(node).calls.filter(({ name, given }) => name === 'circle' && given[2] === 2.8).length;

  it('says what it will do, what it is about, and when nothing is left', () => {
    expect(drawn(before).texts).toEqual(['operator1', 'add at once n4', 'at 5 s']);
    expect(drawn(during).texts).toEqual(['operator1', 'add at once n4', 'under way']);
    expect(drawn(after).texts).toEqual(['operator1', 'nothing to do']);
    expect(describeNode(after)).toBe(
      'operator1, operator: nothing to do; 1 done, 0 refused, 0 left',
    );
  });

  it('marks each order by how it ended', () => {
    expect(discs(before)).toBe(0);
    expect(discs(after)).toBe(1);
    const { isBusy, tallyOf } = painterOf('raft-operator');
    expect([before, during, after].map(isBusy)).toEqual([false, true, false]);
    // It is no client of the store.
    expect(tallyOf(after)).toBeNull();
  });

  it('lists the orders that are left, and is drawn down', () => {
    expect(JSON.stringify(painterOf('raft-operator').details(during))).toContain(
      '["add at once n4","5 s","under way"]',
    );
    expect(drawn({ ...before, status: 'down', view: null }).texts).toEqual(['operator1']);
  });
});
