/** What a database tells people. */
import type { FactTable } from '../../contracts/facts.ts';

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
export type DatabaseFact = ConnectionsFull | LockTimeout | Followed;

export const DATABASE_FACTS: FactTable<DatabaseFact> = {
  'database.full': {
    weight: 'major',
    sentence: (f) => `refuses connections: ${f.connections} are open already`,
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
