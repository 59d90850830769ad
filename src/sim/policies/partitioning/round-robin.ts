/**
 * Each record to the next partition, whatever its key: even, but small batches, and the order of
 * the records of a key is lost.
 *
 * Source: Kafka's RoundRobinPartitioner.
 */
import { openPartitions } from './partitioner.ts';
import type { Partitioner } from './partitioner.ts';

interface Turn {
  next: number;
}

export const roundRobinPartitioner: Partitioner<Turn> = {
  name: 'round-robin',
  about: 'Each record to the next partition, whatever its key.',
  source: 'Kafka, RoundRobinPartitioner',
  start: () => ({ next: 0 }),
  choose(state, _key, topic) {
    const open = openPartitions(topic);
    const partition = open[state.next % open.length]!;
    state.next += 1;
    return partition;
  },
  appended() {},
};
