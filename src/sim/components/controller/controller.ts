/**
 * A controller of a cluster of brokers: the host of Raft, whose log is the cluster's metadata log.
 *
 * Keeps: effects are performed in the protocol's order; whatever a broker is told has been
 * committed; a request whose fate this controller no longer knows is answered as lost-leadership.
 *
 * Source: Apache Kafka 4.0, QuorumController, RaftClient; KIP-500, KIP-595, KIP-631
 */
import { controller as contract } from '../../contracts/controller.ts';
import type {
  ControllerAltered,
  ControllerRegistered,
  ControllerRequest,
  ControllerTopicsCreated,
} from '../../contracts/controller.ts';
import { raft } from '../../contracts/raft.ts';
import type { RaftMessage, RaftSnapshot } from '../../contracts/raft.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import { amongSeveral } from '../../node/rule-needs.ts';
import { createRaftConfig } from '../../protocols/raft/config.ts';
import type { RaftEffect, RaftInput } from '../../protocols/raft/effects.ts';
import { AMONG_SERVERS } from '../../protocols/raft/rules.ts';
import { createRaft, readDisk } from '../../protocols/raft/state.ts';
import { step } from '../../protocols/raft/step.ts';
import { enact } from '../enact.ts';
import { foundersOf, hostedRaftDurable, LOG_RULES } from '../raft-hosting.ts';
import { RAFT_START, RAFT_STEP, RAFT_TIMEOUTS } from '../raft-hosting.ts';
import type { HostedRaftDisk, HostedRaftRecord } from '../raft-hosting.ts';
import { controllerConfig } from './config.ts';
import type { ControllerConfig } from './config.ts';
import { decide } from './decide.ts';
import {
  afterDecisions,
  answerHeartbeat,
  electPreferredLeaders,
  onAlter,
  onCreateTopics,
  onFetch,
  onHeartbeat,
  onRegister,
  onTimer,
  resign,
  takeOffice,
} from './duties.ts';
import { CONTROLLER_FACTS } from './facts.ts';
import type { ControllerFact, MetadataFact } from './facts.ts';
import { becomeImage, compact, emptyMetadata, imageOf } from './machine.ts';
import type { ControllerCommand, MetadataImage, Outcome } from './machine.ts';
import { CONTROLLER_GAUGES, viewOf } from './show.ts';
import { copyState, plainState } from './state.ts';
import type { ControllerState, Waiting } from './state.ts';
import type { ControllerView } from './view.ts';
import { probeChanges } from './watched.ts';
import { Type } from '../../contracts/schema.ts';
import { take } from '../waiting.ts';

type Ctx = Context<ControllerConfig>;

/** How often a leader is heard: a follower's fetch waits for so long in Kafka. */
const HEARTBEAT_MS = 500;
/** Purpose of the draws that belong to a seed: where replicas go. */
const PLACEMENT = 0x70_6c_61_63;

function start(ctx: Ctx): ControllerState {
  const c = ctx.config;
  const leastMs = c.controllerQuorumFetchTimeoutMs;
  const config = createRaftConfig({
    id: ctx.self,
    voters: foundersOf(ctx, 0),
    electionTimeoutMinMicros: ms(leastMs),
    electionTimeoutMaxMicros: ms(leastMs + c.controllerQuorumElectionBackoffMaxMs),
    heartbeatMicros: ms(Math.min(HEARTBEAT_MS, leastMs / 4)),
    snapshotThreshold: c.snapshotThreshold,
    ablations: new Set(LOG_RULES.filter((rule) => ctx.ablations.includes(rule))),
  });
  const state: ControllerState = {
    config,
    raft: createRaft(config, readDisk(ctx.durable as HostedRaftDisk)),
    metadata: emptyMetadata(),
    isActive: false,
    nextTag: 0,
    proposing: new Map(),
    deciding: new Map(),
    todo: [],
    sessions: new Map(),
    polls: new Map(),
    isCreationDue: false,
    snapshotDue: -1,
    effects: [],
  };
  restore(state, state.raft.snapshot);
  ctx.probe(RAFT_START, state);
  feed(state, ctx, { type: 'start' });
  return state;
}

/** One input to the protocol, and everything that follows from it. */
function feed(state: ControllerState, ctx: Ctx, input: RaftInput): void {
  const effects: RaftEffect[] = [];
  state.effects = effects;
  const { raft: inner } = state;
  step(state.config, inner, input, ctx.mono(), ctx.draws('election'), effects);
  ctx.probe(RAFT_STEP, state);
  if (state.isActive && inner.role !== 'leader') resign(state, ctx);
  for (let i = 0; i < effects.length; i++) perform(state, ctx, effects[i] as RaftEffect);
  const { snapshotDue: index } = state;
  if (index >= 0) {
    // Only now: the writes of the step under way come first on the disk.
    state.snapshotDue = -1;
    const image = imageOf(state.metadata);
    compact(state.metadata, index);
    feed(state, ctx, { type: 'snapshot-taken', index, state: image });
  }
  // Not before all is applied that others have committed.
  const hasCommitted = inner.log.term(inner.commitIndex) === inner.term;
  if (!state.isActive && inner.role === 'leader' && hasCommitted) takeOffice(state, ctx);
}

