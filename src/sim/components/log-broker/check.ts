/** Settings of brokers that contradict each other, or the cluster that they are in. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import type { LogBrokerConfig } from './config.ts';
import { isInternal } from './coordinator-kinds.ts';

/** A broker must be heard before the controller fences it. */
function checkBeats({ brokerHeartbeatIntervalMs: beatMs }: LogBrokerConfig, group: GroupSettings) {
  const controllers = group.links.get('controller');
  if (controllers?.component !== 'controller') return;
  const { brokerSessionTimeoutMs: leaseMs } = controllers.config as {
    readonly brokerSessionTimeoutMs: number;
  };
  if (beatMs < leaseMs) return;
  throw new ScenarioError(
    `brokerHeartbeatIntervalMs, ${beatMs} ms, must be less than brokerSessionTimeoutMs of ` +
      `"${controllers.group}", ${leaseMs} ms: brokers would be fenced between two heartbeats.`,
    {
      path: `${group.path}/config/brokerHeartbeatIntervalMs`,
      hint: 'Kafka asks for half of it at the most.',
    },
  );
}

/** So must a member of a group, before its coordinator takes it for dead. */
function checkMembers(config: LogBrokerConfig, { path }: GroupSettings): void {
  const { groupConsumerHeartbeatIntervalMs: beatMs, groupConsumerSessionTimeoutMs: sessionMs } =
    config;
  if (beatMs < sessionMs) return;
  throw new ScenarioError(
    `groupConsumerHeartbeatIntervalMs is ${beatMs}, not less than ` +
      `groupConsumerSessionTimeoutMs, ${sessionMs}: members would be out between two heartbeats.`,
    { path: `${path}/config/groupConsumerHeartbeatIntervalMs`, hint: 'Make it a third of that.' },
  );
}

const NAME_MAX = 249;

/** Source: Apache Kafka, Topic.validate, Topic.isInternal */
function checkName(name: string, path: string): void {
  const hint = 'Give it another name.';
  if (isInternal(name)) {
    const why = `"${name}" begins as what coordinators write to: such topics make themselves.`;
    throw new ScenarioError(why, { path, hint });
  }
  if (name !== '.' && name !== '..' && name.length <= NAME_MAX && /^[\w.-]+$/.test(name)) return;
  throw new ScenarioError(
    `No topic can have the name "${name}": letters of ASCII, digits, ".", "_" and "-", at most ` +
      `${NAME_MAX} of them, and not "." or "..".`,
    { path, hint },
  );
}

export function check(config: LogBrokerConfig, group: GroupSettings): void {
  const { topics } = config;
  checkBeats(config, group);
  checkMembers(config, group);
  const path = `${group.path}/config/topics`;
  topics.forEach(({ topic, replicationFactor }, at) => {
    checkName(topic, `${path}/${at}/topic`);
    if (topics.findIndex((one) => one.topic === topic) < at) {
      throw new ScenarioError(`The topic "${topic}" is there twice.`, {
        path: `${path}/${at}/topic`,
        hint: 'Give one of them another name, or all partitions.',
      });
    }
    if (replicationFactor > group.count) {
      throw new ScenarioError(
        `replicationFactor is ${replicationFactor}, but there are ${group.count} brokers.`,
        {
          path: `${path}/${at}/replicationFactor`,
          hint: 'Raise the count of the group, or lower it.',
        },
      );
    }
  });
}
