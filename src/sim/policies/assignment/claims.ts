/**
 * What members say they own, made one truth: of several who claim a partition the one with the
 * highest generation owns it; if two claim it in the same highest generation, nobody does.
 *
 * Source: KAFKA-12896, KAFKA-13406 (doubly claimed partitions).
 * Differs: Kafka compares claims one after the other, so that with three claims of two generations
 * the order of the members counts; here it does not.
 */
import { NO_GENERATION } from './assignor.ts';
import type { Group } from './group.ts';

export interface Claims {
  /** The owner of each slot; -1: none. */
  readonly ownerOf: readonly number[];
  /** Who owned each slot before its owner did, of a generation that has passed; -1: unknown. */
  readonly earlierOwnerOf: readonly number[];
  /** How many say that they own each slot. */
  readonly claimants: readonly number[];
}

export function claimsOf(group: Group): Claims {
  const slots = group.topicOf.length;
  const ownerOf = new Array<number>(slots).fill(-1);
  const ownedSince = new Array<number>(slots).fill(-Infinity);
  const earlierOwnerOf = new Array<number>(slots).fill(-1);
  const claimants = new Array<number>(slots).fill(0);
  const generations = group.members.map((member) => member.generation);
  const latest = Math.max(NO_GENERATION, ...generations);
  for (let member = 0; member < generations.length; member++) {
    const generation = generations[member]!;
    for (const slot of group.claims[member]!) {
      claimants[slot]! += 1;
      if (generation > ownedSince[slot]!) {
        ownedSince[slot] = generation;
        ownerOf[slot] = member;
      } else if (generation === ownedSince[slot]) {
        ownerOf[slot] = -1;
      }
      const earlier = earlierOwnerOf[slot]!;
      if (generation < latest && (earlier < 0 || generation > generations[earlier]!)) {
        earlierOwnerOf[slot] = member;
      }
    }
  }
  return { ownerOf, earlierOwnerOf, claimants };
}
