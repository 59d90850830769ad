/**
 * The safety invariants of Raft by name, and what each says.
 *
 * Sources: Raft paper figure 3; dissertation figure 3.2 and appendix B; etcd's TLA+ specification.
 */
export type RaftInvariantName =
  | 'TermMonotonic'
  | 'VoteOnce'
  | 'ElectionSafety'
  | 'LeaderAppendOnly'
  | 'LogMatching'
  | 'TermsInLog'
  | 'LeaderCompleteness'
  | 'StateMachineSafety'
  | 'CommittedIsDurable'
  | 'CommitMonotonic'
  | 'CommitRule'
  | 'SnapshotIsCommitted'
  | 'QuorumLog'
  | 'QuorumsMeet'
  | 'OneChangeAtATime';

/** What each invariant says, for people. */
export const RAFT_INVARIANTS: readonly { readonly id: RaftInvariantName; readonly says: string }[] =
  [
    { id: 'TermMonotonic', says: 'the term of a server never decreases, restarts included' },
    { id: 'VoteOnce', says: 'a server gives at most one vote in a term' },
    { id: 'ElectionSafety', says: 'at most one leader is elected in a term' },
    { id: 'LeaderAppendOnly', says: 'a leader never deletes or overwrites entries of its log' },
    {
      id: 'LogMatching',
      says: 'logs with an entry of the same index and term are identical up to it',
    },
    {
      id: 'TermsInLog',
      says: "terms never decrease along a log, nor exceed the server's current term",
    },
    {
      id: 'LeaderCompleteness',
      says: 'an entry committed in a term is in the log of the leaders of all later terms',
    },
    {
      id: 'StateMachineSafety',
      says: 'no two servers apply different entries at the same index',
    },
    {
      id: 'CommittedIsDurable',
      says: 'a committed entry is on the disks of a quorum from its commit on',
    },
    { id: 'CommitMonotonic', says: 'the commit index of a running server never decreases' },
    {
      id: 'CommitRule',
      says: 'a leader commits by counting only up to an entry of its own term',
    },
    {
      id: 'SnapshotIsCommitted',
      says: 'a snapshot stands for committed entries, and only they leave a log for it',
    },
    {
      id: 'QuorumLog',
      says: 'every quorum of a configuration that elects has a server that holds what is committed',
    },
    {
      id: 'QuorumsMeet',
      says: 'every decision of a configuration shares a server with every one of the next',
    },
    {
      id: 'OneChangeAtATime',
      says: 'a leader changes the members only while no other change is uncommitted',
    },
  ];
