/**
 * A sentinel: the host of the protocol on one node. Several of them watch a primary and its
 * replicas, agree that the primary is down, and promote a replica; clients ask them who is primary.
 *
 * Keeps: effects are performed in the protocol's order; a vote is told when it is on disk.
 */
import type { ControlReply } from '../../contracts/replica-control.ts';
import { replicaControl } from '../../contracts/replica-control.ts';
import { sentinel as contract } from '../../contracts/sentinel.ts';
import type {
  SentinelGetPrimary,
  SentinelHello,
  SentinelIsDown,
  SentinelIsDownReply,
} from '../../contracts/sentinel.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import type {
  SentinelDisk,
  SentinelEffect,
  SentinelFact,
  SentinelInput,
} from '../../protocols/sentinel/effects.ts';
import { SENTINEL_RULES, sentinelRules } from '../../protocols/sentinel/rules.ts';
import { createSentinel, createSentinelDisk } from '../../protocols/sentinel/state.ts';
import type { SentinelConfig as ProtocolConfig } from '../../protocols/sentinel/state.ts';
import { stepSentinel } from '../../protocols/sentinel/step.ts';
import { checkSentinel, sentinelConfig } from './config.ts';
import type { SentinelConfig } from './config.ts';
import { sentinelFacts } from './facts.ts';
import { viewOf } from './show.ts';
import { copyState } from './state.ts';
import type { SentinelNodeState } from './state.ts';
import type { SentinelView } from './view.ts';

type Ctx = Context<SentinelConfig>;

function configOf(ctx: Ctx): ProtocolConfig {
  const c = ctx.config;
  return {
    id: ctx.self,
    peers: ctx.members('peers'),
    servers: ctx.members('servers'),
    quorum: c.quorum,
    downAfterMicros: ms(c.downAfterMs),
    failoverTimeoutMicros: ms(c.failoverTimeoutMs),
    parallelSyncs: c.parallelSyncs,
    pingPeriodMicros: ms(c.pingPeriodMs),
    infoPeriodMicros: ms(c.infoPeriodMs),
    askPeriodMicros: ms(c.askPeriodMs),
    publishPeriodMicros: ms(c.publishPeriodMs),
    electionTimeoutMicros: ms(c.electionTimeoutMs),
    reconfTimeoutMicros: ms(c.slaveReconfTimeoutMs),
    tiltTriggerMicros: ms(c.tiltTriggerMs),
    tiltPeriodMicros: ms(c.tiltPeriodMs),
    rules: sentinelRules(ctx.ablations),
  };
}

function start(ctx: Ctx): SentinelNodeState {
  const config = configOf(ctx);
  const state: SentinelNodeState = {
    config,
    sentinel: createSentinel(config, ctx.durable as SentinelDisk, ctx.mono()),
    nextTag: 0,
    asked: new Map(),
    calls: new Map(),
  };
  feed(state, ctx, { type: 'start' });
  return state;
}

