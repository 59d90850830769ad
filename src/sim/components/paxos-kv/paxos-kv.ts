/**
 * A key-value server replicated by Multi-Paxos: the host of the protocol on one node.
 *
 * Keeps: effects are performed in the protocol's order; a write is answered when its slot is
 * applied, a read when the protocol says so; a request whose fate the server no longer knows is
 * answered as lost-leadership, which is not definite.
 */
import { kvSession } from '../../contracts/kv-session.ts';
import type { KvSessionRequest, KvWrite } from '../../contracts/kv-session.ts';
import { kv } from '../../contracts/kv.ts';
import type { KvGet } from '../../contracts/kv.ts';
import { multiPaxos } from '../../contracts/multi-paxos.ts';
import type { PaxosMessage } from '../../contracts/multi-paxos.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import { PINGS_PER_TIMEOUT, createPaxosConfig } from '../../protocols/multi-paxos/config.ts';
import type { PaxosConfig } from '../../protocols/multi-paxos/config.ts';
import type {
  PaxosEffect,
  PaxosInput,
  PaxosPersist,
  PaxosRole,
} from '../../protocols/multi-paxos/effects.ts';
import { PAXOS_RULES } from '../../protocols/multi-paxos/rules.ts';
import type { PaxosAblation } from '../../protocols/multi-paxos/rules.ts';
import {
  applyPersist,
  clonePaxosDisk,
  createPaxos,
  createPaxosDisk,
} from '../../protocols/multi-paxos/state.ts';
import type { PaxosDisk } from '../../protocols/multi-paxos/state.ts';
import { step } from '../../protocols/multi-paxos/step.ts';
import { enact } from '../enact.ts';
import { applyCommand, emptyMachine } from '../kv-machine.ts';
import type { KvCommand } from '../kv-machine.ts';
import { answerApplied, endRead, leaderHint, serveKv } from '../kv-serving.ts';
import { checkPaxosKv, paxosKvConfig, quorumOf } from './config.ts';
import type { PaxosKvConfig } from './config.ts';
import { paxosKvFacts } from './facts.ts';
import type { PaxosKvFact } from './facts.ts';
import { kvUsage } from '../kv-usage.ts';
import { take } from '../waiting.ts';
import { ruleNeeds } from './rule-needs.ts';
import { viewOf } from './show.ts';
import { copyState, plainState } from './state.ts';
import type { PaxosKvState } from './state.ts';
import type { PaxosKvView } from './view.ts';

type Ctx = Context<PaxosKvConfig>;
type Handled = PaxosMessage | KvGet | KvWrite | KvSessionRequest;

/** Channel on which checks watch every step of the protocol; the payload is the node's state. */
export const PAXOS_STEP = 'paxos.step';
/** Told once after each start, with the state built from the disk. */
export const PAXOS_START = 'paxos.start';

const RULES = new Set<string>(PAXOS_RULES.map(({ id }) => id));

function configOf(ctx: Ctx): PaxosConfig {
  const c = ctx.config;
  const peers = ctx.members('peers');
  const ablations = new Set(ctx.ablations.filter((rule) => RULES.has(rule)) as PaxosAblation[]);
  const phase2Quorum = quorumOf(c.phase2Quorum, peers.length);
  // Somebody may have added servers since the plan was checked: the quorums must still meet.
  const least = ablations.has('paxos.quorum-intersection') ? 1 : peers.length - phase2Quorum + 1;
  const phase1Quorum = Math.max(least, quorumOf(c.phase1Quorum, peers.length));
  return createPaxosConfig({
    id: ctx.self,
    peers,
    electionTrigger: c.electionTrigger,
    electionTimeoutMicros: ms(c.electionTimeoutMs),
    electionJitter: c.electionJitter,
    pingMicros: c.pingMs > 0 ? ms(c.pingMs) : micros(ms(c.electionTimeoutMs) / PINGS_PER_TIMEOUT),
    phase1Quorum,
    phase2Quorum,
    maxEntriesPerAccept: c.maxEntriesPerAccept,
    readMode: c.readMode,
    ablations,
  });
}

function start(ctx: Ctx): PaxosKvState {
  const config = configOf(ctx);
  const state: PaxosKvState = {
    config,
    sessionRules: {
      dedupe: true,
      snapshotKeepsAnswers: true,
      timeoutMicros: ms(ctx.config.sessionTimeoutMs),
    },
    paxos: createPaxos(config, ctx.durable as PaxosDisk),
    ...emptyMachine(),
    nextTag: 0,
    proposing: new Map(),
    writes: new Map(),
    reads: new Map(),
    effects: [],
  };
  ctx.probe(PAXOS_START, state);
  feed(state, ctx, { type: 'start' });
  return state;
}

/** One input to the protocol, and everything that follows from it. */
function feed(state: PaxosKvState, ctx: Ctx, input: PaxosInput): void {
  const effects: PaxosEffect[] = [];
  state.effects = effects;
  const { paxos } = state;
  const { promised: before, role } = paxos;
  step(state.config, paxos, input, ctx.draws('election'), effects);
  tellTurn(state, ctx, before.round, role);
  ctx.probe(PAXOS_STEP, state);
  for (const effect of effects) perform(state, ctx, effect);
}

function tellTurn({ paxos, config }: PaxosKvState, ctx: Ctx, round: number, was: PaxosRole): void {
  const { promised, seen, role } = paxos;
  if (was !== 'follower' && role === 'follower') {
    ctx.tell<PaxosKvFact>({ type: 'paxos.preempted', round, by: seen.round });
  }
  if (promised.round > round && promised.id !== config.id) {
    const owner = ctx.nameOf(promised.id);
    ctx.tell<PaxosKvFact>({ type: 'paxos.promised', round: promised.round, owner });
  }
}

