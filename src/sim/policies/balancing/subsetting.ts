/**
 * Deterministic subsetting: which backends a client connects to, so that neither every client
 * holds a connection to every backend nor chance gives one backend more clients than another.
 *
 * Invariant: within a round of floor(backends / size) clients no backend is in two subsets; so when
 * size divides the backends and the rounds are full, all have equally many clients.
 *
 * Source: Site Reliability Engineering (O'Reilly, 2016), chapter 20, "A Subset Selection
 * Algorithm: Deterministic Subsetting".
 */
import { hashInt } from '../hashing/hash-int.ts';

const SEED = 0x53554253;
const TWO_32 = 0x100000000;

/** 0..count-1 shuffled by Fisher and Yates, the same for every client of a round. */
function shuffled(count: number, round: number): number[] {
  const seed = hashInt(round, SEED);
  const order = Array.from({ length: count }, (_, backend) => backend);
  for (let end = count - 1; end > 0; end--) {
    const at = Math.floor((hashInt(end, seed) / TWO_32) * (end + 1));
    const moved = order[end]!;
    order[end] = order[at]!;
    order[at] = moved;
  }
  return order;
}

/**
 * @param client 0, 1, 2... in the order of the clients
 * @returns the backends of the client's subset, as ordinals; all when there are not more than size
 */
export function deterministicSubset(
  backendCount: number,
  client: number,
  subsetSize: number,
): number[] {
  if (backendCount <= subsetSize) return shuffled(backendCount, 0);
  const subsetCount = Math.floor(backendCount / subsetSize);
  const order = shuffled(backendCount, Math.floor(client / subsetCount));
  const start = (client % subsetCount) * subsetSize;
  return order.slice(start, start + subsetSize);
}

/** Seeds of clients that draw for themselves: far from those of rounds. */
const OWN_DRAW = 0x10000;

/** What the same chapter warns of: each client draws its subset for itself. */
export function randomSubset(backendCount: number, client: number, subsetSize: number): number[] {
  return shuffled(backendCount, OWN_DRAW + client).slice(0, subsetSize);
}
