/** Settings of a consumer that contradict each other, or would change nothing. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import type { LogConsumerConfig } from './config.ts';

const OF_GROUPS = [
  'groupProtocol',
  'groupRemoteAssignor',
  'groupInstanceId',
  'partitionAssignmentStrategy',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'maxPollIntervalMs',
  'enableAutoCommit',
  'autoCommitIntervalMs',
  'commitWhen',
] as const;

/** The consumer protocol leaves these to the coordinator: Kafka's clients refuse them, too. */
const OF_CLASSIC = [
  'partitionAssignmentStrategy',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
] as const;

export function check(config: LogConsumerConfig, group: GroupSettings): void {
  const { partitions, groupId } = config;
  const refuse = (at: string, why: string, hint: string): never => {
    throw new ScenarioError(why, { path: `${group.path}/config/${at}`, hint });
  };
  const twice = partitions.findIndex((index, at) => partitions.indexOf(index) < at);
  if (twice >= 0) {
    const at = `partitions/${twice}`;
    refuse(at, `The partition ${partitions[twice]} is assigned twice.`, 'Name it once.');
  }
  if (groupId !== '') {
    checkMember(config, group, refuse);
    return checkBrokers(config, group, refuse);
  }
  const idle = OF_GROUPS.find((name) => group.given[name] !== undefined);
  if (idle === undefined) return;
  refuse(
    idle,
    `${idle} changes nothing: it is in no group.`,
    'Give it a groupId, or leave it out.',
  );
}

function checkMember(
  config: LogConsumerConfig,
  { given }: GroupSettings,
  refuse: (at: string, why: string, hint: string) => never,
): void {
  const { partitions, enableAutoCommit, heartbeatIntervalMs, sessionTimeoutMs } = config;
  if (partitions.length > 0) {
    refuse('partitions', 'A group assigns the partitions.', 'Leave out these, or groupId.');
  }
  if (enableAutoCommit && given['commitWhen'] !== undefined) {
    const hint = 'Set enableAutoCommit to false, or leave it out.';
    refuse('commitWhen', 'commitWhen changes nothing: polls commit by themselves.', hint);
  }
  if (!enableAutoCommit && given['autoCommitIntervalMs'] !== undefined) {
    const why = 'autoCommitIntervalMs changes nothing: nothing is committed by itself.';
    refuse('autoCommitIntervalMs', why, 'Leave it out, or enableAutoCommit.');
  }
  checkProtocol(config, given, refuse);
  if (config.groupProtocol === 'classic' && heartbeatIntervalMs >= sessionTimeoutMs) {
    const why =
      `heartbeatIntervalMs is ${heartbeatIntervalMs}, not less than sessionTimeoutMs, ` +
      `${sessionTimeoutMs}: it would be out before it says that it lives.`;
    refuse('heartbeatIntervalMs', why, 'Make it a third of the session.');
  }
}

function checkProtocol(
  { groupProtocol }: LogConsumerConfig,
  given: GroupSettings['given'],
  refuse: (at: string, why: string, hint: string) => never,
): void {
  if (groupProtocol === 'classic') {
    if (given['groupRemoteAssignor'] === undefined) return;
    const why = 'groupRemoteAssignor changes nothing: members deal the partitions themselves.';
    refuse('groupRemoteAssignor', why, 'Set groupProtocol to consumer, or leave it out.');
  }
  const idle = OF_CLASSIC.find((name) => given[name] !== undefined);
  if (idle === undefined) return;
  const why = `${idle} changes nothing: with the consumer protocol the coordinator decides that.`;
  refuse(idle, why, 'Leave it out: log-broker has groupConsumer settings, or set classic.');
}

/** What brokers are told, as far as it matters to those who join a group there. */
type Brokers = Partial<{
  readonly [
    name in
      'offsetsTopicReplicationFactor' | 'groupMinSessionTimeoutMs' | 'groupMaxSessionTimeoutMs'
  ]: number;
}>;

function checkBrokers(
  { sessionTimeoutMs, groupProtocol, groupRemoteAssignor }: LogConsumerConfig,
  { links }: GroupSettings,
  refuse: (at: string, why: string, hint: string) => never,
): void {
  const linked = links.get('brokers');
  if (linked === undefined) return;
  const { group, count } = linked;
  const {
    offsetsTopicReplicationFactor: replicas = 0,
    groupMinSessionTimeoutMs: least = 0,
    groupMaxSessionTimeoutMs: most = Infinity,
  } = linked.config as Brokers;
  if (count < replicas) {
    const why =
      `offsetsTopicReplicationFactor is ${replicas}, but "${group}" has ${count} brokers: ` +
      'there would never be a coordinator.';
    refuse('groupId', why, `Raise the count of "${group}", or lower that.`);
  }
  if (groupProtocol === 'consumer') return checkAssignor(groupRemoteAssignor, linked, refuse);
  if (sessionTimeoutMs >= least && sessionTimeoutMs <= most) return;
  const why =
    `sessionTimeoutMs is ${sessionTimeoutMs}, but "${group}" takes members with ${least} to ` +
    `${most} only: it would never be in the group.`;
  refuse('sessionTimeoutMs', why, 'Give one within, or set groupMin- or groupMaxSessionTimeoutMs.');
}

type Linked = NonNullable<ReturnType<GroupSettings['links']['get']>>;

function checkAssignor(
  assignor: string,
  { config, group }: Linked,
  refuse: (at: string, why: string, hint: string) => never,
): void {
  const { groupConsumerAssignors: known = [] } = config as {
    readonly groupConsumerAssignors?: readonly string[];
  };
  if (assignor === '' || known.includes(assignor)) return;
  const why = `"${group}" has no assignor ${assignor}: it would never be in the group.`;
  refuse('groupRemoteAssignor', why, `There is ${known.join(' and ')}.`);
}
