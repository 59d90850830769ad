/**
 * Majorities and pairs of majorities, as pure functions of a configuration.
 *
 * A joint configuration decides only when both its halves do (Raft paper 6). An empty half has no
 * say: it commits everything and wins every vote, so that a half can be left out.
 */

export type VoteResult = 'won' | 'lost' | 'pending';

/** The largest index that a majority has reached; Infinity when there is nobody to ask. */
export function majorityIndex(acked: readonly number[]): number {
  const size = acked.length;
  if (size === 0) return Infinity;
  const quorum = (size >> 1) + 1;
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

export function jointIndex(incoming: readonly number[], outgoing: readonly number[]): number {
  return Math.min(majorityIndex(incoming), majorityIndex(outgoing));
}

/** The result of a vote so far; null stands for no answer yet. */
export function majorityVote(votes: readonly (boolean | null)[]): VoteResult {
  const size = votes.length;
  if (size === 0) return 'won';
  const quorum = (size >> 1) + 1;
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
): VoteResult {
  const a = majorityVote(incoming);
  const b = majorityVote(outgoing);
  if (a === 'lost' || b === 'lost') return 'lost';
  return a === 'won' && b === 'won' ? 'won' : 'pending';
}
