/** Small clusters in the states that the sentences of the paper speak of. */
import { expect } from 'vitest';
import type { RaftAppend, RaftMessage } from '../../../../../src/sim/contracts/raft.ts';
import type { RaftEffect } from '../../../../../src/sim/protocols/raft/effects.ts';
import { Cluster } from './cluster.ts';
import type { ClusterOptions, Envelope } from './cluster.ts';

const PLAIN = { preVote: false, preVoteLease: false, checkQuorum: false };

/** Servers 1, 2, ... of plain Raft, not started. */
export function cluster(size = 3, options: Partial<ClusterOptions> = {}): Cluster {
  const ids = Array.from({ length: size }, (_, i) => i + 1);
  return new Cluster({ ids, ...PLAIN, ...options });
}

/** Elects server 1 and lets everything settle: its no-op is committed at index 1. */
export function elected(size = 3, options: Partial<ClusterOptions> = {}): Cluster {
  const group = cluster(size, options);
  group.start();
  group.campaign(1);
  group.settle();
  if (options.instantDisk === false) writeAll(group);
  expect(group.leaders()).toEqual([1]);
  return group;
}

/** Completes writes and delivers until neither is left. */
function writeAll(group: Cluster): void {
  while (group.network.length > 0 || group.servers.some(({ writes }) => writes.length > 0)) {
    for (const { id, state } of group.servers) if (state !== null) group.completeWrites(id);
    group.settle();
  }
}

export function propose(group: Cluster, command: string, leader = 1): readonly RaftEffect[] {
  return group.step(leader, { type: 'propose', command, tag: 1 });
}

/** Loses whatever is not for one of these. */
export const only =
  (...ids: number[]) =>
  ({ to }: Envelope): boolean =>
    !ids.includes(to);

export const sent = (effects: readonly RaftEffect[]): RaftMessage[] =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));

/** Server 1 takes an append of `term` from server 2. */
export function take(
  group: Cluster,
  term: number,
  prev: readonly [number, number],
  terms: readonly number[],
  commit = 0,
): readonly RaftEffect[] {
  const entries = terms.map((t, i) => ({ term: t, index: prev[0] + 1 + i, command: `n${t}` }));
  const place = { prevLogIndex: prev[0], prevLogTerm: prev[1], commit, round: 0 };
  const message: RaftAppend = { type: 'raft.append', term, entries, ...place };
  return group.step(1, { type: 'message', from: 2, message });
}
