/** Which version of a row a transaction sees, and how it adds its own. */
import type { Stamp, Statement, TxnValue, WrittenRow } from '../../contracts/txn.ts';
import { levelRules } from './levels.ts';
import type { LevelRules } from './levels.ts';
import type { Engine, EngineState, Seen, TxnState, Version } from './state.ts';
import { NOBODY, isLater } from './state.ts';

const NO_VERSIONS: readonly Version[] = Object.freeze([]);

export const versionsOf = ({ rows }: EngineState, key: string): readonly Version[] =>
  rows.get(key) ?? NO_VERSIONS;

/** How this transaction reads: as its level says, but for rules that are off. */
export function readsOf({ config }: Engine, txn: TxnState): LevelRules['reads'] {
  const { reads } = levelRules(config.isolation);
  if (txn.readOnly && reads === 'locked') return 'snapshot';
  if (reads !== 'snapshot' && reads !== 'statement') return reads;
  if (!config.rules['mvcc.committed-reads']) return 'dirty';
  return config.rules['mvcc.one-snapshot'] ? reads : 'statement';
}

const NOTHING: Seen = Object.freeze({ value: null, xmin: null });
const seen = ({ value, writer }: Version): Seen => ({
  value,
  xmin: writer === NOBODY ? null : writer,
});

/** What it sees of a row. Its own writes it always sees. */
export function seenBy(at: Engine, txn: TxnState, key: string): Seen {
  const versions = versionsOf(at.state, key);
  const reads = readsOf(at, txn);
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i] as Version;
    if (version.writer === txn.txn || reads === 'dirty') return seen(version);
    if (version.at === null) continue;
    if (reads !== 'snapshot' || !isLater(version.at, txn.snapshot)) return seen(version);
  }
  return NOTHING;
}

/** The newest version, which whoever holds the lock of its row may build upon. */
export function newestOf({ state }: Engine, key: string): Seen {
  const newest = versionsOf(state, key).at(-1);
  return newest === undefined ? NOTHING : seen(newest);
}

/** Rows that are there for anybody, under a prefix, in the order of their keys. */
export function keysUnder({ rows }: EngineState, prefix: string): string[] {
  return [...rows.keys()].filter((key) => key.startsWith(prefix)).sort(byCodeUnits);
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A prepared transaction that may turn out to have committed before what this one is to see. */
export function inDoubt(at: Engine, txn: TxnState, key: string): number | null {
  const reads = readsOf(at, txn);
  const sees = reads === 'snapshot' || reads === 'statement';
  if (!sees || !at.config.rules['mvcc.wait-for-prepared']) return null;
  for (const { writer, at: committed } of versionsOf(at.state, key)) {
    if (committed !== null || writer === txn.txn) continue;
    const other = at.state.txns.get(writer);
    if (other?.status !== 'prepared' || other.at === null) continue;
    if (reads === 'statement' ? other.isShared : !isLater(other.at, txn.snapshot)) return writer;
  }
  return null;
}

/** Whether somebody has changed the row since the snapshot of this transaction. */
export const hasChanged = ({ state }: Engine, txn: TxnState, key: string): boolean =>
  versionsOf(state, key).some(
    ({ writer, at }) => writer !== txn.txn && at !== null && isLater(at, txn.snapshot),
  );

type Change = Extract<Statement, { readonly do: 'write' | 'append' | 'add' }>;

/** Writes over the newest version, on which `append` and `add` build; returns what is there now. */
export function change({ state }: Engine, txn: TxnState, statement: Change): Seen {
  const { key } = statement;
  const versions = state.rows.get(key) ?? [];
  state.rows.set(key, versions);
  const newest = versions.at(-1);
  const value = changed(newest?.value ?? null, statement);
  const version: Version = Object.freeze({ writer: txn.txn, value, at: null });
  const isOwn = newest?.writer === txn.txn && newest.at === null;
  if (isOwn) versions[versions.length - 1] = version;
  else versions.push(version);
  txn.writes.add(key);
  return { value, xmin: newest === undefined ? null : seen(newest).xmin };
}

function changed(old: TxnValue, statement: Change): TxnValue {
  switch (statement.do) {
    case 'write':
      return statement.value;
    case 'append':
      return Object.freeze([...(Array.isArray(old) ? old : []), statement.value]);
    case 'add':
      return (typeof old === 'number' ? old : 0) + statement.by;
  }
}

/** Its versions are committed as of `at`; what nobody can see any more is dropped. */
export function commitVersions(engine: Engine, txn: TxnState, at: Stamp): void {
  const { rows } = engine.state;
  for (const key of txn.writes) {
    const versions = rows.get(key) ?? [];
    versions.forEach((version, i) => {
      if (version.writer !== txn.txn || version.at !== null) return;
      versions[i] = Object.freeze({ ...version, at });
    });
    prune(engine, versions);
  }
}

function prune({ config, state, wallMicros }: Engine, versions: Version[]): void {
  let old = 0;
  while (old + 1 < versions.length) {
    const next = versions[old + 1]?.at ?? null;
    if (next === null || versions[old]?.at === null) break;
    if (next.l + config.keepMicros >= wallMicros) break;
    if (isLater(next, state.horizon)) state.horizon = next;
    old += 1;
  }
  versions.splice(0, old);
}

export function dropVersions({ state }: Engine, txn: TxnState): void {
  for (const key of txn.writes) {
    const kept = versionsOf(state, key).filter(
      ({ writer, at }) => writer !== txn.txn || at !== null,
    );
    if (kept.length === 0) state.rows.delete(key);
    else state.rows.set(key, kept);
  }
}

/** What it leaves behind in each row that it wrote: for its record on disk. */
export function writesOf({ state }: Engine, txn: TxnState): WrittenRow[] {
  return [...txn.writes].map((key) => {
    const own = versionsOf(state, key).findLast(({ writer }) => writer === txn.txn);
    return { key, value: own?.value ?? null };
  });
}
