/** The replication of one partition, for those who host it in a component or explore it. */
export type { BrokerId, PartitionConfig, TruncationMode } from './config.ts';
export { truncationMode } from './config.ts';
export type {
  AlterReply,
  EpochLookup,
  EpochReply,
  FetchReply,
  PartitionEffect,
  PartitionFact,
  ProduceError,
  PartitionInput,
  PartitionMetadata,
  ReplicaFetch,
} from './effects.ts';
export type { EpochEnd, EpochStart } from './epochs.ts';
export { LeaderEpochs } from './epochs.ts';
export { fetchOf, lookupOf } from './follower.ts';
export { PartitionLog } from './log.ts';
export { isOfEarlierLife } from './progress.ts';
export { lastStableOffset, offsetAt, readableEnd, readError, readFor } from './reading.ts';
export type {
  AlterError,
  AlterRequest,
  ControlConfig,
  Election,
  PartitionRegistration,
  Wish,
} from './registration.ts';
export { change, refusalOf, withoutBroker } from './registration.ts';
export { PARTITION_RULES, partitionRules } from './rules.ts';
export type { PartitionRule, PartitionRules } from './rules.ts';
export { dirtyRatio, isAborted } from './compaction.ts';
export type { CleanupConfig, Segment } from './segments.ts';
export { segmentsOf } from './segments.ts';
export { clonePartition, createPartition, emptyPartition } from './state.ts';
export type { PartitionState, ProposedIsr } from './state.ts';
export { step } from './step.ts';
