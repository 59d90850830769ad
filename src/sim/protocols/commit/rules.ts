/** The rules of atomic commitment that can be switched off, to see what each of them is for. */

export type CommitAblation =
  | 'commit.prepare-logged'
  | 'commit.decision-logged'
  | 'commit.wait-when-prepared'
  | 'commit.majority-of-acceptors';

export interface CommitRule {
  readonly id: CommitAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const COMMIT_RULES: readonly CommitRule[] = [
  {
    id: 'commit.prepare-logged',
    rule: 'A shard votes yes only when what it would need to commit is on its disk.',
    breaks: 'Atomicity: after a crash the shard cannot do what it promised, and others did.',
    source: 'Gray (1978), 5.8.3.3; Bernstein, Hadzilacos, Goodman (1987), 7.4',
  },
  {
    id: 'commit.decision-logged',
    rule: 'A coordinator tells nobody of a commit before the decision is on its disk.',
    breaks: 'Atomicity: after a crash it presumes that a transaction aborted which has committed.',
    source: 'Mohan, Lindsay, Obermarck, Presumed Abort (TODS 1986)',
  },
  {
    id: 'commit.wait-when-prepared',
    rule: 'A shard that has voted yes does not give up alone, however long it waits.',
    breaks: 'Atomicity: it aborts what the coordinator has told others to commit.',
    source: 'Gray (1978); Bernstein, Hadzilacos, Goodman (1987), 7.3: the uncertainty period',
  },
  {
    id: 'commit.majority-of-acceptors',
    rule: 'In Paxos Commit a vote counts when a majority of the acceptors has it on disk.',
    breaks: 'Atomicity: another leader finds no trace of a vote, and takes it for a no.',
    source: 'Gray and Lamport, Consensus on Transaction Commit (TODS 2006)',
  },
];

export type CommitRules = { readonly [rule in CommitAblation]: boolean };

export const commitRules = (ablations: readonly string[]): CommitRules => ({
  'commit.prepare-logged': !ablations.includes('commit.prepare-logged'),
  'commit.decision-logged': !ablations.includes('commit.decision-logged'),
  'commit.wait-when-prepared': !ablations.includes('commit.wait-when-prepared'),
  'commit.majority-of-acceptors': !ablations.includes('commit.majority-of-acceptors'),
});
