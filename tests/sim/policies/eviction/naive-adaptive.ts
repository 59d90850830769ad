/** The policies that learn, once more and naively: see naive-models.ts. */
import { cut } from './naive-models.ts';
import type { MakeNaive } from './naive-models.ts';

/** Figure 4 of the ARC paper, case by case. */
export const naiveArc: MakeNaive = (c) => {
  const t1: number[] = [];
  const t2: number[] = [];
  const b1: number[] = [];
  const b2: number[] = [];
  let p = 0;
  function replace(isInB2: boolean): number {
    if (t1.length + t2.length < c) return -1;
    if (t1.length >= 1 && ((isInB2 && t1.length === p) || t1.length > p)) {
      b1.unshift(t1.pop()!);
      return b1[0]!;
    }
    b2.unshift(t2.pop()!);
    return b2[0]!;
  }
  function caseFour(): number {
    const l1 = t1.length + b1.length;
    const total = l1 + t2.length + b2.length;
    if (l1 === c && t1.length < c) {
      b1.pop();
      return replace(false);
    }
    if (l1 === c) return t1.pop()!;
    if (total < c) return -1;
    if (total === 2 * c) b2.pop();
    return replace(false);
  }
  return {
    touch(key) {
      if (!cut(t1, key) && !cut(t2, key)) return false;
      t2.unshift(key);
      return true;
    },
    insert(key) {
      let gone: number;
      if (b1.includes(key)) {
        p = Math.min(c, p + (b1.length >= b2.length ? 1 : b2.length / b1.length));
        gone = replace(false);
        cut(b1, key);
        t2.unshift(key);
      } else if (b2.includes(key)) {
        p = Math.max(0, p - (b2.length >= b1.length ? 1 : b1.length / b2.length));
        gone = replace(true);
        cut(b2, key);
        t2.unshift(key);
      } else {
        gone = caseFour();
        t1.unshift(key);
      }
      return gone;
    },
    remove: (key) => void (cut(t1, key) || cut(t2, key)),
    keys: () => [...t1, ...t2],
  };
};

/** The stack is pruned by its definition: nothing below the lowest LIR key counts. */
export const naiveLirs: MakeNaive = (capacity) => {
  const hirMax = Math.max(1, Math.min(Math.max(2, Math.floor(capacity / 100)), capacity - 1));
  let stack: number[] = [];
  const lir = new Set<number>();
  const queue: number[] = [];
  const prune = () => {
    stack = stack.slice(0, stack.findLastIndex((key) => lir.has(key)) + 1);
  };
  function refer(key: number): void {
    const wasInStack = cut(stack, key);
    stack.unshift(key);
    if (lir.size < capacity - hirMax) {
      lir.add(key);
    } else if (wasInStack) {
      const lowest = stack.findLast((other) => lir.has(other))!;
      lir.add(key);
      lir.delete(lowest);
      cut(stack, lowest);
      queue.unshift(lowest);
    } else {
      queue.unshift(key);
    }
    prune();
  }
  return {
    touch(key) {
      if (!lir.has(key) && !queue.includes(key)) return false;
      if (stack[0] === key) return true;
      if (lir.has(key)) {
        cut(stack, key);
        stack.unshift(key);
        prune();
      } else {
        cut(queue, key);
        refer(key);
      }
      return true;
    },
    insert(key) {
      const gone = lir.size + queue.length === capacity ? queue.pop()! : -1;
      refer(key);
      return gone;
    },
    remove(key) {
      if (!lir.delete(key) && !cut(queue, key)) return;
      cut(stack, key);
      prune();
    },
    keys: () => [...lir, ...queue],
  };
};

