/**
 * Do all replicas hold the same after the faults are healed, and everything that was acknowledged?
 *
 * Invariants
 *  - Replicas are compared with the first one, key by key; a key that is missing holds null.
 *  - Each acknowledged write must be there or be explained by one that the store may prefer:
 *    without an order of versions any other value of the key that was written explains it.
 *  - With less than two replicas nothing can differ: unknown.
 *
 * Source: eventual and strong convergence as in Shapiro et al. 2011; final reads on every node
 * after healing, as Jepsen does.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, showValue, valueKey } from './result.ts';
import type { Result, Value } from './result.ts';

export interface ReplicaState {
  readonly name: string;
  readonly entries: ReadonlyMap<string, Value>;
}

export interface Divergence {
  readonly key: string;
  readonly replicas: readonly (readonly [name: string, value: Value])[];
}

export interface ConvergenceResult extends Result {
  readonly diverged: readonly Divergence[];
  /** Ids of acknowledged writes whose key ended with a value that nobody wrote, or with none. */
  readonly lost: readonly number[];
  readonly because: readonly string[];
}

export function checkConvergence(
  replicas: readonly ReplicaState[],
  ops: readonly Op[] = [],
  writes: readonly string[] = ['write', 'put'],
): ConvergenceResult {
  const diverged: Divergence[] = [];
  const because: string[] = [];
  const keys = new Set(replicas.flatMap(({ entries }) => [...entries.keys()]));
  for (const key of keys) {
    const values = replicas.map(({ name, entries }) => [name, entries.get(key) ?? null] as const);
    const first = values[0]?.[1] ?? null;
    const other = values.find(([, value]) => valueKey(value) !== valueKey(first));
    if (other === undefined) continue;
    diverged.push({ key, replicas: values });
    const one = `${values[0]?.[0]} holds ${key} = ${showValue(first)}`;
    because.push(`${one}, ${other[0]} holds ${showValue(other[1])}.`);
  }
  const lost: number[] = [];
  const final = replicas[0]?.entries;
  const written = writtenValues(ops, writes);
  for (const op of ops) {
    if (!writes.includes(op.f) || op.outcome !== 'ok' || final === undefined) continue;
    const key = op.key ?? '';
    const value = final.get(key) ?? null;
    if (written.get(key)?.has(valueKey(value)) === true) continue;
    lost.push(op.id);
    const what = `${actorOf(op)} was told that ${key} = ${showValue(op.input as Value)} is written`;
    because.push(`${what}, and the replicas hold ${showValue(value)}.`);
  }
  const isJudged = replicas.length > 1;
  return {
    verdict: because.length > 0 ? 'fail' : isJudged ? 'pass' : 'unknown',
    check: 'convergence',
    steps: keys.size * replicas.length + ops.length,
    ...(isJudged ? {} : { reason: 'there are no two replicas to compare' }),
    diverged,
    lost,
    because,
  };
}

/** Every value that may have been written, by key: also by writes of unknown fate. */
function writtenValues(
  ops: readonly Op[],
  writes: readonly string[],
): Map<string, Set<number | string>> {
  const written = new Map<string, Set<number | string>>();
  for (const op of ops) {
    if (!writes.includes(op.f) || op.outcome === 'fail') continue;
    const key = op.key ?? '';
    const values = written.get(key) ?? new Set<number | string>();
    written.set(key, values.add(valueKey(op.input as Value)));
  }
  return written;
}
