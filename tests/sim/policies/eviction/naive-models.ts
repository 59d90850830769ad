/**
 * The eviction policies once more, from the definitions of their papers, with arrays and searches
 * and without a thought for speed: what the real ones are compared with.
 *
 * All lists have their newest key first.
 */
export interface Naive {
  touch(key: number): boolean;
  insert(key: number): number;
  remove(key: number): void;
  keys(): readonly number[];
}

export type MakeNaive = (capacity: number) => Naive;

/** Takes a key out of a list; true when it was there. */
export function cut(list: number[], key: number): boolean {
  const index = list.indexOf(key);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

export const naiveFifo: MakeNaive = (capacity) => {
  const queue: number[] = [];
  return {
    touch: (key) => queue.includes(key),
    insert(key) {
      const gone = queue.length === capacity ? queue.pop()! : -1;
      queue.unshift(key);
      return gone;
    },
    remove: (key) => void cut(queue, key),
    keys: () => queue,
  };
};

export const naiveLru: MakeNaive = (capacity) => {
  const model = naiveFifo(capacity);
  const stack = model.keys() as number[];
  return {
    ...model,
    touch(key) {
      if (!cut(stack, key)) return false;
      stack.unshift(key);
      return true;
    },
  };
};

export const naiveLfu: MakeNaive = (capacity) => {
  const entries: { key: number; count: number; used: number }[] = [];
  let now = 0;
  return {
    touch(key) {
      const entry = entries.find((e) => e.key === key);
      if (entry === undefined) return false;
      entry.count += 1;
      entry.used = now++;
      return true;
    },
    insert(key) {
      let gone = -1;
      if (entries.length === capacity) {
        entries.sort((a, b) => a.count - b.count || a.used - b.used);
        gone = entries.shift()!.key;
      }
      entries.push({ key, count: 1, used: now++ });
      return gone;
    },
    remove(key) {
      const index = entries.findIndex((e) => e.key === key);
      if (index >= 0) entries.splice(index, 1);
    },
    keys: () => entries.map((e) => e.key),
  };
};

/** A ring of frames and a hand, as in the textbook, rather than a queue with reinsertion. */
export const naiveClock: MakeNaive = (capacity) => {
  const frames: { key: number; used: boolean }[] = [];
  let hand = 0;
  return {
    touch(key) {
      const frame = frames.find((f) => f.key === key);
      if (frame !== undefined) frame.used = true;
      return frame !== undefined;
    },
    insert(key) {
      if (frames.length < capacity) {
        // The newest frame is the one just behind the hand.
        frames.splice(hand, 0, { key, used: false });
        hand = (hand + 1) % frames.length;
        return -1;
      }
      for (; frames[hand]!.used; hand = (hand + 1) % capacity) frames[hand]!.used = false;
      const gone = frames[hand]!.key;
      frames[hand] = { key, used: false };
      hand = (hand + 1) % capacity;
      return gone;
    },
    remove(key) {
      const index = frames.findIndex((f) => f.key === key);
      if (index < 0) return;
      frames.splice(index, 1);
      if (index < hand) hand -= 1;
      if (hand >= frames.length) hand = 0;
    },
    keys: () => frames.map((f) => f.key),
  };
};

export const naiveSieve: MakeNaive = (capacity) => {
  const queue: { key: number; visited: boolean }[] = [];
  let hand: { key: number; visited: boolean } | null = null;
  const newerThan = (object: { key: number }) =>
    queue[queue.findIndex((o) => o.key === object.key) - 1] ?? null;
  return {
    touch(key) {
      const object = queue.find((o) => o.key === key);
      if (object !== undefined) object.visited = true;
      return object !== undefined;
    },
    insert(key) {
      let gone = -1;
      if (queue.length === capacity) {
        let object = hand ?? queue.at(-1)!;
        while (object.visited) {
          object.visited = false;
          object = newerThan(object) ?? queue.at(-1)!;
        }
        hand = newerThan(object);
        queue.splice(queue.indexOf(object), 1);
        gone = object.key;
      }
      queue.unshift({ key, visited: false });
      return gone;
    },
    remove(key) {
      const object = queue.find((o) => o.key === key);
      if (object === undefined) return;
      if (hand === object) hand = newerThan(object);
      queue.splice(queue.indexOf(object), 1);
    },
    keys: () => queue.map((o) => o.key),
  };
};

export const naiveSlru: MakeNaive = (capacity) => {
  const probation: number[] = [];
  const safe: number[] = [];
  return {
    touch(key) {
      if (!cut(probation, key) && !cut(safe, key)) return false;
      safe.unshift(key);
      if (safe.length > Math.floor(capacity * 0.8)) probation.unshift(safe.pop()!);
      return true;
    },
    insert(key) {
      const isFull = probation.length + safe.length === capacity;
      const gone = isFull ? (probation.pop() ?? safe.pop()!) : -1;
      probation.unshift(key);
      return gone;
    },
    remove: (key) => void (cut(probation, key) || cut(safe, key)),
    keys: () => [...probation, ...safe],
  };
};

export const naiveTwoQueue: MakeNaive = (capacity) => {
  const am: number[] = [];
  const a1in: number[] = [];
  const a1out: number[] = [];
  function reclaim(): number {
    if (am.length + a1in.length < capacity) return -1;
    if (a1in.length > Math.floor(capacity / 4) || am.length === 0) {
      const gone = a1in.pop()!;
      a1out.unshift(gone);
      if (a1out.length > Math.floor(capacity / 2)) a1out.pop();
      return gone;
    }
    return am.pop()!;
  }
  return {
    touch(key) {
      if (!cut(am, key)) return a1in.includes(key);
      am.unshift(key);
      return true;
    },
    insert(key) {
      const wasOut = cut(a1out, key);
      const gone = reclaim();
      (wasOut ? am : a1in).unshift(key);
      return gone;
    },
    remove: (key) => void (cut(am, key) || cut(a1in, key)),
    keys: () => [...am, ...a1in],
  };
};

/** The generator in BigInt, so that a slip in 32-bit arithmetic would show. */
export const naiveRandom: MakeNaive = (capacity) => {
  const keys: number[] = [];
  let counter = 1n;
  const low = (x: bigint) => x & 0xffffffffn;
  function drop(index: number): number {
    const gone = keys[index]!;
    const last = keys.pop()!;
    if (index < keys.length) keys[index] = last;
    return gone;
  }
  return {
    touch: (key) => keys.includes(key),
    insert(key) {
      let gone = -1;
      if (keys.length === capacity) {
        counter = low(counter + 0x9e3779b9n);
        let z = low((counter ^ (counter >> 16n)) * 0x21f0aaadn);
        z = low((z ^ (z >> 15n)) * 0x735a2d97n);
        z ^= z >> 15n;
        gone = drop(Number((z * BigInt(capacity)) >> 32n));
      }
      keys.push(key);
      return gone;
    },
    remove(key) {
      if (keys.includes(key)) drop(keys.indexOf(key));
    },
    keys: () => keys,
  };
};
