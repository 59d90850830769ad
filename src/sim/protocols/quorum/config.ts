/**
 * What a quorum store is told, with the names and defaults of Cassandra, Dynamo and Riak.
 *
 * Differs: Cassandra's drivers ask at level ONE unless told otherwise; here the defaults are
 * Dynamo's (N, R, W) = (3, 2, 2).
 */
import type { CrdtKind } from '../../contracts/crdt.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { buildRing } from '../../policies/hashing/ring.ts';
import type { Ring } from '../../policies/hashing/ring.ts';
import { resolveRules } from './rules.ts';
import type { QuorumAblation, QuorumRules } from './rules.ts';

export const READ_LEVELS = ['one', 'two', 'three', 'quorum', 'all'] as const;
export const WRITE_LEVELS = ['any', ...READ_LEVELS] as const;
export type Level = (typeof WRITE_LEVELS)[number];

/** What stamps a write: see stamps.ts. */
export const CLOCKS = ['physical', 'hybrid'] as const;
export type StampClock = (typeof CLOCKS)[number];

export const CONFLICT_POLICIES = [
  'last-write-wins',
  'version-vectors',
  'g-counter',
  'pn-counter',
  'or-set',
  'lww-register',
] as const;
export type ConflictPolicy = 'last-write-wins' | 'version-vectors' | CrdtKind;

export interface QuorumSettings {
  readonly id: PeerId;
  /** Which life of its process this is. */
  readonly life: number;
  readonly peers: readonly PeerId[];
  /** Cassandra num_tokens: points on the ring for each node. */
  readonly numTokens: number;
  /** N. */
  readonly replicationFactor: number;
  readonly readLevel: Level;
  readonly writeLevel: Level;
  /** R and W as numbers; 0: by the level. */
  readonly r: number;
  readonly w: number;
  readonly conflicts: ConflictPolicy;
  readonly clock: StampClock;
  readonly sloppyQuorum: boolean;
  readonly hintedHandoff: boolean;
  readonly maxHintWindowMicros: number;
  readonly hintDispatchMicros: number;
  readonly readRepair: 'off' | 'async' | 'blocking';
  /** 0: never. */
  readonly antiEntropyMicros: number;
  readonly merkleDepth: number;
  readonly gcGraceMicros: number;
  readonly compactionMicros: number;
  readonly commitLogSync: 'batch' | 'periodic';
  readonly commitLogSyncMicros: number;
  readonly writeTimeoutMicros: number;
  readonly readTimeoutMicros: number;
  readonly suspectAfterMicros: number;
  readonly probeMicros: number;
  readonly ablations: ReadonlySet<QuorumAblation>;
}

export interface QuorumConfig extends Omit<QuorumSettings, 'ablations'> {
  readonly ring: Ring;
  readonly rules: QuorumRules;
  /** Replicas of a key: N, or all there are. */
  readonly n: number;
  /** Replicas that a read and a write wait for. */
  readonly readsNeeded: number;
  readonly writesNeeded: number;
  /** Whether writes make dots: siblings and replicated data types. */
  readonly makesDots: boolean;
  /** Under which name this life of the node makes dots and stamps. */
  readonly actor: number;
  readonly firstId: number;
}

/** Names of different lives of nodes never meet: nodes are fewer. */
const ACTORS_PER_LIFE = 65_536;
/** What an earlier life asked is not answered to a later one. */
const IDS_PER_LIFE = 1_073_741_824;
const SECOND = 1_000_000;

export const QUORUM_DEFAULTS = Object.freeze({
  life: 0,
  numTokens: 16,
  replicationFactor: 3,
  readLevel: 'quorum',
  writeLevel: 'quorum',
  r: 0,
  w: 0,
  conflicts: 'last-write-wins',
  clock: 'physical',
  sloppyQuorum: false,
  hintedHandoff: true,
  maxHintWindowMicros: 3 * 3_600 * SECOND,
  hintDispatchMicros: 10 * SECOND,
  readRepair: 'blocking',
  antiEntropyMicros: 0,
  merkleDepth: 10,
  gcGraceMicros: 10 * 86_400 * SECOND,
  compactionMicros: 60 * SECOND,
  commitLogSync: 'periodic',
  commitLogSyncMicros: 10 * SECOND,
  writeTimeoutMicros: 2 * SECOND,
  readTimeoutMicros: 5 * SECOND,
  suspectAfterMicros: SECOND / 2,
  probeMicros: SECOND,
  ablations: new Set<QuorumAblation>() as ReadonlySet<QuorumAblation>,
}) satisfies Omit<QuorumSettings, 'id' | 'peers'>;

/** How many of n replicas a level means; of ANY the one that may also be a hint. */
export function neededFor(level: Level, n: number): number {
  switch (level) {
    case 'any':
    case 'one':
      return 1;
    case 'two':
      return 2;
    case 'three':
      return 3;
    case 'quorum':
      return Math.floor(n / 2) + 1;
    case 'all':
      return n;
  }
}

type Given = Partial<QuorumSettings> & Pick<QuorumSettings, 'id' | 'peers'>;

export function createQuorumConfig(given: Given): QuorumConfig {
  const { ablations, ...settings } = { ...QUORUM_DEFAULTS, ...given };
  const { peers, id, life, numTokens } = settings;
  if (!peers.includes(id)) throw new InvariantError(`node ${id} is no peer of its own store`);
  const rules = resolveRules(ablations);
  const n = Math.min(settings.replicationFactor, peers.length);
  const members = peers.map((peer) => ({ id: peer, weight: 1 }));
  return Object.freeze({
    ...settings,
    peers: Object.freeze(peers.slice()),
    ring: buildRing(members, { pointsPerWeight: numTokens, tableSize: 1 }),
    rules,
    n,
    readsNeeded: settings.r > 0 ? settings.r : neededFor(settings.readLevel, n),
    writesNeeded: settings.w > 0 ? settings.w : neededFor(settings.writeLevel, n),
    makesDots: settings.conflicts !== 'last-write-wins',
    actor: rules.actorEpoch ? life * ACTORS_PER_LIFE + id : id,
    firstId: life * IDS_PER_LIFE,
  });
}
