/**
 * A key-value server replicated by Raft: the host of the protocol on one node.
 *
 * Keeps: effects are performed in the protocol's order; a write is answered when its entry is
 * applied, a read when the protocol says so; a request whose fate the server no longer knows is
 * answered as lost-leadership, which is not definite. A write outside a session that its client
 * sends again may be applied twice; within one it is applied once.
 */
import { kvSession } from '../../contracts/kv-session.ts';
import type { KvSessionRequest, KvWrite } from '../../contracts/kv-session.ts';
import { kv } from '../../contracts/kv.ts';
import type { KvGet } from '../../contracts/kv.ts';
import { raftAdmin } from '../../contracts/raft-admin.ts';
import type { RaftAdminRequest } from '../../contracts/raft-admin.ts';
import { raft } from '../../contracts/raft.ts';
import type { RaftEntry, RaftMessage, RaftSnapshot } from '../../contracts/raft.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import { createRaftConfig } from '../../protocols/raft/config.ts';
import type { RaftEffect, RaftInput } from '../../protocols/raft/effects.ts';
import { RAFT_RULES } from '../../protocols/raft/rules.ts';
import type { RaftAblation } from '../../protocols/raft/rules.ts';
import { createRaft, readDisk } from '../../protocols/raft/state.ts';
import { step } from '../../protocols/raft/step.ts';
import { enact } from '../enact.ts';
import { applyCommand, becomeImage, emptyMachine, imageOf } from '../kv-machine.ts';
import type { KvCommand, MachineImage } from '../kv-machine.ts';
import { answerApplied, endRead, leaderHint, serveKv } from '../kv-serving.ts';
import { RAFT_START, RAFT_STEP, foundersOf, hostedRaftDurable } from '../raft-hosting.ts';
import type { HostedRaftDisk, HostedRaftRecord } from '../raft-hosting.ts';
import { checkRaftKv, raftKvConfig } from './config.ts';
import type { RaftKvConfig } from './config.ts';
import { raftKvActions } from './actions.ts';
import { raftKvFacts } from './facts.ts';
import type { RaftKvFact } from './facts.ts';
import { kvUsage } from '../kv-usage.ts';
import { take } from '../waiting.ts';
import { ruleNeeds } from './rule-needs.ts';
import { done, endTransfers, onChange, onTransfer, tellMembers } from './members.ts';
import { refuse, tellRefused } from './members.ts';
import { copyState, plainState } from './state.ts';
import type { RaftKvState, WaitingWrite } from './state.ts';
import { viewOf } from './show.ts';
import type { RaftKvView } from './view.ts';

type Ctx = Context<RaftKvConfig>;
type Handled = RaftMessage | KvGet | KvWrite | KvSessionRequest | RaftAdminRequest;

function start(ctx: Ctx): RaftKvState {
  const c = ctx.config;
  const known = new Set<string>(RAFT_RULES.map((rule) => rule.id));
  const voters = foundersOf(ctx, c.initialVoters);
  const config = createRaftConfig({
    id: ctx.self,
    voters,
    electionQuorum: c.electionQuorum,
    replicationQuorum: c.replicationQuorum,
    electionTimeoutMinMicros: ms(c.electionTimeoutMinMs),
    electionTimeoutMaxMicros: ms(c.electionTimeoutMaxMs),
    heartbeatMicros: ms(c.heartbeatMs),
    preVote: c.preVote,
    preVoteLease: c.preVoteLease,
    checkQuorum: c.checkQuorum,
    maxEntriesPerAppend: c.maxEntriesPerAppend,
    maxInflight: c.maxInflight,
    readMode: c.readMode,
    followerReads: c.followerReads,
    clockDriftBound: c.clockDriftBound,
    maxUncommittedEntries: c.maxUncommittedEntries,
    snapshotThreshold: c.snapshotThreshold,
    trailingEntries: c.trailingEntries,
    catchUpRounds: c.catchUpRounds,
    ablations: new Set(ctx.ablations.filter((rule) => known.has(rule)) as RaftAblation[]),
  });
  const state: RaftKvState = {
    config,
    sessionRules: {
      dedupe: config.rules.dedupe,
      snapshotKeepsAnswers: config.rules.snapshotKeepsAnswers,
      timeoutMicros: ms(c.sessionTimeoutMs),
    },
    raft: createRaft(config, readDisk(ctx.durable as HostedRaftDisk)),
    ...emptyMachine(),
    nextTag: 0,
    proposing: new Map(),
    writes: new Map(),
    reads: new Map(),
    catchingUp: -1,
    transfers: [],
    snapshotDue: null,
    effects: [],
  };
  restore(state, state.raft.snapshot);
  ctx.probe(RAFT_START, state);
  feed(state, ctx, { type: 'start' });
  return state;
}

