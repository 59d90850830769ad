/**
 * A Merkle tree over the ranges of the ring that two replicas share.
 *
 * The tree is perfect and lies in one array: 1 is the root, 2i and 2i+1 are below i, the leaves are
 * equal ranges of the circle. Invariant: two replicas that hold the same cells have the same tree,
 * in whatever order they came. Source: Dynamo 4.7; Cassandra's MerkleTree.
 */
import { digestOfCell } from '../../contracts/quorum.ts';
import type { QuorumCell } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { isPurgeable } from './cell.ts';
import { preferenceList, tokenOf } from './preference-list.ts';
import type { Step } from './state.ts';

export const firstLeaf = (depth: number): number => 1 << depth;

const leafOf = (token: number, depth: number): number =>
  depth === 0 ? 1 : firstLeaf(depth) + (token >>> (32 - depth));

/** What this node holds that a peer should hold, too, by leaf. */
function* sharedWith(
  step: Step,
  peer: PeerId,
): Generator<{ readonly leaf: number; readonly key: string; readonly cell: QuorumCell }> {
  const { config, state, wallMicros } = step;
  for (const [key, cell] of state.cells) {
    // One side may have forgotten it already; sending it back would keep it for ever.
    if (isPurgeable(config, cell, wallMicros)) continue;
    const token = tokenOf(key);
    const replicas = preferenceList(config, token, config.n);
    if (!replicas.includes(peer) || !replicas.includes(config.id)) continue;
    yield { leaf: leafOf(token, config.merkleDepth), key, cell };
  }
}

export function buildTree(step: Step, peer: PeerId): Uint32Array {
  const leaves = firstLeaf(step.config.merkleDepth);
  const tree = new Uint32Array(2 * leaves);
  for (const { leaf, key, cell } of sharedWith(step, peer)) {
    const word = hashInt(digestOfCell(cell) >>> 0, hashText(key) >>> 0);
    tree[leaf] = (tree[leaf]! ^ word) >>> 0;
  }
  for (let at = leaves - 1; at > 0; at--) {
    const left = tree[2 * at]!;
    const right = tree[2 * at + 1]!;
    // An empty half stays 0, whatever its height.
    tree[at] = (left | right) === 0 ? 0 : hashInt(left, right);
  }
  return tree;
}

/** The cells of some leaves. */
export function cellsIn(
  step: Step,
  peer: PeerId,
  leaves: readonly number[],
): (readonly [string, QuorumCell])[] {
  const wanted = new Set(leaves);
  const found: (readonly [string, QuorumCell])[] = [];
  for (const { leaf, key, cell } of sharedWith(step, peer)) {
    if (wanted.has(leaf)) found.push(Object.freeze([key, cell] as const));
  }
  return found;
}
