/** Settings of a member of a group that contradict each other, its brokers, or change nothing. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { checkCoordinator } from '../check-brokers.ts';
import type { ReaderWords } from './words.ts';

/** The consumer protocol leaves these to the coordinator: Kafka's clients refuse them, too. */
const OF_CLASSIC = [
  'clientRack',
  'partitionAssignmentStrategy',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
] as const;

type Refuse = (at: string, why: string, hint: string) => never;

/** @param named the setting that names the group */
export function checkMember(config: ReaderWords, group: GroupSettings, named: string): void {
  const { given } = group;
  const refuse: Refuse = (at, why, hint) => {
    throw new ScenarioError(why, { path: `${group.path}/config/${at}`, hint });
  };
  const { enableAutoCommit, heartbeatIntervalMs, sessionTimeoutMs } = config;
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
  checkCoordinator('offsetsTopicReplicationFactor', named, group);
  checkBrokers(config, group, refuse);
}

function checkProtocol(
  { groupProtocol }: ReaderWords,
  given: GroupSettings['given'],
  refuse: Refuse,
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
  readonly [name in 'groupMinSessionTimeoutMs' | 'groupMaxSessionTimeoutMs']: number;
}>;

function checkBrokers(
  { sessionTimeoutMs, groupProtocol, groupRemoteAssignor }: ReaderWords,
  { links }: GroupSettings,
  refuse: Refuse,
): void {
  const linked = links.get('brokers');
  if (linked === undefined) return;
  const { group } = linked;
  const { groupMinSessionTimeoutMs: least = 0, groupMaxSessionTimeoutMs: most = Infinity } =
    linked.config as Brokers;
  if (groupProtocol === 'consumer') return checkAssignor(groupRemoteAssignor, linked, refuse);
  if (sessionTimeoutMs >= least && sessionTimeoutMs <= most) return;
  const why =
    `sessionTimeoutMs is ${sessionTimeoutMs}, but "${group}" takes members with ${least} to ` +
    `${most} only: it would never be in the group.`;
  refuse('sessionTimeoutMs', why, 'Give one within, or set groupMin- or groupMaxSessionTimeoutMs.');
}

type Linked = NonNullable<ReturnType<GroupSettings['links']['get']>>;

function checkAssignor(assignor: string, { config, group }: Linked, refuse: Refuse): void {
  const { groupConsumerAssignors: known = [] } = config as {
    readonly groupConsumerAssignors?: readonly string[];
  };
  if (assignor === '' || known.includes(assignor)) return;
  const why = `"${group}" has no assignor ${assignor}: it would never be in the group.`;
  refuse('groupRemoteAssignor', why, `There is ${known.join(' and ')}.`);
}
