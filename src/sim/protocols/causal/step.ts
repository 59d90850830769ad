/**
 * One step of a datacentre of a causal store: an input in, effects out.
 *
 * Pure but for the state that it is given: no clock of its own, no network, no draws.
 * Reads and writes are local. A write from elsewhere is applied after all that it depends on, and
 * of two versions of a key the later stamp stays: causal+ (Lloyd et al., COPS, SOSP 2011).
 *
 * Differs: a datacentre is one node, so its writes are sent and applied in their order, and a
 * dependency names an origin and a count (as Ladin et al., Lazy Replication, TOCS 1992), where
 * COPS, whose datacentres split keys over servers, names keys with versions.
 */
import type { CausalWrite } from '../../contracts/causal.ts';
import type { KvContext } from '../../contracts/kv.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { missing } from './dependencies.ts';
import { applyWrite, trim } from './state.ts';
import type {
  CausalConfig,
  CausalEffect,
  CausalFact,
  CausalInput,
  CausalState,
  Held,
  Storing,
} from './state.ts';

interface Step {
  readonly config: CausalConfig;
  readonly state: CausalState;
  readonly monoMicros: number;
  readonly out: CausalEffect[];
}

/** The client that waits for a write from elsewhere: nobody. */
const NOBODY = -1;

export function step(
  config: CausalConfig,
  state: CausalState,
  input: CausalInput,
  monoMicros: number,
  out: CausalEffect[],
): void {
  const at: Step = { config, state, monoMicros, out };
  switch (input.type) {
    case 'start':
      return start(at);
    case 'write':
      return write(at, input);
    case 'read':
      return read(at, input.tag, input.key);
    case 'message':
      if (input.message.type === 'causal.applied') {
        return onApplied(at, input.from, input.message.count);
      }
      return onReplicated(at, input.from, input.message.writes);
    case 'persisted':
      return onPersisted(at, input.ticket);
    case 'timer':
      return onResend(at);
  }
}

const tell = ({ out }: Step, fact: CausalFact): void => void out.push({ type: 'told', fact });
const others = ({ config }: Step): readonly PeerId[] =>
  config.peers.filter((peer) => peer !== config.id);

/** After a restart what others may lack is sent again. */
function start(at: Step): void {
  const { state } = at;
  if (state.outbox.length === 0) return;
  for (const peer of others(at)) sendAfter(at, peer, state.acknowledged.get(peer) ?? 0);
  arm(at);
}

function read({ state, out }: Step, tag: number, key: string): void {
  const held = state.cells.get(key);
  const value = held?.value ?? null;
  // A deleted key is seen, too: whoever finds nothing depends on what took it away.
  const dependencies: KvContext = held === undefined ? [] : [[held.origin, held.count]];
  out.push({ type: 'answer', tag, reply: { type: 'kv.value', value, dependencies } });
}

function write(at: Step, asked: Extract<CausalInput, { type: 'write' }>): void {
  const { config, state, out } = at;
  const { tag, key, value, dependencies } = asked;
  // Somebody who comes from elsewhere and has seen more than is here.
  if (config.rules.dependencyCheck && missing(state.applied, dependencies) !== undefined) {
    out.push({ type: 'answer', tag, reply: 'replica-behind' });
    return;
  }
  state.clock += 1;
  state.count += 1;
  const made: CausalWrite = Object.freeze({
    origin: config.id,
    count: state.count,
    lamport: state.clock,
    key,
    value,
    // What came from here is before it in any case.
    dependencies: dependencies.filter(([origin]) => origin !== config.id),
  });
  store(at, made, tag);
  endStep(at);
}

/** Own writes are kept until all others have them, so that they can be sent again. */
const isKeptBy = ({ id, peers, rules }: CausalConfig, { origin }: CausalWrite): boolean =>
  origin === id && rules.resend && peers.length > 1;

/** To the disk; once it is there, it is applied. */
function store(at: Step, made: CausalWrite, tag: number): void {
  const { config, state, out } = at;
  const { lastWriterWins } = config.rules;
  const isKept = isKeptBy(config, made);
  state.taken.set(made.origin, made.count);
  out.push({ type: 'persist', record: { type: 'apply', write: made, isKept, lastWriterWins } });
  state.storing.push({ ticket: state.ticket + 1, write: made, tag });
}

/** One sync for all that a step has stored. */
function endStep(at: Step): void {
  const { config, state, out } = at;
  if (state.storing.at(-1)?.ticket !== state.ticket + 1) return;
  state.ticket += 1;
  out.push({ type: 'sync', ticket: state.ticket });
  if (!config.rules.persistBeforeReply) onPersisted(at, state.ticket);
}

function onPersisted(at: Step, ticket: number): void {
  const { config, state } = at;
  const due = state.storing.filter((one) => one.ticket <= ticket);
  if (due.length === 0) return;
  state.storing.splice(0, due.length);
  const origins = new Set<PeerId>();
  for (const one of due) {
    apply(at, one);
    if (one.write.origin !== config.id) origins.add(one.write.origin);
  }
  for (const origin of origins) acknowledge(at, origin);
  release(at);
  endStep(at);
}

