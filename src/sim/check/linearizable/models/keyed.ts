/**
 * Many objects of one model, one per key of the operations.
 *
 * Invariant: a key whose object is as at the start is not in the map, so that equal states have
 * equal keys. Linearizability is checked key by key (P-compositionality); checks that may not
 * partition, such as sequential consistency, see the whole map.
 */
import type { Op } from '../../../observe/history.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { compareKeys, listText } from './words.ts';

export function keyed<S, I, O>(
  name: string,
  inner: Model<S, I, O>,
): Model<ReadonlyMap<string, S>, I, O> {
  const initialKey = inner.key(inner.init());
  const keyOf = (op: Op<I, O>): string => op.key ?? '';
  return {
    name,
    init: () => new Map<string, S>(),
    step: (state, op) => {
      const key = keyOf(op);
      const before = state.has(key) ? (state.get(key) as S) : inner.init();
      const after = inner.step(before, op);
      if (after === ILLEGAL || after === before) return after === ILLEGAL ? ILLEGAL : state;
      const next = new Map(state);
      if (inner.key(after) === initialKey) next.delete(key);
      else next.set(key, after);
      return next;
    },
    key: (state) => {
      const parts: (string | number)[] = [];
      for (const key of sortedKeys(state)) parts.push(key, inner.key(state.get(key) as S));
      return listText(parts);
    },
    pure: (op) => inner.pure?.(op) ?? false,
    partition: keyOf,
    failMeansObserved: (op) => inner.failMeansObserved?.(op) ?? false,
    describe: (op) => inner.describe(op),
    describeState: (state) => {
      const keys = sortedKeys(state);
      if (keys.length === 0) return inner.describeState(inner.init());
      const [only] = keys;
      if (keys.length === 1 && only !== undefined) return inner.describeState(state.get(only) as S);
      return keys.map((key) => `${key}: ${inner.describeState(state.get(key) as S)}`).join(', ');
    },
  };
}

function sortedKeys<S>(state: ReadonlyMap<string, S>): string[] {
  return [...state.keys()].sort(compareKeys);
}
