/**
 * What a member makes of what it hears of others and of itself.
 *
 * Invariants: only a member itself raises its incarnation; of one incarnation the status only goes
 * from alive to suspect to dead, so that updates may come in any order and more than once.
 *
 * Source: SWIM (DSN 2002), 4.2; memberlist `state.go`, `suspicion.go` (Dadgar, Phillips, Currey,
 * Lifeguard, 2018: a suspicion that others share runs out sooner)
 */
import type { SwimStatus, SwimUpdate } from '../../contracts/swim.ts';
import { ln } from '../../kernel/maths.ts';
import { broadcast, log10, sizeOf } from './gossip.ts';
import type { Suspicion, SwimContext, SwimPeer } from './state.ts';

const GRAVITY = { alive: 0, suspect: 1, dead: 2 } as const;

/**
 * The later incarnation wins, and of one incarnation the graver status.
 *
 * Differs: memberlist keeps the earlier of two suspicions, and a death against any later suspicion;
 * then what is believed depends on the order in which news come.
 */
export function hear(ctx: SwimContext, update: SwimUpdate, isOwn: boolean): void {
  const { config, state } = ctx;
  if (update.node === config.self) return hearOfSelf(ctx, update);
  const peer = state.peers.get(update.node);
  if (peer === undefined) {
    join(ctx, update.node);
    return hear(ctx, update, isOwn);
  }
  const newer = update.incarnation - peer.incarnation;
  const worse = GRAVITY[update.status] - GRAVITY[peer.status];
  if (newer < 0 || (newer === 0 && worse < 0)) return;
  if (newer === 0 && worse === 0) {
    if (update.status === 'suspect') confirm(ctx, update);
    return;
  }
  become(ctx, peer, update, isOwn);
  if (update.status === 'suspect') suspect(ctx, update);
}

/** Somebody says something of this member itself: it knows better. */
function hearOfSelf(ctx: SwimContext, update: SwimUpdate): void {
  const { config, state, effects } = ctx;
  if (update.status === 'alive' || update.incarnation < state.incarnation) return;
  if (!config.rules.refutation) return;
  state.incarnation = update.incarnation + 1;
  const { incarnation } = state;
  const self = config.self;
  feel(ctx, 1);
  broadcast(state, { node: self, status: 'alive', incarnation, by: self });
  effects.push({ type: 'refuted', incarnation });
}

/** A member that was not known: alive as far as anybody knows. */
export function join(ctx: SwimContext, node: number): void {
  const { state, random, nowMicros } = ctx;
  if (state.peers.has(node)) return;
  state.peers.set(node, { status: 'alive', incarnation: 0, sinceMicros: nowMicros });
  // At a random place of the pass, so that new members are not all probed last.
  const at = Math.floor((random() / 4_294_967_296) * (state.order.length + 1));
  state.order.splice(at, 0, node);
  if (at < state.at) state.at += 1;
}

function become(ctx: SwimContext, peer: SwimPeer, update: SwimUpdate, isOwn: boolean): void {
  const { state, effects } = ctx;
  const { node, status, incarnation } = update;
  const was: SwimStatus = peer.status;
  if (was === 'suspect') {
    state.suspicions.delete(node);
    effects.push({ type: 'cancel-timer', timer: 'suspicion', key: node });
  }
  peer.status = status;
  peer.incarnation = incarnation;
  broadcast(state, update);
  if (was === status) return;
  peer.sinceMicros = ctx.nowMicros;
  effects.push({ type: 'changed', node, status, incarnation, isOwn });
}

/** The first suspicion: it runs for long, unless others share it. */
function suspect(ctx: SwimContext, { node, by }: SwimUpdate): void {
  const { config, state, nowMicros } = ctx;
  const size = sizeOf(state);
  const scale = Math.max(1, log10(Math.max(1, size)));
  const minMicros = Math.round(config.suspicionMult * scale * config.probeIntervalMicros);
  // In a small group there are not so many others.
  const wanted = Math.max(0, config.suspicionMult - 2);
  const enough = size - 2 < wanted ? 0 : wanted;
  const maxMicros = enough < 1 ? minMicros : config.suspicionMaxTimeoutMult * minMicros;
  const suspicion = { startMicros: nowMicros, minMicros, maxMicros, enough, by: [by] };
  state.suspicions.set(node, suspicion);
  arm(ctx, node, suspicion);
}

function confirm(ctx: SwimContext, update: SwimUpdate): void {
  const suspicion = ctx.state.suspicions.get(update.node);
  if (suspicion === undefined || suspicion.by.includes(update.by)) return;
  if (suspicion.by.length > suspicion.enough) return;
  suspicion.by.push(update.by);
  broadcast(ctx.state, update);
  arm(ctx, update.node, suspicion);
}

function arm(ctx: SwimContext, node: number, suspicion: Suspicion): void {
  const { minMicros, maxMicros, enough, by, startMicros } = suspicion;
  const share = enough < 1 ? 1 : ln(by.length) / ln(enough + 1);
  const runs = Math.max(minMicros, maxMicros - Math.floor(share * (maxMicros - minMicros)));
  const afterMicros = Math.max(0, startMicros + runs - ctx.nowMicros);
  ctx.effects.push({ type: 'set-timer', timer: 'suspicion', key: node, afterMicros });
}

/** Local health gets worse (positive) or better; between 0 and awarenessMaxMultiplier - 1. */
export function feel({ config, state }: SwimContext, change: number): void {
  const most = config.awarenessMaxMultiplier - 1;
  state.health = Math.max(0, Math.min(most, state.health + change));
}
