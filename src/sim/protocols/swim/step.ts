/**
 * One step of a SWIM member: it probes one other in each period, asks some to probe for it, spreads
 * what it hears, and suspects before it declares dead.
 *
 * Invariants: one probe is under way; a period ends with a verdict on its target; every message
 * carries gossip. In turn, each other probes a member at least once in 2n - 1 periods.
 *
 * Differs from memberlist: no second try over TCP, and updates are counted, not bytes.
 *
 * Source: Das, Gupta, Motivala, SWIM (DSN 2002); hashicorp/memberlist `state.go`, `net.go`
 */
import type { SwimMessage, SwimUpdate } from '../../contracts/swim.ts';
import { takeGossip } from './gossip.ts';
import { feel, hear, join } from './members.ts';
import { below, shuffle, some } from './state.ts';
import type { SwimConfig, SwimContext, SwimEffect, SwimInput, SwimState } from './state.ts';

export function stepSwim(
  config: SwimConfig,
  state: SwimState,
  input: SwimInput,
  nowMicros: number,
  random: () => number,
  effects: SwimEffect[],
): void {
  const ctx: SwimContext = { config, state, nowMicros, random, effects };
  switch (input.type) {
    case 'start':
      return start(ctx, input.peers);
    case 'joined':
      return input.peers.forEach((peer) => peer !== config.self && join(ctx, peer));
    case 'message':
      return receive(ctx, input);
    case 'timer':
      return onTimer(ctx, input);
  }
}

function start(ctx: SwimContext, peers: readonly number[]): void {
  const { config, state } = ctx;
  for (const peer of peers) if (peer !== config.self) join(ctx, peer);
  state.order = shuffle(ctx.random, [...state.peers.keys()]);
  every(ctx, 'probe', config.probeIntervalMicros, config.stagger);
  every(ctx, 'gossip', config.gossipIntervalMicros, config.stagger);
  // Whoever comes back asks what is said of it, to refute that.
  sync(ctx);
  every(ctx, 'push-pull', config.pushPullMicros, true);
}

function every(
  { random, effects }: SwimContext,
  timer: 'probe' | 'gossip' | 'push-pull',
  micros: number,
  isStaggered: boolean,
): void {
  if (micros === 0) return;
  const afterMicros = isStaggered ? 1 + below(random, micros) : micros;
  effects.push({ type: 'set-timer', timer, key: 0, afterMicros });
}

function onTimer(ctx: SwimContext, { timer, key }: Extract<SwimInput, { type: 'timer' }>): void {
  const { config, state } = ctx;
  switch (timer) {
    case 'probe':
      judge(ctx);
      return probe(ctx);
    case 'probe-timeout':
      return askOthers(ctx);
    case 'gossip':
      gossip(ctx);
      return every(ctx, 'gossip', config.gossipIntervalMicros, false);
    case 'push-pull':
      sync(ctx);
      return every(ctx, 'push-pull', config.pushPullMicros, false);
    case 'suspicion': {
      const peer = state.peers.get(key);
      if (peer?.status !== 'suspect') return;
      const { incarnation } = peer;
      return hear(ctx, { node: key, status: 'dead', incarnation, by: config.self }, true);
    }
    case 'relay': {
      const relay = state.relays.get(key);
      if (relay === undefined) return;
      state.relays.delete(key);
      const gossip = takeGossip(config, state);
      const message: SwimMessage = { type: 'swim.nack', seq: relay.seq, gossip };
      ctx.effects.push({ type: 'send', to: relay.origin, message });
    }
  }
}

/** The period is over: whoever has not answered is suspected. */
function judge(ctx: SwimContext): void {
  const { config, state } = ctx;
  const { probe } = state;
  state.probe = null;
  if (probe === null) return;
  if (probe.isAnswered) return feel(ctx, -1);
  // Silence of those that were asked, too, says that the fault may be one's own.
  feel(ctx, probe.asked > 0 ? probe.asked - probe.nacks : 1);
  const peer = state.peers.get(probe.target);
  if (peer === undefined || peer.status === 'dead') return;
  const status = config.rules.suspicion ? 'suspect' : 'dead';
  const { incarnation } = peer;
  hear(ctx, { node: probe.target, status, incarnation, by: config.self }, true);
}

function probe(ctx: SwimContext): void {
  const { config, state, effects } = ctx;
  const period = config.probeIntervalMicros * (state.health + 1);
  effects.push({ type: 'set-timer', timer: 'probe', key: 0, afterMicros: period });
  const target = nextTarget(ctx);
  if (target === null) return;
  const seq = ++state.seq;
  state.probe = { seq, target, isAnswered: false, asked: 0, nacks: 0 };
  effects.push({
    type: 'send',
    to: target,
    message: { type: 'swim.ping', seq, gossip: newsFor(ctx, target) },
  });
  const afterMicros = config.probeTimeoutMicros;
  effects.push({ type: 'set-timer', timer: 'probe-timeout', key: 0, afterMicros });
}

