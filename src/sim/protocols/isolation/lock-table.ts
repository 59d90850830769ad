/**
 * A table of locks on rows and on predicates, shared or exclusive, and who waits for them.
 *
 * Invariants
 *  - Two granted locks of different transactions never conflict.
 *  - First come, first served: a request waits also for conflicting ones that wait before it, so
 *    nobody starves. Only who holds a shared lock and wants the exclusive one goes before the rest.
 *
 * Sources: Gray and Reuter, Transaction Processing (1993), 7.8 and 8.4; Eswaran et al. (1976)
 */

export type LockMode = 'shared' | 'exclusive';

/** A row, or all rows whose keys begin with a text (there or not). */
export interface LockTarget {
  readonly kind: 'row' | 'prefix';
  readonly name: string;
}

/** Immutable. */
export interface Lock {
  readonly txn: number;
  readonly target: LockTarget;
  readonly mode: LockMode;
}
/** A lock that is waited for; `tag` names the wait. */
export interface Request extends Lock {
  readonly tag: number;
}

export interface LockTable {
  readonly granted: Lock[];
  /** In the order of arrival. */
  readonly waiting: Request[];
}

export const createLockTable = (): LockTable => ({ granted: [], waiting: [] });

export const row = (name: string): LockTarget => Object.freeze({ kind: 'row', name });
export const prefix = (name: string): LockTarget => Object.freeze({ kind: 'prefix', name });

export function touches(a: LockTarget, b: LockTarget): boolean {
  if (a.kind === 'row' && b.kind === 'row') return a.name === b.name;
  if (a.kind === 'row') return a.name.startsWith(b.name);
  if (b.kind === 'row') return b.name.startsWith(a.name);
  return a.name.startsWith(b.name) || b.name.startsWith(a.name);
}

const conflicts = (a: Lock, b: Lock): boolean =>
  a.txn !== b.txn &&
  (a.mode === 'exclusive' || b.mode === 'exclusive') &&
  touches(a.target, b.target);

const covers = (held: Lock, wanted: Lock): boolean =>
  held.txn === wanted.txn &&
  (held.mode === 'exclusive' || wanted.mode === 'shared') &&
  held.target.kind === wanted.target.kind &&
  held.target.name === wanted.target.name;

const isUpgrade = ({ granted }: LockTable, wanted: Lock): boolean =>
  wanted.mode === 'exclusive' &&
  granted.some((held) => covers({ ...held, mode: 'exclusive' }, wanted));

export const holds = ({ granted }: LockTable, wanted: Lock): boolean =>
  granted.some((held) => covers(held, wanted));

/** The transactions that a lock would have to wait for, each once: nobody, and it can be had. */
export function blockers(table: LockTable, wanted: Lock, before = table.waiting.length): number[] {
  const found = new Set<number>();
  for (const held of table.granted) if (conflicts(held, wanted)) found.add(held.txn);
  if (!isUpgrade(table, wanted)) {
    for (let i = 0; i < before; i++) {
      const other = table.waiting[i] as Request;
      if (conflicts(other, wanted)) found.add(other.txn);
    }
  }
  return [...found];
}

/** Grants a lock that nobody blocks; one that is held already is held once. */
export function grant(table: LockTable, { txn, target, mode }: Lock): void {
  const wanted: Lock = Object.freeze({ txn, target, mode });
  if (!holds(table, wanted)) table.granted.push(wanted);
}

export function enqueue(table: LockTable, request: Request): void {
  table.waiting.push(Object.freeze(request));
}

/** Gives back what a transaction holds: all of it, or of one mode on one target. */
export function release(
  table: LockTable,
  txn: number,
  only?: { readonly target: LockTarget; readonly mode: LockMode },
): void {
  keep(
    table.granted,
    (held) =>
      held.txn !== txn ||
      (only !== undefined &&
        (held.mode !== only.mode ||
          held.target.kind !== only.target.kind ||
          held.target.name !== only.target.name)),
  );
}

/** It does not wait any more. */
export function forgetRequests(table: LockTable, txn: number): void {
  keep(table.waiting, (request) => request.txn !== txn);
}

/** Those that wait for nobody any more, in order, now granted. */
export function grantNext(table: LockTable): Request[] {
  const served: Request[] = [];
  for (let i = 0; i < table.waiting.length;) {
    const request = table.waiting[i] as Request;
    if (blockers(table, request, i).length > 0) {
      i += 1;
      continue;
    }
    table.waiting.splice(i, 1);
    grant(table, request);
    served.push(request);
  }
  return served;
}

/** The circle of transactions that wait for each other through `txn`, it first; or null. */
export function deadlockOf(table: LockTable, txn: number): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  const queue = [txn];
  for (const at of queue) {
    for (const next of waitsFor(table, at)) {
      if (next === txn) return pathFrom(cameFrom, txn, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return null;
}

function waitsFor(table: LockTable, txn: number): number[] {
  return table.waiting.flatMap((request, place) =>
    request.txn === txn ? blockers(table, request, place) : [],
  );
}

function pathFrom(cameFrom: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const path: number[] = [];
  for (let at = end; at !== start; at = cameFrom.get(at) ?? start) path.unshift(at);
  return [start, ...path];
}

function keep<T>(list: T[], isKept: (item: T) => boolean): void {
  let kept = 0;
  for (const item of list) if (isKept(item)) list[kept++] = item;
  list.length = kept;
}
