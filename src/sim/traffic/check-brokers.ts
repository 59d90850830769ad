/** What a client of a log needs of its brokers: its topic, and somebody who coordinates. */
import { ScenarioError } from '../kernel/errors.ts';
import { nearestAndAll } from '../kernel/nearest.ts';
import type { GroupSettings } from '../node/behaviour.ts';

type Replicas = 'offsetsTopicReplicationFactor' | 'transactionStateLogReplicationFactor';

/** What brokers are told, as far as it matters here. */
type Brokers = { readonly topics?: readonly PlannedTopic[] } & Partial<{
  readonly [setting in Replicas]: number;
}>;
export interface PlannedTopic {
  readonly topic: string;
  readonly partitions: number;
}

/**
 * @param name empty: the first topic
 * @param setting where the name is
 * @returns null: what the brokers have is not known here
 */
export function checkTopic(
  name: string,
  setting: string,
  { path, links }: GroupSettings,
): PlannedTopic | null {
  const { topics } = (links.get('brokers')?.config ?? {}) as Brokers;
  if (topics === undefined) return null;
  const found = topics.find(({ topic }) => name === '' || topic === name);
  if (found !== undefined) return found;
  const names = topics.map(({ topic }) => topic);
  throw new ScenarioError(`There is no topic "${name}".`, {
    path: `${path}/config/${setting}`,
    hint: nearestAndAll(name, names),
  });
}

/**
 * Where the brokers are too few for an internal topic it is never made.
 *
 * @param named the setting because of which there has to be a coordinator
 */
export function checkCoordinator(
  setting: Replicas,
  named: string,
  { path, links }: GroupSettings,
): void {
  const linked = links.get('brokers');
  const replicas = (linked?.config as Brokers | undefined)?.[setting] ?? 0;
  if (linked === undefined || linked.count >= replicas) return;
  const { group, count } = linked;
  const why =
    `${setting} is ${replicas}, but "${group}" has ${count} brokers: ` +
    'there would never be a coordinator.';
  const hint = `Raise the count of "${group}", or lower that.`;
  throw new ScenarioError(why, { path: `${path}/config/${named}`, hint });
}
