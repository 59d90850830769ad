/** The eviction policies of the catalogue: an explicit list. OPT is a bound over a whole trace. */
import { arc } from './arc.ts';
import { clock } from './clock.ts';
import type { EvictionPolicy } from './eviction-policy.ts';
import { fifo } from './fifo.ts';
import { lfu } from './lfu.ts';
import { lirs } from './lirs.ts';
import { lru } from './lru.ts';
import { random } from './random.ts';
import { s3Fifo } from './s3-fifo.ts';
import { sieve } from './sieve.ts';
import { slru } from './slru.ts';
import { twoQueue } from './two-queue.ts';
import { wTinyLfu } from './w-tinylfu.ts';

export type { EvictionPolicy, EvictionSettings } from './eviction-policy.ts';
export { optimalHits } from './optimal.ts';

/** Each has a state of its own, which callers hold without looking inside. */
export const EVICTION_POLICIES = [
  fifo,
  lru,
  lfu,
  clock,
  sieve,
  twoQueue,
  slru,
  arc,
  lirs,
  s3Fifo,
  wTinyLfu,
  random,
] as unknown as readonly EvictionPolicy[];

export const EVICTION_POLICY_NAMES: readonly string[] = EVICTION_POLICIES.map(({ name }) => name);
