/** What a Multi-Paxos server tells: the turns of its story. */
import type { FactTable } from '../../contracts/facts.ts';
import { plural } from '../../kernel/plural.ts';

export type PaxosKvFact =
  | { readonly type: 'paxos.campaign'; readonly round: number }
  | { readonly type: 'paxos.leader'; readonly round: number; readonly recovered: number }
  | { readonly type: 'paxos.preempted'; readonly round: number; readonly by: number }
  | { readonly type: 'paxos.promised'; readonly round: number; readonly owner: string }
  | { readonly type: 'paxos.committed'; readonly from: number; readonly to: number };

export const paxosKvFacts: FactTable<PaxosKvFact> = {
  'paxos.campaign': {
    weight: 'major',
    sentence: (f) => `stands, and asks for promises in round ${f.round}`,
  },
  'paxos.leader': {
    weight: 'major',
    sentence: (f) =>
      f.recovered === 0
        ? `leads round ${f.round}`
        : `leads round ${f.round}, and first has ${plural(f.recovered, 'slot')} chosen again`,
  },
  'paxos.preempted': {
    weight: 'major',
    sentence: (f) => `gives up its round ${f.round}: somebody promised round ${f.by}`,
  },
  'paxos.promised': {
    weight: 'minor',
    sentence: (f) => `promises round ${f.round} of ${f.owner}`,
  },
  'paxos.committed': {
    weight: 'minor',
    sentence: (f) =>
      f.from === f.to ? `learns that slot ${f.to} is chosen` : `learns slots ${f.from} to ${f.to}`,
  },
};
