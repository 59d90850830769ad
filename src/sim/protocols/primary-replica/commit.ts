/**
 * When a write is answered: by what is on the primary's disk, and by what standbys have said.
 *
 * Invariant: `committed` never falls, and everything up to it is on as many standbys as the
 * settings asked for when it was answered; semi-synchronous replication stops asking after
 * rpl_semi_sync_source_timeout, until enough replicas have caught up.
 *
 * Sources: PostgreSQL 17, 20.6.2 (synchronous_standby_names) and syncrep.c; MySQL 8.4 Reference
 * Manual, 19.4.10 (semisynchronous replication)
 */
import type { Standby, Step } from './state.ts';
import { applyUpTo, arm, disarm } from './state.ts';

/** A standby that was not heard for wal_sender_timeout is no longer counted. */
export const isConnected = ({ config, monoMicros }: Step, standby: Standby): boolean =>
  monoMicros - standby.heardMicros < config.walSenderTimeoutMicros;

/** Enough replicas were heard lately: what it takes may still reach them (Redis: good slaves). */
export function hasReplicas({ config, state, monoMicros }: Step): boolean {
  const isGood = ({ heardMicros }: Standby): boolean =>
    monoMicros - heardMicros <= config.minReplicasMaxLagMicros;
  return state.standbys.filter(isGood).length >= config.minReplicasToWrite;
}

/** Up to where a standby has what is asked for. */
function acknowledgedBy({ config }: Step, standby: Standby): number {
  if (config.replication === 'semi-synchronous') return standby.flush;
  if (config.synchronousCommit === 'remote_write') return standby.write;
  return config.synchronousCommit === 'remote_apply' ? standby.apply : standby.flush;
}

/** Up to where `count` of them have it: the position of the count-th. */
function byAny(at: Step, standbys: readonly Standby[], count: number): number {
  if (standbys.length < count) return 0;
  const positions = standbys.map((standby) => acknowledgedBy(at, standby));
  positions.sort((a, b) => b - a);
  return positions[count - 1] ?? 0;
}

const connected = (at: Step): Standby[] =>
  at.state.standbys.filter((standby) => isConnected(at, standby));

/** FIRST k (s1, s2, ...): all of the first k in order of priority that are connected. */
function byFirst(at: Step, count: number): number {
  const order = at.config.peers;
  const candidates = connected(at).sort((a, b) => order.indexOf(a.node) - order.indexOf(b.node));
  return byAny(at, candidates.slice(0, count), count);
}

/** Patroni's synchronous_mode: for exactly those that it has named. */
function byNames(at: Step): number {
  const { config, state } = at;
  const { syncNames } = state.keeper;
  if (syncNames.length === 0) return config.synchronousModeStrict ? 0 : Infinity;
  const named = state.standbys.filter(({ node }) => syncNames.some((one) => one.node === node));
  return byAny(at, named, syncNames.length);
}

function byStandbys(at: Step): number {
  const { config, state } = at;
  if (config.replication === 'semi-synchronous') {
    return state.semiSyncOn ? byAny(at, state.standbys, config.semiSyncWaitCount) : Infinity;
  }
  if (config.synchronousMode) return byNames(at);
  const { synchronousMethod, synchronousCount } = config;
  if (synchronousMethod === 'FIRST') return byFirst(at, synchronousCount);
  return byAny(at, connected(at), synchronousCount);
}

/** Up to where writes may be answered. */
function commitLevel(at: Step): number {
  const { config, state } = at;
  const level = config.synchronousCommit;
  if (config.replication === 'semi-synchronous') {
    return config.rules.waitForStandbys ? Math.min(state.flushed, byStandbys(at)) : state.flushed;
  }
  if (level === 'off') return state.wal.length;
  const waits = config.replication === 'synchronous' && level !== 'local';
  if (!waits || !config.rules.waitForStandbys) return state.flushed;
  return Math.min(state.flushed, byStandbys(at));
}

/** Answers what may be answered, and shows readers what they may see. */
export function advance(at: Step): void {
  const { config, state, out } = at;
  if (isSemiSync(at) && !config.semiSyncWaitNoReplica) {
    if (connected(at).length < config.semiSyncWaitCount) stopSemiSync(at);
  }
  state.committed = Math.max(state.committed, commitLevel(at));
  const isShownEarly =
    config.replication === 'semi-synchronous' && config.semiSyncWaitPoint === 'AFTER_COMMIT';
  applyUpTo(state, isShownEarly ? Math.max(state.committed, state.flushed) : state.committed);
  let answered = 0;
  for (const { lsn, tag, applied } of state.pending) {
    if (lsn > state.committed) break;
    answered += 1;
    out.push({ type: 'answer', tag, reply: { type: 'kv.done', applied, lsn } });
  }
  state.pending.splice(0, answered);
  armSemiSync(at);
}

const isSemiSync = ({ config, state }: Step): boolean =>
  config.replication === 'semi-synchronous' && state.semiSyncOn;

function armSemiSync(at: Step): void {
  const { config, state } = at;
  const [oldest] = state.pending;
  if (!isSemiSync(at) || oldest === undefined) return disarm(at, 'semi-sync');
  if (state.armed.has('semi-sync')) return;
  arm(at, 'semi-sync', oldest.sinceMicros + config.semiSyncTimeoutMicros - at.monoMicros);
}

function stopSemiSync({ state, out }: Step): void {
  state.semiSyncOn = false;
  const waiting = state.pending.length;
  out.push({ type: 'told', fact: { type: 'replica.semi-sync-off', waiting } });
}

/** The oldest write has waited for rpl_semi_sync_source_timeout, or was answered meanwhile. */
export function onSemiSyncTimer(at: Step): void {
  const { config, state } = at;
  const [oldest] = state.pending;
  const isOver =
    oldest !== undefined && at.monoMicros - oldest.sinceMicros >= config.semiSyncTimeoutMicros;
  if (isSemiSync(at) && isOver) stopSemiSync(at);
  advance(at);
}

/** Enough replicas have all of the log: it is semi-synchronous again. */
export function resumeSemiSync(at: Step): void {
  const { config, state, out } = at;
  if (config.replication !== 'semi-synchronous' || state.semiSyncOn) return;
  if (byAny(at, connected(at), config.semiSyncWaitCount) < state.wal.length) return;
  state.semiSyncOn = true;
  out.push({ type: 'told', fact: { type: 'replica.semi-sync-on' } });
}
