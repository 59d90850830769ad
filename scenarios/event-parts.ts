/** What scenarios of event sourcing have in common. */
import type { CheckPlan, GroupPlan } from 'faultline';

interface Words {
  readonly [name: string]: unknown;
}

export const STORE = 'e';
export const SERVICE = 's';
export const PROJECTION = 'p';

/** The store's and the projection's: so long until a transaction is on disk. */
export const FSYNC_MS = 2;
const disk = { fsync: { kind: 'constant', ms: FSYNC_MS } } as const;

export const storeGroup: GroupPlan = { name: STORE, component: 'event-store', count: 1, disk };

export const servicesOf = (name: string, config: Words): GroupPlan => ({
  name,
  component: 'command-service',
  count: 1,
  links: { store: STORE },
  config,
});

export const projectionOf = (name: string, config: Words): GroupPlan => ({
  name,
  component: 'projection',
  count: 1,
  disk,
  links: { store: STORE },
  config,
});

const ANY_STREAM = { lost: null, repeated: null, stale: null, overdrawn: null };

export const streamsCheck = (
  id: string,
  args: { readonly [kind: string]: number },
  about: string,
): CheckPlan => ({ id, use: 'event-streams', args: { ...ANY_STREAM, ...args }, about });

const ANY_ROW = { missing: null, repeated: null, wrong: null, behind: null };

export const rowsCheck = (
  id: string,
  args: { readonly [kind: string]: number },
  about: string,
): CheckPlan => ({ id, use: 'projections', args: { ...ANY_ROW, ...args }, about });
