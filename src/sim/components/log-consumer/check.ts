/** Settings of a consumer that contradict each other, or would change nothing. */
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { checkTopic } from '../../traffic/check-brokers.ts';
import type { PlannedTopic } from '../../traffic/check-brokers.ts';
import { checkMember } from '../../traffic/log-reader/check-member.ts';
import { checkWriter } from '../../traffic/log-writer/check.ts';
import { OF_ERRORS, writerWordsOf } from './config.ts';
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
  ...(Object.keys(OF_ERRORS) as (keyof typeof OF_ERRORS)[]),
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
    checkMember(config, group, 'groupId');
    return checkErrors(config, group, known);
  }
  const idle = OF_GROUPS.find((name) => group.given[name] !== undefined);
  if (idle === undefined) return;
  refuse(
    idle,
    `${idle} changes nothing: it is in no group.`,
    'Give it a groupId, or leave it out.',
  );
}

/** What it is told of records that it cannot work on, as far as that is in more than one place. */
function checkErrors(
  config: LogConsumerConfig,
  group: GroupSettings,
  topic: PlannedTopic | null,
): void {
  const { path, given } = group;
  const { backOffMaxAttempts: most, backOffIntervalMs, deadLetterTopic } = config;
  const at = (name: keyof typeof OF_ERRORS): string => `${path}/config/${name}`;
  if (most === 0 && backOffIntervalMs > 0) {
    const why = 'backOffMaxAttempts is 0, nothing is tried again';
    const hint = 'Raise that, or leave this out.';
    throw changesNothing('backOffIntervalMs', why, at('backOffIntervalMs'), hint);
  }
  if (deadLetterTopic === '') {
    if (given['deliveryTimeoutMs'] === undefined) return;
    const hint = 'Name a deadLetterTopic, or leave it out.';
    const why = 'it writes no dead letters';
    throw changesNothing('deliveryTimeoutMs', why, at('deliveryTimeoutMs'), hint);
  }
  if (most < 0) {
    const why = 'backOffMaxAttempts is -1, a record is tried for ever';
    const hint = 'Say how often it is tried again, or leave this out.';
    throw changesNothing('deadLetterTopic', why, at('deadLetterTopic'), hint);
  }
  checkWriter(writerWordsOf(config), group, false);
  checkLetters(topic, checkTopic(deadLetterTopic, 'deadLetterTopic', group), at('deadLetterTopic'));
}

function checkLetters(from: PlannedTopic | null, to: PlannedTopic | null, path: string): void {
  if (from === null || to === null) return;
  if (from.topic === to.topic) {
    const why = `It would read what it writes to "${to.topic}", and could work on that.`;
    throw new ScenarioError(why, { path, hint: 'Name another topic.' });
  }
  if (to.partitions >= from.partitions) return;
  const why =
    `"${to.topic}" has ${to.partitions} partitions, fewer than "${from.topic}" with ` +
    `${from.partitions}: a dead letter goes to the partition of the same number.`;
  throw new ScenarioError(why, { path, hint: `Give it ${from.partitions}.` });
}