/** Hands on what the event has led to, one command after the other. */
function proposeAll(state: ControllerState, ctx: Ctx): void {
  for (let next = state.todo.shift(); next !== undefined; next = state.todo.shift()) {
    const tag = state.nextTag++;
    state.proposing.set(tag, next.waiting);
    feed(state, ctx, { type: 'propose', command: next.command, tag });
  }
}

function restore(state: ControllerState, snapshot: RaftSnapshot | null): void {
  if (snapshot === null) return;
  becomeImage(state.metadata, snapshot.state as MetadataImage, snapshot.index);
}

function perform(state: ControllerState, ctx: Ctx, effect: RaftEffect): void {
  switch (effect.type) {
    case 'send':
    case 'persist':
    case 'set-timer':
    case 'cancel-timer':
      return enact(ctx, effect);
    case 'committed':
      return apply(state, ctx, effect.from, effect.to);
    case 'restore-snapshot':
      return restore(state, effect.snapshot);
    case 'take-snapshot':
      state.snapshotDue = effect.index;
      return;
    case 'propose-accepted': {
      const waiting = take(state.proposing, effect.tag);
      state.deciding.set(effect.index, { waiting, term: effect.term });
      return;
    }
    case 'propose-refused':
      return refuse(ctx, take(state.proposing, effect.tag), 'not-controller', {
        leader: effect.leader,
      });
    case 'proposal-lost': {
      const lost = state.deciding.get(effect.index);
      state.deciding.delete(effect.index);
      if (lost !== undefined) refuse(ctx, lost.waiting, 'lost-leadership');
      return;
    }
    // Nobody asks a controller for a read, for other members or for another leader.
    case 'appended':
    case 'compacted':
    case 'truncated':
    case 'configuration':
    case 'role':
    case 'became-leader':
    case 'read-ready':
    case 'read-refused':
    case 'change-refused':
    case 'transfer-refused':
    case 'transfer-aborted':
  }
}

function refuse(ctx: Ctx, waiting: Waiting, code: string, detail?: unknown): void {
  if (waiting.for !== 'nobody') ctx.refuse(waiting.call, code, detail);
}

/** Makes committed decisions in order, and answers whoever waits for them. */
function apply(state: ControllerState, ctx: Ctx, from: number, to: number): void {
  const { log, role } = state.raft;
  // The others decide the same, and say nothing.
  const tell = (fact: MetadataFact): void => {
    if (role === 'leader') ctx.tell<MetadataFact>(fact);
  };
  const drawsOf = (seed: number) => ctx.seeded(seed, PLACEMENT);
  const hasElr = ctx.config.eligibleLeaderReplicasVersion > 0;
  for (let offset = from; offset <= to; offset++) {
    const entry = log.entry(offset);
    if (entry === undefined) throw new InvariantError(`decision ${offset} is not held`);
    const { metadata } = state;
    const command = entry.command as ControllerCommand | null;
    const at = { metadata, offset, hasElr, drawsOf, tell };
    const outcome = command === null ? null : decide(at, command);
    if (command !== null) probeChanges(metadata, offset, command, hasElr, ctx);
    const pending = state.deciding.get(offset);
    if (pending === undefined) continue;
    state.deciding.delete(offset);
    // Another leader's entry took the place of the one proposed: its fate is not known here.
    if (pending.term !== entry.term) refuse(ctx, pending.waiting, 'lost-leadership');
    else if (command !== null && outcome !== null) {
      answer(state, ctx, pending.waiting, outcome, command);
    }
  }
  afterDecisions(state, ctx);
}

function answer(
  state: ControllerState,
  ctx: Ctx,
  waiting: Waiting,
  outcome: Outcome,
  command: ControllerCommand,
): void {
  if (waiting.for === 'nobody') return;
  const { call } = waiting;
  if (outcome.type === 'stale') return ctx.refuse(call, 'stale-broker-epoch');
  if (waiting.for === 'heartbeat') {
    return answerHeartbeat(state, ctx, call, waiting.broker, waiting.wantsShutdown);
  }
  if (outcome.type === 'registered') {
    const { brokerEpoch } = outcome;
    return ctx.reply<ControllerRegistered>(call, { type: 'controller.registered', brokerEpoch });
  }
  if (outcome.type === 'topics') {
    const { areThere } = outcome;
    return ctx.reply<ControllerTopicsCreated>(call, {
      type: 'controller.topics-created',
      areThere,
    });
  }
  if (outcome.type !== 'altered' || command.type !== 'alter') return;
  const { partition, broker } = command;
  const { type: _, ...rest } = outcome;
  const { error } = rest;
  if (error !== null) {
    ctx.tell<ControllerFact>({ type: 'controller.alter-refused', partition, broker, error });
  }
  ctx.reply<ControllerAltered>(call, { type: 'controller.altered', partition, ...rest });
}

