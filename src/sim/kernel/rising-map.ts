/**
 * A map whose keys only rise: for what is opened under the next number and soon closed again, such
 * as calls. A `Map` makes its table anew every few pairs of `set` and `delete`; this one is a queue
 * with holes and allocates nothing once it has grown.
 *
 * Invariants
 *  - It goes through its entries in the order in which they were added, which is that of the keys.
 *  - Fewer than half of its places, and a few, are holes: one old entry does not keep the room of
 *    all that came after it.
 */
import { InvariantError } from './errors.ts';

/** So many holes are always allowed. */
const HOLES_MIN = 32;

export class RisingMap<V extends object> {
  /** Rising, also over the holes. What lies outside `#head` to `#end` is left over. */
  #keys: number[] = [];
  #values: (V | null)[] = [];
  #head = 0;
  #end = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The key must be above every key that was ever added since the map was last empty. */
  add(key: number, value: V): void {
    if (this.#end > this.#head && !(key > (this.#keys[this.#end - 1] as number))) {
      throw new InvariantError(`the keys of a rising map only rise: ${key} came too late`);
    }
    this.#keys[this.#end] = key;
    this.#values[this.#end] = value;
    this.#end += 1;
    this.#size += 1;
  }

  get(key: number): V | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : (this.#values[at] ?? undefined);
  }

  /** Removes and returns it. */
  take(key: number): V | undefined {
    const at = this.#find(key);
    if (at < 0) return undefined;
    const value = this.#values[at] ?? undefined;
    if (value === undefined) return undefined;
    this.#values[at] = null;
    this.#size -= 1;
    if (at === this.#head) this.#skipHoles();
    else if (this.#end - this.#head > 2 * this.#size + HOLES_MIN) this.#closeUp();
    return value;
  }

  clear(): void {
    this.#keys = [];
    this.#values = [];
    this.#head = 0;
    this.#end = 0;
    this.#size = 0;
  }

  *[Symbol.iterator](): Generator<readonly [key: number, value: V]> {
    for (let at = this.#head; at < this.#end; at++) {
      const value = this.#values[at] ?? null;
      if (value !== null) yield [this.#keys[at] as number, value];
    }
  }

  /** The place of a key, or -1. It may be a hole. */
  #find(key: number): number {
    let low = this.#head;
    let high = this.#end - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#keys[middle] as number;
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #skipHoles(): void {
    while (this.#head < this.#end && this.#values[this.#head] === null) this.#head += 1;
    if (this.#head === this.#end) {
      this.#head = 0;
      this.#end = 0;
    } else if (this.#head > this.#size + HOLES_MIN) {
      this.#closeUp();
    }
  }

  #closeUp(): void {
    let to = 0;
    for (let at = this.#head; at < this.#end; at++) {
      const value = this.#values[at] ?? null;
      if (value === null) continue;
      this.#keys[to] = this.#keys[at] as number;
      this.#values[to] = value;
      to += 1;
    }
    for (let at = to; at < this.#end; at++) this.#values[at] = null;
    this.#head = 0;
    this.#end = to;
  }
}
