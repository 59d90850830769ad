/** Groups whose members change, for the sentences about that. */
import { expect } from 'vitest';
import type { RaftMembers } from '../../../../../src/sim/contracts/raft.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { cluster } from './paper.ts';

/** `size` servers of whom the first `voters` begin; server 1 leads and its no-op is committed. */
export function group(
  size: number,
  voters: number,
  options: Partial<ClusterOptions> = {},
): Cluster {
  const ids = Array.from({ length: voters }, (_, i) => i + 1);
  const made = cluster(size, { voters: ids, ...options });
  made.start();
  made.campaign(1);
  made.settle();
  expect(made.state(1)).toMatchObject({ role: 'leader', commitIndex: 1 });
  return made;
}

export const membersOf = (at: Cluster, id: number): RaftMembers => at.state(id).conf.members;
export const refusal = (effects: readonly { type: string }[]): unknown =>
  effects.find(({ type }) => type === 'change-refused');