/** One input to the protocol, and everything that follows from it. */
function feed(state: RaftKvState, ctx: Ctx, input: RaftInput): void {
  // A new list each time: emptying one costs more than making one.
  const effects: RaftEffect[] = [];
  state.effects = effects;
  const { raft: inner } = state;
  const termBefore = inner.term;
  const roleBefore = inner.role;
  const lastBefore = inner.log.lastIndex;
  const committedBefore = inner.commitIndex;
  step(state.config, inner, input, ctx.mono(), ctx.draws('election'), effects);
  if (inner.term !== termBefore) {
    ctx.tell<RaftKvFact>({ type: 'raft.term', term: inner.term, was: termBefore });
  }
  if (roleBefore === 'leader' && inner.role !== 'leader') {
    ctx.tell<RaftKvFact>({ type: 'raft.stepped-down', term: inner.term, was: termBefore });
    endTransfers(state, ctx);
  }
  ctx.probe(RAFT_STEP, state);
  for (let i = 0; i < effects.length; i++) {
    const effect = effects[i] as RaftEffect;
    if (effect.type === 'truncated') tellTruncated(ctx, effect.fromIndex, lastBefore);
    else if (effect.type === 'restore-snapshot') {
      restore(state, effect.snapshot);
      const { index } = effect.snapshot;
      ctx.tell<RaftKvFact>({ type: 'raft.snapshot-installed', index, was: committedBefore });
    } else perform(state, ctx, effect);
  }
  const due = state.snapshotDue;
  if (due === null) return;
  // Only now: the writes of the step under way come first on the disk.
  state.snapshotDue = null;
  const { index, machine } = due;
  ctx.tell<RaftKvFact>({ type: 'raft.snapshot-taken', index, keys: machine.store.length });
  feed(state, ctx, { type: 'snapshot-taken', index, state: machine });
}

/** The machine becomes what a snapshot says, if there is one. */
function restore(state: RaftKvState, snapshot: RaftSnapshot | null): void {
  if (snapshot !== null) becomeImage(state, snapshot.state as MachineImage);
}

/** A step truncates before it appends, so what was last before it was dropped. */
function tellTruncated(ctx: Ctx, from: number, lastBefore: number): void {
  ctx.tell<RaftKvFact>({ type: 'raft.truncated', from, entries: lastBefore - from + 1 });
}

type Performed = Exclude<RaftEffect, { type: 'truncated' | 'restore-snapshot' }>;

function perform(state: RaftKvState, ctx: Ctx, effect: Performed): void {
  switch (effect.type) {
    case 'send':
    case 'persist':
    case 'set-timer':
    case 'cancel-timer':
      return enact(ctx, effect);
    case 'committed':
      return apply(state, ctx, effect.from, effect.to);
    case 'role':
    case 'became-leader':
      return tellRole(state, ctx, effect);
    case 'take-snapshot':
      state.snapshotDue = { index: effect.index, machine: imageOf(state, state.sessionRules) };
      return;
    case 'configuration':
      return tellMembers(state, ctx, effect);
    case 'change-refused':
    case 'transfer-refused':
    case 'transfer-aborted':
      return tellRefused(state, ctx, effect);
    case 'appended':
    case 'compacted':
      return;
    default:
      return answer(state, ctx, effect);
  }
}

type Answer = Extract<
  RaftEffect,
  {
    type: 'propose-accepted' | 'propose-refused' | 'proposal-lost' | 'read-ready' | 'read-refused';
  }
>;

/** Effects that concern a client's request. */
function answer(state: RaftKvState, ctx: Ctx, effect: Answer): void {
  switch (effect.type) {
    case 'propose-accepted': {
      const call = take(state.proposing, effect.tag);
      if (state.catchingUp === effect.tag) state.catchingUp = -1;
      const { term, index } = effect;
      const asks = askedBy(state.raft.log.entry(index));
      state.writes.set(index, asks === null ? { call, term } : { call, term, asks });
      return;
    }
    case 'propose-refused':
      return tellDropped(ctx, take(state.proposing, effect.tag), effect);
    case 'proposal-lost': {
      const waiting = state.writes.get(effect.index);
      state.writes.delete(effect.index);
      if (waiting !== undefined) tellLost(state, ctx, waiting);
      return;
    }
    case 'read-ready':
    case 'read-refused':
      return endRead(state, ctx, effect);
  }
}

/** Nothing was written. A leader that is busy is the one to ask again; others name another. */
function tellDropped(
  ctx: Ctx,
  call: CallRef,
  { reason, leader }: Extract<RaftEffect, { type: 'propose-refused' }>,
): void {
  if (reason === 'too-many-uncommitted') ctx.refuse(call, 'busy');
  else ctx.refuse(call, reason, leaderHint(leader));
}

