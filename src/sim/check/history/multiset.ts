/** Values with how often each occurs, in the order in which they were first counted. */
import { valueKey } from './result.ts';
import type { Value } from './result.ts';

export class Multiset {
  readonly #counts = new Map<string | number, { readonly value: Value; count: number }>();

  add(value: Value, times = 1): void {
    const key = valueKey(value);
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { value, count: times });
    else entry.count += times;
  }

  count(value: Value): number {
    return this.#counts.get(valueKey(value))?.count ?? 0;
  }

  has(value: Value): boolean {
    return this.count(value) > 0;
  }

  /** Each value that occurs, once. */
  values(): Value[] {
    const values: Value[] = [];
    for (const { value, count } of this.#counts.values()) if (count > 0) values.push(value);
    return values;
  }

  get total(): number {
    let total = 0;
    for (const { count } of this.#counts.values()) total += count;
    return total;
  }
}