export const naiveS3Fifo: MakeNaive = (capacity) => {
  const small: { key: number; freq: number }[] = [];
  const main: { key: number; freq: number }[] = [];
  const ghost: number[] = [];
  const mainMax = capacity - Math.floor(capacity * 0.1);
  const find = (key: number) => [...small, ...main].find((o) => o.key === key);
  function evictSmall(): number {
    while (small.length > 0) {
      const object = small.pop()!;
      if (object.freq > 1) {
        main.unshift({ key: object.key, freq: 0 });
      } else {
        ghost.unshift(object.key);
        if (ghost.length > Math.floor(capacity * 0.9)) ghost.pop();
        return object.key;
      }
    }
    return -1;
  }
  function evictMain(): number {
    for (;;) {
      const object = main.pop()!;
      if (object.freq === 0) return object.key;
      main.unshift({ key: object.key, freq: object.freq - 1 });
    }
  }
  return {
    touch(key) {
      const object = find(key);
      if (object !== undefined) object.freq = Math.min(3, object.freq + 1);
      return object !== undefined;
    },
    insert(key) {
      const wasGhost = cut(ghost, key);
      let gone = -1;
      while (small.length + main.length === capacity) {
        gone = main.length > mainMax || small.length === 0 ? evictMain() : evictSmall();
      }
      (wasGhost ? main : small).unshift({ key, freq: 0 });
      return gone;
    },
    remove(key) {
      for (const list of [small, main]) {
        const index = list.findIndex((o) => o.key === key);
        if (index >= 0) list.splice(index, 1);
      }
    },
    keys: () => [...small, ...main].map((o) => o.key),
  };
};

/** A sketch of 64-bit words in BigInt, as the Java of Caffeine has them. */
function naiveSketch(capacity: number) {
  const bits = Math.ceil(Math.log2(Math.max(8, capacity)));
  const table = new Array<bigint>(2 ** bits).fill(0n);
  let size = 0;
  const low = (x: bigint) => x & 0xffffffffn;
  function placesOf(key: number): readonly (readonly [number, bigint])[] {
    const wide = BigInt(key);
    let x = low(wide ^ (wide >> 32n));
    x = low((x ^ (x >> 17n)) * 0xed5ad4bbn);
    x = low((x ^ (x >> 11n)) * 0xac4c1b51n);
    x ^= x >> 15n;
    let h = low(x * 0x31848babn);
    h ^= h >> 14n;
    const block = (Number(x) & (table.length / 8 - 1)) * 8;
    return [0, 1, 2, 3].map((row) => {
      const part = Number((h >> BigInt(row * 8)) & 0xffn);
      return [block + (part & 1) + row * 2, BigInt(((part >> 1) & 15) * 4)] as const;
    });
  }
  return {
    frequency: (key: number) =>
      Math.min(...placesOf(key).map(([at, shift]) => Number((table[at]! >> shift) & 15n))),
    increment(key: number): void {
      let added = false;
      for (const [at, shift] of placesOf(key)) {
        if (((table[at]! >> shift) & 15n) === 15n) continue;
        table[at]! += 1n << shift;
        added = true;
      }
      if (!added) return;
      size += 1;
      if (size !== capacity * 10) return;
      let odd = 0;
      table.forEach((word, at) => {
        let halved = 0n;
        for (let shift = 0n; shift < 64n; shift += 4n) {
          const count = (word >> shift) & 15n;
          odd += Number(count & 1n);
          halved |= (count >> 1n) << shift;
        }
        table[at] = halved;
      });
      size = (size - (odd >> 2)) >> 1;
    },
  };
}

export const naiveWTinyLfu: MakeNaive = (capacity) => {
  const sketch = naiveSketch(capacity);
  const window: number[] = [];
  const probation: number[] = [];
  const safe: number[] = [];
  const mainMax = Math.floor(capacity * 0.99);
  return {
    touch(key) {
      sketch.increment(key);
      if (cut(window, key)) {
        window.unshift(key);
        return true;
      }
      if (!cut(probation, key) && !cut(safe, key)) return false;
      safe.unshift(key);
      if (safe.length > Math.floor(mainMax * 0.8)) probation.unshift(safe.pop()!);
      return true;
    },
    insert(key) {
      window.unshift(key);
      if (window.length <= capacity - mainMax) return -1;
      const candidate = window.pop()!;
      const victim = probation.at(-1) ?? candidate;
      probation.unshift(candidate);
      if (window.length + probation.length + safe.length <= capacity) return -1;
      const admits = sketch.frequency(candidate) > sketch.frequency(victim);
      const gone = admits ? victim : candidate;
      cut(probation, gone);
      return gone;
    },
    remove: (key) => void (cut(window, key) || cut(probation, key) || cut(safe, key)),
    keys: () => [...window, ...probation, ...safe],
  };
};
