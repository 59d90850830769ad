/**
 * The fence before a resource: it has seen a token, and lets nobody pass who has an older one.
 *
 * Invariant: the tokens that pass never fall, so accesses take effect in the order of the leases,
 * whatever clocks, pauses and the network do.
 *
 * Differs: Kleppmann's storage looks at writes alone. Then a late write may still come between the
 * read and the write of the next holder; here a read raises the fence, too (`lock.fence-reads`).
 *
 * Source: Kleppmann, How to do distributed locking (2016)
 */
import type { LeaseRules } from './rules.ts';

/** Whether an access may pass the fence `newest`, the largest token seen (0: none). */
export const mayPass = (rules: LeaseRules, newest: number, token: number): boolean =>
  !rules['lock.fencing'] || token >= newest;

/** Where the fence stands after an access that passed. */
export function raised(rules: LeaseRules, newest: number, token: number, isWrite: boolean): number {
  return isWrite || rules['lock.fence-reads'] ? Math.max(newest, token) : newest;
}
