/**
 * Majorities and pairs of majorities, as pure functions of a configuration; and quorums of other
 * sizes (Howard, Malkhi & Spiegelman, Flexible Paxos, 2016).
 *
 * An election must meet every replication, so that a leader knows of what was committed; and every
 * other election, for in Raft a term belongs to nobody: two disjoint elections would give it two
 * leaders. So N < E + R, as in Flexible Paxos, and N < 2E, which Paxos does not need.
 *
 * A joint configuration decides only when both its halves do (Raft paper 6). An empty half has no
 * say: it commits everything and wins every vote, so that a half can be left out.
 */

export type VoteResult = 'won' | 'lost' | 'pending';

/** How many voters decide; 0: a majority. */
export interface RaftQuorums {
  readonly election: number;
  readonly replication: number;
  /** If not, an election takes one vote less than what meets every replication. */
  readonly meet: boolean;
}

export const MAJORITIES: RaftQuorums = Object.freeze({ election: 0, replication: 0, meet: true });

export const majorityOf = (size: number): number => (size >> 1) + 1;

export function replicationQuorum({ replication }: RaftQuorums, size: number): number {
  return replication === 0 ? majorityOf(size) : replication;
}

export function electionQuorum(quorums: RaftQuorums, size: number): number {
  const asked = quorums.election === 0 ? majorityOf(size) : quorums.election;
  if (quorums.meet) return asked;
  return Math.max(1, Math.min(asked, size - replicationQuorum(quorums, size)));
}

/** Why quorums of these sizes are unsafe; null: they are not. */
export function quorumsFault(quorums: RaftQuorums, size: number): string | null {
  const election = electionQuorum(quorums, size);
  const replication = replicationQuorum(quorums, size);
  if (election > size || replication > size) return `there are only ${size} voters`;
  if (!quorums.meet) return null;
  const sizes = `of ${size} voters, ${election} that elect`;
  if (election + replication <= size)
    return `${sizes} and ${replication} that commit need not meet`;
  return 2 * election <= size ? `${sizes} need not meet ${election} others that elect` : null;
}

/** The largest index that a quorum has reached; Infinity when there is nobody to ask. */
export function majorityIndex(
  acked: readonly number[],
  quorum: number = majorityOf(acked.length),
): number {
  const size = acked.length;
  if (size === 0) return Infinity;
  let best = 0;
  // Groups are small: counting beats sorting and allocates nothing.
  for (let i = 0; i < size; i += 1) {
    const index = acked[i] as number;
    if (index <= best) continue;
    let reached = 0;
    for (let j = 0; j < size; j += 1) if ((acked[j] as number) >= index) reached += 1;
    if (reached >= quorum) best = index;
  }
  return best;
}

export function jointIndex(
  incoming: readonly number[],
  outgoing: readonly number[],
  quorumOf: (size: number) => number = majorityOf,
): number {
  const a = majorityIndex(incoming, quorumOf(incoming.length));
  return Math.min(a, majorityIndex(outgoing, quorumOf(outgoing.length)));
}

/** The result of a vote so far; null stands for no answer yet. */
export function majorityVote(
  votes: readonly (boolean | null)[],
  quorum: number = majorityOf(votes.length),
): VoteResult {
  const size = votes.length;
  if (size === 0) return 'won';
  let granted = 0;
  let refused = 0;
  for (const vote of votes) {
    if (vote === true) granted += 1;
    else if (vote === false) refused += 1;
  }
  if (granted >= quorum) return 'won';
  return size - refused < quorum ? 'lost' : 'pending';
}

export function jointVote(
  incoming: readonly (boolean | null)[],
  outgoing: readonly (boolean | null)[],
  quorumOf: (size: number) => number = majorityOf,
): VoteResult {
  const a = majorityVote(incoming, quorumOf(incoming.length));
  const b = majorityVote(outgoing, quorumOf(outgoing.length));
  if (a === 'lost' || b === 'lost') return 'lost';
  return a === 'won' && b === 'won' ? 'won' : 'pending';
}
