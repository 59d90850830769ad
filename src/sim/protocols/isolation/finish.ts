/**
 * The end of a transaction at one shard: it prepares, and then learns its fate.
 *
 * Invariant: a prepared transaction keeps its locks, and is aborted by nobody but its coordinator.
 *
 * Sources: Gray, Notes on Data Base Operating Systems (1978), 5.8.3; Spanner (OSDI 2012), 4.2.1
 */
import type { Stamp, TxnValue, WrittenRow } from '../../contracts/txn.ts';
import { grant, row } from './lock-table.ts';
import { abort, enlist, isTooOld, letGo } from './engine.ts';
import { levelRules } from './levels.ts';
import { sealEdges } from './ssi.ts';
import type { Engine, Outcome, TxnState } from './state.ts';
import { NOBODY, hear, isLater, nextStamp, refusal } from './state.ts';
import { commitVersions, writesOf } from './versions.ts';

export interface Prepared {
  readonly type: 'prepared';
  readonly at: Stamp;
  readonly hasIn: boolean;
  readonly hasOut: boolean;
  readonly writes: readonly WrittenRow[];
}

/** It shall commit: can it? `alone`: no other shard has a part in it. */
export function prepare(at: Engine, id: number, alone: boolean): Prepared | Outcome {
  const txn = at.state.txns.get(id);
  if (txn?.status !== 'active') return refusal('08006', 'it is not known here any more');
  const isDoomed = txn.isDoomed;
  if (isDoomed || isTooOld(at, txn)) {
    abort(at, id, '40001', 'it has aborted');
    return isDoomed
      ? refusal('40001', 'could not serialize access: it is a pivot of antidependencies')
      : refusal('72000', 'its snapshot is too old');
  }
  txn.status = 'prepared';
  txn.at = nextStamp(at);
  txn.isShared = !alone;
  const { hasIn, hasOut } = alone ? txn : sealEdges(at, txn);
  return { type: 'prepared', at: txn.at, hasIn, hasOut, writes: writesOf(at, txn) };
}

/** Its fate is known: all that it wrote is committed as of `stamp`. */
export function commit(
  at: Engine,
  id: number,
  stamp: Stamp,
  edges: { readonly hasIn: boolean; readonly hasOut: boolean } | null,
): void {
  const txn = at.state.txns.get(id);
  if (txn === undefined || txn.status === 'committed') return;
  hear(at, stamp);
  txn.status = 'committed';
  txn.at = stamp;
  if (edges !== null) {
    txn.hasIn = edges.hasIn;
    txn.hasOut = edges.hasOut;
  }
  commitVersions(at, txn, stamp);
  if (!levelRules(at.config.isolation).ssi) at.state.txns.delete(id);
  forgetFinished(at);
  letGo(at, id, '25P01', 'it has committed');
}

/** Its reads matter as long as somebody concurrent may still write. */
function forgetFinished({ config, state, wallMicros }: Engine): void {
  for (const [id, { status, at }] of state.txns) {
    if (status !== 'committed' || at === null) continue;
    if (at.l + config.keepMicros < wallMicros) state.txns.delete(id);
  }
}

/** After a restart: a transaction that was prepared has its versions and its locks again. */
export function revive(
  at: Engine,
  id: number,
  prepared: Pick<Prepared, 'at' | 'writes'>,
): TxnState {
  const head = {
    txn: id,
    gateway: NOBODY,
    snapshot: prepared.at,
    sinceMicros: prepared.at.l,
    readOnly: false,
  };
  const txn = enlist(at, head);
  txn.status = 'prepared';
  txn.at = prepared.at;
  txn.isShared = true;
  txn.hasIn = true;
  txn.hasOut = true;
  for (const { key, value } of prepared.writes) {
    grant(at.state.locks, { txn: id, target: row(key), mode: 'exclusive' });
    const versions = at.state.rows.get(key) ?? [];
    versions.push(Object.freeze({ writer: id, value, at: null }));
    at.state.rows.set(key, versions);
    txn.writes.add(key);
  }
  return txn;
}

/** After a restart: a row as it was committed. */
export function restoreRow(
  { state }: Engine,
  key: string,
  { value, at, writer }: { readonly value: TxnValue; readonly at: Stamp; readonly writer: number },
): void {
  state.rows.set(key, [Object.freeze({ writer, value, at })]);
  if (isLater(at, state.horizon)) state.horizon = at;
  if (isLater(at, state.clock)) state.clock = at;
}
