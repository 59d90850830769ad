/** Settings of a consumer that contradict each other, or would change nothing. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { checkTopic } from '../../traffic/check-brokers.ts';
import { checkMember } from '../../traffic/log-reader/check-member.ts';
import type { LogConsumerConfig } from './config.ts';

const OF_GROUPS = [
  'groupProtocol',
  'groupRemoteAssignor',
  'groupInstanceId',
  'clientRack',
  'partitionAssignmentStrategy',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'maxPollIntervalMs',
  'enableAutoCommit',
  'autoCommitIntervalMs',
  'commitWhen',
] as const;

export function check(config: LogConsumerConfig, group: GroupSettings): void {
  const { partitions, groupId, topic } = config;
  const refuse = (at: string, why: string, hint: string): never => {
    throw new ScenarioError(why, { path: `${group.path}/config/${at}`, hint });
  };
  const twice = partitions.findIndex((index, at) => partitions.indexOf(index) < at);
  if (twice >= 0) {
    const at = `partitions/${twice}`;
    refuse(at, `The partition ${partitions[twice]} is assigned twice.`, 'Name it once.');
  }
  const known = checkTopic(topic, 'topic', group);
  const beyond = known === null ? -1 : partitions.findIndex((index) => index >= known.partitions);
  if (known !== null && beyond >= 0) {
    const why = `"${known.topic}" has no partition ${partitions[beyond]}.`;
    refuse(`partitions/${beyond}`, why, `They are 0 to ${known.partitions - 1}.`);
  }
  if (groupId !== '') {
    if (partitions.length > 0) {
      refuse('partitions', 'A group assigns the partitions.', 'Leave out these, or groupId.');
    }
    return checkMember(config, group, 'groupId');
  }
  const idle = OF_GROUPS.find((name) => group.given[name] !== undefined);
  if (idle === undefined) return;
  refuse(
    idle,
    `${idle} changes nothing: it is in no group.`,
    'Give it a groupId, or leave it out.',
  );
}
