/**
 * A consumer group in numbers: members in the order of their ids, topics in the order of their
 * names, and one slot for each partition, topic after topic.
 *
 * Everything that an assignor decides "in order" is decided in the order of these numbers.
 */
import { compareText } from '../../kernel/canonical.ts';
import type { GroupAssignment, GroupMember, GroupTopic, TopicPartition } from './assignor.ts';

export interface Group {
  readonly members: readonly GroupMember[];
  /** Topics with partitions that somebody subscribes to. */
  readonly topics: readonly GroupTopic[];
  /** The first slot of each topic, and behind the last topic the number of slots. */
  readonly firstSlot: readonly number[];
  /** The topic of each slot. */
  readonly topicOf: readonly number[];
  /** For each topic its subscribers, ascending. */
  readonly subscribers: readonly (readonly number[])[];
  /** The slots that each member says it owns, ascending; of partitions that exist. */
  readonly claims: readonly (readonly number[])[];
}

const ascending = (a: number, b: number) => a - b;

export function groupOf(
  givenMembers: readonly GroupMember[],
  givenTopics: readonly GroupTopic[],
): Group {
  const members = [...givenMembers].sort((a, b) => compareText(a.id, b.id));
  const wanted = new Set(members.flatMap((member) => member.topics));
  const topics = givenTopics
    .filter((topic) => topic.partitions > 0 && wanted.has(topic.name))
    .sort((a, b) => compareText(a.name, b.name));
  const firstSlot = [0];
  const topicOf: number[] = [];
  for (let topic = 0; topic < topics.length; topic++) {
    for (let i = 0; i < topics[topic]!.partitions; i++) topicOf.push(topic);
    firstSlot.push(topicOf.length);
  }
  const subscribers = topics.map((topic) => {
    const indices = members.map((member, index) =>
      member.topics.includes(topic.name) ? index : -1,
    );
    return indices.filter((index) => index >= 0);
  });
  const indexOf = new Map(topics.map((topic, index) => [topic.name, index]));
  const claims = members.map(({ owned }) => {
    const slots = new Set<number>();
    for (const { topic, partition } of owned) {
      const index = indexOf.get(topic);
      if (index === undefined || partition >= topics[index]!.partitions) continue;
      slots.add(firstSlot[index]! + partition);
    }
    return [...slots].sort(ascending);
  });
  return { members, topics, firstSlot, topicOf, subscribers, claims };
}

export function partitionOf(group: Group, slot: number): TopicPartition {
  const topic = group.topicOf[slot]!;
  return { topic: group.topics[topic]!.name, partition: slot - group.firstSlot[topic]! };
}

/** @param held for each member the slots that are its, in any order */
export function assignmentOf(group: Group, held: readonly (readonly number[])[]): GroupAssignment {
  return new Map(
    group.members.map((member, index) => {
      const slots = [...held[index]!].sort(ascending);
      return [member.id, slots.map((slot) => partitionOf(group, slot))];
    }),
  );
}

export function nothingHeld(group: Group): number[][] {
  return group.members.map(() => []);
}

/**
 * The members in the order in which range and round robin serve them: static members by instance
 * id, then dynamic ones by member id. So a static member that restarts, under a new member id,
 * finds its old place.
 */
export function servingOrder(group: Group): number[] {
  const order = group.members.map((_member, index) => index);
  return order.sort((a, b) => {
    const one = group.members[a]!.groupInstanceId;
    const other = group.members[b]!.groupInstanceId;
    if (one === null && other === null) return a - b;
    if (one === null || other === null) return one === null ? 1 : -1;
    return compareText(one, other) || a - b;
  });
}