/** Whoever is suspected hears of it first of all, so that it can refute. */
function newsFor({ config, state }: SwimContext, target: number): readonly SwimUpdate[] {
  const news = takeGossip(config, state);
  const peer = state.peers.get(target);
  if (peer === undefined || peer.status === 'alive') return news;
  const { status, incarnation } = peer;
  const own: SwimUpdate = { node: target, status, incarnation, by: config.self };
  return [own, ...news.filter(({ node }) => node !== target)];
}

function nextTarget({ config, state, random }: SwimContext): number | null {
  const isThere = (node: number): boolean => state.peers.get(node)?.status !== 'dead';
  if (!config.rules.roundRobin) {
    const there = [...state.peers.keys()].filter(isThere);
    return there.length === 0 ? null : there[below(random, there.length)]!;
  }
  for (let pass = 0; pass < 2; pass++) {
    while (state.at < state.order.length) {
      const target = state.order[state.at++]!;
      if (isThere(target)) return target;
    }
    state.order = shuffle(random, [...state.peers.keys()].filter(isThere));
    state.at = 0;
  }
  return null;
}

/** No answer in time: others may reach it. */
function askOthers(ctx: SwimContext): void {
  const { config, state, random, effects } = ctx;
  const { probe } = state;
  if (probe === null || probe.isAnswered || !config.rules.indirectProbes) return;
  const { seq, target } = probe;
  const others = [...state.peers]
    .filter(([node, { status }]) => node !== target && status === 'alive')
    .map(([node]) => node);
  const asked = some(random, others, config.indirectChecks);
  probe.asked = asked.length;
  for (const to of asked) {
    const gossip = takeGossip(config, state);
    const message: SwimMessage = { type: 'swim.ping-request', seq, target, gossip };
    effects.push({ type: 'send', to, message });
  }
}

function gossip({ config, state, random, effects, nowMicros }: SwimContext): void {
  if (state.queue.length === 0) return;
  const recent = nowMicros - config.gossipToTheDeadMicros;
  const hearing = [...state.peers]
    .filter(([, { status, sinceMicros }]) => status !== 'dead' || sinceMicros >= recent)
    .map(([node]) => node);
  for (const to of some(random, hearing, config.gossipNodes)) {
    const news = takeGossip(config, state);
    if (news.length === 0) return;
    effects.push({ type: 'send', to, message: { type: 'swim.gossip', gossip: news } });
  }
}

function sync(ctx: SwimContext): void {
  const { state, random } = ctx;
  const there = [...state.peers].filter(([, { status }]) => status !== 'dead').map(([n]) => n);
  for (const to of some(random, there, 1)) sendTable(ctx, to, false);
}

function sendTable({ config, state, effects }: SwimContext, to: number, isAnswer: boolean): void {
  const { self } = config;
  const own: SwimUpdate = {
    node: self,
    status: 'alive',
    incarnation: state.incarnation,
    by: self,
  };
  const others = [...state.peers].map(([node, { status, incarnation }]): SwimUpdate => {
    // A death from afar is checked first, as a suspicion (memberlist does the same).
    return { node, status: status === 'dead' ? 'suspect' : status, incarnation, by: self };
  });
  const gossip = [own, ...others];
  effects.push({ type: 'send', to, message: { type: 'swim.sync', isAnswer, gossip } });
}

function receive(ctx: SwimContext, input: Extract<SwimInput, { type: 'message' }>): void {
  const { config, state, effects } = ctx;
  const { from, message } = input;
  for (const update of message.gossip) hear(ctx, update, false);
  switch (message.type) {
    case 'swim.gossip':
      return;
    case 'swim.sync':
      if (!message.isAnswer) sendTable(ctx, from, true);
      return;
    case 'swim.ping': {
      const gossip = newsFor(ctx, from);
      effects.push({
        type: 'send',
        to: from,
        message: { type: 'swim.ack', seq: message.seq, gossip },
      });
      return;
    }
    case 'swim.ping-request': {
      const seq = ++state.seq;
      state.relays.set(seq, { origin: from, seq: message.seq });
      const gossip = newsFor(ctx, message.target);
      effects.push({
        type: 'send',
        to: message.target,
        message: { type: 'swim.ping', seq, gossip },
      });
      const afterMicros = config.probeTimeoutMicros;
      effects.push({ type: 'set-timer', timer: 'relay', key: seq, afterMicros });
      return;
    }
    case 'swim.nack':
      if (state.probe?.seq === message.seq) state.probe.nacks += 1;
      return;
    case 'swim.ack':
      return acked(ctx, message.seq);
  }
}

function acked({ config, state, effects }: SwimContext, seq: number): void {
  if (state.probe?.seq === seq) {
    state.probe.isAnswered = true;
    effects.push({ type: 'cancel-timer', timer: 'probe-timeout', key: 0 });
    return;
  }
  const relay = state.relays.get(seq);
  if (relay === undefined) return;
  state.relays.delete(seq);
  effects.push({ type: 'cancel-timer', timer: 'relay', key: seq });
  const gossip = takeGossip(config, state);
  effects.push({
    type: 'send',
    to: relay.origin,
    message: { type: 'swim.ack', seq: relay.seq, gossip },
  });
}
