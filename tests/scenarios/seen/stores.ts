/** Where the rules of stores, locks, replicas and transactions are seen to matter. */
import { inRun, inTest } from './sight.ts';
import type { Sights } from './sight.ts';

const REPAIRED = { variant: 'repaired' };
const SERIALIZABLE = { variant: 'serializable' };
const SQL = 'sim/components/sql-node/ablations';
const SENTINEL = 'sim/components/sentinel/ablations';
const SENTINEL_TITLE = '$id: off, it breaks what it is for; on, it holds';
const COMMIT = 'sim/components/txn-store/commit';
const LOST = 'nothing-lost';
/** The title that each rule of primary and replicas has there. */
const IS_NEEDED = 'is needed: ${breaks}';

const quorum: Sights = {
  'quorum.read-repair-writeback': inRun('cap/quorum-overlap', 'linearizable', {
    variant: 'write-back',
  }),
  'quorum.hinted-handoff': inRun('cap/hint-window', 'first-write-arrives'),
  'quorum.tombstones': inRun('cap/resurrection', 'stays-deleted', REPAIRED),
  'quorum.gc-grace': inRun('cap/resurrection', 'stays-deleted', REPAIRED),
  'quorum.hint-expiry': inTest(
    'sim/components/quorum-store/handoff',
    'are undone by a hint that is older than gc_grace, were it handed over',
  ),
  'quorum.idempotent-merge': inRun('cap/merging-types', 'merged-as-computed'),
  'quorum.version-vectors': inRun('cap/ap-partition', 'eggs-are-kept', { variant: 'siblings' }),
  'quorum.replica-coordinates': inTest(
    'sim/components/quorum-store/siblings',
    'are made by a replica of the key, to which others forward',
  ),
  'quorum.actor-epoch': inTest(
    'sim/components/quorum-store/siblings',
    'have a new name in each life: what a crash took is not named twice',
  ),
  'quorum.persist-before-reply': inTest(
    'sim/components/quorum-store/quorums',
    'loses an acknowledged write in a crash where it does not wait for the disk',
  ),
};

const causal: Sights = {
  'causal.dependency-check': inRun('cap/causal', 'no-answer-without-its-question'),
  'causal.last-writer-wins': inRun('cap/causal', 'datacentres-agree'),
  'causal.clock-advance': inRun('cap/causal', 'causal'),
  'causal.resend': inRun('cap/causal', 'datacentres-agree'),
  'causal.persist-before-reply': inTest('sim/protocols/causal/causal', '$id: $breaks'),
};

const locks: Sights = {
  'lock.fencing': inRun('coordination/paused-client', 'no-update-lost', { variant: 'fencing' }),
  'lock.fence-reads': inRun('coordination/leader-election', 'one-leader-acts', {
    variant: 'cut',
  }),
  'lock.owner-check': inTest(
    'sim/components/lock-client/kleppmann',
    'frees the lock of another without the owner check, who fails as well',
  ),
  'lock.persist-before-grant': inRun('coordination/forgetful-lock', 'no-update-lost'),
  'ids.clock-guard': inRun('coordination/unique-ids', 'unique', { variant: 'set-back' }),
  'detectors.skip-failures': inTest(
    'sim/components/failure-monitor/failure-monitor',
    'and crashes then, is found as soon as without that outage, but for the rule',
  ),
  'swim.suspicion': inRun('coordination/gossip-membership', 'nobody-is-buried-alive'),
  'swim.refutation': inRun('coordination/gossip-membership', 'nobody-is-buried-alive'),
  'swim.indirect-probes': inRun('coordination/gossip-membership', 'a-link-is-no-member', {
    variant: 'bad-link',
  }),
  'swim.round-robin': inTest(
    'sim/components/swim-member/swim-member',
    'probes each other member once in each pass, so never later than 2n - 1 periods',
  ),
};

const replicas: Sights = {
  'replica.lease-fencing': inRun('storage/split-brain', 'one-primary'),
  'replica.wait-for-standbys': inRun('storage/failover', LOST, { variant: 'synchronous' }),
  'replica.flush-before-send': inTest(SQL, IS_NEEDED),
  'replica.flush-before-acknowledge': inTest(SQL, IS_NEEDED),
  'replica.rewind': inRun('storage/split-brain', 'one-primary'),
  'replica.most-advanced': inTest(SQL, IS_NEEDED),
  'replica.sync-candidates': inRun('storage/semi-sync-timeout', LOST, {
    variant: 'struck-from-the-list',
  }),
  'replica.replay-before-promote': inTest(SQL, IS_NEEDED),
  'sentinel.majority': inRun('storage/sentinel', 'one-primary', {
    variant: 'quorum-of-one',
    seed: 3,
  }),
  'sentinel.vote-once': inTest(SENTINEL, SENTINEL_TITLE),
  'sentinel.persist-vote': inTest(SENTINEL, SENTINEL_TITLE),
  'sentinel.config-epoch': inRun('storage/sentinel', 'outside-is-served', {
    variant: 'min-replicas',
  }),
  'sentinel.skip-stale': inTest(SENTINEL, SENTINEL_TITLE),
  'sentinel.most-advanced': inTest(SENTINEL, SENTINEL_TITLE),
  'sentinel.convert-returning': inRun('storage/sentinel', 'old-one-is-told'),
};

const transactions: Sights = {
  'mvcc.committed-reads': inRun('distributed-transactions/write-skew', 'serializable', {
    variant: 'ssi',
  }),
  'mvcc.one-snapshot': inRun('distributed-transactions/commit-wait', 'one-snapshot', {
    variant: 'commit-wait',
  }),
  'mvcc.first-committer-wins': inRun('distributed-transactions/lost-update', 'every-sale-counts', {
    variant: 'snapshot',
  }),
  'mvcc.ssi-pivot': inRun('distributed-transactions/write-skew', 'somebody-is-on-call', {
    variant: 'ssi',
  }),
  'mvcc.wait-for-prepared': inRun('distributed-transactions/commit-wait', 'one-snapshot', {
    variant: 'commit-wait',
  }),
  'mvcc.commit-wait': inRun('distributed-transactions/commit-wait', 'sees-what-was-committed', {
    variant: 'commit-wait',
  }),
  'locking.writes-until-commit': inRun(
    'distributed-transactions/lost-update',
    'every-sale-counts',
    SERIALIZABLE,
  ),
  'locking.reads-until-commit': inRun(
    'distributed-transactions/lost-update',
    'every-sale-counts',
    SERIALIZABLE,
  ),
  'locking.predicates': inTest('sim/protocols/isolation/ablations', '%s changes what comes out'),
  'locking.deadlocks': inRun('distributed-transactions/lost-update', 'both-sell', SERIALIZABLE),
  'commit.prepare-logged': inTest(COMMIT, 'commit.prepare-logged'),
  'commit.decision-logged': inTest(COMMIT, 'commit.decision-logged'),
  'commit.wait-when-prepared': inRun('distributed-transactions/two-phase-commit', 'one-fate', {
    variant: 'cut',
  }),
  'commit.majority-of-acceptors': inTest(
    COMMIT,
    'keeps one fate; without it s3 commits, the client is told so, and s2 aborts',
  ),
};

export const STORES: Sights = { ...quorum, ...causal, ...locks, ...replicas, ...transactions };
