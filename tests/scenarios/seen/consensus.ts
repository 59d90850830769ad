/** Where the rules of Raft and of Multi-Paxos are seen to matter. */
import { inRun, inTest } from './sight.ts';
import type { Sights } from './sight.ts';

const STORM = 'consensus/raft-storm';
const PARTIAL = 'consensus/partial-connectivity';
const FLEXIBLE = 'consensus/flexible-quorums';
const CHANGING = { params: { members: 'changing' } };
const RAFT = 'sim/protocols/raft/ablations';
const PAXOS = 'sim/protocols/multi-paxos/ablations';

const raft: Sights = {
  'raft.election-restriction': inRun(STORM, 'raft-safety'),
  'raft.quorum-intersection': inRun(STORM, 'linearizable'),
  'raft.current-term-commit': inRun(STORM, 'raft-safety'),
  'raft.persist-term': inRun(STORM, 'raft-safety'),
  'raft.persist-vote': inRun(STORM, 'raft-safety'),
  'raft.persist-before-reply': inRun(STORM, 'raft-safety'),
  'raft.log-matching-check': inRun(STORM, 'raft-safety', { seed: 5 }),
  'raft.truncate-only-on-conflict': inRun(STORM, 'raft-safety'),
  'raft.truncate-conflicting-suffix': inRun(STORM, 'raft-safety', { seed: 3 }),
  'raft.commit-min-last-new': inRun(STORM, 'raft-safety', { seed: 6 }),
  'raft.ignore-stale-replies': inTest(
    RAFT,
    'raft.ignore-stale-replies: an entry is committed that no majority holds',
  ),
  'raft.leader-no-op': inRun(STORM, 'linearizable', { seed: 2 }),
  'raft.read-index-round': inRun(STORM, 'linearizable', { seed: 27 }),
  'raft.configuration-at-append': inRun(STORM, 'raft-safety', CHANGING),
  'raft.joint-consensus': inRun(STORM, 'raft-safety', CHANGING),
  'raft.one-change-at-a-time': inRun(STORM, 'raft-safety', CHANGING),
  'raft.own-term-commit-before-change': inTest(
    RAFT,
    'raft.own-term-commit-before-change: two leaders remove each other',
  ),
  'raft.count-self-after-removal': inRun(STORM, 'raft-safety', CHANGING),
  'raft.transfer-caught-up': inTest(
    RAFT,
    'raft.transfer-caught-up: the target loses, and nobody leads',
  ),
  'raft.lease-ends-before-transfer': inTest(
    RAFT,
    'raft.lease-ends-before-transfer: the old leader answers reads from before a write',
  ),
  'raft.step-down-on-higher-term': inRun(STORM, 'logs-agree', { seed: 3 }),
  'raft.randomised-timeout': inRun('consensus/split-vote', 'a-leader-is-chosen'),
  'raft.snapshot-keeps-log': inTest(
    `${RAFT}-members`,
    'off: the write is on one disk only, and the next leader lacks it',
  ),
  'raft.dedupe': inRun('consensus/duplicate-commands', 'each-counts-once', {
    variant: 'sessions',
  }),
  'raft.snapshot-keeps-answers': inTest(
    'sim/components/raft-kv/sessions',
    'counts twice across a snapshot that does not hold its answers',
  ),
  'raft.lost-is-not-done': inRun(STORM, 'linearizable', { seed: 20 }),
  'raft.lost-is-not-failed': inRun(STORM, 'linearizable', { seed: 9 }),
};

const paxos: Sights = {
  'paxos.promise-respected': inRun(FLEXIBLE, 'paxos-safety', { variant: 'cut-off' }),
  'paxos.adopt-accepted': inRun(FLEXIBLE, 'paxos-safety', { variant: 'majorities' }),
  'paxos.adopt-highest': inTest(PAXOS, '$off: $violates breaks'),
  'paxos.quorum-intersection': inRun(FLEXIBLE, 'linearizable', { variant: 'cut-off' }),
  'paxos.unique-ballots': inRun(FLEXIBLE, 'paxos-safety', { variant: 'cut-off' }),
  'paxos.persist-promise': inRun(FLEXIBLE, 'paxos-safety'),
  'paxos.persist-before-reply': inRun(FLEXIBLE, 'paxos-safety', {
    variant: 'majorities',
    seed: 2,
  }),
  'paxos.ignore-stale-replies': inTest(PAXOS, '$off: $violates breaks'),
  'paxos.learn-same-ballot': inRun(PARTIAL, 'safety', { variant: 'chained-paxos', seed: 2 }),
  'paxos.fill-gaps': inTest(PAXOS, 'paxos.fill-gaps: nothing after the gap is ever applied'),
  'paxos.read-index-round': inTest(
    PAXOS,
    'paxos.read-index-round: a deposed leader answers from before an acknowledged write',
  ),
  'paxos.recover-before-read': inTest(
    PAXOS,
    'paxos.recover-before-read: a new leader answers from before an acknowledged write',
  ),
  'paxos.back-off': inRun(PARTIAL, 'served-after', { variant: 'star-paxos-heartbeat' }),
};

export const CONSENSUS: Sights = { ...raft, ...paxos };
