/** What the sides of a cut are called: a majority only of those who need one. */
import { describe, expect, it } from 'vitest';
import type { GroupPlan } from '../../src/sim/index.ts';
import { StageView } from '../../src/viz/stage/view-model.ts';
import { islandLabel, serversLabel } from '../../src/viz/state/islands.ts';
import type { Counted } from '../../src/viz/state/islands.ts';
import { nodeFrame } from './support/synthetic.ts';

function countedOf(groups: readonly GroupPlan[]): Counted {
  const members = groups.flatMap(({ name, component, count }) =>
    Array.from({ length: count }, () => ({ group: name, component })),
  );
  const view = new StageView(() => undefined);
  view.setGroups(groups);
  view.setSize(1_200, 900);
  view.setNodes(
    members.map((member, index) => ({ ...nodeFrame(index, 0), ...member })),
    [],
  );
  return view.counted;
}

const client = (links: Record<string, string>): GroupPlan => ({
  name: 'c',
  component: 'kv-client',
  count: 2,
  links,
});

describe('a side of a cut', () => {
  it('is a majority or a minority where servers need one, with clients apart', () => {
    const raft = countedOf([
      { name: 'n', component: 'raft-kv', count: 5 },
      client({ servers: 'n' }),
    ]);
    expect(islandLabel(0, [0, 1, 5], raft)).toBe('side A: minority, 2 of 5, 1 client');
    expect(islandLabel(1, [2, 3, 4, 6], raft)).toBe('side B: majority, 3 of 5, 1 client');
    expect(serversLabel(1, [2, 3, 4, 6], raft)).toBe('side B: majority, 3 of 5');
    expect(serversLabel(2, [5, 6], raft)).toBe('side C');
    expect(islandLabel(2, [5, 6], raft)).toBe('side C: 2 clients');
    expect(islandLabel(3, [], raft)).toBe('side D: nobody');
  });

  it('has so many servers where none needs a majority, as brokers and their controller', () => {
    const log = countedOf([
      { name: 'ctl', component: 'controller', count: 1 },
      { name: 'b', component: 'log-broker', count: 3, links: { controller: 'ctl' } },
      { name: 'c', component: 'log-producer', count: 1, links: { brokers: 'b' } },
    ]);
    expect(serversLabel(0, [1, 4], log)).toBe('side A: 1 of 4 servers');
    expect(serversLabel(1, [0, 2, 3], log)).toBe('side B: 3 of 4 servers');
  });

  it('counts the group that needs a majority, and no other', () => {
    const log = countedOf([
      { name: 'ctl', component: 'controller', count: 3 },
      { name: 'b', component: 'log-broker', count: 3, links: { controller: 'ctl' } },
      { name: 'c', component: 'log-producer', count: 1, links: { brokers: 'b' } },
    ]);
    expect(serversLabel(0, [0, 3, 4, 5], log)).toBe('side A: minority of ctl, 1 of 3');
    expect(serversLabel(1, [1, 2, 6], log)).toBe('side B: majority of ctl, 2 of 3');
    expect(serversLabel(2, [6], log)).toBe('side C');
  });
});
