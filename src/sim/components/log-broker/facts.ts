/** What a broker tells: who leads, who follows, who is in sync, and what was dropped. */
import type { FactTable } from '../../contracts/facts.ts';
import type { GroupFact } from '../../protocols/consumer-group/index.ts';
import type { PartitionFact } from '../../protocols/partition-log/index.ts';
import type { TransactionFact } from '../../protocols/txn-coordinator/index.ts';
import { plural } from '../../kernel/plural.ts';

/** A replica's fact, with the partition's name. */
type Named<F> = F extends PartitionFact ? F & { readonly of: string } : never;

export type LogBrokerFact =
  | Named<PartitionFact>
  | GroupFact
  | TransactionFact
  | {
      readonly type: 'transaction.batch-unverified';
      readonly of: string;
      readonly producerId: number;
      readonly producerEpoch: number;
    }
  | { readonly type: 'coordinator.loaded'; readonly of: string; readonly records: number }
  | { readonly type: 'coordinator.resigned'; readonly of: string }
  | { readonly type: 'broker.registered'; readonly brokerEpoch: number }
  | { readonly type: 'broker.fenced' }
  | { readonly type: 'broker.unfenced' }
  | { readonly type: 'broker.no-controller'; readonly code: string };

export const logBrokerFacts: FactTable<LogBrokerFact> = {
  'partition.led': {
    weight: 'major',
    sentence: (f) => `leads ${f.of} in epoch ${f.leaderEpoch}, from offset ${f.end} on`,
  },
  'partition.followed': {
    weight: 'minor',
    sentence: (f, nameOf) => `follows ${nameOf(f.leader)} in ${f.of}, epoch ${f.leaderEpoch}`,
  },
  'partition.truncated': {
    weight: 'major',
    sentence: (f) =>
      `drops ${plural(f.dropped, 'record')} of ${f.of}, from offset ${f.to} on` +
      (f.committed > 0 ? `; ${f.committed} of them were committed` : ''),
  },
  'partition.deleted': {
    weight: 'major',
    sentence: (f) =>
      `deletes ${plural(f.to - f.from, 'record')} of ${f.of}: it begins at ${f.to} now`,
  },
  'partition.compacted': {
    weight: 'major',
    sentence: (f) =>
      `compacts ${f.of} up to ${f.upTo}: ${plural(f.dropped, 'record')} replaced, ${f.kept} left`,
  },
  'partition.isr': {
    weight: 'major',
    sentence: (f, nameOf) => `has ${f.isr.map(nameOf).join(', ')} in sync in ${f.of}`,
  },
  'partition.out-of-range': {
    weight: 'major',
    sentence: (f) => `asked for what is not there: ${f.of} goes from ${f.start} to ${f.end}`,
  },
  'partition.batch-fenced': {
    weight: 'major',
    sentence: (f) =>
      `refuses a batch of producer ${f.producerId} for ${f.of}: epoch ${f.producerEpoch} is over`,
  },
  'group.rebalancing': {
    weight: 'major',
    sentence: (f) => `lets ${f.group} rebalance after generation ${f.generation}: ${f.why}`,
  },
  'group.stable': {
    weight: 'major',
    sentence: (f) => `has ${f.group} stable with ${plural(f.members, 'member')}: ${f.generation}`,
  },
  'group.empty': { weight: 'minor', sentence: (f) => `sees nobody left in ${f.group}` },
  'group.member-removed': {
    weight: 'major',
    sentence: (f) => `takes ${f.member} out of ${f.group}: ${f.why}`,
  },
  'group.offsets-unstable': {
    weight: 'minor',
    sentence: (f) => `lets a member of ${f.group} wait: a transaction with its offsets is open`,
  },
  'transaction.fenced': {
    weight: 'major',
    sentence: (f) =>
      `shuts out whoever was ${f.transactionalId} before epoch ${f.producerEpoch}: ${f.why}`,
  },
  'transaction.decided': {
    weight: 'minor',
    sentence: (f) =>
      `has decided to ${f.outcome} what ${f.transactionalId} wrote in ` +
      plural(f.partitions, 'partition'),
  },
  'transaction.end-refused': {
    weight: 'major',
    sentence: (f) =>
      `does not ${f.outcome} for ${f.transactionalId}: whoever asks is of epoch ${f.producerEpoch}`,
  },
  'transaction.completed': {
    weight: 'minor',
    sentence: (f) => `has all partitions of ${f.transactionalId} marked: ${f.outcome}`,
  },
  'transaction.batch-unverified': {
    weight: 'major',
    sentence: (f) =>
      `refuses a batch of producer ${f.producerId} for ${f.of}: its coordinator knows of no open ` +
      `transaction with that in epoch ${f.producerEpoch}`,
  },
  'coordinator.loaded': {
    weight: 'minor',
    sentence: (f) => `coordinates whoever belongs to ${f.of}: ${plural(f.records, 'record')} read`,
  },
  'coordinator.resigned': {
    weight: 'minor',
    sentence: (f) => `coordinates those of ${f.of} no more`,
  },
  'broker.registered': {
    weight: 'minor',
    sentence: (f) => `is registered with broker epoch ${f.brokerEpoch}`,
  },
  'broker.fenced': { weight: 'major', sentence: () => 'is fenced: it may lead nothing' },
  'broker.unfenced': { weight: 'minor', sentence: () => 'is unfenced: it may lead' },
  'broker.no-controller': {
    weight: 'minor',
    sentence: (f) => `does not reach the controller (${f.code})`,
  },
};
