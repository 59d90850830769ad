/** What a broker of queues tells: what became of messages that were not worked on. */
import type { FactTable } from '../../contracts/facts.ts';
import type { DeathReason } from '../../protocols/queue/index.ts';
import { plural } from '../../kernel/plural.ts';

interface Gone {
  readonly queue: string;
  readonly value: number;
  readonly reason: DeathReason;
  /** Deliveries that failed. */
  readonly failures: number;
}
export type QueueBrokerFact =
  | ({ readonly type: 'queue.dead-lettered'; readonly to: string } & Gone)
  /** There is nowhere for it to go: it is lost. */
  | ({ readonly type: 'queue.dropped' } & Gone)
  | {
      readonly type: 'queue.unroutable';
      readonly exchange: string;
      readonly routingKey: string;
      readonly value: number;
      /** Its producer hears of it. */
      readonly isReturned: boolean;
    }
  | {
      readonly type: 'queue.channel-closed';
      readonly consumer: number;
      readonly queue: string;
      /** What came back to the queue, or, without the rule, did not. */
      readonly held: number;
      readonly why: string;
    }
  | {
      readonly type: 'queue.leader';
      readonly queue: string;
      readonly term: number;
      /** What consumers of the leader before had not settled. */
      readonly unacked: number;
    }
  | { readonly type: 'queue.stepped-down'; readonly queue: string; readonly term: number };

const WHY: { readonly [reason in DeathReason]: string } = {
  rejected: 'it was rejected',
  expired: 'its time is over',
  maxlen: 'the queue is full',
  'delivery-limit': 'it has failed too often',
};
const times = (n: number): string =>
  n === 0 ? '' : ` after ${n} failed deliver${n === 1 ? 'y' : 'ies'}`;

export const queueBrokerFacts: FactTable<QueueBrokerFact> = {
  'queue.dead-lettered': {
    weight: 'major',
    sentence: (f) =>
      `moves message ${f.value} of ${f.queue} to ${f.to}${times(f.failures)}: ${WHY[f.reason]}`,
  },
  'queue.dropped': {
    weight: 'major',
    sentence: (f) => `drops message ${f.value} of ${f.queue}${times(f.failures)}: ${WHY[f.reason]}`,
  },
  'queue.unroutable': {
    weight: 'major',
    sentence: (f) =>
      `${f.isReturned ? 'returns' : 'drops'} message ${f.value}: no queue is bound to ` +
      `${f.exchange} for "${f.routingKey}"`,
  },
  'queue.channel-closed': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `closes the channel of ${nameOf(f.consumer)} to ${f.queue}, which held ${f.held} (${f.why})`,
  },
  'queue.leader': {
    weight: 'major',
    sentence: (f) =>
      `leads ${f.queue} in term ${f.term}` +
      (f.unacked === 0 ? '' : `, with ${plural(f.unacked, 'message')} that nobody had settled`),
  },
  'queue.stepped-down': {
    weight: 'major',
    sentence: (f) => `no longer leads ${f.queue}: term ${f.term} is not its own`,
  },
};
