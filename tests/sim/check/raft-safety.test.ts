/** The check that watches Raft in a run: it holds, names what broke, and survives a rewind. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, RunSpec } from 'faultline';
import { specOf } from '../../support/plans.ts';

const planOf = (faults: readonly FaultEntry[], checks?: readonly CheckPlan[]): Plan => ({
  title: 'A store under fire',
  summary: 'Raft, with crashes.',
  durationMs: 3_000,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
  groups: [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      disk: { fsync: { kind: 'uniform', minMs: 4, maxMs: 12 } },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 3,
      links: { servers: 'n' },
      config: { thinkMs: 5, readShare: 0.1, tryTimeoutMs: 100 },
    },
  ],
  faults,
  checks: checks ?? [{ id: 'safety', use: 'raft-safety' }],
  story: [],
});

const crashes: readonly FaultEntry[] = [
  {
    id: 'crash',
    every: { interval: { kind: 'constant', ms: 500 } },
    forMs: 30,
    fault: { type: 'crash', target: { first: 2, of: 'n' } },
  },
];

const spec = (document: Plan, ablations: readonly string[] = []): RunSpec =>
  specOf(document, { ablations });

const run = (document: Plan, ablations: readonly string[] = []) =>
  new Session(spec(document, ablations)).run();

describe('raft-safety', () => {
  it('holds through crashes of a majority', () => {
    const report = run(planOf(crashes));
    expect(report.checks.map((c) => c.result)).toEqual(['pass']);
    expect(report.metrics.facts.find((f) => f.type === 'node.crashed')?.count).toBe(12);
  });

  it('breaks where entries are counted before they are on disk, and says which and why', () => {
    const report = run(planOf(crashes), ['raft.persist-before-reply']);
    expect(report.checks.map((c) => c.result)).toEqual(['fail']);
    const [first] = report.findings;
    expect(first?.why).toMatch(/^CommittedIsDurable: .*\d/);
    expect(first?.evidence).toEqual([first?.event]);
    expect(report.modified).toEqual(['raft.persist-before-reply']);
  });

  it('breaks where votes are forgotten', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    // Two votes in a term need two candidates that ask before and after the crash.
    const voters: readonly FaultEntry[] = [
      {
        id: 'crash',
        every: { interval: { kind: 'uniform', minMs: 5, maxMs: 40 } },
        forMs: 1,
        fault: { type: 'crash', target: 'n' },
      },
    ];
    const broken = seeds.filter((seed) => {
      const plan = planOf(voters);
      const groups = plan.groups.map((group) =>
        group.name === 'n'
          ? {
              ...group,
              config: {
                electionTimeoutMinMs: 5,
                electionTimeoutMaxMs: 30,
                heartbeatMs: 4,
                preVote: false,
                preVoteLease: false,
              },
            }
          : group,
      );
      const one = { ...spec({ ...plan, groups }, ['raft.persist-vote']), seed };
      return new Session(one).run().findings.some((f) => /VoteOnce|ElectionSafety/.test(f.why));
    });
    expect(broken.length).toBeGreaterThan(0);
  });

  it('finds the same after going back', () => {
    const session = new Session(spec(planOf(crashes), ['raft.persist-before-reply']), {
      checkpoints: true,
    });
    session.advance();
    const first = session.report();
    session.seek({ micros: 700_000 });
    session.advance();
    expect(session.report().findings).toEqual(first.findings);
    expect(session.report().checks).toEqual(first.checks);
  });

  it('refuses a group that is not there', () => {
    const wrong = planOf([], [{ id: 'safety', use: 'raft-safety', args: { group: 'm' } }]);
    expect(() => new Session(spec(wrong))).toThrow(ScenarioError);
  });
});
