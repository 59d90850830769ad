/** A cluster of a replicated log, and those who write to it and read from it. */
import type { CheckPlan, DiskPlan, GroupPlan } from 'faultline';

/** broker.session.timeout.ms: a broker that was not heard for so long leads nothing any more. */
export const SESSION_MS = 9_000;

/** The leader of the only partition, wherever the controller has put it. */
export const LEADER = { role: 'leader', group: 'b' } as const;
/** The others. */
export const FOLLOWERS = { except: LEADER, from: 'b' } as const;

/**
 * One controller that is up in a quarter of a second: the quorum of controllers is another topic.
 * All other times are Kafka's.
 */
export const controllerOf = (config: GroupPlan['config'] = {}): GroupPlan => ({
  name: 'ctl',
  component: 'controller',
  count: 1,
  config: {
    controllerQuorumFetchTimeoutMs: 100,
    controllerQuorumElectionBackoffMaxMs: 50,
    ...config,
  },
});

/** What a topic may be told beside its name. */
export interface TopicSettings {
  /** Left out: one. */
  readonly partitions?: number;
  readonly minInsyncReplicas?: number;
  readonly uncleanLeaderElection?: boolean;
  readonly retentionMs?: number;
  readonly segmentMs?: number;
  readonly cleanupPolicy?: 'compact';
  readonly deleteRetentionMs?: number;
}

/** Brokers, three of them, each with a replica of the only partition. */
export const brokersOf = (
  topic: TopicSettings,
  config: GroupPlan['config'] = {},
  disk?: DiskPlan,
  count = 3,
): GroupPlan => ({
  name: 'b',
  component: 'log-broker',
  count,
  links: { controller: 'ctl' },
  config: {
    topics: [{ topic: 'orders', partitions: 1, replicationFactor: count, ...topic }],
    ...config,
  },
  ...(disk === undefined ? {} : { disk }),
});

/** Records without keys at a steady pace: one after the other, as far apart as the rate says. */
export const producerOf = (
  pace: { readonly ratePerSecond: number; readonly startMs: number; readonly stopMs: number },
  config: GroupPlan['config'] = {},
): GroupPlan => ({
  name: 'p',
  component: 'log-producer',
  count: 1,
  links: { brokers: 'b' },
  config: {
    arrivals: { kind: 'constant', ratePerSecond: pace.ratePerSecond },
    hasKeys: false,
    startMs: pace.startMs,
    stopMs: pace.stopMs,
    ...config,
  },
});

/** Of records at a steady pace, the first as a time begins: how many are sent before it is over. */
export const sentWithin = (ms: number, ratePerSecond: number): number =>
  Math.max(0, Math.ceil((ms * ratePerSecond) / 1_000));

/** From when a record is sent until its leader has it: linger.ms, and a millisecond on the way. */
export const UNDER_WAY_MS = 5 + 1;

export const consumer: GroupPlan = {
  name: 'c',
  component: 'log-consumer',
  count: 1,
  links: { brokers: 'b' },
  config: { autoOffsetReset: 'earliest' },
};

/** Of brokers whose consumers are in a group: one partition for all that groups commit. */
export const GROUP_BROKERS = { offsetsTopicNumPartitions: 1 } as const;

/** A consumer group; short of Kafka's 45 s a member that is silent is out after six. */
export const membersOf = (count: number, config: GroupPlan['config'] = {}): GroupPlan => ({
  name: 'c',
  component: 'log-consumer',
  count,
  links: { brokers: 'b' },
  config: {
    groupId: 'readers',
    autoOffsetReset: 'earliest',
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 2_000,
    ...config,
  },
});

/** The same with the consumer protocol, where the brokers say what is silent for too long. */
export const CONSUMER_BROKERS = {
  ...GROUP_BROKERS,
  groupConsumerSessionTimeoutMs: 6_000,
  groupConsumerHeartbeatIntervalMs: 1_000,
} as const;

export const consumersOf = (count: number, config: GroupPlan['config'] = {}): GroupPlan => ({
  name: 'c',
  component: 'log-consumer',
  count,
  links: { brokers: 'b' },
  config: {
    groupId: 'readers',
    groupProtocol: 'consumer',
    autoOffsetReset: 'earliest',
    ...config,
  },
});

/** Of brokers that coordinate transactions: one partition for all of them. */
export const TRANSACTIONS_ONLY = { transactionStateLogNumPartitions: 1 } as const;
/** And groups, too. */
export const TRANSACTION_BROKERS = { ...GROUP_BROKERS, ...TRANSACTIONS_ONLY } as const;

/** What reads orders and writes one record for each, at once; its sessions are like a member's. */
export const processorOf = (count: number, config: GroupPlan['config'] = {}): GroupPlan => ({
  name: 'x',
  component: 'log-processor',
  count,
  links: { brokers: 'b' },
  config: {
    inputTopic: 'orders',
    lingerMs: 0,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 2_000,
    ...config,
  },
});

/** Whoever reads what was written, in no group. */
export const readerOf = (config: GroupPlan['config'] = {}): GroupPlan => ({
  ...consumer,
  config: { ...consumer.config, ...config },
});

const OTHER_KINDS = { duplicated: null, reordered: null, diverged: null } as const;

export const everythingThere: CheckPlan = {
  id: 'nothing-lost',
  use: 'records',
  args: OTHER_KINDS,
  about: 'Each record that was acknowledged is in the log in the end.',
};

/** Null: however many. What is there twice, out of order or not the same everywhere is none. */
export const lostExactly = (lost: number | null, about: string): CheckPlan => ({
  id: 'lost-as-reckoned',
  use: 'records',
  args: { lost },
  about,
});

/** What all brokers together have counted in the end. */
export const countedExactly = (
  id: string,
  gauge: string,
  count: number,
  about: string,
): CheckPlan => ({
  id,
  use: 'gauge',
  args: {
    group: 'b',
    gauge,
    measure: 'total',
    across: 'sum',
    atLeast: count === 0 ? null : count,
    atMost: count,
  },
  about,
});

/** How many records replicas have dropped because their leader has others, or none. */
export const truncatedExactly = (records: number, about: string): CheckPlan =>
  countedExactly('dropped-as-reckoned', 'Truncated', records, about);

export const nothingCommittedLost: CheckPlan = {
  id: 'committed-stays',
  use: 'replicated-log',
  about: 'What was committed stays, and consumers read nothing else.',
};
