/**
 * The state of one Multi-Paxos server: acceptor, learner and, at times, leader.
 *
 * Volatile and durable are apart: a crash keeps only what completed writes have built on disk
 * (`applyPersist`): the promise and what was accepted. What is chosen is learnt anew.
 */
import type { Ballot, PaxosEntry } from '../../contracts/multi-paxos.ts';
import { NO_BALLOT } from './ballot.ts';
import type { PaxosConfig } from './config.ts';
import type { PaxosPersist, PaxosRole, PaxosSend, PeerId } from './effects.ts';
import { Slots } from './slots.ts';

/** A slot that the leader has proposed for and that is not chosen, or not yet in its turn. */
export interface OpenSlot {
  readonly entry: PaxosEntry;
  /** Who accepted it. */
  readonly acks: readonly PeerId[];
  readonly isChosen: boolean;
  /** How often the leader had pinged when it was proposed: what waits for long is sent again. */
  readonly tick: number;
  /** Of the client's proposal; -1 where there is none. */
  readonly tag: number;
}

/** Ready when its round is confirmed and all up to `slot` is applied. */
export interface PaxosRead {
  readonly tag: number;
  readonly slot: number;
  readonly round: number;
}

/** A write under way, what may be sent once it is on disk, and what the leader then counts. */
export interface PaxosWrite {
  readonly ticket: number;
  readonly sends: PaxosSend[];
  /** Own acceptances, of ballot `ballot`. */
  readonly slots: readonly number[];
  readonly ballot: Ballot;
}

export interface PaxosState {
  role: PaxosRole;
  /** Durable: nothing of an earlier ballot is accepted. */
  promised: Ballot;
  /** Durable: what was accepted last, by slot. */
  readonly accepted: Slots<PaxosEntry>;
  /** All up to this slot is known to be chosen, and applied. */
  chosen: number;
  /** The latest ballot that was heard of. */
  seen: Ballot;
  /** Whom this server takes for the leader, or for one who tries to be. */
  leader: PeerId | null;
  /** The last sign of progress: of which ballot, how far, and which round was confirmed. */
  progressBallot: Ballot;
  progressChosen: number;
  progressRound: number;

  /** Of a candidate: who has promised, whose promise is durable, and what they had accepted. */
  promises: PeerId[];
  selfTicket: number;
  recovered: Map<number, PaxosEntry>;

  /** Of a leader. */
  nextSlot: number;
  open: Map<number, OpenSlot>;
  /** All that phase 1 found lies up to here. */
  recoveredTo: number;
  /** How often its timer has made it ping. */
  ticks: number;
  /** The newest round of pings sent, and the newest one that a phase-2 quorum has answered. */
  round: number;
  confirmedRound: number;
  /** By position in `peers`: the newest round that each has answered. */
  answeredRounds: number[];
  reads: PaxosRead[];

  /** Writes under way, oldest first. */
  pending: PaxosWrite[];
  nextTicket: number;
  writtenTicket: number;
  /** Changes of this step not yet handed to the disk; always clean between steps. */
  dirtyPromise: boolean;
  dirty: PaxosEntry[];
  /** Slots among them that this server, as leader, has accepted from itself. */
  dirtyOwn: number[];
}

/** The durable state of a server as its completed writes build it. */
export interface PaxosDisk {
  promised: Ballot;
  readonly accepted: Slots<PaxosEntry>;
}

export const createPaxosDisk = (): PaxosDisk => ({ promised: NO_BALLOT, accepted: Slots.empty() });

/** Performs one completed write. */
export function applyPersist(disk: PaxosDisk, write: PaxosPersist): void {
  if (write.promised !== null) disk.promised = write.promised;
  for (const entry of write.entries) disk.accepted.set(entry.slot, entry);
}

export const clonePaxosDisk = ({ promised, accepted }: PaxosDisk): PaxosDisk => ({
  promised,
  accepted: accepted.clone(),
});

export function createPaxos(config: PaxosConfig, disk: PaxosDisk = createPaxosDisk()): PaxosState {
  return {
    role: 'follower',
    promised: disk.promised,
    accepted: disk.accepted.clone(),
    chosen: 0,
    seen: disk.promised,
    leader: null,
    progressBallot: NO_BALLOT,
    progressChosen: 0,
    progressRound: 0,
    promises: [],
    selfTicket: 0,
    recovered: new Map(),
    nextSlot: 1,
    open: new Map(),
    recoveredTo: 0,
    ticks: 0,
    round: 0,
    confirmedRound: 0,
    answeredRounds: config.peers.map(() => 0),
    reads: [],
    pending: [],
    nextTicket: 1,
    writtenTicket: 0,
    dirtyPromise: false,
    dirty: [],
    dirtyOwn: [],
  };
}

/** A copy that later steps on either side do not disturb. Entries and messages are shared. */
export const clonePaxos = (state: PaxosState): PaxosState => ({
  ...state,
  accepted: state.accepted.clone(),
  promises: state.promises.slice(),
  recovered: new Map(state.recovered),
  open: new Map(state.open),
  answeredRounds: state.answeredRounds.slice(),
  reads: state.reads.slice(),
  pending: state.pending.map((write) => ({ ...write, sends: write.sends.slice() })),
  dirty: state.dirty.slice(),
  dirtyOwn: state.dirtyOwn.slice(),
});
