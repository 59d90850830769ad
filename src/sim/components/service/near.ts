/** A service's own small cache in front of a distant one: LRU with a time to live. */
import { lru } from '../../policies/eviction/lru.ts';

export interface Near {
  readonly ttlMicros: number;
  readonly policy: ReturnType<typeof lru.start>;
  readonly entries: Map<number, { readonly version: number; readonly expiresMicros: number }>;
  hits: number;
  misses: number;
}

const newNear = (capacity: number, ttlMicros: number): Near => ({
  ttlMicros,
  policy: lru.start(capacity),
  entries: new Map(),
  hits: 0,
  misses: 0,
});

/** The version that is kept, or null. */
export function nearGet(near: Near, key: number, nowMicros: number): number | null {
  const entry = near.entries.get(key);
  if (entry !== undefined && nowMicros < entry.expiresMicros) {
    lru.touch(near.policy, key);
    near.hits += 1;
    return entry.version;
  }
  if (entry !== undefined) nearDelete(near, key);
  near.misses += 1;
  return null;
}

export function nearSet(near: Near, key: number, version: number, nowMicros: number): void {
  if (!lru.has(near.policy, key)) {
    const gone = lru.insert(near.policy, key);
    if (gone >= 0) near.entries.delete(gone);
  }
  near.entries.set(key, { version, expiresMicros: nowMicros + near.ttlMicros });
}

export function nearDelete(near: Near, key: number): void {
  lru.remove(near.policy, key);
  near.entries.delete(key);
}

/** The one of a look-up, made when it is first used. */
export function nearOf(
  all: Map<number, Near>,
  pc: number,
  of: { readonly nearCapacity: number; readonly nearTtlMicros: number },
): Near {
  let near = all.get(pc);
  if (near === undefined) {
    near = newNear(of.nearCapacity, of.nearTtlMicros);
    all.set(pc, near);
  }
  return near;
}
