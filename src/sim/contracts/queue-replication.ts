/**
 * The conversation of the brokers that keep a queue together: each quorum queue is a Raft group of
 * its own, and what its members say to each other says which queue it is about.
 *
 * Source: RabbitMQ, Quorum Queues: a variant of the Raft protocol for each queue
 */
import { defineContract } from './contract.ts';
import type { MessageSpec } from './contract.ts';
import { raft } from './raft.ts';
import type { RaftMessage } from './raft.ts';

export interface QueueReplicate {
  readonly type: 'queue.replicate';
  /** Its place among the queues of the brokers. */
  readonly queue: number;
  readonly message: RaftMessage;
}

const specOf = ({ message }: QueueReplicate): MessageSpec<RaftMessage> =>
  raft.messages[message.type] as MessageSpec<RaftMessage>;

export const queueReplication = defineContract<QueueReplicate>({
  name: 'queue-replication',
  about: 'The members of a quorum queue elect a leader, who replicates its log to the others.',
  source: 'RabbitMQ, Quorum Queues',
  messages: {
    'queue.replicate': {
      role: 'notice',
      flight(m) {
        const { flight } = specOf(m);
        return typeof flight === 'function' ? flight(m.message) : flight;
      },
      digest: (m) => (Math.imul(m.queue, 31) + specOf(m).digest(m.message)) | 0,
      label: (m) => specOf(m).label(m.message),
    },
  },
  errors: [],
});
