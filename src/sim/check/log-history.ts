/**
 * What producers and consumers of a partitioned log saw, judged as Jepsen judges Kafka.
 *
 * Source: jepsen.tests.kafka
 */
import { Type } from '../contracts/schema.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { LOG_ANOMALIES, checkLogHistory } from './history/log-history.ts';
import type { LogAnomaly } from './history/log-history.ts';

interface Args {
  readonly clients: string;
  readonly allow: readonly LogAnomaly[];
}

export const logHistory = defineHistoryCheck<Args>({
  use: 'log-history',
  about:
    'What consumers of a partitioned log read is what producers sent: nothing acknowledged is ' +
    'lost, nothing is there twice, offsets keep what they hold, polls go forward, and of a ' +
    'transaction all is read or nothing.',
  args: Type.Object(
    {
      clients: clientsField(),
      allow: Type.Array(Type.Enum([...LOG_ANOMALIES]), {
        description: 'Anomalies that are not held against it: a group that rebalances skips.',
        default: [],
        uniqueItems: true,
      }),
    },
    { additionalProperties: false },
  ),
  operations: ['send', 'poll', 'transaction'],
  judge: (ops, { allow }) => checkLogHistory(ops, allow),
});
