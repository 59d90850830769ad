/** The rules of locking that can be switched off, to see what each of them is for. */

export type LockingAblation =
  | 'locking.writes-until-commit'
  | 'locking.reads-until-commit'
  | 'locking.predicates'
  | 'locking.deadlocks';

export interface LockingRule {
  readonly id: LockingAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const LOCKING_RULES: readonly LockingRule[] = [
  {
    id: 'locking.writes-until-commit',
    rule: 'An exclusive lock is held until its transaction has ended.',
    breaks: 'G0, dirty write: two transactions overwrite each other, one in this row, one in that.',
    source: 'Gray et al., Granularity of Locks (1976), degree 1; Adya (1999), PL-1',
  },
  {
    id: 'locking.reads-until-commit',
    rule: 'Where reads lock, a shared lock is held until its transaction has ended.',
    breaks: 'G2-item and lost updates: what was read has changed before the end.',
    source: 'Eswaran et al. (1976), two-phase locking; Gray et al. (1976), degree 3',
  },
  {
    id: 'locking.predicates',
    rule: 'Where everything is serializable by locks, a search locks also what it did not find.',
    breaks: 'G2, phantoms: a row appears that the search would have found.',
    source: 'Eswaran et al. (1976), predicate locks; key-range locks of SQL Server',
  },
  {
    id: 'locking.deadlocks',
    rule: 'Nobody is left in a circle of transactions that wait for each other.',
    breaks: 'Progress: all of them wait until a timeout, or for ever.',
    source: 'PostgreSQL 13.3.4; InnoDB innodb_deadlock_detect; Rosenkrantz et al. (1978)',
  },
];

export type LockingRules = { readonly [rule in LockingAblation]: boolean };

export const lockingRules = (ablations: readonly string[]): LockingRules => ({
  'locking.writes-until-commit': !ablations.includes('locking.writes-until-commit'),
  'locking.reads-until-commit': !ablations.includes('locking.reads-until-commit'),
  'locking.predicates': !ablations.includes('locking.predicates'),
  'locking.deadlocks': !ablations.includes('locking.deadlocks'),
});
