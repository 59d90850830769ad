import { describe, expect, it } from 'vitest';
import type { RaftInvariantName } from '../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftAblation } from '../../../../src/sim/protocols/raft/rules.ts';
import { Cluster } from './support/cluster.ts';
import type { Server } from './support/cluster.ts';
import { violatedFromScratch } from './support/from-scratch.ts';
import { Judge, randomRun } from './support/random-run.ts';

interface Variant {
  readonly off: readonly RaftAblation[];
  /** What fires before the damage proper is looked past, to reach the damage. */
  readonly ignore?: readonly RaftInvariantName[];
}

const VARIANTS: readonly Variant[] = [
  { off: [] },
  { off: ['raft.election-restriction'] },
  { off: ['raft.current-term-commit'] },
  { off: ['raft.current-term-commit'], ignore: ['CommitRule'] },
  { off: ['raft.persist-term'] },
  { off: [] },
  { off: ['raft.persist-vote'] },
  { off: ['raft.persist-vote'], ignore: ['VoteOnce'] },
  { off: ['raft.persist-before-reply'] },
  { off: ['raft.persist-term'], ignore: ['TermMonotonic', 'VoteOnce'] },
  { off: ['raft.log-matching-check'] },
  { off: ['raft.truncate-only-on-conflict'] },
  { off: ['raft.truncate-conflicting-suffix'] },
  { off: ['raft.commit-min-last-new'] },
  { off: ['raft.ignore-stale-replies'] },
];

/** Seeds beyond the thousand whose runs reach what is rare. */
const RARE: readonly { readonly seed: number; readonly variant: Variant }[] = [
  { seed: 1_224, variant: { off: ['raft.current-term-commit'], ignore: ['CommitRule'] } },
  { seed: 1_213, variant: { off: ['raft.persist-vote'], ignore: ['VoteOnce'] } },
  { seed: 1_252, variant: { off: ['raft.persist-vote'], ignore: ['VoteOnce'] } },
];

const THOUSAND = Array.from({ length: 1_000 }, (_, i) => {
  return { seed: i + 1, variant: VARIANTS[(i + 1) % VARIANTS.length] as Variant };
});

describe('incremental and from-scratch invariants', () => {
  it('agree at the first finding and before it, over 1,000 seeds', () => {
    const kinds = new Set<string>();
    let broken = 0;
    for (const { seed, variant } of [...THOUSAND, ...RARE]) {
      const { off, ignore = [] } = variant;
      // Torn writes put more on a disk than its server was told, which only the disk shows.
      const torn = off.length === 0;
      const steps = seed > 1_000 ? 600 : 400;
      const run = randomRun({ seed, steps, off, ignore, record: true, tornWrites: torn });
      const scratch = (moments: typeof run.moments): RaftInvariantName[] =>
        violatedFromScratch(moments).filter((v) => !ignore.includes(v));
      const incremental = [...new Set(run.findings.map((f) => f.invariant))].sort();
      const where = `seed ${seed}, off: ${off.join() || 'nothing'}`;
      expect(scratch(run.moments), where).toEqual(incremental);
      if (off.length === 0) expect(incremental, where).toEqual([]);
      if (incremental.length === 0) continue;
      broken += 1;
      for (const name of incremental) kinds.add(name);
      expect(scratch(run.moments.slice(0, -1)), `${where}, before`).toEqual([]);
    }
    // Agreement about nothing would prove nothing.
    expect(broken).toBeGreaterThan(100);
    expect([...kinds].sort()).toEqual([
      'CommitRule',
      'CommittedIsDurable',
      'ElectionSafety',
      'LeaderCompleteness',
      'LogMatching',
      'StateMachineSafety',
      'TermMonotonic',
      'VoteOnce',
    ]);
  });
});

/** Three servers with a leader and three entries, watched both ways. */
function watched(): { cluster: Cluster; judge: Judge; leader: Server } {
  const ids = [1, 2, 3];
  const cluster = new Cluster({ ids, preVote: false, preVoteLease: false });
  const judge = new Judge(ids, { record: true });
  cluster.observers.push(judge);
  cluster.start();
  cluster.campaign(1);
  cluster.settle();
  for (const tag of [1, 2]) cluster.step(1, { type: 'propose', command: `c${tag}`, tag });
  cluster.settle();
  return { cluster, judge, leader: cluster.server(1) };
}

function verdicts(judge: Judge): [string[], string[]] {
  return [judge.found.map((f) => f.invariant).sort(), violatedFromScratch(judge.moments)];
}

/** Faults that no rule of Raft being off leads to: done to a server by hand. */
describe('an invariant that only a broken implementation violates', () => {
  it('LeaderAppendOnly: a leader deletes its last entry', () => {
    const { judge, leader } = watched();
    const { state } = leader;
    state?.log.truncateFrom(3);
    if (state !== null) state.durableIndex = 2;
    judge.onStep(leader, { type: 'start' }, [{ type: 'truncated', fromIndex: 3 }]);
    // CommittedIsDurable holds: the two other disks are still a majority.
    expect(verdicts(judge)).toEqual([['LeaderAppendOnly'], ['LeaderAppendOnly']]);
  });

  it('CommitMonotonic: a server takes back a commit', () => {
    const { judge, leader } = watched();
    if (leader.state !== null) leader.state.commitIndex = 1;
    judge.onStep(leader, { type: 'start' }, []);
    expect(verdicts(judge)).toEqual([['CommitMonotonic'], ['CommitMonotonic']]);
  });

  it('TermsInLog: an entry of a term that the server has not reached', () => {
    const { judge, leader } = watched();
    leader.state?.log.append({ term: 9, index: 4, command: 'early' });
    judge.onStep(leader, { type: 'start' }, [{ type: 'appended', fromIndex: 4, toIndex: 4 }]);
    expect(verdicts(judge)).toEqual([['TermsInLog'], ['TermsInLog']]);
  });

  it('TermMonotonic: a running server goes back to an earlier term', () => {
    const { judge, cluster } = watched();
    const follower = cluster.server(2);
    cluster.campaign(2);
    if (follower.state !== null) follower.state.term = 1;
    judge.onStep(follower, { type: 'start' }, []);
    expect(verdicts(judge)).toEqual([['TermMonotonic'], ['TermMonotonic']]);
  });
});

describe('saving and restoring the invariants', () => {
  it('gives the same findings from any point on', () => {
    const off = ['raft.current-term-commit'] as const;
    let found = 0;
    for (let seed = 1; seed <= 25; seed += 1) {
      const whole = randomRun({ seed, steps: 400, off });
      found += whole.findings.length;
      for (const at of [0, 7, 60]) {
        const cut = randomRun({ seed, steps: 400, off, saveEvery: at + 1 });
        expect(cut.findings, `seed ${seed}, saved every ${at + 1} steps`).toEqual(whole.findings);
      }
    }
    expect(found).toBeGreaterThan(0);
  });
});
