/**
 * The target assignment of a group with the consumer protocol: the coordinator deals all
 * partitions, by the assignor that most members ask for, and leaves to each what it can.
 *
 * Source: Apache Kafka 4.0, TargetAssignmentBuilder, ConsumerGroup.preferredServerAssignor
 */
import { ASSIGNORS } from '../../policies/assignment/index.ts';
import type { GroupTopic, TopicPartition } from '../../policies/assignment/index.ts';
import type { ConsumerGroup } from './consumer-state.ts';
import type { Step } from './state.ts';

export function dealPartitions({ config, at }: Step, group: ConsumerGroup): void {
  const members = [...group.members.values()];
  const said = [...new Set(members.flatMap(({ topics }) => topics))];
  const places = new Map(said.map((name) => [name, at.partitionsOf(name)]));
  // A topic may be named, or meant by none as the first one: it is dealt once.
  const meant = (name: string): string =>
    said.find((one) => places.get(one)?.[0] === places.get(name)?.[0]) ?? name;
  const names = [...new Set(said.map(meant))];
  const topics = names.map((name): GroupTopic => ({
    name,
    partitions: places.get(name)?.length ?? 0,
    replicaRacks: [],
  }));
  const placeOf = (partition: number): TopicPartition[] =>
    names.flatMap((topic) => {
      const index = (places.get(topic) ?? []).indexOf(partition);
      return index < 0 ? [] : [{ topic, partition: index }];
    });
  const name = preferred(group, config.consumerAssignors);
  const assignor = ASSIGNORS.find((one) => one.name === name);
  const all = members.map(({ id, groupInstanceId, topics: wanted }) => ({
    id,
    topics: wanted.map(meant),
    owned: (group.target.get(id) ?? []).flatMap(placeOf),
    generation: group.targetEpoch,
    rack: null,
    groupInstanceId,
  }));
  const dealt = assignor?.assign(all, topics) ?? new Map<string, readonly TopicPartition[]>();
  group.target.clear();
  for (const [id, given] of dealt) {
    const partitions = given.map(({ topic, partition }) => places.get(topic)?.[partition] ?? -1);
    group.target.set(
      id,
      partitions.sort((a, b) => a - b),
    );
  }
  group.targetEpoch = group.epoch;
}

/** By the votes of members; of equally many the one that is named first in the settings. */
function preferred({ members }: ConsumerGroup, names: readonly string[]): string | undefined {
  const votes = names.map(
    (name) => [...members.values()].filter(({ serverAssignor }) => serverAssignor === name).length,
  );
  return names[votes.indexOf(Math.max(...votes))];
}
