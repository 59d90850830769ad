/** The rules of versions and snapshots that can be switched off, to see what each is for. */

export type MvccAblation =
  | 'mvcc.committed-reads'
  | 'mvcc.one-snapshot'
  | 'mvcc.first-committer-wins'
  | 'mvcc.ssi-pivot'
  | 'mvcc.wait-for-prepared'
  | 'mvcc.commit-wait';

export interface MvccRule {
  readonly id: MvccAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const MVCC_RULES: readonly MvccRule[] = [
  {
    id: 'mvcc.committed-reads',
    rule: 'Above read uncommitted, only committed versions are read.',
    breaks: 'G1a and G1b: values that were rolled back, or that were about to be overwritten.',
    source: 'Adya (1999), PL-2',
  },
  {
    id: 'mvcc.one-snapshot',
    rule: 'All reads of a transaction see the same snapshot, where the level says so.',
    breaks: 'G-single, read skew: one row from before another transaction, one from after it.',
    source: 'Berenson et al. (1995), snapshot isolation',
  },
  {
    id: 'mvcc.first-committer-wins',
    rule: 'Of two concurrent transactions that write one row the second aborts.',
    breaks: 'P4, lost update: the second overwrites what it has not seen.',
    source: 'Berenson et al. (1995); PostgreSQL 13.2.2',
  },
  {
    id: 'mvcc.ssi-pivot',
    rule: 'A transaction that missed a write, and whose write another missed, is not committed.',
    breaks: 'G2-item, write skew: each decides on rows that the other changes.',
    source: 'Cahill, Röhm, Fekete (SIGMOD 2008); Ports and Grittner (VLDB 2012)',
  },
  {
    id: 'mvcc.wait-for-prepared',
    rule: 'A snapshot that may include a prepared transaction waits until its fate is known.',
    breaks: 'G-single over shards: half of a transaction is in the snapshot.',
    source: 'Du, Elnikety, Zwaenepoel, Clock-SI (SRDS 2013), 3.2; Spanner (OSDI 2012), 4.1.3',
  },
  {
    id: 'mvcc.commit-wait',
    rule: 'A commit is told only when its timestamp is in the past by every clock.',
    breaks: 'External consistency: who begins after it, by a slower clock, does not see it.',
    source: 'Spanner (OSDI 2012), 4.1.2',
  },
];

export type MvccRules = { readonly [rule in MvccAblation]: boolean };

export const mvccRules = (ablations: readonly string[]): MvccRules => ({
  'mvcc.committed-reads': !ablations.includes('mvcc.committed-reads'),
  'mvcc.one-snapshot': !ablations.includes('mvcc.one-snapshot'),
  'mvcc.first-committer-wins': !ablations.includes('mvcc.first-committer-wins'),
  'mvcc.ssi-pivot': !ablations.includes('mvcc.ssi-pivot'),
  'mvcc.wait-for-prepared': !ablations.includes('mvcc.wait-for-prepared'),
  'mvcc.commit-wait': !ablations.includes('mvcc.commit-wait'),
});
