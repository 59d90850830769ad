/**
 * Isolation levels as databases build them: what a read sees, what is locked, what is refused.
 *
 * Writes lock their row until the end at every level. What each level prevents is the matrix of
 * Hermitage, which tests hold.
 *
 * Sources: Kleppmann, Hermitage (2014); PostgreSQL 13.2; InnoDB 17.7.2; SQL Server; Cahill (2008)
 */

export const ISOLATION = [
  'read-uncommitted',
  'read-committed',
  'innodb-repeatable-read',
  'repeatable-read',
  'snapshot',
  'serializable-2pl',
  'serializable-ssi',
] as const;
export type Isolation = (typeof ISOLATION)[number];

export interface LevelRules {
  /**
   * `dirty`: the newest version; `statement`: the newest committed one; `snapshot`: that as of the
   * beginning of the transaction; `locked`: the newest, under a shared lock.
   */
  readonly reads: 'dirty' | 'statement' | 'snapshot' | 'locked';
  /** A search locks its predicate, not only the rows that it found. */
  readonly predicateLocks: boolean;
  /** A row that somebody else has changed since the snapshot is not overwritten. */
  readonly firstCommitterWins: boolean;
  readonly ssi: boolean;
}

const LEVELS: { readonly [level in Isolation]: LevelRules } = {
  'read-uncommitted': {
    reads: 'dirty',
    predicateLocks: false,
    firstCommitterWins: false,
    ssi: false,
  },
  'read-committed': {
    reads: 'statement',
    predicateLocks: false,
    firstCommitterWins: false,
    ssi: false,
  },
  'innodb-repeatable-read': {
    reads: 'snapshot',
    predicateLocks: false,
    firstCommitterWins: false,
    ssi: false,
  },
  'repeatable-read': {
    reads: 'locked',
    predicateLocks: false,
    firstCommitterWins: false,
    ssi: false,
  },
  snapshot: { reads: 'snapshot', predicateLocks: false, firstCommitterWins: true, ssi: false },
  'serializable-2pl': {
    reads: 'locked',
    predicateLocks: true,
    firstCommitterWins: false,
    ssi: false,
  },
  'serializable-ssi': {
    reads: 'snapshot',
    predicateLocks: false,
    firstCommitterWins: true,
    ssi: true,
  },
};

export const levelRules = (level: Isolation): LevelRules => LEVELS[level];
