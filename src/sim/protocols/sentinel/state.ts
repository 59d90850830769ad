/**
 * The state of one sentinel: what it holds each server and each other sentinel for, whom it has
 * voted for, and the failover that it leads or would lead.
 *
 * Volatile and durable are apart: a crash keeps the `SentinelDisk`, the configuration file.
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { ControlInfoReply } from '../../contracts/replica-control.ts';
import type { SentinelDisk, SentinelEffect } from './effects.ts';
import type { SentinelRules } from './rules.ts';

export interface SentinelConfig {
  readonly id: PeerId;
  /** All sentinels, itself among them. */
  readonly peers: readonly PeerId[];
  /** The servers that it watches; the first is the first primary. */
  readonly servers: readonly PeerId[];
  readonly quorum: number;
  readonly downAfterMicros: number;
  readonly failoverTimeoutMicros: number;
  readonly parallelSyncs: number;
  readonly pingPeriodMicros: number;
  readonly infoPeriodMicros: number;
  readonly askPeriodMicros: number;
  readonly publishPeriodMicros: number;
  readonly electionTimeoutMicros: number;
  readonly reconfTimeoutMicros: number;
  readonly tiltTriggerMicros: number;
  readonly tiltPeriodMicros: number;
  readonly rules: SentinelRules;
}

/** How far a replica has been told of a new primary. */
export type Reconfigured = 'none' | 'sent' | 'in-progress' | 'done';

/** A server, as this sentinel sees it. */
export interface Watched {
  /** When the oldest ping was sent that is not answered; null: all are. */
  unansweredMicros: number | null;
  pingMicros: number | null;
  pongMicros: number;
  isDown: boolean;
  /** When it was last found to be down; null: never. */
  downSinceMicros: number | null;
  info: ControlInfoReply | null;
  infoMicros: number;
  infoAskedMicros: number | null;
  /** Since when it says that it plays its part, and that it follows whom it follows. */
  roleSinceMicros: number;
  upstreamSinceMicros: number;
  reconfigured: Reconfigured;
  reconfiguredMicros: number;
}

/** What another sentinel has answered last. */
export interface Colleague {
  isDown: boolean;
  leader: PeerId | null;
  leaderEpoch: number;
  repliedMicros: number | null;
  askedMicros: number | null;
}

export type FailoverPhase = 'wait-start' | 'select' | 'promote' | 'wait-promotion' | 'reconfigure';

export interface Failover {
  readonly epoch: number;
  phase: FailoverPhase;
  /** Since when it is in this phase. */
  sinceMicros: number;
  promoted: PeerId | null;
  /** When the one that is promoted was last told to be primary. */
  toldMicros: number;
}

export interface SentinelState {
  currentEpoch: number;
  /** Of the configuration that it knows: the epoch of the failover that made it. */
  configEpoch: number;
  primary: PeerId;
  /** Its vote: for whom, and in which epoch. */
  leader: PeerId | null;
  leaderEpoch: number;
  /** Up to which epoch its vote is on disk. */
  voteOnDisk: number;
  readonly servers: Map<PeerId, Watched>;
  readonly colleagues: Map<PeerId, Colleague>;
  isObjectivelyDown: boolean;
  oDownSinceMicros: number | null;
  failover: Failover | null;
  /** When a failover was last begun, or voted for; null: not since the last change of primary. */
  failoverStartMicros: number | null;
  helloMicros: number | null;
  /** By the wall clock. */
  tickWallMicros: number | null;
  tiltSinceMicros: number | null;
  nextTicket: number;
  /** What is said only once that is on disk, oldest first. */
  readonly waiting: { readonly ticket: number; readonly epoch: number; effect: Held | null }[];
}

type Held = Extract<SentinelEffect, { readonly type: 'answer' }>;

export const createSentinelDisk = (): SentinelDisk => ({
  currentEpoch: 0,
  configEpoch: 0,
  primary: null,
  leader: null,
  leaderEpoch: 0,
});

export const newWatched = (monoMicros: number): Watched => ({
  // One that never answers at all is missed, too.
  unansweredMicros: monoMicros,
  pingMicros: null,
  pongMicros: monoMicros,
  isDown: false,
  downSinceMicros: null,
  info: null,
  infoMicros: 0,
  infoAskedMicros: null,
  roleSinceMicros: monoMicros,
  upstreamSinceMicros: monoMicros,
  reconfigured: 'none',
  reconfiguredMicros: 0,
});

export const newColleague = (): Colleague => ({
  isDown: false,
  leader: null,
  leaderEpoch: 0,
  repliedMicros: null,
  askedMicros: null,
});

export function createSentinel(
  config: SentinelConfig,
  disk: SentinelDisk,
  monoMicros: number,
): SentinelState {
  const { currentEpoch, configEpoch, leader, leaderEpoch } = disk;
  const others = config.peers.filter((peer) => peer !== config.id);
  return {
    currentEpoch,
    configEpoch,
    primary: disk.primary ?? config.servers[0] ?? 0,
    leader,
    leaderEpoch,
    voteOnDisk: leaderEpoch,
    servers: new Map(config.servers.map((server) => [server, newWatched(monoMicros)])),
    colleagues: new Map(others.map((peer) => [peer, newColleague()])),
    isObjectivelyDown: false,
    oDownSinceMicros: null,
    failover: null,
    failoverStartMicros: null,
    helloMicros: null,
    tickWallMicros: null,
    tiltSinceMicros: null,
    nextTicket: 1,
    waiting: [],
  };
}

export const cloneSentinel = (state: SentinelState): SentinelState => ({
  ...state,
  servers: new Map([...state.servers].map(([id, one]) => [id, { ...one }])),
  colleagues: new Map([...state.colleagues].map(([id, one]) => [id, { ...one }])),
  failover: state.failover === null ? null : { ...state.failover },
  waiting: state.waiting.slice(),
});

/** What the host draws: uniform in (0, 1). */
export type SentinelDraw = () => number;

/** One step under way: what it works on, when, and where its effects go. */
export interface SentinelStep {
  readonly config: SentinelConfig;
  readonly state: SentinelState;
  readonly monoMicros: number;
  readonly wallMicros: number;
  readonly draw: SentinelDraw;
  readonly out: SentinelEffect[];
}

/** Writes the configuration file; what waits for it to be on disk is given along. */
export function flush({ config, state, out }: SentinelStep, effect: Held | null = null): void {
  const { currentEpoch, configEpoch, primary, leader, leaderEpoch } = state;
  const vote = config.rules.persistVote
    ? { leader, leaderEpoch }
    : { leader: null, leaderEpoch: 0 };
  const ticket = state.nextTicket++;
  const disk = Object.freeze({ currentEpoch, configEpoch, primary, ...vote });
  state.waiting.push({ ticket, epoch: leaderEpoch, effect });
  out.push({ type: 'persist', ticket, disk });
}

/** Whom it names to clients and colleagues: of a failover that cannot fail any more its choice. */
export function currentPrimary({ failover, primary }: SentinelState): PeerId {
  return failover?.phase === 'reconfigure' && failover.promoted !== null
    ? failover.promoted
    : primary;
}
