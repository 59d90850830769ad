/**
 * The order of one register's values, put together from assumptions one after the other.
 *
 * Invariant: `pairs` never contradict each other: an assumption that would make them do so is told
 * as a contradiction and left out.
 */
import { valueKey } from '../history/result.ts';
import type { Value } from '../history/result.ts';
import { componentsOf } from './components.ts';
import { adjacencyOf } from './graph.ts';

interface Contradiction {
  readonly source: string;
  readonly values: readonly Value[];
}

export class VersionOrders {
  readonly #numbers = new Map<number | string, number>();
  readonly #values: Value[] = [];
  #from: number[] = [];
  #to: number[] = [];
  readonly contradictions: Contradiction[] = [];

  get pairs(): (readonly [before: Value, after: Value])[] {
    return this.#from.map((from, place) => [
      this.#valueOf(from),
      this.#valueOf(this.#to[place] ?? 0),
    ]);
  }

  assume(source: string, pairs: readonly (readonly [before: Value, after: Value])[]): void {
    const from = [...this.#from];
    const to = [...this.#to];
    for (const [before, after] of pairs) {
      from.push(this.#numberOf(before));
      to.push(this.#numberOf(after));
    }
    const nodes = this.#values.length;
    const { of, size } = componentsOf(
      nodes,
      adjacencyOf(nodes, from, () => true),
      to,
    );
    const circles = size.flatMap((count, component) => (count > 1 ? [component] : []));
    for (const circle of circles) {
      this.contradictions.push({
        source,
        values: this.#values.filter((_, number) => of[number] === circle),
      });
    }
    if (circles.length > 0) return;
    this.#from = from;
    this.#to = to;
  }

  #numberOf(value: Value): number {
    const key = valueKey(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    this.#values.push(value);
    return this.#values.length - 1;
  }

  #valueOf(number: number): Value {
    return this.#values[number] ?? null;
  }
}
