/** What people see of a cache. */
import type { ViewField } from '../../node/behaviour.ts';
import type { Mark } from './state.ts';

export interface CacheView {
  readonly component: 'cache';
  readonly mode: string;
  readonly policy: string;
  readonly size: number;
  readonly capacity: number;
  readonly hits: number;
  readonly misses: number;
  readonly stale: number;
  readonly evictions: number;
  /** What became of the newest accesses, the newest last. */
  readonly newest: readonly Mark[];
  /** Writes that the store does not have yet. */
  readonly dirty: number;
  /** Leases that are out. */
  readonly leases: number;
  readonly fields: readonly ViewField[];
}
