/**
 * A quorum queue on one of the brokers that keep it: the host of Raft, whose log is the queue's.
 *
 * Keeps: whatever happens to the queue is a command of the log, with the time at which its leader
 * had it, so that members that have applied the same are in the same state; only the leader tells
 * publishers and consumers, and only of what is committed.
 *
 * Source: RabbitMQ, Quorum Queues; rabbit_fifo, ra
 * Differs: members miss the heartbeats of their leader, where Ra asks a failure detector; a new
 * leader takes back what consumers held, where RabbitMQ asks their brokers whether they live.
 */
import type { QueueReplicate } from '../../contracts/queue-replication.ts';
import type { RaftCommand } from '../../contracts/raft.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { createRaftConfig } from '../../protocols/raft/config.ts';
import type { RaftEffect, RaftInput } from '../../protocols/raft/effects.ts';
import { createRaft, createRaftDisk, readDisk } from '../../protocols/raft/state.ts';
import { step } from '../../protocols/raft/step.ts';
import { copyQueue } from '../../protocols/queue/index.ts';
import type { QueueInput, QueueState } from '../../protocols/queue/index.ts';
import { founding, LOG_RULES, RAFT_START, RAFT_STEP } from '../raft-hosting.ts';
import { NOBODY } from './state.ts';
import type { Ctx, Hosted, QueueBrokerState, QueueCommand } from './state.ts';
import type { QueueDisk, QueueRecord, Replica } from './state.ts';

/** What becomes of a command, and of an office, is its broker's business. */
export interface ReplicaHost {
  readonly apply: (
    state: QueueBrokerState,
    ctx: Ctx,
    place: number,
    input: QueueInput,
    nowMicros: number,
    isTold: boolean,
  ) => void;
  /** Nobody here knows whether the queue takes the message. */
  readonly onLost: (state: QueueBrokerState, ctx: Ctx, publish: number) => void;
  /** A leader has the message in its log. */
  readonly onAccepted: (state: QueueBrokerState, ctx: Ctx, place: number, publish: number) => void;
  readonly onOffice: (state: QueueBrokerState, ctx: Ctx, place: number) => void;
}

/** How many heartbeats a leader sends in the shortest time in which it may be missed. */
const HEARTBEATS = 4;

/** Who keeps a queue, and this broker's part in it. */
export function replicaOf(
  ctx: Ctx,
  place: number,
): { readonly members: readonly NodeIndex[]; readonly replica: Replica | null } {
  const { queues, failureDetectorMs, minSnapshotInterval } = ctx.config;
  const { queueType, quorumInitialGroupSize: size } = queues[place] as (typeof queues)[number];
  if (queueType === 'classic') return { members: ctx.members('peers').slice(0, 1), replica: null };
  const disk = (ctx.durable as QueueDisk).replicas.get(place) ?? {
    ...createRaftDisk(),
    members: null,
  };
  const members = disk.members ?? founding(ctx, size);
  if (disk.members === null) {
    ctx.write({ type: 'found', queue: place, members } satisfies QueueRecord);
    // Who joins later has nothing else to write, and must not take itself for a founder.
    if (members.length === 0) ctx.sync(0);
  }
  if (!members.includes(ctx.self)) {
    return { members: ctx.members('peers').slice(0, size), replica: null };
  }
  const config = createRaftConfig({
    id: ctx.self,
    voters: members,
    electionTimeoutMinMicros: ms(failureDetectorMs),
    electionTimeoutMaxMicros: ms(2 * failureDetectorMs),
    heartbeatMicros: ms(failureDetectorMs / HEARTBEATS),
    snapshotThreshold: minSnapshotInterval,
    ablations: new Set(LOG_RULES.filter((rule) => ctx.ablations.includes(rule))),
  });
  const replica: Replica = {
    part: place,
    config,
    raft: createRaft(config, readDisk(disk)),
    effects: [],
    isInOffice: false,
    proposing: new Map(),
    deciding: new Map(),
    snapshotDue: -1,
  };
  return { members, replica };
}

/** Its first member stands for election at once when the queue is declared: it leads it. */
export function startReplicas(host: ReplicaHost, state: QueueBrokerState, ctx: Ctx): void {
  state.hosted.forEach(({ replica, members }, place) => {
    if (replica === null) return;
    restore(state.hosted[place] as Hosted, replica.raft.snapshot?.state ?? null);
    ctx.probe(RAFT_START, replica);
    feedReplica(host, state, ctx, place, { type: 'start' });
    const isNew = ctx.life === 0 && replica.raft.term === 0;
    if (isNew && members[0] === ctx.self) {
      feedReplica(host, state, ctx, place, { type: 'election-timeout' });
    }
  });
}

