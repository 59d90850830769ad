/**
 * The watching half of a sentinel: it pings, asks each server what it is, and tells the others what
 * it holds for the configuration; and it corrects servers that the configuration does not fit.
 *
 * Source: sentinel.c: sentinelSendPeriodicCommands, sentinelRefreshInstanceInfo,
 * sentinelCheckSubjectivelyDown
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { ControlInfoReply } from '../../contracts/replica-control.ts';
import type { SentinelStep, Watched } from './state.ts';
import { currentPrimary, flush } from './state.ts';

/** A server is believed to be what it says only after so many hellos: somebody may know more. */
const HELLOS_BEFORE_CORRECTION = 4;

/** Pings and questions that are due, to every server, and the hello to all sentinels. */
export function watch(at: SentinelStep): void {
  const { config, state, monoMicros } = at;
  for (const [server, watched] of state.servers) {
    ping(at, server, watched);
    askInfo(at, server, watched);
  }
  const { helloMicros } = state;
  if (helloMicros === null || monoMicros - helloMicros > config.publishPeriodMicros) sayHello(at);
}

function ping({ config, monoMicros, out }: SentinelStep, to: PeerId, watched: Watched): void {
  const period = Math.min(config.downAfterMicros, config.pingPeriodMicros);
  const sincePing = watched.pingMicros === null ? Infinity : monoMicros - watched.pingMicros;
  const isFirst = watched.pingMicros === null;
  if (!isFirst && (monoMicros - watched.pongMicros <= period || sincePing <= period / 2)) return;
  watched.pingMicros = monoMicros;
  watched.unansweredMicros ??= monoMicros;
  out.push({ type: 'ask-server', to, request: { type: 'control.ping' } });
}

/** While it is unsure of the primary it wants to know of replicas each second. */
function askInfo({ config, state, monoMicros, out }: SentinelStep, to: PeerId, one: Watched): void {
  const isUrgent =
    to !== state.primary &&
    (state.isObjectivelyDown || state.failover !== null || (one.info?.linkDownMicros ?? 0) > 0);
  const period = isUrgent
    ? Math.min(config.pingPeriodMicros, config.infoPeriodMicros)
    : config.infoPeriodMicros;
  if (one.info !== null && monoMicros - one.infoMicros <= period) return;
  // What it was asked is still on its way, or it is not there.
  const sinceAsked = one.infoAskedMicros === null ? Infinity : monoMicros - one.infoAskedMicros;
  if (sinceAsked <= config.pingPeriodMicros / 2 || !isConnected(one, config, monoMicros)) return;
  one.infoAskedMicros = monoMicros;
  out.push({ type: 'ask-server', to, request: { type: 'control.info' } });
}

/** A connection over which a ping has had no answer for half of down-after is given up. */
export const isConnected = (
  { unansweredMicros }: Watched,
  { downAfterMicros }: SentinelStep['config'],
  monoMicros: number,
): boolean => unansweredMicros === null || monoMicros - unansweredMicros <= downAfterMicros / 2;

export function sayHello({ state, monoMicros, out }: SentinelStep): void {
  state.helloMicros = monoMicros;
  const { currentEpoch, configEpoch } = state;
  const primary = currentPrimary(state);
  const message = { type: 'sentinel.hello', currentEpoch, configEpoch, primary } as const;
  for (const to of state.colleagues.keys()) out.push({ type: 'send', to, message });
}

/** S_DOWN: it has not answered for down-after, or claims for long to be what it should not. */
export function judge(at: SentinelStep, server: PeerId, watched: Watched): void {
  const { config, state, monoMicros, out } = at;
  const { unansweredMicros, info } = watched;
  const silence = unansweredMicros === null ? 0 : monoMicros - unansweredMicros;
  const isUnfaithful =
    server === state.primary &&
    info?.role === 'replica' &&
    monoMicros - watched.roleSinceMicros > config.downAfterMicros + 2 * config.infoPeriodMicros;
  const isDown = silence > config.downAfterMicros || isUnfaithful;
  if (isDown === watched.isDown) return;
  watched.isDown = isDown;
  if (isDown) watched.downSinceMicros = monoMicros;
  out.push({ type: 'told', fact: { type: isDown ? 'sentinel.s-down' : 'sentinel.s-up', server } });
}