/** What becomes of the entry is up to others now: neither done nor failed. */
function tellLost({ config, raft: { leader } }: RaftKvState, ctx: Ctx, lost: WaitingWrite): void {
  const { lostIsNotDone, lostIsNotFailed } = config.rules;
  if (!lostIsNotDone && lost.asks === undefined) answerApplied(ctx, lost.call, null);
  else if (!lostIsNotFailed) refuse(ctx, lost.call, 'not-leader', leaderHint(leader));
  else refuse(ctx, lost.call, 'lost-leadership');
}

function tellRole(
  state: RaftKvState,
  ctx: Ctx,
  effect: Extract<RaftEffect, { type: 'role' | 'became-leader' }>,
): void {
  const { term, log } = state.raft;
  if (effect.type === 'became-leader') {
    ctx.tell<RaftKvFact>({ type: 'raft.leader', term: effect.term, lastIndex: log.lastIndex });
  } else if (effect.role === 'candidate' || effect.role === 'pre-candidate') {
    ctx.tell<RaftKvFact>({ type: 'raft.campaign', role: effect.role, term });
  }
}

/** Executes committed entries in order and answers whoever waits for them. */
function apply(state: RaftKvState, ctx: Ctx, from: number, to: number): void {
  for (let index = from; index <= to; index++) {
    const entry = state.raft.log.entry(index);
    if (entry === undefined) throw new InvariantError(`entry ${index} is committed but not held`);
    const applied =
      entry.command === null
        ? null
        : applyCommand(state, index, entry.command as KvCommand, state.sessionRules);
    const waiting = state.writes.get(index);
    if (waiting === undefined) continue;
    state.writes.delete(index);
    // Another leader's entry took the place of the one proposed: its fate is not known here.
    if (waiting.term !== entry.term) tellLost(state, ctx, waiting);
    else if (waiting.asks === 'members') done(ctx, waiting.call);
    else answerApplied(ctx, waiting.call, applied);
  }
  ctx.tell<RaftKvFact>({ type: 'raft.committed', from, to });
}

function askedBy(entry: RaftEntry | undefined): NonNullable<WaitingWrite['asks']> | null {
  if (entry?.members !== undefined) return 'members';
  const command = (entry?.command ?? null) as KvCommand | null;
  return command?.type === 'session' && command.request.type === 'kv-session.open'
    ? 'session'
    : null;
}

const receive = (state: RaftKvState, ctx: Ctx, message: RaftMessage, from: NodeIndex): void =>
  feed(state, ctx, { type: 'message', from, message });

export const raftKv = defineBehaviour<
  RaftKvState,
  RaftKvConfig,
  Handled,
  RaftKvView,
  RaftKvFact,
  HostedRaftDisk,
  HostedRaftRecord
>({
  component: 'raft-kv',
  about: 'A key-value server whose writes are ordered by Raft and whose reads are linearizable.',
  source: 'Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm (2014)',
  leavesOut: [
    'The size of a snapshot: it is sent and written like any other message.',
    'Keeping a session of a client alive that writes nothing.',
    'Sets that merge: of updates it takes increments and assignments.',
  ],
  badge: 'RK',
  serves: [kv, kvSession, raft, raftAdmin],
  // Each leader keeps a window for each follower, and every server hears of every vote.
  countMax: 99,
  links: {},
  config: raftKvConfig,
  check: checkRaftKv,
  facts: raftKvFacts,
  rules: RAFT_RULES.map(({ id }) => id),
  ruleNeeds,
  usage: kvUsage,
  roleNames: {
    leader: 'Accepts writes and replicates them.',
    follower: 'Answers a leader and waits for one.',
    'pre-candidate': 'Asks whether it could win an election.',
    candidate: 'Asks for votes.',
  },
  durable: hostedRaftDurable,
  actions: raftKvActions(feed),
  gauges: [
    {
      kind: 'level',
      title: 'Leads',
      about: 'One where a server takes itself for the leader; summed up, how many do.',
      most: 1,
      of: ({ raft: { role } }) => (role === 'leader' ? 1 : 0),
    },
  ],
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
    ...serveKv(feed),
    'raft-admin.change': (state, ctx, message, _from, call) =>
      onChange(state, ctx, message, call, feed),
    'raft-admin.transfer': (state, ctx, message, _from, call) =>
      onTransfer(state, ctx, message, call, feed),
  },
  onTimer(state, ctx, kind) {
    if (kind === 'election') feed(state, ctx, { type: 'election-timeout' });
    else if (kind === 'heartbeat') feed(state, ctx, { type: 'heartbeat-timeout' });
    else if (kind === 'transfer') feed(state, ctx, { type: 'transfer-timeout' });
    else feed(state, ctx, { type: 'check-quorum-timeout' });
  },
  onSynced(state, ctx, ticket) {
    feed(state, ctx, { type: 'persisted', upTo: ticket });
  },
  roles: (state) => [state.raft.role],
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as RaftKvState),
  plain: plainState,
});
