/** What a consumer tells besides what it read. */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact, FactTable } from '../../contracts/facts.ts';

export type LogConsumerFact =
  | {
      readonly type: 'consumer.reset';
      readonly partition: number;
      readonly position: number;
      readonly to: 'latest' | 'earliest' | 'none';
    }
  | {
      readonly type: 'consumer.truncated';
      readonly partition: number;
      readonly position: number;
      readonly to: number;
    };

export const logConsumerFacts: FactTable<LogConsumerFact | ClientFact> = {
  ...CLIENT_FACTS,
  'consumer.reset': {
    weight: 'major',
    sentence: (f) =>
      `finds nothing at ${f.position} of partition ${f.partition}, and ` +
      (f.to === 'none' ? 'reads it no more' : `goes on at the ${f.to} record`),
  },
  'consumer.truncated': {
    weight: 'major',
    sentence: (f) =>
      `has read partition ${f.partition} up to ${f.position}, but the new leader’s log leaves ` +
      `that at ${f.to}: ${f.position - f.to} records are gone`,
  },
};
