/**
 * Serializable snapshot isolation: who missed whose write, and who is therefore not committed.
 *
 * A reads a row (or searches) and does not see the write of a concurrent B: an rw-antidependency
 * from A to B. Every circle that snapshot isolation lets through has two of them in a row; the
 * transaction between them is the pivot. No pivot is committed, so there is no circle.
 *
 * Differs: PostgreSQL lets a pivot live where the last of the three did not commit first, or where
 * the first only reads; here each pivot dies, as in Cahill's first version: more aborts, no fewer
 * anomalies. Edges with transactions that aborted later are not taken back.
 *
 * Sources: Cahill, Röhm, Fekete, Serializable Isolation for Snapshot Databases (SIGMOD 2008),
 * section 3; Ports and Grittner, Serializable Snapshot Isolation in PostgreSQL (VLDB 2012)
 */
import { levelRules } from './levels.ts';
import type { Engine, TxnState } from './state.ts';
import { isLater } from './state.ts';
import { keysUnder, versionsOf } from './versions.ts';

const isTracked = ({ config }: Engine): boolean => levelRules(config.isolation).ssi;

export function noteRead(at: Engine, reader: TxnState, key: string): void {
  if (!isTracked(at)) return;
  reader.reads.add(key);
  missWrites(at, reader, key);
}

export function noteScan(at: Engine, reader: TxnState, prefix: string): void {
  if (!isTracked(at)) return;
  reader.scans.add(prefix);
  for (const key of keysUnder(at.state, prefix)) missWrites(at, reader, key);
}

function missWrites(at: Engine, reader: TxnState, key: string): void {
  for (const { writer, at: committed } of versionsOf(at.state, key)) {
    if (writer === reader.txn) continue;
    if (committed !== null && !isLater(committed, reader.snapshot)) continue;
    const other = at.state.txns.get(writer);
    if (other !== undefined) addEdge(at, reader, other);
  }
}

export function noteWrite(at: Engine, writer: TxnState, key: string): void {
  if (!isTracked(at)) return;
  for (const reader of at.state.txns.values()) {
    if (reader.txn === writer.txn || !hasRead(reader, key)) continue;
    const ended = reader.status === 'committed' ? reader.at : null;
    if (ended !== null && !isLater(ended, writer.snapshot)) continue;
    addEdge(at, reader, writer);
  }
}

function hasRead({ reads, scans }: TxnState, key: string): boolean {
  if (reads.has(key)) return true;
  for (const prefix of scans) if (key.startsWith(prefix)) return true;
  return false;
}

/** One of the two is acting just now, so it is active; a pivot that cannot abort takes it along. */
function addEdge({ config }: Engine, reader: TxnState, writer: TxnState): void {
  reader.hasOut = true;
  writer.hasIn = true;
  if (!config.rules['mvcc.ssi-pivot']) return;
  for (const [one, other] of [
    [reader, writer],
    [writer, reader],
  ] as const) {
    if (!one.hasIn || !one.hasOut) continue;
    if (one.status === 'active') one.isDoomed = true;
    else other.isDoomed = true;
  }
}

/**
 * What this shard knows of it goes with its vote. From now on it cannot be aborted from here, and
 * what other shards know is not known here: whoever adds an edge to it would make it a pivot.
 */
export function sealEdges(at: Engine, txn: TxnState): { hasIn: boolean; hasOut: boolean } {
  const { hasIn, hasOut } = txn;
  if (isTracked(at)) {
    txn.hasIn = true;
    txn.hasOut = true;
  }
  return { hasIn, hasOut };
}
