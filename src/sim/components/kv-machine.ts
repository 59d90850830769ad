/**
 * The state machine that the log drives: keys with their values, and the sessions of clients.
 *
 * Keeps: every server that has applied the same entries is in the same state, so nothing here looks
 * at a clock. The leader writes its time into each command of a session; the time of the machine
 * is the latest that it has read there, and sessions end by that (dissertation 6.3).
 *
 * Exactly once: the answer to a command is kept until its client has it, and a repeated command is
 * answered with that. An answer that is gone is not made up: the command may have been applied.
 */
import type { KvSessionOpen, KvSessionWrite, KvWrite } from '../contracts/kv-session.ts';
import type { KvUpdate, KvValue } from '../contracts/kv.ts';

/** What the log replicates: a write as it is, or a command of a session with the leader's time. */
export type KvCommand = KvWrite | SessionCommand;

interface SessionCommand {
  readonly type: 'session';
  /** The leader's wall clock when it took the command. */
  readonly atMicros: number;
  readonly request: KvSessionOpen | KvSessionWrite;
}

export interface Session {
  readonly usedMicros: number;
  /** The client has the answers of all commands before this one, and they are gone. */
  readonly firstPending: number;
  /** By number of command: whether it took effect. */
  readonly answers: ReadonlyMap<number, boolean>;
}

export interface Machine {
  readonly store: Map<string, KvValue>;
  /** By number: the index of the entry that opened it. Least recently used first. */
  readonly sessions: Map<number, Session>;
  sessionMicros: number;
}

/** A machine as a snapshot keeps it: keys with their values, oldest first, and sessions. */
export interface MachineImage {
  readonly store: readonly (readonly [string, KvValue])[];
  readonly sessions: readonly (readonly [number, Session])[];
  readonly sessionMicros: number;
}

export interface SessionRules {
  readonly dedupe: boolean;
  /** A snapshot holds the answers of sessions. */
  readonly snapshotKeepsAnswers: boolean;
  readonly timeoutMicros: number;
}

/** `opened` by an entry; `done` or not, by a comparison that failed; `expired`: not applied now. */
export type Applied =
  | { readonly type: 'opened'; readonly session: number }
  | { readonly type: 'done'; readonly applied: boolean }
  | { readonly type: 'expired' };

const DONE: Applied = Object.freeze({ type: 'done', applied: true });
const NOT_DONE: Applied = Object.freeze({ type: 'done', applied: false });
const EXPIRED: Applied = Object.freeze({ type: 'expired' });
const doneOr = (applied: boolean): Applied => (applied ? DONE : NOT_DONE);

export const emptyMachine = (): Machine => ({
  store: new Map(),
  sessions: new Map(),
  sessionMicros: 0,
});

export const copyMachine = ({ store, sessions, sessionMicros }: Machine): Machine => ({
  store: new Map(store),
  sessions: new Map(sessions),
  sessionMicros,
});

export function imageOf(
  { store, sessions, sessionMicros }: Machine,
  rules: Pick<SessionRules, 'snapshotKeepsAnswers'>,
): MachineImage {
  const kept = [...sessions];
  return Object.freeze({
    store: Object.freeze([...store]),
    sessions: Object.freeze(rules.snapshotKeepsAnswers ? kept : kept.map(unanswered)),
    sessionMicros,
  });
}

/** A session as if none of its commands had come. */
const unanswered = ([id, { usedMicros }]: readonly [number, Session]) =>
  [id, { usedMicros, firstPending: 0, answers: new Map() }] as const;

export function becomeImage(machine: Machine, image: MachineImage): void {
  machine.store.clear();
  for (const [key, value] of image.store) machine.store.set(key, value);
  machine.sessions.clear();
  for (const [id, session] of image.sessions) machine.sessions.set(id, session);
  machine.sessionMicros = image.sessionMicros;
}

/** Applies the command of the entry at `index`. */
export function applyCommand(
  machine: Machine,
  index: number,
  command: KvCommand,
  rules: SessionRules,
): Applied {
  if (command.type !== 'session') return doneOr(execute(machine.store, command));
  machine.sessionMicros = Math.max(machine.sessionMicros, command.atMicros);
  expire(machine, rules.timeoutMicros);
  const { request } = command;
  if (request.type === 'kv-session.write') return applyOnce(machine, request, rules);
  machine.sessions.set(index, {
    usedMicros: machine.sessionMicros,
    firstPending: 0,
    answers: new Map(),
  });
  return { type: 'opened', session: index };
}

function expire({ sessions, sessionMicros }: Machine, timeoutMicros: number): void {
  for (const [id, { usedMicros }] of sessions) {
    if (sessionMicros - usedMicros <= timeoutMicros) return;
    sessions.delete(id);
  }
}

function applyOnce(machine: Machine, request: KvSessionWrite, rules: SessionRules): Applied {
  const { session: id, sequence, write } = request;
  const { sessions, store, sessionMicros } = machine;
  const session = sessions.get(id);
  if (session === undefined) return EXPIRED;
  // A late copy of an old command does not know what its client has by now.
  const firstPending = Math.max(session.firstPending, request.firstPending);
  const answers = new Map([...session.answers].filter(([number]) => number >= firstPending));
  const known = session.answers.get(sequence);
  let outcome: Applied = EXPIRED;
  if (known !== undefined && rules.dedupe) outcome = doneOr(known);
  else if (sequence >= firstPending || !rules.dedupe) {
    const applied = execute(store, write);
    answers.set(sequence, applied);
    outcome = doneOr(applied);
  }
  // To the end: it is the one used last.
  sessions.delete(id);
  sessions.set(id, { usedMicros: sessionMicros, firstPending, answers });
  return outcome;
}

/** Returns whether the write took effect: false only for a comparison that failed. */
function execute(store: Map<string, KvValue>, write: KvWrite): boolean {
  const { key } = write;
  const held = store.get(key) ?? null;
  switch (write.type) {
    case 'kv.cas':
      if (held !== write.expected) return false;
      store.set(key, write.value);
      return true;
    case 'kv.put':
      store.set(key, write.value);
      return true;
    case 'kv.update':
      store.set(key, updated(held, write.update));
      return true;
  }
}

/** A counter is a number, and what holds none counts from 0; sets are not kept here. */
function updated(held: KvValue, update: KvUpdate['update']): KvValue {
  if (update.do === 'increment') return (typeof held === 'number' ? held : 0) + update.by;
  return update.do === 'assign' ? update.value : held;
}
