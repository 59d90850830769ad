/** Settings of a processor that contradict each other or those of its brokers. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { checkMember } from '../../traffic/log-reader/check-member.ts';
import { readerWordsOf } from './config.ts';
import type { LogProcessorConfig } from './config.ts';

/** What brokers are told of their topics. */
interface Brokers {
  readonly topics?: readonly { readonly topic: string; readonly partitions: number }[];
}

export function check(config: LogProcessorConfig, group: GroupSettings): void {
  const { deliveryTimeoutMs, lingerMs, requestTimeoutMs } = config;
  const refuse = (at: string, why: string, hint: string): never => {
    throw new ScenarioError(why, { path: `${group.path}/config/${at}`, hint });
  };
  if (config.applicationId === '') {
    refuse('applicationId', 'It has no name.', 'Give it one: it is in the group of that name.');
  }
  if (deliveryTimeoutMs < lingerMs + requestTimeoutMs) {
    const why = 'deliveryTimeoutMs is less than lingerMs + requestTimeoutMs.';
    refuse('deliveryTimeoutMs', why, 'Kafka refuses that: raise it, or lower requestTimeoutMs.');
  }
  checkMember(readerWordsOf(config), group, 'applicationId');
  checkTopics(config, group, refuse);
}

function checkTopics(
  { inputTopic, outputTopic, processingGuarantee }: LogProcessorConfig,
  { links }: GroupSettings,
  refuse: (at: string, why: string, hint: string) => never,
): void {
  const { topics } = (links.get('brokers')?.config ?? {}) as Brokers;
  if (topics === undefined) return;
  const input = topics.find(({ topic }) => inputTopic === '' || topic === inputTopic);
  const names = topics.map(({ topic }) => `"${topic}"`).join(', ');
  if (input === undefined) {
    return refuse('inputTopic', `There is no topic "${inputTopic}".`, `There is ${names}.`);
  }
  if (!topics.some(({ topic }) => topic === outputTopic)) {
    refuse('outputTopic', `There is no topic "${outputTopic}".`, `There is ${names}.`);
  }
  if (input.topic === outputTopic) {
    const why = `It would read what it writes to "${outputTopic}", and write that again.`;
    refuse('outputTopic', why, 'Name another topic.');
  }
  if (processingGuarantee === 'exactly_once' && input.partitions > 1) {
    const why = 'exactly_once has a producer for each partition: one is all that it has here.';
    refuse('processingGuarantee', why, 'Take exactly_once_v2, or one partition.');
  }
}
