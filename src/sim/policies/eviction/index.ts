/** The eviction policies of the catalogue: an explicit list. */
import type { EvictionPolicy } from './eviction-policy.ts';
import { fifo } from './fifo.ts';
import { lru } from './lru.ts';

export type { EvictionPolicy, EvictionSettings } from './eviction-policy.ts';

/** Each is an EvictionPolicy of a state of its own, which callers hold without looking inside. */
export const EVICTION_POLICIES = [fifo, lru] as unknown as readonly EvictionPolicy[];

export const EVICTION_POLICY_NAMES: readonly string[] = EVICTION_POLICIES.map(({ name }) => name);
