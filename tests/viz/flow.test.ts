/** Lines of the map between groups: where data flows, and where nobody talks to anybody. */
import { describe, expect, it } from 'vitest';
import type { GroupPlan, NodeFrame } from '../../src/sim/index.ts';
import { alongFlow } from '../../src/viz/layout/flow.ts';
import type { MapLink } from '../../src/viz/layout/map.ts';
import { painterOf } from '../../src/viz/painters/index.ts';
import { StageView } from '../../src/viz/stage/view-model.ts';
import { nodeFrame } from './support/synthetic.ts';

function viewOf(groups: readonly GroupPlan[]): { view: StageView; nodes: readonly NodeFrame[] } {
  const members = groups.flatMap(({ name, component, count }) =>
    Array.from({ length: count }, (_, i) => ({ name: `${name}${i + 1}`, group: name, component })),
  );
  const nodes = members.map((member, index) => ({ ...nodeFrame(index, 0), ...member }));
  const view = new StageView(() => undefined);
  view.setGroups(groups);
  view.setSize(1_200, 900);
  view.setNodes(nodes, []);
  return { view, nodes };
}

/** "s1 w1", and "n1 = n2" within a group. */
function linesOf(groups: readonly GroupPlan[]): string[] {
  const { view, nodes } = viewOf(groups);
  const text = ({ a, b, inner }: MapLink) =>
    `${nodes[a]!.name}${inner ? ' =' : ''} ${nodes[b]!.name}`;
  return view.layout.links.map(text).sort();
}

const job: readonly GroupPlan[] = [
  { name: 'log', component: 'event-log', count: 1 },
  { name: 's', component: 'stream-task', count: 2, links: { log: 'log' } },
  { name: 'w', component: 'stream-task', count: 2 },
  { name: 'k', component: 'stream-task', count: 1, links: { store: 'out' } },
  { name: 'out', component: 'result-store', count: 1 },
  {
    name: 'jm',
    component: 'job-coordinator',
    count: 1,
    links: { sinks: 'k', operators: 'w', sources: 's' },
  },
];

describe('the map of a stream job', () => {
  it('joins each task to those it sends to', () => {
    const lines = linesOf(job).filter((line) => !line.startsWith('jm'));
    expect(lines).toEqual([
      ...['k1 out1', 's1 log1', 's1 w1', 's1 w2', 's2 log1', 's2 w1', 's2 w2'],
      ...['w1 k1', 'w2 k1'],
    ]);
  });

  it('puts those that are sent to behind those that send', () => {
    const { view, nodes } = viewOf(job);
    const xOf = (name: string) =>
      view.layout.places.get(nodes.find((node) => node.name === name)!.index)!.x;
    const xs = ['jm1', 's1', 'w1', 'k1', 'out1'].map(xOf);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    expect(new Set(xs).size).toBe(xs.length);
  });

  it('leaves alone what nobody tells to send', () => {
    const flowOf = (component: string) => painterOf(component).flow;
    expect(alongFlow(job.slice(0, 5), flowOf)).toEqual(job.slice(0, 5));
  });
});

describe('lines between members of a group', () => {
  it('are not drawn between participants of sagas, who talk to their orchestrator only', () => {
    const saga: readonly GroupPlan[] = [
      { name: 'p', component: 'queue-producer', count: 1, links: { queue: 'o' } },
      { name: 'o', component: 'saga-orchestrator', count: 1, links: { participants: 's' } },
      { name: 's', component: 'saga-participant', count: 3 },
    ];
    expect(linesOf(saga)).toEqual(['o1 s1', 'o1 s2', 'o1 s3', 'p1 o1']);
  });

  it('are drawn between replicas', () => {
    const raft: readonly GroupPlan[] = [{ name: 'n', component: 'raft-kv', count: 3 }];
    expect(linesOf(raft)).toEqual(['n1 = n2', 'n1 = n3', 'n2 = n3']);
  });
});
