/** Expectations 1 to 12 of the table: partitions, quorums, clocks, deletes. */
import { NONE_LOST, allServed, facts, noneServed } from './expectation.ts';
import type { Row } from './expectation.ts';

/** Of cap/cp-partition: the cut, from when nobody waits for an answer from before it, the heal. */
const CP_CUT_MS = 3_000;
const CP = { fromMs: 4_500, untilMs: 7_500 };
const AP = { fromMs: 3_500, untilMs: 6_500 };
/** The longest election timeout is 300 ms. */
const TWO_TIMEOUTS_MS = 600;

export const partitions: readonly Row[] = [
  {
    number: 1,
    title: 'CP, five servers, 3/2 split with the leader on the small side',
    runs: [
      {
        says: 'small side: nothing; large side: a leader within two timeouts; nothing lost',
        scenario: 'cap/cp-partition',
        variant: 'default',
        told: {
          'minority-stalls': 'pass ok-count 0',
          'majority-serves': 'pass success-share 1',
          'raft-safety': 'pass',
          // Nine operations of unknown fate: each happened or did not, for everybody.
          linearizable: 'pass',
        },
        asks: [
          noneServed('put', { clients: 'a', ...CP }),
          noneServed('get', { clients: 'a', ...CP }),
          allServed('put', { clients: 'b', ...CP }),
          allServed('get', { clients: 'b', ...CP }),
          facts('raft.leader', 1, { fromMs: CP_CUT_MS, untilMs: CP_CUT_MS + TWO_TIMEOUTS_MS }),
          NONE_LOST,
        ],
      },
      {
        says: 'who does not notice: stale reads, no writes; two logs are truncated at the heal',
        scenario: 'cap/cp-partition',
        variant: 'local-reads',
        told: { linearizable: 'fail', 'minority-stalls': 'fail ok-count is 30 ' },
        asks: [
          noneServed('put', { clients: 'a', ...CP }),
          facts('raft.truncated', 0, { untilMs: CP.untilMs }),
          facts('raft.truncated', 2),
          NONE_LOST,
        ],
      },
      {
        says: 'reads by a lease on a clock within its bound: none is stale',
        scenario: 'cap/cp-partition',
        variant: 'lease',
        told: { linearizable: 'pass', 'raft-safety': 'pass' },
        asks: [{ use: 'staleness', args: {}, told: 'pass' }, NONE_LOST],
      },
      {
        says: 'beyond its bound: stale reads, and still nothing lost',
        scenario: 'cap/cp-partition',
        variant: 'lease-drift',
        told: { linearizable: 'fail', 'raft-safety': 'pass', 'minority-stalls': 'pass' },
        asks: [NONE_LOST],
      },
    ],
  },
  {
    number: 2,
    title: 'the same, and clients try again',
    runs: [
      {
        says: 'without a session: two of ten deposits count twice',
        scenario: 'consensus/duplicate-commands',
        variant: 'default',
        told: { 'balance-as-computed': 'pass once of 1', 'each-counts-once': 'fail' },
      },
      {
        says: 'with sessions: each counts once, and all are answered',
        scenario: 'consensus/duplicate-commands',
        variant: 'sessions',
        told: {
          'balance-as-computed': 'pass once of 1',
          'each-counts-once': 'pass once of 1',
          'all-are-answered': 'pass',
        },
      },
    ],
  },
  {
    number: 3,
    title: 'reads from any follower',
    runs: [
      {
        says: 'stale, and back in time; no write is lost',
        scenario: 'cap/follower-reads',
        variant: 'default',
        told: {
          'never-stale': 'fail',
          'never-goes-back': 'fail monotonic-reads',
          'reads-its-writes': 'fail read-your-writes',
        },
        asks: [NONE_LOST],
      },
      {
        says: 'one follower for each client: still stale, never back in time',
        scenario: 'cap/follower-reads',
        variant: 'sticky',
        told: { 'never-stale': 'fail', 'never-goes-back': 'pass' },
        asks: [NONE_LOST],
      },
      {
        says: 'with a position of the log: each client sees what it has written and read',
        scenario: 'storage/read-your-writes',
        variant: 'tokens',
        told: { 'reads-its-writes': 'pass', 'never-goes-back': 'pass' },
      },
    ],
  },
  {
    number: 4,
    title: 'three of five crash',
    runs: [
      {
        says: 'no writes, no reads; with the third all is there again',
        scenario: 'consensus/majority-lost',
        variant: 'default',
        told: {
          'no-write-anywhere': 'pass ok-count 0',
          'no-read-anywhere': 'pass ok-count 0',
          'one-more-is-enough': 'pass success-share 1',
          'nothing-is-lost': /^pass .* 0 lost;/,
          linearizable: 'pass',
        },
      },
      {
        says: 'reads that ask nobody are served, and stale',
        scenario: 'consensus/majority-lost',
        variant: 'local-reads',
        told: {
          'no-write-anywhere': 'pass ok-count 0',
          'reads-go-on': 'pass ok-count 45',
          'never-old': 'fail',
        },
      },
    ],
  },
  {
    number: 5,
    title: 'disks that lose what they said they have',
    runs: [
      {
        says: 'two leaders in one term, and every acknowledged order is gone',
        scenario: 'consensus/lost-fsync',
        variant: 'default',
        told: { 'raft-safety': /ElectionSafety: n\d .*\bterm \d/ },
        asks: [{ use: 'acknowledged', args: { by: 'reads' }, told: 'fail' }],
      },
      {
        says: 'off by a fault for the last second: the ten orders of that second are gone',
        scenario: 'consensus/lost-fsync',
        variant: 'turned-off',
        told: { 'lost-as-computed': /^pass .* 10 lost;/, 'raft-safety': 'fail' },
      },
      {
        says: 'with flushes nothing of it',
        scenario: 'consensus/lost-fsync',
        variant: 'flushed',
        told: { 'raft-safety': 'pass', 'nothing-acknowledged-is-lost': /^pass .* 0 lost;/ },
      },
    ],
  },
  {
    number: 6,
    title: 'AP, N = 3, R = W = 1, cut 2/1',
    runs: [
      {
        says: 'last write wins: both sides serve, eggs are lost, copies agree after the heal',
        scenario: 'cap/ap-partition',
        variant: 'default',
        told: {
          'small-side-serves': 'pass success-share 1',
          'large-side-serves': 'pass success-share 1',
          'ann-was-told-done': 'pass once of 1',
          'eggs-are-kept': /^fail .* 0 times of 2/,
          'bread-is-kept': 'pass 2 times of 2',
          'replicas-agree': 'pass',
        },
        asks: [
          allServed('put', { clients: 'a', ...AP }),
          allServed('get', { clients: 'a', ...AP }),
          allServed('put', { clients: 'b', ...AP }),
          allServed('get', { clients: 'b', ...AP }),
        ],
      },
      {
        says: 'version vectors: both carts side by side, nothing lost',
        scenario: 'cap/ap-partition',
        variant: 'siblings',
        told: {
          'small-side-serves': 'pass success-share 1',
          'eggs-are-kept': 'pass 2 times of 2',
          siblings: 'pass',
          'replicas-agree': 'pass',
        },
      },
    ],
  },
  {
    number: 7,
    title: 'R + W > N without failures',
    runs: [
      {
        says: 'never stale after a write; one after the other: new, then old',
        scenario: 'cap/quorum-overlap',
        variant: 'default',
        told: { 'never-stale': 'pass', 'no-going-back': 'fail', linearizable: 'fail' },
      },
      {
        says: 'readers that write back what they saw: linearizable',
        scenario: 'cap/quorum-overlap',
        variant: 'write-back',
        told: { 'never-stale': 'pass', 'no-going-back': 'pass', linearizable: 'pass' },
      },
    ],
  },
  {
    number: 8,
    title: 'sloppy quorum, R + W > N',
    runs: [
      {
        says: 'one stale read until both hints are handed over, none after',
        scenario: 'cap/sloppy-quorum',
        variant: 'default',
        told: {
          'bob-was-told-done': 'pass once of 1',
          'never-stale': /^fail ann\S* read price = 10 at 5\.000 s [^;]*before\.$/,
          'handed-over': 'pass 2 times',
          'fresh-in-the-end': 'pass once of 1',
        },
      },
      {
        says: 'strict: refused instead',
        scenario: 'cap/sloppy-quorum',
        variant: 'strict',
        told: { 'bob-was-told-done': /^fail .* 0 times of 1/, 'never-stale': 'pass' },
      },
    ],
  },
  {
    number: 9,
    title: 'a write that reached one of three',
    runs: [
      {
        says: 'the client has an error, and everybody reads the value later',
        scenario: 'cap/failed-write',
        variant: 'default',
        told: {
          'first-try-times-out': 'pass error-count 1',
          'second-try-is-refused': 'pass error-count 1',
          'bob-reads-the-old-value': 'pass 2 times of 2',
          'the-failed-write-wins': 'pass once of 1',
          'and-for-everybody': 'pass once of 1',
          'the-refused-write-never-shows': 'pass 0 times of 2',
          linearizable: 'pass',
        },
      },
    ],
  },
  {
    number: 10,
    title: 'last write wins, a clock 500 ms behind',
    runs: [
      {
        says: 'no fault, 40 acknowledged writes, 10 lost',
        scenario: 'cap/last-write-wins',
        variant: 'default',
        told: {
          'all-acknowledged': 'pass 40 times of 40',
          'none-lost': 'fail Lost write 1 of 10:',
          'lost-as-computed': 'pass 10 times of 20',
        },
      },
      {
        says: 'version vectors: none',
        scenario: 'cap/last-write-wins',
        variant: 'version-vectors',
        told: { 'all-acknowledged': 'pass 40 times of 40', 'none-lost': /^pass .* 0 lost;/ },
      },
    ],
  },
  {
    number: 11,
    title: 'deleted, and a replica away for longer than gc_grace',
    runs: [
      {
        says: 'the row is back',
        scenario: 'cap/resurrection',
        variant: 'default',
        told: {
          'delete-acknowledged': 'pass once of 1',
          'it-was-gone': 'pass once of 1',
          'tombstones-are-dropped': 'pass 2 times',
          'stays-deleted': 'fail get was answered with alice: once',
        },
      },
      {
        says: 'repaired within gc_grace it is not',
        scenario: 'cap/resurrection',
        variant: 'repaired',
        told: { 'stays-deleted': 'pass 0 times of 3', 'replicas-agree': 'pass' },
      },
    ],
  },
  {
    number: 12,
    title: 'away for longer than the hint window, R = ONE',
    runs: [
      {
        says: 'three stale reads of three, and so on for good',
        scenario: 'cap/hint-window',
        variant: 'default',
        told: {
          'window-closes': 'pass once',
          'n3-is-stale-for-good': 'pass 3 times of 3',
          'fresh-in-the-end': /^fail .* 0 times of 1/,
        },
      },
      {
        says: 'until a read repairs it: one stale read',
        scenario: 'cap/hint-window',
        variant: 'read-repair',
        told: { 'n3-is-stale-for-good': /^fail .* once of 3/, 'fresh-in-the-end': 'pass once' },
        asks: [facts('quorum.read-repair', 1)],
      },
      {
        says: 'or a repair compares: none',
        scenario: 'cap/hint-window',
        variant: 'anti-entropy',
        told: { 'never-stale': 'pass', 'fresh-in-the-end': 'pass once' },
      },
    ],
  },
];
