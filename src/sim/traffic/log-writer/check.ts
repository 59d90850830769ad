/** Settings of a writer that contradict each other, or those of its brokers. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/group-settings.ts';
import type { WriterWords } from './words.ts';

/** What brokers are told of transactions. */
interface Brokers {
  readonly transactionMaxTimeoutMs?: number;
}

export function checkWriter(
  config: Omit<WriterWords, 'topic'>,
  { path, links }: GroupSettings,
  isTransactional: boolean,
): void {
  const refuse = (at: keyof WriterWords, why: string, hint: string): never => {
    throw new ScenarioError(why, { path: `${path}/config/${at}`, hint });
  };
  const { recordBytes, maxRequestSize, bufferMemory, transactionTimeoutMs } = config;
  if (config.deliveryTimeoutMs < config.lingerMs + config.requestTimeoutMs) {
    const why = 'deliveryTimeoutMs is less than lingerMs + requestTimeoutMs.';
    refuse('deliveryTimeoutMs', why, 'Kafka refuses that: raise it, or lower requestTimeoutMs.');
  }
  for (const [name, most] of Object.entries({ maxRequestSize, bufferMemory })) {
    if (recordBytes <= most) continue;
    const why = `recordBytes is ${recordBytes}, more than ${name}, ${most}: no record is sent.`;
    refuse('recordBytes', why, `Kafka fails them with RecordTooLargeException: raise ${name}.`);
  }
  const { transactionMaxTimeoutMs: most = Infinity } = (links.get('brokers')?.config ??
    {}) as Brokers;
  if (!isTransactional || transactionTimeoutMs <= most) return;
  refuse(
    'transactionTimeoutMs',
    `transactionTimeoutMs is ${transactionTimeoutMs}, more than transactionMaxTimeoutMs of its ` +
      `brokers, ${most}: they begin no transaction for it.`,
    'Kafka answers INVALID_TRANSACTION_TIMEOUT: lower it, or raise theirs.',
  );
}