function feed(state: SentinelNodeState, ctx: Ctx, input: SentinelInput): void {
  const effects: SentinelEffect[] = [];
  const clocks = { monoMicros: ctx.mono(), wallMicros: ctx.wall() };
  const draw = (): number => ctx.stream('sentinel').open01();
  stepSentinel(state.config, state.sentinel, input, clocks, draw, effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: SentinelNodeState, ctx: Ctx, effect: SentinelEffect): void {
  switch (effect.type) {
    case 'ask-server':
      return ask(state, ctx, effect, true);
    case 'ask-peer':
      return ask(state, ctx, effect, false);
    case 'send':
      return ctx.send(effect.to, effect.message);
    case 'answer': {
      const call = state.calls.get(effect.tag) as CallRef;
      state.calls.delete(effect.tag);
      return ctx.reply(call, effect.reply);
    }
    case 'persist':
      ctx.write(effect.disk);
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer('tick', 0, micros(effect.afterMicros));
    case 'told':
      return ctx.tell<SentinelFact>(effect.fact);
  }
}

type Ask = Extract<SentinelEffect, { readonly type: 'ask-server' | 'ask-peer' }>;

/** An answer that comes later than this is none: by then the server is down to it anyway. */
function ask(state: SentinelNodeState, ctx: Ctx, { to, request }: Ask, isServer: boolean): void {
  const tag = state.nextTag++;
  state.asked.set(tag, { to, isServer });
  ctx.call(to, request, { timeout: ms(ctx.config.downAfterMs), tag });
}

function onResult(state: SentinelNodeState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  state.asked.delete(tag);
  if (asked === undefined || result.outcome !== 'ok') return;
  const { to, isServer } = asked;
  if (!isServer) {
    const reply = result.value as SentinelIsDownReply;
    return feed(state, ctx, { type: 'answered', peer: to, reply });
  }
  const reply = result.value as ControlReply;
  if (reply.type === 'control.pong') feed(state, ctx, { type: 'pong', server: to });
  if (reply.type === 'control.info-reply') {
    feed(state, ctx, { type: 'info', server: to, info: reply });
  }
}

function onAsked(
  state: SentinelNodeState,
  ctx: Ctx,
  request: SentinelIsDown | SentinelGetPrimary,
  _from: NodeIndex,
  call: CallRef,
): void {
  const tag = state.nextTag++;
  state.calls.set(tag, call);
  if (request.type === 'sentinel.is-down') feed(state, ctx, { type: 'asked', tag, request });
  else feed(state, ctx, { type: 'asked-primary', tag, request });
}

export const sentinel = defineBehaviour<
  SentinelNodeState,
  SentinelConfig,
  SentinelIsDown | SentinelGetPrimary | SentinelHello,
  SentinelView,
  SentinelFact,
  SentinelDisk,
  SentinelDisk
>({
  component: 'sentinel',
  about: 'Watches a primary and its replicas, and with other sentinels replaces one that is down.',
  source: 'Redis Sentinel of Redis 7: its documentation, and sentinel.c',
  leavesOut: [
    'Discovery: the sentinels and the servers are those of the plan, and none is forgotten.',
    'Several primaries watched by the same sentinels, scripts, and failovers by hand.',
    'Channels of the servers for greetings: sentinels greet each other directly.',
    'Watching each other: who answers nothing is not asked less.',
    'A look at the role of a server by its clients (ROLE) before they use it.',
  ],
  badge: 'SE',
  serves: [contract],
  // Each asks every other.
  countMax: 99,
  links: { servers: { about: 'The servers that it watches.', contract: replicaControl } },
  config: sentinelConfig,
  check: checkSentinel,
  usage: { uses: () => [{ role: 'servers', what: 'failover' }] },
  facts: sentinelFacts,
  rules: SENTINEL_RULES.map(({ id }) => id),
  ruleNeeds: [
    {
      rules: ['sentinel.majority'],
      acts: ({ quorum }, { count }) => quorum <= count / 2,
      hint: 'Give a quorum that is no majority.',
    },
    {
      rules: ['sentinel.most-advanced'],
      acts: (_config, { links }) => (links.get('servers')?.count ?? 0) > 2,
      hint: 'Give the servers another replica: of one there is nothing to choose.',
    },
  ],
  roleNames: {
    watching: 'Finds the primary well, or nobody agrees that it is not.',
    alarmed: 'Finds the primary objectively down.',
    leading: 'Leads a failover.',
  },
  durable: {
    empty: createSentinelDisk,
    apply: (disk, record) => void Object.assign(disk, record),
    save: (disk) => ({ ...disk }),
    restore: (image) => ({ ...(image as SentinelDisk) }),
  },
  start,
  on: {
    'sentinel.is-down': onAsked,
    'sentinel.get-primary': onAsked,
    'sentinel.hello': (state, ctx, hello, from) => feed(state, ctx, { type: 'hello', from, hello }),
  },
  onTimer: (state, ctx) => feed(state, ctx, { type: 'tick' }),
  onResult,
  onSynced: (state, ctx, upTo) => feed(state, ctx, { type: 'persisted', upTo }),
  gauges: [
    {
      kind: 'level',
      title: 'Subjectively down',
      about: 'Servers that it holds for down.',
      of: ({ sentinel: { servers } }) => [...servers.values()].filter((one) => one.isDown).length,
    },
    {
      kind: 'level',
      title: 'Objectively down',
      about: '1 while it finds, with as many as the quorum asks for, that the primary is down.',
      of: ({ sentinel: { isObjectivelyDown } }) => (isObjectivelyDown ? 1 : 0),
    },
    {
      kind: 'level',
      title: 'Configuration',
      about: 'The epoch of the configuration that it knows.',
      of: ({ sentinel: { configEpoch } }) => configEpoch,
    },
  ],
  roles: ({ sentinel: { failover, isObjectivelyDown } }) => [
    failover !== null && failover.phase !== 'wait-start'
      ? 'leading'
      : isObjectivelyDown
        ? 'alarmed'
        : 'watching',
  ],
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as SentinelNodeState),
  plain: ({ config: _fixed, ...rest }) => rest,
});
