/**
 * One step of a server of a replicated SQL-like store: an input in, effects out.
 *
 * Pure but for the state that it is given: no clock, no network, no draws but those it is handed.
 * Sources: PostgreSQL 17, chapters 20.6 and 26; MySQL 8.4, 19.4.10; Patroni 4.
 */
import type { PeerId } from '../../contracts/raft.ts';
import { hasReplicas, onSemiSyncTimer } from './commit.ts';
import type { ReplicaConfig } from './config.ts';
import type { ReplicaEffect, ReplicaInput, ReplicaNotice, ReplicaTimer } from './effects.ts';
import { ask, onDcs, onHealthy, runLoop, strikeIfOver } from './keeper.ts';
import { beginPrimary, demote, onPrimaryFlushed, onStatus, write } from './primary.ts';
import { beginPromotion, goOnPromoting, onPromoted } from './promotion.ts';
import * as standby from './standby.ts';
import type { ReplicaDraws, ReplicaState, Step } from './state.ts';
import { applyUpTo, arm, sync } from './state.ts';
import { currentTimeline } from './wal.ts';

export function step(
  config: ReplicaConfig,
  state: ReplicaState,
  input: ReplicaInput,
  clocks: { readonly monoMicros: number; readonly wallMicros: number },
  draws: ReplicaDraws,
  out: ReplicaEffect[],
): void {
  const { monoMicros, wallMicros } = clocks;
  take({ config, state, monoMicros, wallMicros, draws, out }, input);
}

function take(at: Step, input: ReplicaInput): void {
  switch (input.type) {
    case 'start':
      return start(at);
    case 'write':
      return onWrite(at, input);
    case 'read':
      return onRead(at, input);
    case 'message':
      return receive(at, input.from, input.message);
    case 'health': {
      const isPrimary = at.state.role === 'primary' || at.state.role === 'promoting';
      const lsn = at.state.flushed;
      const reply = { type: 'replica.health-reply', isPrimary, lsn } as const;
      at.out.push({ type: 'answer', tag: input.tag, reply });
      return;
    }
    case 'healthy':
      return onHealthy(at, input.peer, input.round, input.health);
    case 'dcs':
      return onDcs(at, input.id, input.reply);
    case 'persisted':
      return onPersisted(at, input.ticket);
    case 'timer':
      return onTimer(at, input.timer);
    case 'promote':
      if (at.state.role === 'standby') beginPromotion(at);
      return;
    case 'follow':
      if (at.state.role === 'primary') demote(at, 'operator');
      if (at.state.role === 'standby') standby.follow(at, input.primary);
      else if (at.state.role === 'rewinding') standby.followLater(at, input.primary);
      return;
    case 'terminate':
      return terminate(at);
  }
}

/** How long the first primary may wait for its first key. */
const BOOTSTRAP_MICROS = 30_000_000;

/** A crash has left a log to recover from; the first primary of all starts as one. */
function start(at: Step): void {
  const { config, state, draws, monoMicros } = at;
  state.keeper.recoveringSinceMicros = monoMicros;
  state.heardMicros = monoMicros;
  const isNew = config.life === 0 && state.wal.length === 0;
  if (!isNew) {
    arm(at, 'recovery', config.crashRecoveryMicros);
    if (config.hasDcs) runLoop(at);
    return;
  }
  state.role = 'standby';
  if (!state.isStandby) {
    beginPrimary(at);
    if (!config.hasDcs) return;
    // Nobody else looks for a key before that.
    state.keeper.leaseEndMicros = monoMicros + BOOTSTRAP_MICROS;
    return runLoop(at);
  }
  standby.follow(at, config.peers[0] ?? config.id);
  if (config.hasDcs) arm(at, 'loop', Math.round(draws.unit() * config.loopWaitMicros));
}

function onRecovered(at: Step): void {
  const { config, state, out } = at;
  applyUpTo(state, state.wal.length);
  state.role = 'standby';
  if (config.hasDcs) {
    state.upstream = null;
    if (state.keeper.asking === null) runLoop(at);
    return;
  }
  if (state.isStandby) return standby.follow(at, state.upstream ?? config.peers[0] ?? config.id);
  beginPrimary(at);
  const timeline = currentTimeline(state.history);
  out.push({
    type: 'told',
    fact: { type: 'replica.resumed', timeline, lsn: state.wal.length },
  });
}

const isStarting = ({ state }: Step): boolean =>
  state.role === 'recovering' || state.role === 'rewinding';

function onWrite(at: Step, input: Extract<ReplicaInput, { type: 'write' }>): void {
  strikeIfOver(at);
  if (at.state.role !== 'primary') return turnAway(at, input.tag);
  if (hasReplicas(at)) return write(at, input.tag, input.request);
  at.out.push({ type: 'refuse', tag: input.tag, code: 'no-replicas', leader: null });
}

function onRead(at: Step, { tag, key, after }: Extract<ReplicaInput, { type: 'read' }>): void {
  strikeIfOver(at);
  if (at.state.role === 'primary') return standby.answerRead(at, tag, key);
  if (isStarting(at) || !at.config.hotStandby) return turnAway(at, tag);
  standby.read(at, tag, key, after);
}

/** To whom it takes for the primary, if it knows one. */
function turnAway(at: Step, tag: number): void {
  const { state, out, config } = at;
  const code = isStarting(at) ? 'starting-up' : 'not-leader';
  const leader = state.upstream ?? state.keeper.cluster?.leader ?? null;
  out.push({ type: 'refuse', tag, code, leader: leader === config.id ? null : leader });
}

function receive(at: Step, from: PeerId, message: ReplicaNotice): void {
  switch (message.type) {
    case 'replica.status':
      return onStatus(at, from, message);
    case 'replica.wal':
      return standby.onWal(at, from, message);
    case 'replica.diverged':
      return standby.onDiverged(at, from, message);
  }
}

function onPersisted(at: Step, ticket: number): void {
  const { state } = at;
  let promotes = false;
  let done = 0;
  for (const one of state.syncs) {
    if (one.ticket > ticket) break;
    done += 1;
    state.flushed = Math.max(state.flushed, one.lsn);
    promotes = promotes || one.promotes;
  }
  state.syncs.splice(0, done);
  if (promotes) onPromoted(at);
  if (state.role === 'primary') onPrimaryFlushed(at);
  else if (state.role !== 'recovering') standby.onStandbyFlushed(at);
  goOnPromoting(at);
}

function onTimer(at: Step, timer: ReplicaTimer): void {
  at.state.armed.delete(timer);
  switch (timer) {
    case 'loop':
      return runLoop(at);
    case 'status':
      return standby.report(at, true);
    case 'semi-sync':
      return onSemiSyncTimer(at);
    case 'replay':
      standby.replayDue(at);
      return goOnPromoting(at);
    case 'wal-writer':
      return sync(at, at.state.wal.length);
    case 'watchdog':
      return strikeIfOver(at);
    case 'recovery':
      return at.state.role === 'rewinding' ? standby.onRewound(at) : onRecovered(at);
    case 'token':
      return standby.onTokenTimer(at);
  }
}

/** Stopped in an orderly way, a primary gives the key back at once. */
function terminate(at: Step): void {
  const { state } = at;
  const { token } = state.keeper;
  if (state.role !== 'primary') return;
  demote(at, 'operator');
  if (token > 0) ask(at, { type: 'dcs.release', token });
}
