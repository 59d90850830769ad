/**
 * What a window keeps of its records: not them, but what they come to.
 *
 * Invariant: a value added before or after two aggregates are merged counts the same. Only what
 * collects may tell the order.
 *
 * Source: Flink's AggregateFunction; Kafka Streams' Aggregator and Merger.
 */

export interface Aggregate<V, A> {
  readonly empty: A;
  add(aggregate: A, value: V): A;
  /** Of two sessions that have become one. */
  merge(earlier: A, later: A): A;
}

export const countAll: Aggregate<unknown, number> = {
  empty: 0,
  add: (count) => count + 1,
  merge: (earlier, later) => earlier + later,
};

export const sumAll: Aggregate<number, number> = {
  empty: 0,
  add: (sum, value) => sum + value,
  merge: (earlier, later) => earlier + later,
};

/** Every value, as it came, session after session: for small windows, which people look at. */
export function collectAll<V>(): Aggregate<V, readonly V[]> {
  return {
    empty: [],
    add: (all, value) => [...all, value],
    merge: (earlier, later) => [...earlier, ...later],
  };
}
