/**
 * What only the active controller does: it listens to brokers, judges who has fallen silent, sees
 * to it that topics are created and leaders balanced, and hands out the metadata.
 *
 * Keeps: what it hears is its own affair and is gone with its office; what it makes of that goes
 * through the log first.
 *
 * Source: Apache Kafka 4.0, QuorumController, BrokerHeartbeatManager
 */
import type {
  ControllerAlter,
  ControllerCreateTopics,
  ControllerFetch,
  ControllerFetched,
  ControllerHeartbeat,
  ControllerHeartbeatReply,
  ControllerRegister,
} from '../../contracts/controller.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import type { ControllerConfig } from './config.ts';
import { areAllUp, canCreate, imbalanced } from './decide.ts';
import type { ControllerFact } from './facts.ts';
import { isActive, leadsAny, recordsFrom } from './machine.ts';
import type { ControllerCommand, RegisteredBroker } from './machine.ts';
import type { ControllerState, Session, Waiting } from './state.ts';

type Ctx = Context<ControllerConfig>;
const NOBODY: Waiting = Object.freeze({ for: 'nobody' });
/** How long a fetch of metadata waits: the fetch.max.wait of Kafka's own Raft client. */
const FETCH_WAIT_MS = 500;

const want = (
  state: ControllerState,
  command: ControllerCommand,
  waiting: Waiting = NOBODY,
): void => void state.todo.push({ command, waiting });

/** Takes office: brokers have a whole session from now on, whatever they said before (KIP-631). */
export function takeOffice(state: ControllerState, ctx: Ctx): void {
  state.isActive = true;
  ctx.tell<ControllerFact>({ type: 'controller.active', term: state.raft.term });
  const { brokers } = state.metadata;
  for (const { broker, brokerEpoch, isFenced } of brokers.values()) {
    if (!isFenced) listen(state, ctx, broker, { brokerEpoch, metadataOffset: -1 });
  }
  if (ctx.config.autoLeaderRebalanceEnable) armRebalance(ctx);
  seeToTopics(state, ctx);
}

export function resign(state: ControllerState, ctx: Ctx): void {
  state.isActive = false;
  ctx.tell<ControllerFact>({ type: 'controller.resigned', term: state.raft.term });
  for (const broker of state.sessions.keys()) ctx.cancelTimer('session', broker);
  state.sessions.clear();
  ctx.cancelTimer('rebalance', 0);
  ctx.cancelTimer('topics', 0);
  state.isCreationDue = false;
  for (const [tag, { call }] of state.polls) {
    ctx.cancelTimer('poll', tag);
    turnAway(state, ctx, call);
  }
  state.polls.clear();
  for (const { waiting } of state.todo.splice(0)) {
    if (waiting.for !== 'nobody') turnAway(state, ctx, waiting.call);
  }
}

const turnAway = ({ raft }: ControllerState, ctx: Ctx, call: CallRef): void =>
  ctx.refuse(call, 'not-controller', { leader: raft.leader });

function listen(
  state: ControllerState,
  ctx: Ctx,
  broker: PeerId,
  heard: Pick<Session, 'brokerEpoch' | 'metadataOffset'>,
): void {
  state.sessions.set(broker, { ...heard, heardMicros: ctx.mono() });
  ctx.setTimer('session', broker, ms(ctx.config.brokerSessionTimeoutMs));
}

function hasSession(state: ControllerState, ctx: Ctx, known: RegisteredBroker): boolean {
  const session = state.sessions.get(known.broker);
  if (session?.brokerEpoch !== known.brokerEpoch) return false;
  return ctx.mono() - session.heardMicros < ms(ctx.config.brokerSessionTimeoutMs);
}

/** Two processes that take themselves for one broker: the second waits until the first is gone. */
export function onRegister(
  state: ControllerState,
  ctx: Ctx,
  message: ControllerRegister,
  broker: NodeIndex,
  call: CallRef,
): void {
  if (!state.isActive) return turnAway(state, ctx, call);
  const { incarnation, rack, topics, brokers, isUnclean } = message;
  const known = state.metadata.brokers.get(broker);
  const isOther = known !== undefined && known.incarnation !== incarnation;
  if (isOther && !known.isShuttingDown && hasSession(state, ctx, known)) {
    return ctx.refuse(call, 'duplicate-broker-registration');
  }
  const command = { broker, incarnation, rack, topics, brokers, isUnclean };
  want(state, { type: 'register', ...command }, { for: 'register', call });
}

export function onHeartbeat(
  state: ControllerState,
  ctx: Ctx,
  message: ControllerHeartbeat,
  broker: NodeIndex,
  call: CallRef,
): void {
  if (!state.isActive) return turnAway(state, ctx, call);
  const { brokerEpoch, metadataOffset, wantsShutdown } = message;
  const known = state.metadata.brokers.get(broker);
  if (known?.brokerEpoch !== brokerEpoch) return ctx.refuse(call, 'stale-broker-epoch');
  listen(state, ctx, broker, { brokerEpoch, metadataOffset });
  const type = nextOf(state, known, message);
  if (type === null) return answerHeartbeat(state, ctx, call, broker, wantsShutdown);
  want(state, { type, broker, brokerEpoch }, { for: 'heartbeat', call, broker, wantsShutdown });
}

/** What a heartbeat leads to: BrokerHeartbeatManager.calculateNextBrokerState. */
function nextOf(
  state: ControllerState,
  known: RegisteredBroker,
  { metadataOffset, wantsShutdown }: ControllerHeartbeat,
): 'unfence' | 'fence' | 'shut-down' | null {
  if (known.isFenced) {
    return !wantsShutdown && metadataOffset >= known.brokerEpoch ? 'unfence' : null;
  }
  if (!wantsShutdown && !known.isShuttingDown) return null;
  if (leadsAny(state.metadata, known.broker)) return known.isShuttingDown ? null : 'shut-down';
  if (!known.isShuttingDown) return 'fence';
  // The others must know by now that it leads nothing.
  return lowestActiveOffset(state) >= known.offset ? 'fence' : null;
}

