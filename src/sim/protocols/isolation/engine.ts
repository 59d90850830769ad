/**
 * The statements of transactions at one shard: locks, versions, snapshots, waits.
 *
 * Invariants: each statement is answered once, now or when its wait is over; a refused statement
 * has aborted its transaction here.
 *
 * Sources: see `levels.ts`; Rosenkrantz, Stearns, Lewis, System Level Concurrency Control (TODS
 * 1978) for wound-wait
 */
import type { Statement } from '../../contracts/txn.ts';
import {
  blockers,
  deadlockOf,
  enqueue,
  forgetRequests,
  grant,
  grantNext,
  holds,
  prefix,
  release,
  row,
} from './lock-table.ts';
import type { Lock, LockMode, LockTarget } from './lock-table.ts';
import { levelRules } from './levels.ts';
import { noteRead, noteScan, noteWrite } from './ssi.ts';
import type { Engine, Outcome, Refusal, TxnHead, TxnState } from './state.ts';
import { answer, hear, isLater, refusal } from './state.ts';
import {
  change,
  dropVersions,
  hasChanged,
  inDoubt,
  keysUnder,
  newestOf,
  readsOf,
  seenBy,
} from './versions.ts';

const OTHERS_FIRST = 'could not serialize access';

/** A transaction comes to this shard. */
export function enlist(at: Engine, head: TxnHead): TxnState {
  hear(at, head.snapshot);
  const txn: TxnState = {
    ...head,
    status: 'active',
    at: null,
    writes: new Set(),
    reads: new Set(),
    scans: new Set(),
    hasIn: false,
    hasOut: false,
    isDoomed: false,
    isShared: false,
    seq: 0,
  };
  at.state.txns.set(head.txn, txn);
  return txn;
}

/** One statement of a transaction that was enlisted. */
export function ask(at: Engine, id: number, statement: Statement, tag: number): void {
  const txn = at.state.txns.get(id);
  if (txn?.status !== 'active') return answer(at, tag, refusal('25P01', 'it has ended here'));
  attempt(at, txn, statement, tag);
}

/** Tries a statement from its beginning; what it has locked already stays locked. */
function attempt(at: Engine, txn: TxnState, statement: Statement, tag: number): void {
  const refused = check(at, txn, statement);
  if (refused !== null) return refuse(at, txn, tag, refused);
  for (const [target, mode] of locksFor(at, txn, statement)) {
    if (!acquire(at, txn, statement, { txn: txn.txn, target, mode }, tag)) return;
  }
  const doubt = doubtOf(at, txn, statement);
  if (doubt !== null) {
    at.state.waits.set(tag, { txn: txn.txn, statement, why: 'prepared' });
    at.out.push({ type: 'waiting', tag, txn: txn.txn, on: [doubt], why: 'prepared' });
    return;
  }
  const outcome = perform(at, txn, statement);
  if (outcome.type === 'refused') return refuse(at, txn, tag, outcome);
  if (txn.isDoomed) return refuse(at, txn, tag, check(at, txn, statement) ?? outcome);
  letGoEarly(at, txn, statement);
  answer(at, tag, outcome);
}

/** Whether it locks its row for itself alone. */
const isChange = (statement: Statement): boolean =>
  statement.do !== 'read' && statement.do !== 'scan';

function check(at: Engine, txn: TxnState, statement: Statement): Outcome | null {
  if (txn.isDoomed) return refusal('40001', `${OTHERS_FIRST}: it is a pivot of antidependencies`);
  if (txn.readOnly && isChange(statement)) return refusal('25006', 'it was begun as read only');
  return isTooOld(at, txn) ? refusal('72000', 'its snapshot is too old') : null;
}

/** What its snapshot needs, or what others have to know of it, may be gone. */
export function isTooOld(at: Engine, txn: TxnState): boolean {
  const { config, state, wallMicros } = at;
  if (readsOf(at, txn) !== 'snapshot') return false;
  if (isLater(state.horizon, txn.snapshot)) return true;
  return txn.snapshot.l + config.keepMicros < wallMicros;
}

function locksFor(at: Engine, txn: TxnState, statement: Statement): [LockTarget, LockMode][] {
  if (isChange(statement)) {
    return [[row((statement as { readonly key: string }).key), 'exclusive']];
  }
  if (readsOf(at, txn) !== 'locked') return [];
  if (statement.do === 'read') return [[row(statement.key), 'shared']];
  if (statement.do !== 'scan') return [];
  const rows = keysUnder(at.state, statement.prefix).map((key): [LockTarget, LockMode] => [
    row(key),
    'shared',
  ]);
  const { predicateLocks } = levelRules(at.config.isolation);
  if (!predicateLocks || !at.config.rules['locking.predicates']) return rows;
  return [[prefix(statement.prefix), 'shared']];
}

/** True: it has the lock. False: it waits, or was refused. */
function acquire(
  at: Engine,
  txn: TxnState,
  statement: Statement,
  lock: Lock,
  tag: number,
): boolean {
  const { config, state, out } = at;
  if (holds(state.locks, lock)) return true;
  if (config.deadlocks === 'wound-wait' && config.rules['locking.deadlocks']) {
    woundYounger(at, txn, lock);
  }
  const on = blockers(state.locks, lock);
  if (on.length === 0) {
    grant(state.locks, lock);
    return true;
  }
  enqueue(state.locks, { ...lock, tag });
  const circle = config.deadlocks === 'detect' ? deadlockOf(state.locks, txn.txn) : null;
  if (circle !== null && config.rules['locking.deadlocks']) {
    out.push({ type: 'deadlock', circle });
    refuse(at, txn, tag, refusal('40P01', `deadlock with ${circle.slice(1).join(', ')}`));
    return false;
  }
  state.waits.set(tag, { txn: txn.txn, statement, why: 'lock' });
  out.push({ type: 'waiting', tag, txn: txn.txn, on, why: 'lock' });
  return false;
}