function apply(at: Step, { write: made, tag }: Storing): void {
  const { config, state, out } = at;
  if (!applyWrite(state, made, config.rules.lastWriterWins)) {
    state.outdated += 1;
    tell(at, { type: 'causal.outdated', key: made.key, from: made.origin });
  }
  if (made.origin !== config.id) return;
  if (tag !== NOBODY) {
    const dependencies: KvContext = [[made.origin, made.count]];
    out.push({ type: 'answer', tag, reply: { type: 'kv.done', applied: true, dependencies } });
  }
  replicate(at, made);
}

/** Sends a write to whoever has been sent all before it; the others get it with those. */
function replicate(at: Step, made: CausalWrite): void {
  const { config, state, out } = at;
  for (const peer of others(at)) {
    if ((state.sent.get(peer) ?? 0) !== made.count - 1) continue;
    state.sent.set(peer, made.count);
    out.push({ type: 'send', to: peer, message: { type: 'causal.replicate', writes: [made] } });
  }
  if (!isKeptBy(config, made)) return;
  state.outbox.push(made);
  arm(at);
}

function arm({ config, state, out }: Step): void {
  if (state.resending) return;
  state.resending = true;
  out.push({ type: 'set-timer', timer: 'resend', afterMicros: config.resendMicros });
}

/** Whoever has told nothing new since the last look is sent again what it has not applied. */
function onResend(at: Step): void {
  const { state } = at;
  state.resending = false;
  if (state.outbox.length === 0) return;
  for (const peer of others(at)) {
    const known = state.acknowledged.get(peer) ?? 0;
    if (state.looked.get(peer) === known) sendAfter(at, peer, known);
    state.looked.set(peer, known);
  }
  arm(at);
}

function sendAfter({ config, state, out }: Step, peer: PeerId, count: number): void {
  const writes = state.outbox.filter((one) => one.count > count).slice(0, config.batchMax);
  const last = writes.at(-1);
  if (last === undefined) return;
  state.sent.set(peer, last.count);
  out.push({ type: 'send', to: peer, message: { type: 'causal.replicate', writes } });
}

function onApplied(at: Step, from: PeerId, count: number): void {
  const { state, out } = at;
  const known = state.acknowledged.get(from) ?? 0;
  if (count <= known) return;
  state.acknowledged.set(from, count);
  // A batch that was sent again has arrived: the next one follows it.
  const sent = state.sent.get(from) ?? 0;
  if (count >= sent && state.count > sent) sendAfter(at, from, count);
  const all = Math.min(...others(at).map((peer) => state.acknowledged.get(peer) ?? 0));
  if (state.outbox[0] === undefined || state.outbox[0].count > all) return;
  trim(state.outbox, all);
  // Not worth a flush of its own: what comes back with a crash is sent again, and ignored.
  out.push({ type: 'persist', record: { type: 'trim', count: all } });
}

const acknowledge = ({ state, out }: Step, to: PeerId): void =>
  void out.push({
    type: 'send',
    to,
    message: { type: 'causal.applied', count: state.applied.get(to) ?? 0 },
  });

function onReplicated(at: Step, from: PeerId, writes: readonly CausalWrite[]): void {
  const { config, state, monoMicros } = at;
  const fresh: Held[] = [];
  let isOld = false;
  for (const made of writes) {
    const { origin, count } = made;
    if (count <= (state.applied.get(origin) ?? 0)) isOld = true;
    if (count <= (state.taken.get(origin) ?? 0)) continue;
    if (state.held.some(({ write: one }) => one.origin === origin && one.count === count)) continue;
    if (config.rules.clockAdvance) state.clock = Math.max(state.clock, made.lamport);
    fresh.push(Object.freeze({ write: made, sinceMicros: monoMicros }));
  }
  // Our word that it is applied was lost.
  if (isOld) acknowledge(at, from);
  state.held.push(...fresh);
  release(at);
  for (const one of fresh) if (state.held.includes(one)) holdBack(at, one.write);
  endStep(at);
}

function holdBack(at: Step, { key, origin, count, dependencies }: CausalWrite): void {
  const { state } = at;
  state.heldBack += 1;
  const isNext = count === (state.taken.get(origin) ?? 0) + 1;
  const lacks = isNext ? missing(state.applied, dependencies) : ([origin, count - 1] as const);
  if (lacks === undefined) return;
  const [waitsFor, lacked] = lacks;
  tell(at, { type: 'causal.held-back', key, from: origin, waitsFor, count: lacked });
}

/** Whether it is the next of its origin, and all that it depends on is visible. */
function isDue({ config, state }: Step, { origin, count, dependencies }: CausalWrite): boolean {
  if (count !== (state.taken.get(origin) ?? 0) + 1) return false;
  return !config.rules.dependencyCheck || missing(state.applied, dependencies) === undefined;
}

/** Stores what waited and need not any longer; what is stored may let others of its origin go. */
function release(at: Step): void {
  const { state, monoMicros } = at;
  for (let i = 0; i < state.held.length; i++) {
    const { write: made, sinceMicros } = state.held[i]!;
    if (!isDue(at, made)) continue;
    state.held.splice(i, 1);
    if (sinceMicros < monoMicros) {
      tell(at, {
        type: 'causal.released',
        key: made.key,
        heldMicros: monoMicros - sinceMicros,
      });
    }
    store(at, made, NOBODY);
    i = -1;
  }
}
