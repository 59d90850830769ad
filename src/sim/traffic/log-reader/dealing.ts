/**
 * What the leader of a group does for all: it deals the partitions of every topic that anybody
 * subscribes to, each among those who subscribe to it, by the strategy that all of them know.
 *
 * Invariant: whoever leads, a topic that somebody wants is dealt to somebody who wants it.
 *
 * Source: Apache Kafka 4.0, ConsumerCoordinator.onLeaderElected
 * Differs: topics are there from the start, so that the leader knows all that are asked for.
 */
import type { GroupSync, JoinedMember } from '../../contracts/group.ts';
import { ASSIGNORS } from '../../policies/assignment/index.ts';
import type { GroupMember, TopicPartition } from '../../policies/assignment/index.ts';
import type { Ctx, KnownTopic } from './state.ts';

export function deal(
  ctx: Pick<Ctx, 'zoneOf'>,
  topics: readonly KnownTopic[],
  protocol: string | null,
  members: readonly JoinedMember[],
): GroupSync['assignments'] {
  const assignor = ASSIGNORS.find((one) => one.name === protocol);
  const byPlace = new Map<number, TopicPartition>();
  for (const { name, partitions } of topics) {
    partitions.forEach((place, partition) => byPlace.set(place, { topic: name, partition }));
  }
  const all = members.map(({ memberId: id, groupInstanceId, subscription }): GroupMember => ({
    id,
    // Empty: the first one.
    topics: subscription.topics.map((name) => (name === '' ? (topics[0]?.name ?? '') : name)),
    owned: subscription.owned.flatMap((place) => byPlace.get(place) ?? []),
    generation: subscription.generation,
    rack: subscription.rack,
    groupInstanceId,
  }));
  const counted = topics.map(({ name, partitions, replicas }) => ({
    name,
    partitions: partitions.length,
    replicaRacks: replicas.map((nodes) => nodes.map((node) => ctx.zoneOf(node))),
  }));
  const dealt = assignor?.assign(all, counted) ?? new Map<string, readonly TopicPartition[]>();
  const placesOf = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  return [...dealt].map(([memberId, given]) => ({
    memberId,
    partitions: given.map(({ topic, partition }) => placesOf.get(topic)?.[partition] ?? -1),
  }));
}
