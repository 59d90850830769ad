/** Who uses a store: clients at one of its nodes, and people who do a few things at known times. */
import type { GroupPlan } from 'faultline';

interface Words {
  readonly [name: string]: unknown;
}

/** What somebody does, and when. */
export interface Deed {
  readonly atMs: number;
  readonly do: 'get' | 'get-all' | 'put' | 'delete' | 'increment' | 'add' | 'remove' | 'assign';
  readonly key: string;
  readonly value?: number | string;
}

/** Clients of the store n. */
export const clientsOf = (name: string, count: number, config: Words): GroupPlan => ({
  name,
  component: 'kv-client',
  count,
  links: { servers: 'n' },
  config,
});

/** The same, whose requests go to the node of this place: n1 is 1. */
export const clientsAt = (name: string, place: number, count: number, config: Words): GroupPlan =>
  clientsOf(name, count, { routing: 'pinned', firstServer: place, ...config });

/** One object that is written in the first region, and read in each at the node that is there. */
export const regionalClients = (
  regions: readonly string[],
  rates: { readonly writesPerSecond: number; readonly readsPerSecond: number },
  more: Words,
): readonly GroupPlan[] => {
  const client = (name: string, zone: string, ratePerSecond: number, readShare: number) => ({
    name,
    component: 'kv-client',
    count: 1,
    placement: { zone },
    links: { servers: 'n' },
    config: {
      mode: 'open',
      ratePerSecond,
      readShare,
      keys: 1,
      routing: 'pinned',
      firstServer: regions.indexOf(zone) + 1,
      tryTimeoutMs: 2_000,
      deadlineMs: 6_000,
      ...more,
    },
  });
  return [
    ...regions.slice(0, 1).map((zone) => client('writer', zone, rates.writesPerSecond, 0)),
    ...regions.map((zone) => client(zone, zone, rates.readsPerSecond, 1)),
  ];
};

/** Longer than a store waits for writes, so that it is the store that gives up. */
const PATIENCE_MS = 2_500;

/** Somebody at the node of this place. */
export const person = (name: string, place: number, operations: readonly Deed[]): GroupPlan =>
  personAt(name, place, operations, {});

/** The same, with further settings. */
export const personAt = (
  name: string,
  place: number,
  operations: readonly Deed[],
  more: Words,
): GroupPlan =>
  clientsOf(name, 1, {
    mode: 'listed',
    operations,
    routing: 'pinned',
    firstServer: place,
    tryTimeoutMs: PATIENCE_MS,
    deadlineMs: PATIENCE_MS,
    ...more,
  });
