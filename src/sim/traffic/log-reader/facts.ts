/** What a consumer tells besides what it read. */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact, FactTable } from '../../contracts/facts.ts';
import { often, plural } from '../../kernel/plural.ts';

interface AtRecord {
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
}

export type LogReaderFact =
  | {
      readonly type: 'consumer.assigned';
      readonly group: string;
      readonly generation: number;
      readonly member: string;
      readonly partitions: readonly number[];
    }
  | {
      readonly type: 'consumer.revoked';
      readonly group: string;
      readonly partitions: readonly number[];
    }
  | {
      readonly type: 'consumer.lost';
      readonly group: string;
      readonly partitions: readonly number[];
    }
  | { readonly type: 'consumer.left'; readonly group: string }
  | { readonly type: 'consumer.ended'; readonly group: string; readonly error: string }
  | { readonly type: 'consumer.commit-failed'; readonly error: string }
  | (AtRecord & { readonly type: 'consumer.record-failed'; readonly attempts: number })
  | (AtRecord & { readonly type: 'consumer.record-passed-over'; readonly attempts: number })
  | (AtRecord & { readonly type: 'consumer.dead-lettered'; readonly topic: string })
  | (AtRecord & { readonly type: 'consumer.stopped' })
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

const named = (partitions: readonly number[]): string =>
  partitions.length === 0
    ? 'no partition'
    : `partition${partitions.length === 1 ? '' : 's'} ${partitions.join(', ')}`;

const recordOf = ({ partition, offset }: AtRecord): string =>
  `record ${offset} of partition ${partition}`;

export const logReaderFacts: FactTable<LogReaderFact | ClientFact> = {
  ...CLIENT_FACTS,
  'consumer.assigned': {
    weight: 'major',
    sentence: (f) => `reads ${named(f.partitions)} in generation ${f.generation} of ${f.group}`,
  },
  'consumer.revoked': { weight: 'minor', sentence: (f) => `gives up ${named(f.partitions)}` },
  'consumer.lost': {
    weight: 'major',
    sentence: (f) => `has lost ${named(f.partitions)}: others may read them already`,
  },
  'consumer.left': {
    weight: 'major',
    sentence: (f) => `has not polled for max.poll.interval.ms: it leaves ${f.group}`,
  },
  'consumer.ended': {
    weight: 'major',
    sentence: (f) => `reads no more in ${f.group} (${f.error})`,
  },
  'consumer.commit-failed': {
    weight: 'major',
    sentence: (f) => `cannot commit how far it is (${f.error})`,
  },
  'consumer.record-failed': {
    weight: 'minor',
    sentence: (f) => `cannot work on ${recordOf(f)}: tried ${often(f.attempts)}`,
  },
  'consumer.record-passed-over': {
    weight: 'major',
    sentence: (f) => `passes over ${recordOf(f)}, tried ${often(f.attempts)}`,
  },
  'consumer.dead-lettered': {
    weight: 'major',
    sentence: (f) => `has written ${recordOf(f)} to ${f.topic}, and goes on`,
  },
  'consumer.stopped': {
    weight: 'major',
    sentence: (f) => `cannot work on ${recordOf(f)}: it ends`,
  },
  'consumer.reset': {
    weight: 'major',
    sentence: (f) =>
      (f.position < 0
        ? `finds nothing committed of partition ${f.partition}, and `
        : `finds nothing at ${f.position} of partition ${f.partition}, and `) +
      (f.to === 'none' ? 'reads it no more' : `goes on at the ${f.to} record`),
  },
  'consumer.truncated': {
    weight: 'major',
    sentence: (f) =>
      `has read partition ${f.partition} up to ${f.position}, but the new leader’s log leaves ` +
      `that at ${f.to}, and has lost ${plural(f.position - f.to, 'record')}`,
  },
};
