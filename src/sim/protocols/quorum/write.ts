/**
 * How a write is coordinated: to all N replicas, answered after W of them.
 *
 * Strict quorums: replicas that are known to be down get a hint at the coordinator, which counts
 * for nothing but level ANY (Cassandra). Sloppy quorums: the next healthy node of the preference
 * list takes the write in their place, with a hint, and counts for W (Dynamo 4.6).
 *
 * A write that fails with write-timeout is not undone: replicas that have it keep it.
 */
import type { KvReply } from '../../contracts/kv.ts';
import type { QuorumCell, QuorumForwarded } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { NO_COUNTS } from '../../policies/crdt/actor-counts.ts';
import { dottedCell, stampedCell, updatedCell } from './cell.ts';
import type { PutRequest, UpdateRequest } from './effects.ts';
import { hintAsCoordinator, storeHint, suspect } from './handoff.ts';
import { preferenceList, tokenOf } from './preference-list.ts';
import { isAckDue, storeCell, waitForDisk } from './replica.ts';
import { nextStamp } from './stamps.ts';
import { isUp, send } from './state.ts';
import type { ForwardOp, Step, Target, WriteOp } from './state.ts';

type Request = PutRequest | UpdateRequest;

const DONE: KvReply = Object.freeze({ type: 'kv.done', applied: true });

const acceptsHints = ({ config }: Step): boolean => config.w === 0 && config.writeLevel === 'any';

/** Whom to ask about a key, and the replicas that nobody stands in for. */
export function chooseTargets(
  step: Step,
  key: string,
): { readonly targets: Target[]; readonly missed: readonly PeerId[] } {
  const { config } = step;
  const reach = config.sloppyQuorum ? config.peers.length : config.n;
  const list = preferenceList(config, tokenOf(key), reach);
  const spares = list.slice(config.n).filter((peer) => isUp(step, peer));
  const targets: Target[] = [];
  const missed: PeerId[] = [];
  for (const node of list.slice(0, config.n)) {
    const spare = isUp(step, node) ? undefined : spares.shift();
    if (isUp(step, node)) targets.push({ node, hintFor: null, answered: false });
    else if (spare === undefined) missed.push(node);
    else targets.push({ node: spare, hintFor: node, answered: false });
  }
  return { targets, missed };
}

export function beginWrite(
  step: Step,
  tag: number,
  request: Request,
  forwardedBy: WriteOp['forwardedBy'],
): void {
  const { config, state } = step;
  const { targets, missed } = chooseTargets(step, request.key);
  if (config.makesDots && config.rules.replicaCoordinates && forwardedBy === null) {
    const mayCoordinate = targets.some(({ node }) => node === config.id);
    const first = targets[0];
    if (!mayCoordinate && first !== undefined) return forward(step, tag, first.node, request);
  }
  const isAny = acceptsHints(step) && config.hintedHandoff && config.rules.hintedHandoff;
  if (targets.length < config.writesNeeded && !isAny) {
    return respond(step, tag, forwardedBy, 'unavailable');
  }
  const cell = makeCell(step, request);
  if (cell === null) return respond(step, tag, forwardedBy, 'not-supported');
  const { key } = request;
  const id = state.nextId++;
  const op: WriteOp = {
    kind: 'write',
    id,
    tag,
    key,
    cell,
    forwardedBy,
    targets,
    hinted: 0,
    replied: false,
    suspected: false,
  };
  state.ops.set(id, op);
  armOp(step, id, Math.min(config.suspectAfterMicros, config.writeTimeoutMicros));
  for (const node of missed) if (hintAsCoordinator(step, node, key, cell)) op.hinted += 1;
  // A coordinator that makes dots knows them all: it keeps what it made, replica or not.
  const isTarget = targets.some(({ node }) => node === config.id);
  if (config.makesDots && (isTarget || config.rules.replicaCoordinates)) storeCell(step, key, cell);
  for (const target of targets) sendWrite(step, op, target);
  settle(step, op);
}

function makeCell(step: Step, request: Request): QuorumCell | null {
  const { config, state } = step;
  const { conflicts } = config;
  const { l: stamp, c: count } = nextStamp(step);
  const local = state.cells.get(request.key) ?? null;
  if (request.type === 'kv.update') return updatedCell(config, local, request.update, stamp);
  const { value, context } = request;
  if (conflicts === 'last-write-wins') return stampedCell(config, value, stamp, count);
  if (conflicts === 'version-vectors') {
    return dottedCell(config, local, context ?? NO_COUNTS, value, stamp);
  }
  return updatedCell(config, local, { do: 'assign', value }, stamp);
}

function sendWrite(step: Step, op: WriteOp, { node, hintFor }: Target): void {
  const { id, key, cell } = op;
  if (node === step.config.id) receiveWrite(step, node, id, key, cell, hintFor);
  else send(step, node, { type: 'quorum.write', id, key, cell, hintFor });
}

