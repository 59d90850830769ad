/** What a node of a quorum store may be told, with the names and defaults of Cassandra. */
import { over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import type { Distribution } from '../../policies/distribution.ts';
import {
  CLOCKS,
  CONFLICT_POLICIES,
  READ_LEVELS,
  WRITE_LEVELS,
} from '../../protocols/quorum/config.ts';

const leg = (description: string) =>
  Type.Unsafe<Distribution>(
    Type.Any({
      description: `${description}, besides the network.`,
      default: { kind: 'constant', ms: 0 },
      shape: 'distribution',
    }),
  );
const DAY_MS = 86_400_000;

const NEEDS: readonly Need[] = [
  { settings: ['maxHintWindowMs', 'hintDispatchMs'], any: [word('hintedHandoff', true)] },
  { settings: ['merkleDepth'], any: [over('antiEntropyMs')] },
  { settings: ['commitLogSyncMs'], any: [word('commitLogSync', 'periodic')] },
];

export const quorumStoreConfig = Type.Object(
  {
    replicationFactor: field.count({
      about: 'N: how many nodes hold each key; all, where there are fewer.',
      default: 3,
      min: 1,
      max: 99,
      source: 'Dynamo 6: (N, R, W) = (3, 2, 2)',
    }),
    readConsistency: field.choice(READ_LEVELS, {
      about: 'How many replicas must have answered before a read is: R.',
      default: 'quorum',
      source: 'Cassandra consistency levels; the default is that of Dynamo, R = 2 of 3',
    }),
    writeConsistency: field.choice(WRITE_LEVELS, {
      about: 'How many replicas must have acknowledged a write: W; for any, a hint is enough.',
      default: 'quorum',
      source: 'Cassandra consistency levels; the default is that of Dynamo, W = 2 of 3',
    }),
    r: field.count({ about: 'R as a number; 0: by the level.', default: 0, max: 99 }),
    w: field.count({ about: 'W as a number; 0: by the level.', default: 0, max: 99 }),
    conflicts: field.choice(CONFLICT_POLICIES, {
      about:
        'What becomes of concurrent writes: the latest stamp wins, all stay as siblings until a ' +
        'write that saw them replaces them, or keys hold a data type that merges.',
      default: 'last-write-wins',
      source: 'Cassandra; Riak allow_mult and its data types',
    }),
    clock: field.choice(CLOCKS, {
      about:
        'What stamps writes of which the last wins: the wall clock of the coordinator, or a ' +
        'hybrid clock, which is never behind a write that the coordinator has seen.',
      default: 'physical',
      source: 'Cassandra; Kulkarni et al. (2014), as in CockroachDB and MongoDB',
    }),
    numTokens: field.count({
      about: 'Points of each node on the ring.',
      default: 16,
      min: 1,
      max: 1_024,
      source: 'Cassandra num_tokens',
    }),
    sloppyQuorum: field.flag({
      about: 'The next healthy nodes stand in for replicas that are down, and count for W and R.',
      default: false,
      source: 'Dynamo 4.6; Cassandra has none',
    }),
    hintedHandoff: field.flag({
      about: 'Keep writes that a replica missed, and hand them over when it is back.',
      default: true,
      source: 'Cassandra hinted_handoff_enabled',
    }),
    maxHintWindowMs: field.millis({
      about: 'A replica that is down for longer gets no new hints.',
      default: 3 * 3_600_000,
      max: 30 * DAY_MS,
      source: 'Cassandra max_hint_window: 3 h',
    }),
    hintDispatchMs: field.millis({
      about: 'How often hints are sent to replicas that are up.',
      default: 10_000,
      min: 1,
      max: DAY_MS,
      source: 'Cassandra HintsDispatchTrigger: every 10 s',
    }),
    readRepair: field.choice(['off', 'async', 'blocking'], {
      about:
        'Whether replicas that answered a read with less are written to: not, after the ' +
        'answer, or before it.',
      default: 'blocking',
      source: 'Cassandra 4 read_repair',
    }),
    antiEntropyMs: field.millis({
      about: 'How often a node compares itself with the next replica by Merkle trees; 0: never.',
      default: 0,
      max: 30 * DAY_MS,
      source: 'Cassandra: repair is run by operators; Riak anti_entropy_tick: 15 s',
    }),
    merkleDepth: field.count({
      about: 'Levels of such a tree below its root: 2 to this power are its ranges.',
      default: 10,
      max: 16,
      source: 'Riak: 1024 segments; Cassandra: up to 2 to the power of 18',
    }),
    gcGraceMs: field.millis({
      about: 'How long a tombstone stays; whoever misses the delete for longer may bring it back.',
      default: 10 * DAY_MS,
      max: 365 * DAY_MS,
      source: 'Cassandra gc_grace_seconds: 10 days',
    }),
    compactionMs: field.millis({
      about: 'How often tombstones that are old enough are dropped.',
      default: 60_000,
      min: 1,
      max: 30 * DAY_MS,
    }),
    commitLogSync: field.choice(['periodic', 'batch'], {
      about: 'Batch: a write is on disk before it is acknowledged. Periodic: some time later.',
      default: 'periodic',
      source: 'Cassandra commitlog_sync',
    }),
    commitLogSyncMs: field.millis({
      about: 'Of periodic: how long after a write the log is brought to disk.',
      default: 10_000,
      min: 1,
      max: DAY_MS,
      source: 'Cassandra commitlog_sync_period: 10 s',
    }),
    writeTimeoutMs: field.millis({
      about: 'How long a coordinator waits for W; then the fate of the write is unknown.',
      default: 2_000,
      min: 1,
      max: 600_000,
      source: 'Cassandra write_request_timeout: 2 s',
    }),
    readTimeoutMs: field.millis({
      about: 'How long a coordinator waits for R.',
      default: 5_000,
      min: 1,
      max: 600_000,
      source: 'Cassandra read_request_timeout: 5 s',
    }),
    suspectAfterMs: field.millis({
      about: 'A replica that has not answered for so long is taken for down until it is heard of.',
      default: 500,
      min: 1,
      max: 600_000,
      source: 'Dynamo 4.8.3 gives no number; Cassandra finds out by gossip',
    }),
    probeMs: field.millis({
      about: 'How often a replica that is taken for down is asked whether it is back.',
      default: 1_000,
      min: 1,
      max: 600_000,
      source: 'Cassandra: gossip every second',
    }),
    legs: Type.Object(
      {
        write: leg('How long a write takes to a replica (W)'),
        acknowledgement: leg('How long its acknowledgement takes back (A)'),
        read: leg('How long a read takes to a replica (R)'),
        response: leg('How long its answer takes back (S)'),
      },
      {
        additionalProperties: false,
        default: {},
        description: 'Times of the four legs of an operation, as the WARS model has them.',
        source: 'Bailis et al., Probabilistically Bounded Staleness (VLDB 2012), 4.1',
      },
    ),
  },
  { additionalProperties: false, needs: NEEDS },
);

export type QuorumStoreConfig = Static<typeof quorumStoreConfig>;
