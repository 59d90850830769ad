/**
 * Reading a log of events that happened: by partition and offset, again and again.
 *
 * Source: Apache Kafka, Fetch with ListOffsets; Flink, KafkaSource
 * Differs: who asks for the end of a partition is told where it is with the first answer; one that
 * has nothing to say answers once it has, or when whoever asks has waited long enough.
 */
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { StreamEvent } from './stream.ts';

export interface EventLogFetch {
  readonly type: 'event-log.fetch';
  readonly partition: number;
  /** -1: from the end on. */
  readonly offset: number;
  readonly max: number;
  /** Whoever asks stops at the end, and wants to be told that it is there. */
  readonly isBounded: boolean;
}
/** How many partitions there are. */
export interface EventLogDescribe {
  readonly type: 'event-log.describe';
}
export interface EventLogDescription {
  readonly type: 'event-log.description';
  readonly partitions: number;
}
export interface EventLogPage {
  readonly type: 'event-log.page';
  readonly events: readonly StreamEvent[];
  /** The offset behind them. */
  readonly next: number;
  /** Nothing will ever come behind them. */
  readonly isEnd: boolean;
}
export type EventLogMessage = EventLogFetch | EventLogPage | EventLogDescribe | EventLogDescription;

export const eventLog = defineContract<EventLogMessage>({
  name: 'event-log',
  about: 'Somebody reads a partition of a log of events.',
  source: 'Apache Kafka, Fetch; Flink, KafkaSource',
  overConnections: true,
  messages: {
    'event-log.fetch': {
      role: 'request',
      flight: 'control',
      digest: (m) => (Math.imul(m.partition, 31) + m.offset) | 0,
      label: (m) => `partition ${m.partition} from ${m.offset < 0 ? 'its end' : m.offset}`,
    },
    'event-log.page': {
      role: 'reply',
      flight: 'replication',
      digest: (m) => (Math.imul(m.next, 31) + m.events.length) | 0,
      label: (m) => `${plural(m.events.length, 'event')}`,
    },
    'event-log.describe': {
      role: 'request',
      flight: 'control',
      digest: () => 0,
      label: () => 'which partitions are there?',
    },
    'event-log.description': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.partitions,
      label: (m) => `${plural(m.partitions, 'partition')}`,
    },
  },
  errors: [{ code: 'no-such-partition', definite: true, means: 'the log has no such partition' }],
});
