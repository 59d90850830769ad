/** People who use a store: clients who do a few things at known times, at one of its nodes. */
import type { GroupPlan } from 'faultline';

/** What somebody does, and when. */
export interface Deed {
  readonly atMs: number;
  readonly do: 'get' | 'get-all' | 'put' | 'delete' | 'increment' | 'add' | 'remove' | 'assign';
  readonly key: string;
  readonly value?: number | string;
}

/** Longer than a store waits for writes, so that it is the store that gives up. */
const PATIENCE_MS = 2_500;

/** Somebody whose requests all go to the node of this place: n1 is 1. */
export const person = (name: string, place: number, operations: readonly Deed[]): GroupPlan =>
  personAt(name, place, operations, {});

/** The same, with further settings. */
export const personAt = (
  name: string,
  place: number,
  operations: readonly Deed[],
  more: GroupPlan['config'],
): GroupPlan => ({
  name,
  component: 'kv-client',
  count: 1,
  links: { servers: 'n' },
  config: {
    mode: 'listed',
    operations,
    routing: 'pinned',
    firstServer: place,
    tryTimeoutMs: PATIENCE_MS,
    deadlineMs: PATIENCE_MS,
    ...more,
  },
});
