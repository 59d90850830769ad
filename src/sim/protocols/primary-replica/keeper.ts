/**
 * The part that Patroni plays beside each server: it keeps the leader key while its server is
 * primary, and lets its server take over when nobody has the key.
 *
 * Invariants: a server takes writes only while it is sure of the key, by its own clock; who lags
 * by more than maximum_lag_on_failover, or behind another one that can be reached, does not take
 * over; with synchronous_mode only a standby that the DCS names does, and the primary waits for all
 * that it names.
 *
 * Source: Patroni 4, ha.py (run_cycle, process_healthy_cluster, process_unhealthy_cluster,
 * is_healthiest_node, process_sync_replication); loop_wait + 2 * retry_timeout <= ttl
 *
 * Differs: touch_member and get_cluster are one request; nobody watches the leader key, so that it
 * is missed at the next loop; the watchdog demotes, where a real one resets the machine.
 */
import type { DcsCluster, DcsReply, DcsRequest } from '../../contracts/dcs.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { ReplicaHealthReply } from '../../contracts/replica.ts';
import { isConnected } from './commit.ts';
import { DCS_TRIES } from './config.ts';
import { beginPrimary, demote } from './primary.ts';
import { beginPromotion } from './promotion.ts';
import { closeSession, follow } from './standby.ts';
import type { Asking, Step } from './state.ts';
import { arm, disarm } from './state.ts';
import { currentTimeline } from './wal.ts';

const leads = ({ state }: Step): boolean => state.role === 'primary' || state.role === 'promoting';

/** One turn of the loop, every loop_wait. */
export function runLoop(at: Step): void {
  const { config, state } = at;
  arm(at, 'loop', config.loopWaitMicros);
  // A turn that lasts for longer than loop_wait is not cut short.
  if (state.keeper.asking !== null || state.keeper.race !== null) return;
  ask(at, { type: 'dcs.touch' });
}

export function ask(at: Step, request: DcsRequest, tries = 1): void {
  const { config, state, out } = at;
  const id = state.keeper.nextId++;
  state.keeper.asking = { id, request, sinceMicros: at.monoMicros, tries };
  const timeoutMicros = Math.round(config.retryTimeoutMicros / DCS_TRIES);
  out.push({ type: 'ask-dcs', id, request, timeoutMicros });
}

export function onDcs(at: Step, id: number, reply: DcsReply | string | null): void {
  const { keeper } = at.state;
  const { asking } = keeper;
  if (asking?.id !== id) return;
  keeper.asking = null;
  if (reply === null) {
    if (asking.tries < DCS_TRIES) return ask(at, asking.request, asking.tries + 1);
    // Nobody knows whether the key is still there: it is given up before it ends.
    if (leads(at) && at.config.rules.leaseFencing) stepDown(at, 'no-dcs');
    return;
  }
  if (typeof reply === 'string') return onRefused(at, asking);
  if (reply.type === 'dcs.cluster') return onCluster(at, reply);
  if (reply.type === 'dcs.granted') onGranted(at, asking, reply.token, reply.ttlMicros);
}

function stepDown(at: Step, reason: Parameters<typeof demote>[1]): void {
  demote(at, reason);
  closeSession(at);
}

function onRefused(at: Step, { request }: Asking): void {
  const { config, state } = at;
  if (request.type !== 'dcs.renew') return;
  state.keeper.token = 0;
  if (leads(at) && config.rules.leaseFencing) stepDown(at, 'lost-key');
}

function onCluster(at: Step, cluster: DcsCluster): void {
  const { config, state } = at;
  state.keeper.cluster = cluster;
  const { leader } = cluster;
  if (state.role === 'recovering') return onClusterInRecovery(at, cluster);
  if (leader === config.id) return renew(at, cluster.token);
  if (leads(at)) {
    if (leader === null) return ask(at, { type: 'dcs.acquire', lastToken: cluster.token });
    stepDown(at, 'other-leader');
    return follow(at, leader);
  }
  if (state.role !== 'standby') return;
  if (leader === null) return race(at, cluster);
  if (state.upstream !== leader) follow(at, leader);
}

/** The key stays with a primary that recovers from a crash, for primary_start_timeout. */
function onClusterInRecovery(at: Step, cluster: DcsCluster): void {
  const { config, state, out } = at;
  if (cluster.leader !== config.id) return;
  const sinceMicros = at.monoMicros - state.keeper.recoveringSinceMicros;
  if (sinceMicros < config.primaryStartTimeoutMicros) return renew(at, cluster.token);
  out.push({ type: 'told', fact: { type: 'replica.released', token: cluster.token } });
  ask(at, { type: 'dcs.release', token: cluster.token });
}

function renew(at: Step, token: number): void {
  const { state } = at;
  const sync = namesToWrite(at);
  state.keeper.syncAsked = sync;
  ask(at, { type: 'dcs.renew', token, optime: state.wal.length, sync });
}

function onGranted(at: Step, asking: Asking, token: number, ttlMicros: number): void {
  const { config, state } = at;
  const { keeper } = state;
  keeper.token = token;
  keeper.leaseEndMicros = asking.sinceMicros + ttlMicros;
  keeper.syncWritten = asking.request.type === 'dcs.renew' ? keeper.syncAsked : [];
  if (state.role === 'recovering') return;
  if (state.role === 'rewinding' || state.isStuck) return ask(at, { type: 'dcs.release', token });
  if (state.role === 'standby') takeOver(at);
  if (config.watchdog && config.rules.leaseFencing) {
    arm(at, 'watchdog', fenceMicros(at) - at.monoMicros);
  }
  if (state.role === 'primary') nameStandbys(at);
}