/** Hands a command to the log; without an office it is as if it had never been. */
export function propose(
  host: ReplicaHost,
  state: QueueBrokerState,
  ctx: Ctx,
  replica: Replica,
  input: QueueInput,
): void {
  const isPublish = input.type === 'publish';
  if (!replica.isInOffice) {
    if (isPublish) host.onLost(state, ctx, input.publish);
    return;
  }
  const tag = state.nextTag++;
  replica.proposing.set(tag, isPublish ? input.publish : NOBODY);
  // Whom to confirm it to is known here alone.
  const kept = isPublish ? { ...input, publish: NOBODY } : input;
  const command: QueueCommand = Object.freeze({
    input: Object.freeze(kept),
    atMicros: ctx.wall(),
  });
  feedReplica(host, state, ctx, replica.part, { type: 'propose', command, tag });
}

/** One input after the other: what one leads to may be an input to another queue. */
export function feedReplica(
  host: ReplicaHost,
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  input: RaftInput,
): void {
  state.todo.push([place, input]);
  if (state.isStepping) return;
  state.isStepping = true;
  for (let next = state.todo.shift(); next !== undefined; next = state.todo.shift()) {
    advance(host, state, ctx, next[0], next[1]);
  }
  state.isStepping = false;
}

function advance(
  host: ReplicaHost,
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  input: RaftInput,
): void {
  const hosted = state.hosted[place] as Hosted;
  const { replica } = hosted;
  if (replica === null) return;
  const { raft } = replica;
  const effects: RaftEffect[] = [];
  replica.effects = effects;
  step(replica.config, raft, input, ctx.mono(), ctx.draws('election'), effects);
  ctx.probe(RAFT_STEP, replica);
  if (replica.isInOffice && raft.role !== 'leader') {
    replica.isInOffice = false;
    host.onOffice(state, ctx, place);
  }
  for (const effect of effects) perform(host, state, ctx, hosted, replica, effect);
  if (replica.snapshotDue >= 0) {
    // Not before the writes of this step are on their way.
    const index = replica.snapshotDue;
    replica.snapshotDue = -1;
    state.todo.unshift([place, { type: 'snapshot-taken', index, state: copyQueue(hosted.state) }]);
  }
  const hasCommitted = raft.log.term(raft.commitIndex) === raft.term;
  if (!replica.isInOffice && raft.role === 'leader' && hasCommitted) {
    replica.isInOffice = true;
    host.onOffice(state, ctx, place);
  }
}

function restore(hosted: Hosted, image: RaftCommand | null): void {
  if (image !== null) hosted.state = copyQueue(image as QueueState);
}

function perform(
  host: ReplicaHost,
  state: QueueBrokerState,
  ctx: Ctx,
  hosted: Hosted,
  replica: Replica,
  effect: RaftEffect,
): void {
  const { part: queue } = replica;
  switch (effect.type) {
    case 'send': {
      const { to, message } = effect;
      return ctx.send<QueueReplicate>(to, { type: 'queue.replicate', queue, message });
    }
    case 'persist': {
      const ticket = state.nextTag++;
      state.tickets.set(ticket, { queue, upTo: effect.ticket });
      ctx.write({ type: 'raft', queue, write: effect } satisfies QueueRecord);
      return ctx.sync(ticket);
    }
    case 'set-timer':
      return ctx.setTimer(effect.timer, queue, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, queue);
    case 'committed':
      return applyEntries(host, state, ctx, replica, effect.from, effect.to);
    case 'restore-snapshot':
      return restore(hosted, effect.snapshot.state);
    case 'take-snapshot':
      replica.snapshotDue = effect.index;
      return;
    case 'propose-accepted': {
      const publish = replica.proposing.get(effect.tag) ?? NOBODY;
      replica.proposing.delete(effect.tag);
      replica.deciding.set(effect.index, { publish, term: effect.term });
      return host.onAccepted(state, ctx, queue, publish);
    }
    case 'propose-refused': {
      const publish = replica.proposing.get(effect.tag) ?? NOBODY;
      replica.proposing.delete(effect.tag);
      return host.onLost(state, ctx, publish);
    }
    case 'proposal-lost': {
      const publish = replica.deciding.get(effect.index)?.publish ?? NOBODY;
      replica.deciding.delete(effect.index);
      return host.onLost(state, ctx, publish);
    }
    // Nobody asks a queue for a read, for other members or for another leader.
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

/** Executes committed commands in order. */
function applyEntries(
  host: ReplicaHost,
  state: QueueBrokerState,
  ctx: Ctx,
  { part: place, raft, deciding }: Replica,
  from: number,
  to: number,
): void {
  const leads = raft.role === 'leader';
  for (let index = from; index <= to; index++) {
    const entry = raft.log.entry(index);
    if (entry === undefined) throw new InvariantError(`command ${index} is not held`);
    const mine = deciding.get(index);
    deciding.delete(index);
    // Another leader's command took the place of the one proposed: its fate is not known here.
    const isMine = mine?.term === entry.term;
    if (mine !== undefined && !isMine) host.onLost(state, ctx, mine.publish);
    const command = entry.command as QueueCommand | null;
    if (command === null) continue;
    const { input, atMicros } = command;
    const told = input.type === 'publish' && isMine ? { ...input, publish: mine.publish } : input;
    host.apply(state, ctx, place, told, atMicros, leads);
  }
}
