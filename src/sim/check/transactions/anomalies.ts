/**
 * Anomalies that are no cycle, collected with examples.
 *
 * Invariant: every case is counted; only the first few are kept with their sentences.
 */
import { actorOf, valueKey } from '../history/result.ts';
import type { Value } from '../history/result.ts';
import type { Txn } from './history.ts';

export interface Anomaly {
  readonly type: string;
  /** Ids of the operations that show it, the one that tells first. */
  readonly ops: readonly number[];
  readonly key?: string;
  /** For a cycle: what leads from each of `ops` to the next, and from the last to the first. */
  readonly cycle?: readonly CycleStep[];
  /** Plain sentences. */
  readonly because: readonly string[];
}

export interface CycleStep {
  readonly from: number;
  readonly to: number;
  readonly kind: 'ww' | 'wr' | 'rw' | 'session' | 'realtime';
  readonly why: string;
}

const EXAMPLES_MAX = 8;

export class AnomalyLog {
  readonly examples: Anomaly[] = [];
  readonly counts = new Map<string, number>();

  add(type: string, txns: readonly Txn[], why: string, key?: string): void {
    const ops = txns.map(({ op }) => op.id);
    this.put({ type, ops, ...(key === undefined ? {} : { key }), because: [why] });
  }

  put(anomaly: Anomaly): void {
    const count = this.counts.get(anomaly.type) ?? 0;
    this.counts.set(anomaly.type, count + 1);
    if (count < EXAMPLES_MAX) this.examples.push(anomaly);
  }
}

/** A table by key and value. */
export class ByValue<T> {
  readonly #keys = new Map<string, Map<number | string, T>>();

  get(key: string, value: Value): T | undefined {
    return this.#keys.get(key)?.get(valueKey(value));
  }

  /** All of one key. */
  of(key: string): ReadonlyMap<number | string, T> | undefined {
    return this.#keys.get(key);
  }

  set(key: string, value: Value, entry: T): void {
    let values = this.#keys.get(key);
    if (values === undefined) this.#keys.set(key, (values = new Map<number | string, T>()));
    values.set(valueKey(value), entry);
  }
}

/** Counted from 1, by when it began. */
export function nameOf({ op }: Txn): string {
  return `transaction ${op.id + 1} of ${actorOf(op)}`;
}
