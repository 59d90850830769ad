/**
 * Records without keys go more often to partitions with short queues: their brokers are quick.
 *
 * Source: KIP-794; Kafka's built-in partitioner.
 */
import type { Stream } from '../../kernel/random.ts';
import type { TopicView } from './partitioner.ts';

/** The longest queue plus one, less each one's own: the longest still gets a little. */
export function adaptiveWeights(queues: readonly number[]): number[] {
  const most = Math.max(0, ...queues) + 1;
  return queues.map((queue) => most - queue);
}

/**
 * A partition by those weights, among those with a leader that are not slow; -1 where weights tell
 * nothing: all queues are alike and none is slow, or there are too few partitions.
 */
export function drawByQueues(topic: TopicView, draw: Stream): number {
  const led = topic.hasLeader.flatMap((has, partition) => (has ? [partition] : []));
  const open = led.filter((partition) => !topic.isSlow[partition]);
  const queues = open.map((partition) => topic.queued[partition]!);
  const isAlike = queues.every((queue) => queue === queues[0]);
  if (open.length === 0 || led.length < 2 || (isAlike && open.length === led.length)) return -1;
  const weights = adaptiveWeights(queues);
  let left = draw.below(weights.reduce((sum, weight) => sum + weight, 0));
  let place = 0;
  while (left >= weights[place]!) {
    left -= weights[place]!;
    place += 1;
  }
  return open[place]!;
}