/** The key is this server's: one that was primary goes on, a standby is promoted. */
function takeOver(at: Step): void {
  const { state, out } = at;
  closeSession(at);
  if (state.isStandby) return beginPromotion(at);
  beginPrimary(at);
  const timeline = currentTimeline(state.history);
  out.push({
    type: 'told',
    fact: { type: 'replica.resumed', timeline, lsn: state.wal.length },
  });
}

/** When the watchdog strikes: safety_margin before the key ends. */
const fenceMicros = ({ config, state }: Step): number =>
  state.keeper.leaseEndMicros - config.watchdogMarginMicros;

/** Asked before each request, too: whoever was paused must not answer before its timers. */
export function strikeIfOver(at: Step): void {
  const { config } = at;
  const isWatched = config.hasDcs && config.watchdog && config.rules.leaseFencing;
  if (!isWatched || !leads(at) || at.monoMicros < fenceMicros(at)) return;
  disarm(at, 'watchdog');
  stepDown(at, 'watchdog');
}

/** Nobody has the key: may this standby take it? First by what it knows itself. */
function race(at: Step, cluster: DcsCluster): void {
  const { config, state, out } = at;
  if (state.isStuck) return;
  if (!isSyncCandidate(at, cluster, config.id)) {
    out.push({ type: 'told', fact: { type: 'replica.not-candidate', why: 'not-sync', behind: 0 } });
    return;
  }
  const behind = cluster.optime - state.flushed;
  if (behind > config.maximumLag) {
    out.push({ type: 'told', fact: { type: 'replica.not-candidate', why: 'lag', behind } });
    return;
  }
  const { keeper } = state;
  keeper.race = new Map();
  keeper.round += 1;
  const others = config.peers.filter((peer) => peer !== config.id);
  for (const peer of others) out.push({ type: 'ask-health', to: peer, round: keeper.round });
  if (others.length === 0) ask(at, { type: 'dcs.acquire', lastToken: cluster.token });
}

function isSyncCandidate({ config }: Step, cluster: DcsCluster, peer: PeerId): boolean {
  if (!config.synchronousMode || !config.rules.syncCandidates) return true;
  const { syncLeader, sync } = cluster;
  return syncLeader === null || syncLeader === peer || sync.includes(peer);
}

/** Then by what the others say, once all have answered or could not be reached. */
export function onHealthy(
  at: Step,
  peer: PeerId,
  round: number,
  health: ReplicaHealthReply | null,
): void {
  const { config, state, out } = at;
  const { keeper } = state;
  const { race: answers, cluster } = keeper;
  if (answers === null || cluster === null || round !== keeper.round) return;
  answers.set(peer, health);
  if (answers.size < config.peers.length - 1) return;
  keeper.race = null;
  if (state.role !== 'standby' || keeper.asking !== null) return;
  let most = 0;
  let isPrimaryAlive = false;
  for (const [from, answer] of answers) {
    if (answer === null) continue;
    if (answer.isPrimary) isPrimaryAlive = true;
    if (isSyncCandidate(at, cluster, from)) most = Math.max(most, answer.lsn);
  }
  const behind = most - state.flushed;
  if (isPrimaryAlive || (behind > 0 && config.rules.mostAdvanced)) {
    const why = isPrimaryAlive ? 'primary-alive' : 'behind';
    out.push({
      type: 'told',
      fact: { type: 'replica.not-candidate', why, behind: Math.max(0, behind) },
    });
    return;
  }
  ask(at, { type: 'dcs.acquire', lastToken: cluster.token });
}

/** The standbys that this primary would have as synchronous: those that are so now first. */
function wanted(at: Step): readonly PeerId[] {
  const { config, state } = at;
  const isNamed = (peer: PeerId): boolean =>
    state.keeper.syncNames.some(({ node }) => node === peer);
  return state.standbys
    .filter((standby) => isConnected(at, standby))
    .sort(
      (a, b) =>
        Number(isNamed(b.node)) - Number(isNamed(a.node)) ||
        b.flush - a.flush ||
        config.peers.indexOf(a.node) - config.peers.indexOf(b.node),
    )
    .slice(0, config.synchronousNodeCount)
    .map(({ node }) => node);
}

/**
 * Whom the DCS may name: those that the primary waits for, wants to go on waiting for, and that
 * have everything from before it did.
 */
function namesToWrite(at: Step): readonly PeerId[] {
  const { config, state } = at;
  if (!config.synchronousMode || state.role !== 'primary') return [];
  const keep = wanted(at);
  return state.keeper.syncNames
    .filter(({ node, since }) => {
      const standby = state.standbys.find((one) => one.node === node);
      return keep.includes(node) && standby !== undefined && standby.flush >= since;
    })
    .map(({ node }) => node);
}

/** The DCS names nobody any more whom the primary does not want: now it may stop waiting. */
function nameStandbys(at: Step): void {
  const { config, state, out } = at;
  if (!config.synchronousMode) return;
  const { keeper } = state;
  const keep = [...new Set([...keeper.syncWritten, ...wanted(at)])];
  const before = keeper.syncNames;
  keeper.syncNames = keep
    .slice(0, Math.max(keeper.syncWritten.length, config.synchronousNodeCount))
    .map((node) => before.find((one) => one.node === node) ?? { node, since: state.wal.length });
  const isSame =
    before.length === keeper.syncNames.length &&
    before.every(({ node }) => keeper.syncNames.some((one) => one.node === node));
  if (isSame) return;
  const standbys = keeper.syncNames.map(({ node }) => node);
  out.push({ type: 'told', fact: { type: 'replica.sync-standbys', standbys } });
}
