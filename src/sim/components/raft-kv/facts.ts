/** What a Raft server tells: the turns of its story. */
import type { FactTable } from '../../contracts/facts.ts';
import type { RaftRole } from '../../protocols/raft/effects.ts';
import { plural } from '../../kernel/plural.ts';

export type RaftKvFact =
  | { readonly type: 'raft.campaign'; readonly role: RaftRole; readonly term: number }
  | { readonly type: 'raft.leader'; readonly term: number; readonly lastIndex: number }
  | { readonly type: 'raft.stepped-down'; readonly term: number; readonly was: number }
  | { readonly type: 'raft.term'; readonly term: number; readonly was: number }
  | { readonly type: 'raft.truncated'; readonly from: number; readonly entries: number }
  | { readonly type: 'raft.committed'; readonly from: number; readonly to: number }
  | { readonly type: 'raft.snapshot-taken'; readonly index: number; readonly keys: number }
  | { readonly type: 'raft.snapshot-installed'; readonly index: number; readonly was: number }
  | ({ readonly type: 'raft.members-changed' } & Members)
  | ({ readonly type: 'raft.members-adopted' } & Members)
  | { readonly type: 'raft.transfer'; readonly to: string }
  | { readonly type: 'raft.transfer-aborted'; readonly to: string };

/** A configuration, by short names: `n1 n2 n3`. */
interface Members {
  readonly index: number;
  readonly voters: string;
  /** Of a joint configuration; empty otherwise. */
  readonly outgoing: string;
  readonly learners: string;
}

function members({ voters, outgoing, learners }: Members): string {
  const both = outgoing === '' ? voters : `${outgoing} together with ${voters}`;
  return learners === '' ? both : `${both}, learning: ${learners}`;
}

export const raftKvFacts: FactTable<RaftKvFact> = {
  'raft.campaign': {
    weight: 'major',
    sentence: (f) =>
      f.role === 'pre-candidate'
        ? `hears no leader and asks whether it could win term ${f.term + 1}`
        : `stands for election in term ${f.term}`,
  },
  'raft.leader': {
    weight: 'major',
    sentence: (f) => `becomes leader of term ${f.term}`,
  },
  'raft.stepped-down': {
    weight: 'major',
    sentence: (f) =>
      f.term === f.was
        ? `stops leading term ${f.was}`
        : `stops leading term ${f.was}: it saw term ${f.term}`,
  },
  'raft.term': {
    weight: 'minor',
    sentence: (f) => `moves from term ${f.was} to term ${f.term}`,
  },
  'raft.truncated': {
    weight: 'major',
    sentence: (f) =>
      `drops ${plural(f.entries, 'entry', 'entries')} from index ${f.from} on: the leader has ` +
      `others there`,
  },
  'raft.committed': {
    weight: 'minor',
    sentence: (f) =>
      f.from === f.to ? `commits entry ${f.to}` : `commits entries ${f.from} to ${f.to}`,
  },
  'raft.snapshot-taken': {
    weight: 'minor',
    sentence: (f) => `takes a snapshot of ${plural(f.keys, 'key')}, up to entry ${f.index}`,
  },
  'raft.snapshot-installed': {
    weight: 'major',
    sentence: (f) =>
      `takes its leader's snapshot up to entry ${f.index}: it had committed to ${f.was}`,
  },
  'raft.members-changed': {
    weight: 'major',
    sentence: (f) => `decides from entry ${f.index} on with ${members(f)}`,
  },
  'raft.members-adopted': {
    weight: 'minor',
    sentence: (f) => `counts on ${members(f)} from entry ${f.index} on`,
  },
  'raft.transfer': {
    weight: 'major',
    sentence: (f) => `hands its office over to ${f.to}`,
  },
  'raft.transfer-aborted': {
    weight: 'major',
    sentence: (f) => `leads on: ${f.to} did not take over`,
  },
};
