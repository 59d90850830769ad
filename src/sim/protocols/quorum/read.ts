/**
 * How a read is coordinated: all N replicas are asked, R decide, who was behind is repaired.
 *
 * Blocking repair writes what is about to be returned back to the replicas among the R that were
 * behind and waits for them, so that a later read of R replicas cannot return less (the second
 * phase of ABD). The others are repaired in the background once they have answered.
 *
 * Differs: Cassandra asks R replicas (one for data, the others for digests) and another one only
 * when it has waited long; here all N are asked for data, as in Dynamo.
 */
import type { KvValueReply } from '../../contracts/kv.ts';
import type { QuorumCell } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { contextOf, isSameCell, mergeCells, valuesOf } from './cell.ts';
import type { QuorumConfig } from './config.ts';
import { suspect } from './handoff.ts';
import { heldHere, isAckDue, storeCell, waitForDisk } from './replica.ts';
import { send, tell } from './state.ts';
import type { ReadOp, Step, Target } from './state.ts';
import { armOp, chooseTargets, forgetOp, standInFor } from './write.ts';

/** An id that nobody waits for. */
const NO_ID = -1;

export function beginRead(step: Step, tag: number, key: string): void {
  const { config, state, out } = step;
  const { targets } = chooseTargets(step, key);
  if (targets.length < config.readsNeeded) {
    out.push({ type: 'answer', tag, reply: 'unavailable' });
    return;
  }
  const id = state.nextId++;
  const op: ReadOp = {
    kind: 'read',
    id,
    tag,
    key,
    targets,
    held: targets.map(() => undefined),
    merged: null,
    repairing: null,
    replied: false,
    suspected: false,
  };
  state.ops.set(id, op);
  armOp(step, id, Math.min(config.suspectAfterMicros, config.readTimeoutMicros));
  let asksItself = false;
  for (const { node } of targets) {
    if (node === config.id) asksItself = true;
    else send(step, node, { type: 'quorum.read', id, key });
  }
  if (asksItself) onHeld(step, op, config.id, heldHere(step, key));
}

export function onHeld(step: Step, op: ReadOp, from: PeerId, cell: QuorumCell | null): void {
  const { config } = step;
  const place = op.targets.findIndex(({ node }) => node === from);
  const target = op.targets[place];
  if (target === undefined || target.answered) return;
  target.answered = true;
  op.held[place] = cell;
  op.merged = mergeCells(config, op.merged, cell);
  if (!op.replied && op.repairing === null && answersOf(op) >= config.readsNeeded) decide(step, op);
  finishIfComplete(step, op);
}

function answersOf(op: ReadOp): number {
  let answers = 0;
  for (const target of op.targets) if (target.answered) answers += 1;
  return answers;
}

/** R replicas have answered. */
function decide(step: Step, op: ReadOp): void {
  const { config } = step;
  const behind = config.readRepair === 'blocking' ? replicasBehind(op) : [];
  if (behind.length === 0 || !config.rules.writeback) return reply(step, op);
  op.repairing = behind.slice();
  repair(step, op, behind, op.id);
  if (op.repairing.length === 0) reply(step, op);
}

/** Those that have answered with less than is known now. */
function replicasBehind(op: ReadOp): PeerId[] {
  const { merged, targets, held } = op;
  const behind: PeerId[] = [];
  targets.forEach(({ node, answered }, i) => {
    if (answered && !isSameCell(held[i] ?? null, merged)) behind.push(node);
  });
  return behind;
}

function repair(step: Step, op: ReadOp, behind: readonly PeerId[], id: number): void {
  const { config, state } = step;
  const { key, merged } = op;
  if (merged === null || behind.length === 0) return;
  state.repairs += behind.length;
  tell(step, { type: 'quorum.read-repair', key, replicas: behind.length });
  op.targets.forEach(({ node, answered }, i) => {
    if (answered && behind.includes(node)) op.held[i] = merged;
  });
  for (const node of behind) {
    if (node !== config.id) {
      send(step, node, { type: 'quorum.write', id, key, cell: merged, hintFor: null });
      continue;
    }
    storeCell(step, key, merged);
    if (isAckDue(step)) dropRepairing(op, node);
    else if (id !== NO_ID) waitForDisk(step, node, id);
  }
}

function dropRepairing(op: ReadOp, node: PeerId): void {
  const at = op.repairing?.indexOf(node) ?? -1;
  if (at >= 0) op.repairing?.splice(at, 1);
}

/** A replica acknowledged its repair. */
export function onRepaired(step: Step, op: ReadOp, from: PeerId): void {
  if (op.repairing === null || op.replied) return;
  dropRepairing(op, from);
  if (op.repairing.length > 0) return;
  reply(step, op);
  finishIfComplete(step, op);
}

function reply({ config, out }: Step, op: ReadOp): void {
  op.replied = true;
  out.push({ type: 'answer', tag: op.tag, reply: replyOf(config, op.merged) });
}

/** What a client is told of a cell. */
export function replyOf({ conflicts }: QuorumConfig, cell: QuorumCell | null): KvValueReply {
  const values = valuesOf(cell);
  const context = contextOf(cell);
  const showsAll = values.length > 1 || conflicts === 'or-set';
  return {
    type: 'kv.value',
    value: values[values.length - 1] ?? null,
    ...(showsAll ? { siblings: values } : {}),
    ...(context.length > 0 ? { context } : {}),
  };
}

/** All have answered, the client too: whoever is still behind is repaired in the background. */
function finishIfComplete(step: Step, op: ReadOp): void {
  if (!op.replied || answersOf(op) < op.targets.length) return;
  forgetOp(step, op.id);
  repairInBackground(step, op);
}

function repairInBackground(step: Step, op: ReadOp): void {
  if (step.config.readRepair !== 'off') repair(step, op, replicasBehind(op), NO_ID);
}

export function onReadTimer(step: Step, op: ReadOp): void {
  const { config, state, out } = step;
  const late = op.targets.filter(({ answered }) => !answered);
  for (const { node } of late) suspect(step, node);
  if (!op.suspected && config.suspectAfterMicros < config.readTimeoutMicros) {
    op.suspected = true;
    armOp(step, op.id, config.readTimeoutMicros - config.suspectAfterMicros);
    if (config.sloppyQuorum && !op.replied) for (const target of late) askAnother(step, op, target);
    return;
  }
  if (!op.replied) out.push({ type: 'answer', tag: op.tag, reply: 'read-timeout' });
  state.ops.delete(op.id);
  repairInBackground(step, op);
}

function askAnother(step: Step, op: ReadOp, target: Target): void {
  const { config } = step;
  const { id, key } = op;
  const other = standInFor(step, key, op.targets, target);
  if (other === null) return;
  op.held.push(undefined);
  if (other.node === config.id) onHeld(step, op, config.id, heldHere(step, key));
  else send(step, other.node, { type: 'quorum.read', id, key });
}