/** The older one does not wait for younger ones, nor for those that come in when these go. */
function woundYounger(at: Engine, older: TxnState, lock: Lock): void {
  for (;;) {
    const younger = blockers(at.state.locks, lock).filter((id) => isYounger(at, id, older));
    if (younger.length === 0) return;
    for (const id of younger) strike(at, id, '40001', `wounded by the older ${older.txn}`);
  }
}

/** What is prepared is not wounded: it ends soon, and by another's word. */
function isYounger({ state }: Engine, id: number, older: TxnState): boolean {
  const one = state.txns.get(id);
  if (one?.status !== 'active') return false;
  if (one.sinceMicros !== older.sinceMicros) return one.sinceMicros > older.sinceMicros;
  return one.txn > older.txn;
}

function doubtOf(at: Engine, txn: TxnState, statement: Statement): number | null {
  if (statement.do === 'read') return inDoubt(at, txn, statement.key);
  if (statement.do !== 'scan') return null;
  for (const key of keysUnder(at.state, statement.prefix)) {
    const doubt = inDoubt(at, txn, key);
    if (doubt !== null) return doubt;
  }
  return null;
}

function perform(at: Engine, txn: TxnState, statement: Statement): Outcome {
  switch (statement.do) {
    case 'read':
      noteRead(at, txn, statement.key);
      return { type: 'done', ...seenBy(at, txn, statement.key) };
    case 'scan': {
      noteScan(at, txn, statement.prefix);
      const rows = keysUnder(at.state, statement.prefix)
        .map((key) => ({ key, ...seenBy(at, txn, key) }))
        .filter(({ value }) => value !== null);
      return { type: 'done', value: null, xmin: null, rows };
    }
    case 'read-for-update':
    case 'write':
    case 'append':
    case 'add': {
      const { firstCommitterWins } = levelRules(at.config.isolation);
      const isStrict = firstCommitterWins && at.config.rules['mvcc.first-committer-wins'];
      if (isStrict && hasChanged(at, txn, statement.key)) {
        return refusal('40001', `${OTHERS_FIRST} to ${statement.key} due to concurrent update`);
      }
      if (statement.do === 'read-for-update') {
        noteRead(at, txn, statement.key);
        return { type: 'done', ...newestOf(at, statement.key) };
      }
      noteWrite(at, txn, statement.key);
      return { type: 'done', ...change(at, txn, statement) };
    }
  }
}

/** Locks that are not held to the end, where a rule says so no more. */
function letGoEarly(at: Engine, txn: TxnState, statement: Statement): void {
  const { config, state } = at;
  const mode: LockMode = isChange(statement) ? 'exclusive' : 'shared';
  const isHeld =
    mode === 'exclusive'
      ? config.rules['locking.writes-until-commit']
      : config.rules['locking.reads-until-commit'];
  const early = isHeld ? [] : locksFor(at, txn, statement);
  if (early.length === 0) return;
  for (const [target] of early) release(state.locks, txn.txn, { target, mode });
  wake(at);
}

function refuse(at: Engine, txn: TxnState, tag: number, outcome: Outcome): void {
  answer(at, tag, outcome);
  abort(at, txn.txn, '25P01', 'it has aborted');
}

/** It ends here without a trace. Statements of it that wait are refused with the code given. */
export function abort(at: Engine, id: number, code: Refusal, why: string): void {
  const { state } = at;
  const txn = state.txns.get(id);
  if (txn === undefined || txn.status === 'committed') return;
  state.txns.delete(id);
  dropVersions(at, txn);
  letGo(at, id, code, why);
}

/** Aborts it though it did not ask, and lets whoever runs it know. */
export function strike(at: Engine, id: number, code: Refusal, why: string): void {
  const gateway = at.state.txns.get(id)?.gateway;
  const isWaiting = [...at.state.waits.values()].some((wait) => wait.txn === id);
  abort(at, id, code, why);
  if (isWaiting || gateway === undefined) return;
  at.out.push({ type: 'struck', txn: id, gateway, code, why });
}

/** Its locks are free, and it waits for nothing; those that waited for it go on. */
export function letGo(at: Engine, id: number, code: Refusal, why: string): void {
  const { state } = at;
  for (const [tag, wait] of [...state.waits]) {
    if (wait.txn !== id) continue;
    state.waits.delete(tag);
    answer(at, tag, refusal(code, why));
  }
  forgetRequests(state.locks, id);
  release(state.locks, id);
  wake(at);
}

/** A wait for a lock has lasted too long. */
export function giveUpWaiting(at: Engine, tag: number): void {
  const wait = at.state.waits.get(tag);
  const txn = wait === undefined ? undefined : at.state.txns.get(wait.txn);
  if (wait?.why !== 'lock' || txn === undefined) return;
  at.state.waits.delete(tag);
  refuse(at, txn, tag, refusal('55P03', 'it waited for a lock for too long'));
}

/** Whoever can go on does. */
export function wake(at: Engine): void {
  const { state } = at;
  const served = grantNext(state.locks).map(({ tag }) => tag);
  const doubting = [...state.waits].filter(([, { why }]) => why === 'prepared');
  for (const tag of [...served, ...doubting.map(([one]) => one)]) {
    const wait = state.waits.get(tag);
    const txn = wait === undefined ? undefined : state.txns.get(wait.txn);
    if (wait === undefined || txn === undefined) continue;
    state.waits.delete(tag);
    attempt(at, txn, wait.statement, tag);
  }
}
