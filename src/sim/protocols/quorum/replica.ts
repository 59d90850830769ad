/**
 * What a node does as a replica: it merges what it is sent, puts it on disk, acknowledges, answers.
 *
 * Invariant: with a batch commit log an acknowledgement leaves after the disk has what it
 * acknowledges. Cassandra's default is periodic: acknowledged at once, on disk within ten seconds.
 */
import type { QuorumCell } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { isDeleted, isPurgeable, mergeCells } from './cell.ts';
import type { QuorumRecord } from './effects.ts';
import { arm, hintName, tell } from './state.ts';
import type { Step } from './state.ts';

/** Writes a record; what is acknowledged from now on waits for it. */
export function persist(step: Step, record: QuorumRecord): void {
  const { config, state, out } = step;
  out.push({ type: 'persist', record });
  if (config.commitLogSync === 'periodic') arm(step, 'commit-log', config.commitLogSyncMicros);
  else if (!state.dirty) state.ticket += 1;
  state.dirty = true;
}

/** One sync for all that a step has written. */
export function endStep({ config, state, out }: Step): void {
  if (config.commitLogSync !== 'batch' || !state.dirty) return;
  state.dirty = false;
  out.push({ type: 'sync', ticket: state.ticket });
}

export function syncCommitLog({ state, out }: Step): void {
  state.dirty = false;
  state.ticket += 1;
  out.push({ type: 'sync', ticket: state.ticket });
}

/** Merges a cell into what is held; returns whether that changed. */
export function storeCell(step: Step, key: string, cell: QuorumCell): boolean {
  const { config, state } = step;
  const before = state.cells.get(key) ?? null;
  const after = mergeCells(config, before, cell)!;
  if (after === before) return false;
  if (isDeleted(after) && !config.rules.tombstones) {
    state.cells.delete(key);
    persist(step, { key, cell: null, hint: null });
    return true;
  }
  state.cells.set(key, after);
  persist(step, { key, cell: after, hint: null });
  if (isDeleted(after)) arm(step, 'compaction', config.compactionMicros);
  const count = after.versions.length;
  if (count > Math.max(1, before?.versions.length ?? 0)) {
    tell(step, { type: 'quorum.siblings', key, count });
  }
  return true;
}

/** What this node answers for a key: what it holds, and what it holds for others. */
export function heldHere({ config, state }: Step, key: string): QuorumCell | null {
  let cell = state.cells.get(key) ?? null;
  if (!config.sloppyQuorum || state.hints.size === 0) return cell;
  for (const peer of config.peers) {
    const hint = state.hints.get(hintName(peer, key));
    if (hint !== undefined) cell = mergeCells(config, cell, hint.cell);
  }
  return cell;
}

/** Says when everything written so far may be acknowledged to `to`: now, or with its ticket. */
export function isAckDue({ config, state }: Step): boolean {
  if (config.commitLogSync === 'periodic' || !config.rules.persistBeforeReply) return true;
  return state.durableTicket >= state.ticket;
}

export function waitForDisk({ state }: Step, to: PeerId, id: number): void {
  state.waiting.push({ ticket: state.ticket, to, id });
}

/** Compaction: forgets tombstones older than gc_grace. */
export function compact(step: Step): void {
  const { config, state, wallMicros } = step;
  let keys = 0;
  let isLeft = false;
  for (const [key, cell] of state.cells) {
    if (isPurgeable(config, cell, wallMicros)) {
      state.cells.delete(key);
      persist(step, { key, cell: null, hint: null });
      keys += 1;
    } else if (isDeleted(cell)) isLeft = true;
  }
  if (keys > 0) tell(step, { type: 'quorum.purged', keys });
  if (isLeft) arm(step, 'compaction', config.compactionMicros);
}
