/** The partitioners of the catalogue: an explicit list. */
import { roundRobinPartitioner } from './round-robin.ts';
import { builtInPartitioner } from './sticky.ts';
import type { Partitioner } from './partitioner.ts';

export type { Appended, Partitioner, PartitionerSettings, TopicView } from './partitioner.ts';
export { PARTITIONER_DEFAULTS } from './partitioner.ts';

export const PARTITIONERS: readonly Partitioner[] = [builtInPartitioner, roundRobinPartitioner];

export const PARTITIONER_NAMES: readonly string[] = PARTITIONERS.map(({ name }) => name);