function lowestActiveOffset({ metadata, sessions }: ControllerState): number {
  let lowest = Infinity;
  for (const [broker, { metadataOffset }] of sessions) {
    if (isActive(metadata, broker)) lowest = Math.min(lowest, metadataOffset);
  }
  return lowest;
}

export function answerHeartbeat(
  { metadata }: ControllerState,
  ctx: Ctx,
  call: CallRef,
  broker: PeerId,
  wantsShutdown: boolean,
): void {
  const isFenced = metadata.brokers.get(broker)?.isFenced ?? true;
  const mayShutDown = isFenced && wantsShutdown;
  const type = 'controller.heartbeat-reply';
  ctx.reply<ControllerHeartbeatReply>(call, { type, isFenced, mayShutDown });
}

export function onAlter(
  state: ControllerState,
  ctx: Ctx,
  message: ControllerAlter,
  broker: NodeIndex,
  call: CallRef,
): void {
  if (!state.isActive) return turnAway(state, ctx, call);
  const { brokerEpoch, partition, leaderEpoch, partitionEpoch, isr, isrEpochs = [] } = message;
  const wish = { partition, leaderEpoch, partitionEpoch, isr, isrEpochs };
  want(state, { type: 'alter', broker, brokerEpoch, ...wish }, { for: 'alter', call });
}

export function onCreateTopics(
  state: ControllerState,
  ctx: Ctx,
  { brokerEpoch, topics }: ControllerCreateTopics,
  broker: NodeIndex,
  call: CallRef,
): void {
  if (!state.isActive) return turnAway(state, ctx, call);
  const seed = ctx.stream('placement').uint32();
  want(state, { type: 'add-topics', broker, brokerEpoch, topics, seed }, { for: 'topics', call });
}

export function onFetch(
  state: ControllerState,
  ctx: Ctx,
  { offset }: ControllerFetch,
  _from: NodeIndex,
  call: CallRef,
): void {
  if (!state.isActive) return turnAway(state, ctx, call);
  if (answerFetch(state, ctx, call, offset, false)) return;
  const tag = state.nextTag++;
  state.polls.set(tag, { call, offset });
  ctx.setTimer('poll', tag, ms(FETCH_WAIT_MS));
}

/** @returns false if there is nothing, and it waits for something */
function answerFetch(
  state: ControllerState,
  ctx: Ctx,
  call: CallRef,
  offset: number,
  isLate: boolean,
): boolean {
  const records = recordsFrom(state.metadata, offset);
  if (records.length === 0 && !isLate) return false;
  const end = Math.max(offset, state.raft.lastApplied + 1);
  ctx.reply<ControllerFetched>(call, { type: 'controller.fetched', records, end });
  return true;
}

/** After every decision: whoever waits for metadata has it, and what is due next is seen to. */
export function afterDecisions(state: ControllerState, ctx: Ctx): void {
  if (!state.isActive) return;
  for (const [tag, { call, offset }] of state.polls) {
    if (!answerFetch(state, ctx, call, offset, false)) continue;
    state.polls.delete(tag);
    ctx.cancelTimer('poll', tag);
  }
  for (const broker of [...state.sessions.keys()]) {
    const known = state.metadata.brokers.get(broker);
    const isOver = known === undefined || known.brokerEpoch !== epochOf(state, broker);
    if (!isOver) continue;
    state.sessions.delete(broker);
    ctx.cancelTimer('session', broker);
  }
  seeToTopics(state, ctx);
}

const epochOf = ({ sessions }: ControllerState, broker: PeerId): number =>
  sessions.get(broker)?.brokerEpoch ?? -1;

function seeToTopics(state: ControllerState, ctx: Ctx): void {
  const { metadata } = state;
  if (metadata.areCreated || !canCreate(metadata)) return;
  const isComplete = areAllUp(metadata);
  if (state.isCreationDue && !isComplete) return;
  state.isCreationDue = true;
  ctx.setTimer('topics', 0, ms(isComplete ? 0 : ctx.config.topicCreationWaitMs));
}

function armRebalance(ctx: Ctx): void {
  ctx.setTimer('rebalance', 0, ms(ctx.config.leaderImbalanceCheckIntervalMs));
}

export function onTimer(state: ControllerState, ctx: Ctx, kind: string, key: number): void {
  switch (kind) {
    case 'session':
      return judge(state, ctx, key);
    case 'topics': {
      state.isCreationDue = false;
      const seed = ctx.stream('placement').uint32();
      return want(state, { type: 'create-topics', seed });
    }
    case 'rebalance':
      armRebalance(ctx);
      if (imbalanced(state.metadata).length === 0) return;
      return electPreferredLeaders(state);
    case 'poll': {
      const poll = state.polls.get(key);
      state.polls.delete(key);
      if (poll !== undefined) answerFetch(state, ctx, poll.call, poll.offset, true);
    }
  }
}

/** A broker has been silent for a whole session. */
function judge(state: ControllerState, ctx: Ctx, broker: PeerId): void {
  const known = state.metadata.brokers.get(broker);
  const session = state.sessions.get(broker);
  state.sessions.delete(broker);
  if (known === undefined || session === undefined || known.isFenced) return;
  want(state, { type: 'fence', broker, brokerEpoch: session.brokerEpoch });
}

export function electPreferredLeaders(state: ControllerState): void {
  want(state, { type: 'elect-preferred' });
}
