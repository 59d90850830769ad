/** The rules of locks by lease that can be switched off, to see what each of them is for. */

export type LeaseAblation =
  'lock.fencing' | 'lock.fence-reads' | 'lock.owner-check' | 'lock.persist-before-grant';

export interface LeaseRule {
  readonly id: LeaseAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const LEASE_RULES: readonly LeaseRule[] = [
  {
    id: 'lock.fencing',
    rule: 'The storage refuses whoever comes with a token that is older than one it has seen.',
    breaks: 'A client that slept past the end of its lease overwrites what the next one wrote.',
    source: 'Kleppmann, How to do distributed locking (2016)',
  },
  {
    id: 'lock.fence-reads',
    rule: 'A read under a lock raises the fence, too, not only a write.',
    breaks:
      'A late write comes between the read and the write of the next holder, who overwrites it.',
    source: 'The read-modify-write of Kleppmann (2016), with the reads ordered by token as well',
  },
  {
    id: 'lock.owner-check',
    rule: 'Only the token of the lease in force prolongs it or gives it back.',
    breaks: 'A client whose lease is over gives back the lease of another.',
    source: 'Redis documentation, SET: delete the key only if its value is your own',
  },
  {
    id: 'lock.persist-before-grant',
    rule: 'A lease and its token are on disk before the client hears of them.',
    breaks: 'After a crash the lock is granted again while it is held, and a token comes twice.',
    source: 'Kleppmann (2016) on Redis without fsync; Chubby (OSDI 2006), 2.9',
  },
];

export type LeaseRules = { readonly [rule in LeaseAblation]: boolean };

export const leaseRules = (ablations: readonly string[]): LeaseRules => ({
  'lock.fencing': !ablations.includes('lock.fencing'),
  'lock.fence-reads': !ablations.includes('lock.fence-reads'),
  'lock.owner-check': !ablations.includes('lock.owner-check'),
  'lock.persist-before-grant': !ablations.includes('lock.persist-before-grant'),
});