/** A replica takes a write, its own coordinator's included. */
export function receiveWrite(
  step: Step,
  from: PeerId,
  id: number,
  key: string,
  cell: QuorumCell,
  hintFor: PeerId | null,
): void {
  const { config } = step;
  if (hintFor !== null) storeHint(step, hintFor, key, cell);
  // A coordinator that makes dots has stored its cell before.
  else if (from !== config.id || !config.makesDots) storeCell(step, key, cell);
  if (!isAckDue(step)) return waitForDisk(step, from, id);
  if (from !== config.id) send(step, from, { type: 'quorum.written', id });
  else countAnswer(step, step.state.ops.get(id) as WriteOp, from);
}

function countAnswer(step: Step, op: WriteOp, from: PeerId): void {
  const target = op.targets.find(({ node }) => node === from);
  if (target === undefined || target.answered) return;
  target.answered = true;
}

export function onWriteAnswer(step: Step, op: WriteOp, from: PeerId): void {
  countAnswer(step, op, from);
  settle(step, op);
}

function settle(step: Step, op: WriteOp): void {
  const { config } = step;
  let answers = 0;
  for (const target of op.targets) if (target.answered) answers += 1;
  const isEnough =
    answers >= config.writesNeeded || (acceptsHints(step) && answers + op.hinted > 0);
  if (!op.replied && isEnough) {
    op.replied = true;
    respond(step, op.tag, op.forwardedBy, DONE);
  }
  if (answers < op.targets.length || !op.replied) return;
  forgetOp(step, op.id);
}

/** Timers count the operations of this life. */
export function armOp({ config, out }: Step, id: number, afterMicros: number): void {
  out.push({ type: 'set-timer', timer: 'op', key: id - config.firstId, afterMicros });
}

export function forgetOp({ config, state, out }: Step, id: number): void {
  state.ops.delete(id);
  out.push({ type: 'cancel-timer', timer: 'op', key: id - config.firstId });
}

export function onWriteTimer(step: Step, op: WriteOp): void {
  const { config } = step;
  const late = op.targets.filter((target) => !target.answered);
  if (!op.suspected && config.suspectAfterMicros < config.writeTimeoutMicros) {
    op.suspected = true;
    for (const { node } of late) suspect(step, node);
    for (const target of config.sloppyQuorum ? late : []) {
      const other = standInFor(step, op.key, op.targets, target);
      if (other !== null) sendWrite(step, op, other);
    }
    armOp(step, op.id, config.writeTimeoutMicros - config.suspectAfterMicros);
    return settle(step, op);
  }
  for (const { node, hintFor } of late) {
    suspect(step, node);
    const missing = hintFor ?? node;
    const isKept = op.targets.some((t) => t.answered && (t.hintFor ?? t.node) === missing);
    if (!isKept && missing !== config.id && hintAsCoordinator(step, missing, op.key, op.cell)) {
      op.hinted += 1;
    }
  }
  settle(step, op);
  if (!op.replied) respond(step, op.tag, op.forwardedBy, 'write-timeout');
  step.state.ops.delete(op.id);
}

/** The next healthy node that is not asked yet takes the place of one that does not answer. */
export function standInFor(
  step: Step,
  key: string,
  targets: Target[],
  { node, hintFor }: Target,
): Target | null {
  const { config } = step;
  const list = preferenceList(config, tokenOf(key), config.peers.length);
  const spare = list.find((p) => isUp(step, p) && targets.every((t) => t.node !== p));
  if (spare === undefined) return null;
  // A replica that is back takes the write for itself.
  const isReplica = list.indexOf(spare) < config.n;
  const target = { node: spare, hintFor: isReplica ? null : (hintFor ?? node), answered: false };
  targets.push(target);
  return target;
}

function respond(
  step: Step,
  tag: number,
  forwardedBy: WriteOp['forwardedBy'],
  reply: KvReply | string,
): void {
  if (forwardedBy === null) step.out.push({ type: 'answer', tag, reply });
  else send(step, forwardedBy.node, { type: 'quorum.forwarded', id: forwardedBy.id, reply });
}

function forward(step: Step, tag: number, to: PeerId, request: Request): void {
  const { config, state } = step;
  const id = state.nextId++;
  state.ops.set(id, { kind: 'forward', id, tag, to });
  armOp(step, id, config.writeTimeoutMicros);
  send(step, to, { type: 'quorum.forward', id, request });
}

export function onForwarded(step: Step, { id, reply }: QuorumForwarded): void {
  const { state, out } = step;
  const op = state.ops.get(id);
  if (op?.kind !== 'forward') return;
  forgetOp(step, id);
  out.push({ type: 'answer', tag: op.tag, reply });
}

export function onForwardTimer(step: Step, op: ForwardOp): void {
  suspect(step, op.to);
  step.state.ops.delete(op.id);
  step.out.push({ type: 'answer', tag: op.tag, reply: 'write-timeout' });
}
