/**
 * A failover, step by step: elected, choose a replica, promote it, tell the others to follow it.
 *
 * Invariant: a server is promoted only by whoever was elected in the epoch, which becomes that of
 * the configuration.
 *
 * Source: sentinel.c: sentinelStartFailoverIfNeeded, sentinelFailoverStateMachine,
 * sentinelSelectSlave
 *
 * Differs: REPLICAOF NO ONE is said again each ping period until the replica is primary, since
 * there is no connection that would deliver it later. A replica that does not follow the new
 * primary in time is told again; sentinel.c tells it once more, only where parallel-syncs leaves
 * room, and counts it as reconfigured from then on. And a link is given up after half of
 * down-after whatever its age, where sentinel.c waits until it is 15 s old.
 */
import type { PeerId } from '../../contracts/raft.ts';
import { askColleagues, desync, votesOfLeader } from './election.ts';
import type { Failover, FailoverPhase, SentinelStep, Watched } from './state.ts';
import { flush, newColleague, newWatched } from './state.ts';
import { isConnected } from './watch.ts';

export function beginIfNeeded(at: SentinelStep): void {
  const { config, state, monoMicros, out } = at;
  if (!state.isObjectivelyDown || state.failover !== null) return;
  const { failoverStartMicros: last } = state;
  if (last !== null && monoMicros - last < 2 * config.failoverTimeoutMicros) return;
  state.currentEpoch += 1;
  const epoch = state.currentEpoch;
  state.failover = {
    epoch,
    phase: 'wait-start',
    sinceMicros: monoMicros,
    promoted: null,
    toldMicros: 0,
  };
  state.failoverStartMicros = monoMicros + desync(at);
  for (const watched of state.servers.values()) watched.reconfigured = 'none';
  out.push({ type: 'told', fact: { type: 'sentinel.try-failover', epoch } });
  askColleagues(at, true);
}

export function goOn(at: SentinelStep): void {
  const { failover } = at.state;
  switch (failover?.phase) {
    case undefined:
      return;
    case 'wait-start':
      return waitStart(at, failover!);
    case 'select':
      return select(at, failover!);
    case 'promote':
    case 'wait-promotion':
      return promote(at, failover!);
    case 'reconfigure':
      return reconfigure(at, failover!);
  }
}

function enter({ monoMicros }: SentinelStep, failover: Failover, phase: FailoverPhase): void {
  failover.phase = phase;
  failover.sinceMicros = monoMicros;
}

type Why = 'not-elected' | 'no-good-replica' | 'replica-timeout';

function abort({ state, out }: SentinelStep, { epoch }: Failover, why: Why): void {
  out.push({ type: 'told', fact: { type: 'sentinel.aborted', why, epoch } });
  state.failover = null;
}

function waitStart(at: SentinelStep, failover: Failover): void {
  const { config, state, monoMicros, out } = at;
  const { epoch } = failover;
  const votes = votesOfLeader(at, epoch);
  if (votes !== null) {
    out.push({ type: 'told', fact: { type: 'sentinel.elected', epoch, votes } });
    return enter(at, failover, 'select');
  }
  const patience = Math.min(config.electionTimeoutMicros, config.failoverTimeoutMicros);
  if (monoMicros - (state.failoverStartMicros ?? 0) > patience) abort(at, failover, 'not-elected');
}

/** Disconnected from the primary for longer than this, a replica is too old to be promoted. */
const DOWN_AFTERS = 10;
const PINGS_VALID = 5;
const INFOS_VALID = 3;

/** A replica that is there, has said lately what it is, and may be promoted. */
function isGood(at: SentinelStep, watched: Watched): boolean {
  const { config, state, monoMicros } = at;
  const { info } = watched;
  const primary = state.servers.get(state.primary);
  const isPrimaryDown = primary?.isDown === true;
  if (watched.isDown || info === null || info.priority === 0) return false;
  if (!isConnected(watched, config, monoMicros)) return false;
  const pings = PINGS_VALID * config.pingPeriodMicros;
  if (monoMicros - watched.pongMicros > pings) return false;
  const valid = isPrimaryDown ? pings : INFOS_VALID * config.infoPeriodMicros;
  if (monoMicros - watched.infoMicros > valid) return false;
  if (!config.rules.skipStale) return true;
  const downFor = isPrimaryDown ? monoMicros - (primary?.downSinceMicros ?? monoMicros) : 0;
  return info.linkDownMicros <= downFor + DOWN_AFTERS * config.downAfterMicros;
}

