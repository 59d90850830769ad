/**
 * Long fork: two transactions see two writes in opposite orders. One read the first write and not
 * the second, the other the second and not the first. Parallel snapshot isolation allows it,
 * snapshot isolation does not.
 *
 * Invariants
 *  - Only keys that are written once are judged, so that a read either has the write or precedes
 *    it; a key that is written more often, or appended to, is left out.
 *  - A write counts once it may have happened: failed transactions are left out, reads of
 *    transactions of unknown fate too.
 *  - One violation a pair of keys: the first reads that show it.
 * Time: for each transaction the square of what it reads.
 *
 * Source: the `long-fork` test of Jepsen; Sovran et al., Walter (SOSP 2011) for the anomaly.
 */
import { canonicalJson } from '../../kernel/canonical.ts';
import { actorOf, showValue } from '../history/result.ts';
import type { Explanation, Result, Value } from '../history/result.ts';
import { txnsOf } from './history.ts';
import type { Txn, TxnOp } from './history.ts';

export interface Fork {
  /** Who saw `first` and not `second`, and who the other way round. */
  readonly reads: readonly [number, number];
  readonly first: string;
  readonly second: string;
  readonly why: string;
}

export interface LongForkResult extends Result {
  readonly forks: readonly Fork[];
  /** Transactions that read two or more of the keys that are judged. */
  readonly reads: number;
  readonly because: readonly string[];
}

export interface LongForkOptions {
  /** What a key holds before its write. Default: null. */
  readonly initial?: Value;
}

export function checkLongFork(
  ops: readonly TxnOp[],
  { initial = null }: LongForkOptions = {},
): LongForkResult {
  const { possible } = txnsOf(ops);
  const tooOften = writtenTwice(possible);
  const forks: Fork[] = [];
  /** By "key that was seen, key that was not": the first transaction. */
  const seenFirst = new Map<string, Txn>();
  const told = new Set<string>();
  let reads = 0;
  let steps = ops.length;
  for (const txn of possible) {
    if (!txn.isCommitted) continue;
    const seen = readsOf(txn, tooOften, initial);
    if (seen.size > 1) reads++;
    const has = [...seen].filter(([, isThere]) => isThere).map(([key]) => key);
    const lacks = [...seen].filter(([, isThere]) => !isThere).map(([key]) => key);
    for (const first of has) {
      for (const second of lacks) {
        steps++;
        const pair = canonicalJson([first, second]);
        const opposite = canonicalJson([second, first]);
        if (!seenFirst.has(pair)) seenFirst.set(pair, txn);
        const other = seenFirst.get(opposite);
        if (other === undefined || told.has(pair) || told.has(opposite)) continue;
        told.add(pair);
        forks.push(forkOf(other, txn, second, first));
      }
    }
  }
  return resultOf(forks, reads, steps);
}

/** Keys with more than one write that may have happened. */
function writtenTwice(txns: readonly Txn[]): ReadonlySet<string> {
  const once = new Set<string>();
  const often = new Set<string>();
  for (const { micro } of txns) {
    for (const [f, key] of micro) {
      if (f === 'r') continue;
      if (once.has(key) || f === 'append') often.add(key);
      once.add(key);
    }
  }
  return often;
}

/** Of each key that it read and did not write itself: whether the write was there. */
function readsOf(
  { micro }: Txn,
  tooOften: ReadonlySet<string>,
  initial: Value,
): Map<string, boolean> {
  const seen = new Map<string, boolean>();
  const own = new Set(micro.flatMap(([f, key]) => (f === 'r' ? [] : [key])));
  for (const [f, key, value] of micro) {
    if (f !== 'r' || value === undefined || own.has(key) || tooOften.has(key)) continue;
    if (!seen.has(key)) seen.set(key, value !== initial);
  }
  return seen;
}

function forkOf(one: Txn, other: Txn, first: string, second: string): Fork {
  const says = (txn: Txn, has: string, lacks: string): string =>
    `${actorOf(txn.op)} read ${has} = ${shown(txn, has)} and not yet ${lacks}`;
  const why = `${says(one, first, second)}; ${says(other, second, first)}.`;
  return { reads: [one.op.id, other.op.id], first, second, why };
}

function shown({ micro }: Txn, key: string): string {
  const read = micro.find(([f, name]) => f === 'r' && name === key);
  return showValue(read?.[2] as Value | undefined);
}

function resultOf(forks: readonly Fork[], reads: number, steps: number): LongForkResult {
  const because = forks.map(({ why }) => why);
  const base = { check: 'long-fork', steps, forks, reads, because };
  const [first] = forks;
  if (first !== undefined) {
    const explanation: Explanation = {
      culprit: first.reads[1],
      statesBefore: [],
      maximalPaths: [],
      window: first.reads,
      because,
    };
    return { ...base, verdict: 'fail', explanation };
  }
  if (reads > 1) return { ...base, verdict: 'pass' };
  const reason = 'fewer than two transactions read two keys that are written once';
  return { ...base, verdict: 'unknown', reason };
}