export function onPong({ state, monoMicros }: SentinelStep, server: PeerId): void {
  const watched = state.servers.get(server);
  if (watched === undefined) return;
  watched.unansweredMicros = null;
  watched.pongMicros = monoMicros;
}

export function onInfo(at: SentinelStep, server: PeerId, info: ControlInfoReply): void {
  const { state, monoMicros } = at;
  const watched = state.servers.get(server);
  if (watched === undefined) return;
  const before = watched.info;
  if (before?.role !== info.role) watched.roleSinceMicros = monoMicros;
  if (before?.upstream !== info.upstream) watched.upstreamSinceMicros = monoMicros;
  watched.info = info;
  watched.infoMicros = monoMicros;
  if (state.tiltSinceMicros !== null || server === state.primary) return;
  if (info.role === 'primary') return onClaim(at, server, watched);
  followUp(at, server, watched, info);
  const isElsewhere = state.failover === null && info.upstream !== state.primary;
  if (!isElsewhere) return;
  correct(at, server, watched, at.config.failoverTimeoutMicros, watched.upstreamSinceMicros);
}

/** One that should be a replica says that it is primary. */
function onClaim(at: SentinelStep, server: PeerId, watched: Watched): void {
  const { config, state, monoMicros, out } = at;
  const { failover } = state;
  if (failover?.promoted !== server) {
    if (!config.rules.convertReturning) return;
    const wait = HELLOS_BEFORE_CORRECTION * config.publishPeriodMicros;
    return correct(at, server, watched, wait, watched.roleSinceMicros);
  }
  if (failover.phase !== 'wait-promotion') return;
  state.configEpoch = failover.epoch;
  failover.phase = 'reconfigure';
  failover.sinceMicros = monoMicros;
  flush(at);
  out.push({ type: 'told', fact: { type: 'sentinel.promoted', server, epoch: failover.epoch } });
  sayHello(at);
}

/** Whether a replica that was told of the new primary follows it by now. */
function followUp(
  at: SentinelStep,
  server: PeerId,
  watched: Watched,
  info: ControlInfoReply,
): void {
  const { failover } = at.state;
  if (failover === null || failover.promoted === null) return;
  if (watched.reconfigured === 'sent' && info.upstream === failover.promoted) {
    watched.reconfigured = 'in-progress';
  }
  if (watched.reconfigured !== 'in-progress' || info.linkDownMicros > 0) return;
  watched.reconfigured = 'done';
  const { promoted: primary } = failover;
  at.out.push({ type: 'told', fact: { type: 'sentinel.reconfigured', server, primary } });
}

/** Tells a server to follow the primary, once it has been what it is for long enough. */
function correct(
  at: SentinelStep,
  server: PeerId,
  watched: Watched,
  waitMicros: number,
  sinceMicros: number,
): void {
  const { state, monoMicros, out } = at;
  const wasDown = watched.downSinceMicros;
  const isSettled = wasDown === null || monoMicros - wasDown > waitMicros;
  if (!isPrimarySane(at) || !isSettled || monoMicros - sinceMicros <= waitMicros) return;
  const { primary } = state;
  const from = watched.info?.role ?? 'replica';
  out.push({ type: 'told', fact: { type: 'sentinel.converted', server, primary, from } });
  out.push({ type: 'ask-server', to: server, request: { type: 'control.follow', primary } });
}

/** The primary is there, and has lately said that it is one. */
function isPrimarySane({ config, state, monoMicros }: SentinelStep): boolean {
  const primary = state.servers.get(state.primary);
  return (
    primary?.info?.role === 'primary' &&
    !primary.isDown &&
    !state.isObjectivelyDown &&
    monoMicros - primary.infoMicros < 2 * config.infoPeriodMicros
  );
}