function best(at: SentinelStep): PeerId | null {
  const { config, state } = at;
  const good = [...state.servers].filter(
    ([server, watched]) => server !== state.primary && isGood(at, watched),
  );
  const offsetOf = ({ info }: Watched): number =>
    config.rules.mostAdvanced ? (info?.offset ?? 0) : 0;
  good.sort(
    ([a, one], [b, other]) =>
      (one.info?.priority ?? 0) - (other.info?.priority ?? 0) ||
      offsetOf(other) - offsetOf(one) ||
      a - b,
  );
  return good[0]?.[0] ?? null;
}

function select(at: SentinelStep, failover: Failover): void {
  const { state, out } = at;
  const server = best(at);
  if (server === null) return abort(at, failover, 'no-good-replica');
  failover.promoted = server;
  const offset = state.servers.get(server)?.info?.offset ?? 0;
  const { epoch } = failover;
  out.push({ type: 'told', fact: { type: 'sentinel.selected', server, epoch, offset } });
  enter(at, failover, 'promote');
}

function promote(at: SentinelStep, failover: Failover): void {
  const { config, monoMicros, out } = at;
  if (monoMicros - failover.sinceMicros > config.failoverTimeoutMicros) {
    return abort(at, failover, 'replica-timeout');
  }
  const isFirst = failover.phase === 'promote';
  if (!isFirst && monoMicros - failover.toldMicros < config.pingPeriodMicros) return;
  if (isFirst) enter(at, failover, 'wait-promotion');
  failover.toldMicros = monoMicros;
  const to = failover.promoted!;
  out.push({ type: 'ask-server', to, request: { type: 'control.follow', primary: null } });
}

/** So many replicas at a time as parallel-syncs allows are told of the new primary. */
function reconfigure(at: SentinelStep, failover: Failover): void {
  const { config, state, monoMicros, out } = at;
  const primary = failover.promoted!;
  const replicas = [...state.servers].filter(
    ([server]) => server !== primary && server !== state.primary,
  );
  const tell = (to: PeerId, watched: Watched): void => {
    watched.reconfigured = 'sent';
    watched.reconfiguredMicros = monoMicros;
    out.push({ type: 'ask-server', to, request: { type: 'control.follow', primary } });
  };
  let inProgress = replicas.filter(
    ([, { reconfigured }]) => reconfigured === 'sent' || reconfigured === 'in-progress',
  ).length;
  for (const [server, watched] of replicas) {
    const isLate = monoMicros - watched.reconfiguredMicros > config.reconfTimeoutMicros;
    if (watched.reconfigured === 'sent' && isLate) {
      watched.reconfigured = 'none';
      inProgress -= 1;
    }
    if (inProgress >= config.parallelSyncs) continue;
    if (watched.reconfigured !== 'none') continue;
    if (!isConnected(watched, config, monoMicros)) continue;
    tell(server, watched);
    inProgress += 1;
  }
  if (state.servers.get(primary)?.isDown === true) return;
  const isOver = monoMicros - failover.sinceMicros > config.failoverTimeoutMicros;
  const left = replicas.filter(([, one]) => one.reconfigured !== 'done' && !one.isDown);
  if (left.length > 0 && !isOver) return;
  // At the end all are told that were not, whatever parallel-syncs says.
  for (const [server, watched] of left) if (watched.reconfigured === 'none') tell(server, watched);
  switchTo(at, primary, null);
}

/** Another server is primary: all that was known of the servers is asked anew. */
export function switchTo(at: SentinelStep, to: PeerId, by: PeerId | null): void {
  const { state, monoMicros, out } = at;
  const { primary: from, configEpoch: epoch } = state;
  state.primary = to;
  for (const server of state.servers.keys()) state.servers.set(server, newWatched(monoMicros));
  for (const peer of state.colleagues.keys()) state.colleagues.set(peer, newColleague());
  state.failover = null;
  state.failoverStartMicros = null;
  state.isObjectivelyDown = false;
  state.leader = null;
  flush(at);
  out.push({ type: 'told', fact: { type: 'sentinel.switched', from, to, epoch, by } });
}