const receive = (state: ControllerState, ctx: Ctx, message: RaftMessage, from: NodeIndex): void => {
  feed(state, ctx, { type: 'message', from, message });
  proposeAll(state, ctx);
};

type Listener<M> = (
  state: ControllerState,
  ctx: Ctx,
  message: M,
  from: NodeIndex,
  call: Parameters<typeof onFetch>[4],
) => void;

/** Listens, and hands on what follows. */
const hear =
  <M>(listener: Listener<M>): Listener<M> =>
  (state, ctx, message, from, call) => {
    listener(state, ctx, message, from, call);
    proposeAll(state, ctx);
  };

export const controller = defineBehaviour<
  ControllerState,
  ControllerConfig,
  RaftMessage | ControllerRequest,
  ControllerView,
  ControllerFact,
  HostedRaftDisk,
  HostedRaftRecord
>({
  component: 'controller',
  about: 'Keeps which brokers count and who leads which partition, in a log ordered by Raft.',
  source: 'Apache Kafka 4.0, KRaft; KIP-500, KIP-595, KIP-631, KIP-966',
  leavesOut: [
    'Differs: its Raft pushes entries to followers, and heartbeats each 500 ms, where Kafka pulls.',
    'Differs: a candidate waits as long as a follower; Kafka has a timeout of its own for it.',
    'Differs: several records of one decision share an offset.',
    'Reassignment of partitions, and topics that are changed or deleted later.',
    'Recovery of the log by a leader that was elected uncleanly: it stays marked.',
    'Controllers that join or leave the quorum.',
  ],
  badge: 'CO',
  serves: [contract, raft],
  // Each leader keeps a window for each follower, and every controller hears of every vote.
  countMax: 99,
  links: {},
  config: controllerConfig,
  facts: CONTROLLER_FACTS,
  rules: LOG_RULES,
  ruleNeeds: [
    amongSeveral(AMONG_SERVERS),
    {
      rules: ['raft.snapshot-keeps-log'],
      acts: ({ snapshotThreshold }) => snapshotThreshold > 0,
      hint: 'Give snapshotThreshold more than 0.',
    },
  ],
  roleNames: {
    active: 'Decides for the cluster.',
    leader: 'Leads the quorum of controllers.',
    follower: 'Answers a leader and waits for one.',
    'pre-candidate': 'Asks whether it could win an election.',
    candidate: 'Asks for votes.',
  },
  durable: hostedRaftDurable,
  actions: {
    'elect-preferred-leaders': {
      about: 'Give every partition back to its preferred leader, if that is in sync.',
      args: Type.Object({}, { additionalProperties: false }),
      unavailable: (state) => (state.isActive ? null : 'It is not the active controller.'),
      perform(state, ctx) {
        if (!state.isActive) return;
        electPreferredLeaders(state);
        proposeAll(state, ctx);
      },
    },
  },
  gauges: CONTROLLER_GAUGES,
  start,
  on: {
    'raft.vote': receive,
    'raft.vote-reply': receive,
    'raft.pre-vote': receive,
    'raft.pre-vote-reply': receive,
    'raft.append': receive,
    'raft.append-reply': receive,
    'raft.heartbeat': receive,
    'raft.heartbeat-reply': receive,
    'raft.install-snapshot': receive,
    'raft.timeout-now': receive,
    'raft.read-index': receive,
    'raft.read-index-reply': receive,
    'controller.register': hear(onRegister),
    'controller.heartbeat': hear(onHeartbeat),
    'controller.alter': hear(onAlter),
    'controller.create-topics': hear(onCreateTopics),
    'controller.fetch': hear(onFetch),
  },
  onTimer(state, ctx, kind, key) {
    const timeout = RAFT_TIMEOUTS.get(kind);
    if (timeout === undefined) onTimer(state, ctx, kind, key);
    else feed(state, ctx, timeout);
    proposeAll(state, ctx);
  },
  onSynced(state, ctx, ticket) {
    feed(state, ctx, { type: 'persisted', upTo: ticket });
    proposeAll(state, ctx);
  },
  roles: ({ raft: { role }, isActive }) => (isActive ? [role, 'active'] : [role]),
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as ControllerState),
  plain: plainState,
});