function perform(state: PaxosKvState, ctx: Ctx, effect: PaxosEffect): void {
  switch (effect.type) {
    case 'send':
    case 'persist':
    case 'set-timer':
    case 'cancel-timer':
      return enact(ctx, effect);
    case 'committed':
      return apply(state, ctx, effect.from, effect.to);
    case 'role':
      return tellRole(state, ctx, effect.role, effect.ballot.round);
    case 'proposed':
    case 'self-accepted':
      return;
    default:
      return answer(state, ctx, effect);
  }
}

type Answer = Extract<
  PaxosEffect,
  {
    type: 'propose-accepted' | 'propose-refused' | 'proposal-lost' | 'read-ready' | 'read-refused';
  }
>;

/** Effects that concern a client's request. */
function answer(state: PaxosKvState, ctx: Ctx, effect: Answer): void {
  switch (effect.type) {
    case 'propose-accepted':
      state.writes.set(effect.slot, effect.tag);
      return;
    case 'propose-refused':
      return ctx.refuse(take(state.proposing, effect.tag), 'not-leader', leaderHint(effect.leader));
    case 'proposal-lost':
      state.writes.delete(effect.slot);
      return ctx.refuse(take(state.proposing, effect.tag), 'lost-leadership');
    case 'read-ready':
    case 'read-refused':
      return endRead(state, ctx, effect);
  }
}

function tellRole({ paxos }: PaxosKvState, ctx: Ctx, role: PaxosRole, round: number): void {
  if (role === 'candidate') ctx.tell<PaxosKvFact>({ type: 'paxos.campaign', round });
  if (role !== 'leader') return;
  const recovered = Math.max(0, paxos.recoveredTo - paxos.chosen);
  ctx.tell<PaxosKvFact>({ type: 'paxos.leader', round, recovered });
}

/** Executes chosen commands in the order of their slots and answers whoever waits for them. */
function apply(state: PaxosKvState, ctx: Ctx, from: number, to: number): void {
  for (let slot = from; slot <= to; slot += 1) {
    const entry = state.paxos.accepted.get(slot);
    if (entry === undefined) throw new InvariantError(`slot ${slot} is chosen but not held`);
    const command = entry.command as KvCommand | null;
    const applied =
      command === null ? null : applyCommand(state, slot, command, state.sessionRules);
    const tag = state.writes.get(slot);
    if (tag === undefined) continue;
    state.writes.delete(slot);
    answerApplied(ctx, take(state.proposing, tag), applied);
  }
  ctx.tell<PaxosKvFact>({ type: 'paxos.committed', from, to });
}

const receive = (state: PaxosKvState, ctx: Ctx, message: PaxosMessage, from: NodeIndex): void =>
  feed(state, ctx, { type: 'message', from, message });

export const paxosKv = defineBehaviour<
  PaxosKvState,
  PaxosKvConfig,
  Handled,
  PaxosKvView,
  PaxosKvFact,
  PaxosDisk,
  PaxosPersist
>({
  component: 'paxos-kv',
  about: 'A key-value server whose writes are ordered by Multi-Paxos, with quorums of either size.',
  source: 'Lamport, Paxos Made Simple (2001); van Renesse & Altinbuken (2015)',
  leavesOut: [
    'Snapshots: the log is kept from its beginning.',
    'Changes of the members: the acceptors are those of the group at the start.',
    'Leases of a master: a read costs a round, a slot, or the certainty of being fresh.',
    'A window on open slots: a leader proposes as fast as it is asked.',
  ],
  badge: 'PX',
  serves: [kv, kvSession, multiPaxos],
  countMax: 99,
  links: {},
  config: paxosKvConfig,
  check: checkPaxosKv,
  facts: paxosKvFacts,
  rules: [...RULES],
  ruleNeeds,
  usage: kvUsage,
  roleNames: {
    leader: 'Accepts writes and has them chosen.',
    follower: 'Promises, accepts, and waits.',
    candidate: 'Asks for promises.',
  },
  durable: {
    empty: createPaxosDisk,
    apply: applyPersist,
    save: clonePaxosDisk,
    restore: (image) => clonePaxosDisk(image as PaxosDisk),
    plain: ({ promised, accepted }) => ({ promised, accepted: accepted.slice(1, accepted.last) }),
  },
  gauges: [
    {
      kind: 'level',
      title: 'Promised round',
      about: 'The round of the latest ballot that a server has promised: it grows with each try.',
      of: ({ paxos }) => paxos.promised.round,
    },
    {
      kind: 'count',
      title: 'Slots applied',
      about: 'Slots that a server knows to be chosen, and has applied.',
      unit: '1/s',
      of: ({ paxos }) => paxos.chosen,
    },
  ],
  start,
  on: {
    'paxos.prepare': receive,
    'paxos.promise': receive,
    'paxos.accept': receive,
    'paxos.accepted': receive,
    'paxos.reject': receive,
    'paxos.ping': receive,
    'paxos.pong': receive,
    'paxos.learn': receive,
    'paxos.chosen': receive,
    ...serveKv(feed),
  },
  onTimer(state, ctx, kind) {
    feed(state, ctx, { type: kind === 'election' ? 'election-timeout' : 'ping-timeout' });
  },
  onSynced(state, ctx, ticket) {
    feed(state, ctx, { type: 'persisted', upTo: ticket });
  },
  roles: (state) => [state.paxos.role],
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as PaxosKvState),
  plain: plainState,
});
