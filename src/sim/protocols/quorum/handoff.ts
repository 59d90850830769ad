/**
 * Who is taken for down, and the writes that are kept for them.
 *
 * A peer that does not answer is suspected and pinged until it does (Dynamo 4.8.3: a local notion,
 * driven by traffic). Hints wait on disk and are handed over at intervals while their replica
 * answers; a replica that is away for longer than the window gets no more of them (Cassandra).
 *
 * Differs: Cassandra finds dead peers by gossip and a phi accrual detector, and throttles handoff.
 */
import type { QuorumCell } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { mergeCells } from './cell.ts';
import { persist } from './replica.ts';
import { arm, hintName, isUp, send, tell } from './state.ts';
import type { Hint, Step } from './state.ts';

export function suspect(step: Step, peer: PeerId): void {
  const { config, state, monoMicros } = step;
  if (peer === config.id || state.down.has(peer)) return;
  state.down.set(peer, monoMicros);
  tell(step, { type: 'quorum.suspected', peer });
  arm(step, 'probe', config.probeMicros);
}

/** Whoever is heard of is up. */
export function hear(step: Step, peer: PeerId): void {
  const { state } = step;
  if (!state.down.delete(peer)) return;
  tell(step, { type: 'quorum.back', peer, hints: hintsFor(step, peer) });
}

function hintsFor({ state }: Step, peer: PeerId): number {
  let count = 0;
  for (const hint of state.hints.values()) if (hint.target === peer) count += 1;
  return count;
}

export function probe(step: Step): void {
  const { config, state } = step;
  for (const peer of state.down.keys()) send(step, peer, { type: 'quorum.ping' });
  if (state.down.size > 0) arm(step, 'probe', config.probeMicros);
}

/** Keeps a write for a replica that missed it; false where no hints are kept for it. */
export function hintAsCoordinator(
  step: Step,
  target: PeerId,
  key: string,
  cell: QuorumCell,
): boolean {
  const { config, state, monoMicros } = step;
  if (!config.hintedHandoff || !config.rules.hintedHandoff) return false;
  const since = state.down.get(target) ?? monoMicros;
  if (monoMicros - since > config.maxHintWindowMicros) {
    tell(step, { type: 'quorum.hint-refused', key, target });
    return false;
  }
  storeHint(step, target, key, cell);
  return true;
}

export function storeHint(step: Step, target: PeerId, key: string, cell: QuorumCell): void {
  const { config, state, wallMicros } = step;
  const name = hintName(target, key);
  const before = state.hints.get(name);
  const merged = mergeCells(config, before?.cell ?? null, cell)!;
  if (merged === before?.cell) return;
  state.hints.set(name, Object.freeze({ target, key, cell: merged, wallMicros }));
  state.hintsMade += 1;
  persist(step, { key, cell: merged, hint: { target, wallMicros } });
  tell(step, { type: 'quorum.hinted', key, target });
  arm(step, 'handoff', config.hintDispatchMicros);
}

/** Sends the hints of every replica that is up; those that are lost go again next time. */
export function handOff(step: Step): void {
  const { config, state } = step;
  expireHints(step);
  state.handingOff.clear();
  const isOn = config.hintedHandoff && config.rules.hintedHandoff;
  for (const hint of state.hints.values()) {
    if (!isOn || !isUp(step, hint.target)) continue;
    const id = state.nextId++;
    state.handingOff.set(id, hint);
    const { key, cell } = hint;
    send(step, hint.target, { type: 'quorum.write', id, key, cell, hintFor: null });
  }
  if (state.hints.size > 0) arm(step, 'handoff', config.hintDispatchMicros);
}

/** What a tombstone may already have outlived must not come back. */
function expireHints(step: Step): void {
  const { config, state, wallMicros } = step;
  if (!config.rules.hintExpiry) return;
  let hints = 0;
  for (const hint of state.hints.values()) {
    if (wallMicros - hint.wallMicros < config.gcGraceMicros) continue;
    dropHint(step, hint);
    hints += 1;
  }
  if (hints > 0) tell(step, { type: 'quorum.hints-expired', hints });
}

function dropHint(step: Step, { target, key, wallMicros }: Hint): void {
  step.state.hints.delete(hintName(target, key));
  persist(step, { key, cell: null, hint: { target, wallMicros } });
}

/** Returns whether the acknowledged write was one that handed a hint over. */
export function onHandedOff(step: Step, id: number): boolean {
  const { state } = step;
  const hint = state.handingOff.get(id);
  if (hint === undefined) return false;
  state.handingOff.delete(id);
  // A later write of the key joined the hint: that one still has to go.
  if (state.hints.get(hintName(hint.target, hint.key)) !== hint) return true;
  dropHint(step, hint);
  state.handedOff += 1;
  if (hintsFor(step, hint.target) === 0) {
    tell(step, { type: 'quorum.handed-off', target: hint.target, hints: state.handedOff });
  }
  return true;
}
