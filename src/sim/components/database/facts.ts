/** What a database tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import { plural } from '../../kernel/plural.ts';

/** Told once each time that the last connection is taken and another one is asked for. */
export interface ConnectionsFull {
  readonly type: 'database.full';
  readonly connections: number;
}
export interface LockTimeout {
  readonly type: 'database.lock-timeout';
  readonly key: number;
  readonly waiting: number;
}
export interface Followed {
  readonly type: 'database.followed';
  readonly replica: number;
  /** Writes that the replica does not have yet. */
  readonly behind: number;
}
/** Of a client that is gone. */
export interface ConnectionsDropped {
  readonly type: 'database.dropped';
  readonly client: number;
  readonly connections: number;
}
export type DatabaseFact = ConnectionsFull | ConnectionsDropped | LockTimeout | Followed;

export const DATABASE_FACTS: FactTable<DatabaseFact> = {
  'database.full': {
    weight: 'major',
    sentence: (f) => `refuses connections: ${f.connections} are open already`,
  },
  'database.dropped': {
    weight: 'minor',
    sentence: (f, nameOf) =>
      `closes ${plural(f.connections, 'connection')} of ${nameOf(f.client)}, which is gone`,
  },
  'database.lock-timeout': {
    weight: 'minor',
    sentence: (f) => `gives up a write that waited for row ${f.key}; ${f.waiting} still wait`,
  },
  'database.followed': {
    weight: 'minor',
    sentence: (f, nameOf) => `is followed by ${nameOf(f.replica)}, which is ${f.behind} behind`,
  },
};
