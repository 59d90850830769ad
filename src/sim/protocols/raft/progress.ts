/**
 * What a leader knows of each member, in arrays parallel to the peers of its configuration.
 *
 * A follower is in one of three states (etcd, progress.go). *Probing*: one append at a time feels
 * for the point where the logs meet. Streaming: appends go ahead of their replies, with at most
 * `maxInflight` under way. *Snapshot*: it was sent one, and is left in peace until it has it.
 */
import type { PeerId } from '../../contracts/raft.ts';

export interface Progress {
  /** Answers to this server's (pre-)candidacy. */
  votes: (boolean | null)[];
  match: number[];
  next: number[];
  /** True while one append at a time feels for the point where the logs meet. */
  probing: boolean[];
  /** A probe is under way: nothing more is sent until a reply or the next heartbeat's reply. */
  paused: boolean[];
  /** The index of the snapshot under way; 0 when there is none. Such a follower is also paused. */
  snapshots: number[];
  snapshotsSentAt: number[];
  active: boolean[];
  ackedRound: number[];
  /** Last index of every append under way, oldest first. */
  inflight: number[][];
}

export function newProgress(size: number): Progress {
  const zeros = (): number[] => new Array<number>(size).fill(0);
  return {
    votes: new Array<boolean | null>(size).fill(null),
    match: zeros(),
    next: zeros(),
    probing: new Array<boolean>(size).fill(true),
    paused: new Array<boolean>(size).fill(false),
    snapshots: zeros(),
    snapshotsSentAt: zeros(),
    active: new Array<boolean>(size).fill(false),
    ackedRound: zeros(),
    inflight: Array.from({ length: size }, () => []),
  };
}

/** A new leader knows nothing but where its own log ends. */
export function resetProgress(p: Progress, next: number): void {
  p.match.fill(0);
  p.next.fill(next);
  p.probing.fill(true);
  p.paused.fill(false);
  p.snapshots.fill(0);
  p.snapshotsSentAt.fill(0);
  p.active.fill(false);
  p.ackedRound.fill(0);
  for (const window of p.inflight) window.length = 0;
}

/** Moves what is known of each member to its place among the new peers. */
export function moveProgress(
  p: Progress,
  before: readonly PeerId[],
  after: readonly PeerId[],
  next: number,
): void {
  const from = after.map((id) => before.indexOf(id));
  const move = <T>(row: readonly T[], fresh: () => T): T[] =>
    from.map((slot) => (slot < 0 ? fresh() : (row[slot] as T)));
  p.votes = move(p.votes, () => null);
  p.match = move(p.match, () => 0);
  p.next = move(p.next, () => next);
  p.probing = move(p.probing, () => true);
  p.paused = move(p.paused, () => false);
  p.snapshots = move(p.snapshots, () => 0);
  p.snapshotsSentAt = move(p.snapshotsSentAt, () => 0);
  // A member is given an election timeout before its silence counts against the leader.
  p.active = move(p.active, () => true);
  p.ackedRound = move(p.ackedRound, () => 0);
  p.inflight = move(p.inflight, () => []);
}

export function copyProgress(p: Progress): Progress {
  return {
    votes: p.votes.slice(),
    match: p.match.slice(),
    next: p.next.slice(),
    probing: p.probing.slice(),
    paused: p.paused.slice(),
    snapshots: p.snapshots.slice(),
    snapshotsSentAt: p.snapshotsSentAt.slice(),
    active: p.active.slice(),
    ackedRound: p.ackedRound.slice(),
    inflight: p.inflight.map((window) => window.slice()),
  };
}

export function toProbing(p: Progress, slot: number): void {
  p.probing[slot] = true;
  p.paused[slot] = false;
  p.snapshots[slot] = 0;
  (p.inflight[slot] as number[]).length = 0;
  p.next[slot] = (p.match[slot] as number) + 1;
}

export function toStreaming(p: Progress, slot: number): void {
  p.probing[slot] = false;
  p.paused[slot] = false;
  p.snapshots[slot] = 0;
  (p.inflight[slot] as number[]).length = 0;
  p.next[slot] = (p.match[slot] as number) + 1;
}

export function toSnapshot(p: Progress, slot: number, index: number, now: number): void {
  p.probing[slot] = true;
  p.paused[slot] = true;
  p.snapshots[slot] = index;
  p.snapshotsSentAt[slot] = now;
  (p.inflight[slot] as number[]).length = 0;
  p.next[slot] = index + 1;
}

export function freeInflight(window: number[], index: number): void {
  let done = 0;
  while (done < window.length && (window[done] as number) <= index) done += 1;
  if (done === 1) window.shift();
  else if (done > 1) window.splice(0, done);
}
