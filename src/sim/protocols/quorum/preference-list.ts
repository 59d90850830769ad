/**
 * Which nodes hold a key: the first N distinct ones clockwise from it on the ring, and after them
 * those that stand in for others. Source: Dynamo 4.3; Cassandra SimpleStrategy.
 */
import type { PeerId } from '../../contracts/raft.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { pointOf } from '../../policies/hashing/ring.ts';
import type { QuorumConfig } from './config.ts';

const SEED = 0x4b455953;

/** Where a key lies on the circle, 0..2^32-1. */
export const tokenOf = (key: string): number => hashInt(hashText(key) >>> 0, SEED);

/** The first `count` nodes for a token, all of them where there are fewer. */
export function preferenceList(config: QuorumConfig, token: number, count: number): PeerId[] {
  const { ring, peers } = config;
  const { owners } = ring;
  const list: PeerId[] = [];
  const wanted = Math.min(count, peers.length);
  let at = pointOf(ring, token);
  while (list.length < wanted) {
    const peer = peers[owners[at]!]!;
    if (!list.includes(peer)) list.push(peer);
    at = at + 1 === owners.length ? 0 : at + 1;
  }
  return list;
}
