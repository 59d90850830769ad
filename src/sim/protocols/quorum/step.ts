/**
 * One step of a node of a quorum store: an input in, effects out.
 *
 * Pure but for the state that it is given: no clock, no network, no draws. Sources: DeCandia et
 * al., Dynamo (SOSP 2007); Lakshman & Malik, Cassandra (2010) and its 4.1 defaults; Riak KV.
 */
import type { QuorumMessage } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { compareWithNext, onRange, onTree, onTreeReply, startAntiEntropy } from './anti-entropy.ts';
import { isDeleted } from './cell.ts';
import type { QuorumConfig } from './config.ts';
import type { QuorumEffect, QuorumInput, QuorumTimer } from './effects.ts';
import { handOff, hear, onHandedOff, probe } from './handoff.ts';
import { beginRead, onHeld, onReadTimer, onRepaired } from './read.ts';
import { compact, endStep, heldHere, syncCommitLog } from './replica.ts';
import { hearStamps } from './stamps.ts';
import { arm, send } from './state.ts';
import type { QuorumState, Step } from './state.ts';
import { beginWrite, onForwardTimer, onForwarded, onWriteAnswer } from './write.ts';
import { onWriteTimer, receiveWrite } from './write.ts';

export function step(
  config: QuorumConfig,
  state: QuorumState,
  input: QuorumInput,
  monoMicros: number,
  wallMicros: number,
  out: QuorumEffect[],
): void {
  const at: Step = { config, state, monoMicros, wallMicros, out };
  take(at, input);
  endStep(at);
}

function take(at: Step, input: QuorumInput): void {
  switch (input.type) {
    case 'start':
      return start(at);
    case 'write':
      return beginWrite(at, input.tag, input.request, null);
    case 'read':
      return beginRead(at, input.tag, input.key);
    case 'message':
      return receive(at, input.from, input.message);
    case 'persisted':
      return onPersisted(at, input.ticket);
    case 'timer':
      return onTimer(at, input.timer, input.key);
  }
}

/** What was on disk goes on: hints to their replicas, tombstones to their end. */
function start(at: Step): void {
  const { config, state } = at;
  startAntiEntropy(at);
  for (const cell of state.cells.values()) hearStamps(at, cell);
  if (state.hints.size > 0) arm(at, 'handoff', config.hintDispatchMicros);
  for (const cell of state.cells.values()) {
    if (isDeleted(cell)) return arm(at, 'compaction', config.compactionMicros);
  }
}

function receive(at: Step, from: PeerId, message: QuorumMessage): void {
  hear(at, from);
  switch (message.type) {
    case 'quorum.write':
      hearStamps(at, message.cell);
      return receiveWrite(at, from, message.id, message.key, message.cell, message.hintFor);
    case 'quorum.written':
      return onWritten(at, from, message.id);
    case 'quorum.read': {
      const { id, key } = message;
      return send(at, from, { type: 'quorum.held', id, cell: heldHere(at, key) });
    }
    case 'quorum.held': {
      hearStamps(at, message.cell);
      const op = at.state.ops.get(message.id);
      if (op?.kind === 'read') onHeld(at, op, from, message.cell);
      return;
    }
    case 'quorum.forward':
      return beginWrite(at, -1, message.request, { node: from, id: message.id });
    case 'quorum.forwarded':
      return onForwarded(at, message);
    case 'quorum.ping':
      return send(at, from, { type: 'quorum.pong' });
    case 'quorum.pong':
      return;
    case 'quorum.tree':
      return onTree(at, from, message);
    case 'quorum.tree-reply':
      return onTreeReply(at, from, message);
    case 'quorum.range':
      for (const [, cell] of message.cells) hearStamps(at, cell);
      return onRange(at, from, message);
  }
}

/** An acknowledgement belongs to a write, to a repair of a read, or to a hint. */
function onWritten(at: Step, from: PeerId, id: number): void {
  const op = at.state.ops.get(id);
  if (op?.kind === 'write') onWriteAnswer(at, op, from);
  else if (op?.kind === 'read') onRepaired(at, op, from);
  else onHandedOff(at, id);
}

function onPersisted(at: Step, ticket: number): void {
  const { config, state } = at;
  state.durableTicket = Math.max(state.durableTicket, ticket);
  let due = 0;
  while (due < state.waiting.length && state.waiting[due]!.ticket <= ticket) due += 1;
  for (const { to, id } of state.waiting.splice(0, due)) {
    if (to === config.id) onWritten(at, to, id);
    else send(at, to, { type: 'quorum.written', id });
  }
}

function onTimer(at: Step, timer: QuorumTimer, key: number): void {
  at.state.armed.delete(timer);
  switch (timer) {
    case 'op': {
      const op = at.state.ops.get(at.config.firstId + key);
      if (op?.kind === 'write') onWriteTimer(at, op);
      else if (op?.kind === 'read') onReadTimer(at, op);
      else if (op !== undefined) onForwardTimer(at, op);
      return;
    }
    case 'commit-log':
      return syncCommitLog(at);
    case 'handoff':
      return handOff(at);
    case 'probe':
      return probe(at);
    case 'compaction':
      return compact(at);
    case 'anti-entropy':
      return compareWithNext(at);
  }
}
