/** Settings of a processor that contradict each other or those of its brokers. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { checkCoordinator, checkTopic } from '../../traffic/check-brokers.ts';
import { checkMember } from '../../traffic/log-reader/check-member.ts';
import { checkWriter } from '../../traffic/log-writer/check.ts';
import { isExactlyOnce, readerWordsOf, writerWordsOf } from './config.ts';
import type { LogProcessorConfig } from './config.ts';

export function check(config: LogProcessorConfig, group: GroupSettings): void {
  const refuse = (at: string, why: string, hint: string): never => {
    throw new ScenarioError(why, { path: `${group.path}/config/${at}`, hint });
  };
  if (config.applicationId === '') {
    refuse('applicationId', 'It has no name.', 'Give it one: it is in the group of that name.');
  }
  checkWriter(writerWordsOf(config), group, isExactlyOnce(config));
  checkMember(readerWordsOf(config), group, 'applicationId');
  if (isExactlyOnce(config)) {
    const setting = 'transactionStateLogReplicationFactor';
    checkCoordinator(setting, 'processingGuarantee', group);
  }
  checkTopics(config, group, refuse);
}

function checkTopics(
  { inputTopic, outputTopic, processingGuarantee }: LogProcessorConfig,
  group: GroupSettings,
  refuse: (at: string, why: string, hint: string) => never,
): void {
  const input = checkTopic(inputTopic, 'inputTopic', group);
  const output = checkTopic(outputTopic, 'outputTopic', group);
  if (input === null || output === null) return;
  if (input.topic === output.topic) {
    const why = `It would read what it writes to "${output.topic}", and write that again.`;
    refuse('outputTopic', why, 'Name another topic.');
  }
  if (processingGuarantee === 'exactly_once' && input.partitions > 1) {
    const why = 'exactly_once has a producer for each partition: one is all that it has here.';
    refuse('processingGuarantee', why, 'Take exactly_once_v2, or one partition.');
  }
}
