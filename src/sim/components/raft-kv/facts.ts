/** What a Raft server tells: the turns of its story. */
import type { FactTable } from '../../contracts/facts.ts';
import type { RaftRole } from '../../protocols/raft/effects.ts';

export type RaftKvFact =
  | { readonly type: 'raft.campaign'; readonly role: RaftRole; readonly term: number }
  | { readonly type: 'raft.leader'; readonly term: number; readonly lastIndex: number }
  | { readonly type: 'raft.stepped-down'; readonly term: number; readonly was: number }
  | { readonly type: 'raft.term'; readonly term: number; readonly was: number }
  | { readonly type: 'raft.truncated'; readonly from: number; readonly entries: number }
  | { readonly type: 'raft.committed'; readonly from: number; readonly to: number };

const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

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
      `drops ${entries(f.entries)} from index ${f.from} on: the leader has others there`,
  },
  'raft.committed': {
    weight: 'minor',
    sentence: (f) =>
      f.from === f.to ? `commits entry ${f.to}` : `commits entries ${f.from} to ${f.to}`,
  },
};
