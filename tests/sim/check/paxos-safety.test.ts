/** The check that watches Multi-Paxos in a run: it holds, names what broke, survives a rewind. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, RunSpec } from 'faultline';
import { specOf } from '../../support/plans.ts';

const planOf = (
  faults: readonly FaultEntry[],
  config: GroupPlan['config'] = {},
  checks: readonly CheckPlan[] = [
    { id: 'safety', use: 'paxos-safety' },
    { id: 'linearizable', use: 'linearizable' },
  ],
): Plan => ({
  title: 'A store under fire',
  summary: 'Multi-Paxos, with crashes.',
  durationMs: 3_000,
  network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
  groups: [
    {
      name: 'n',
      component: 'paxos-kv',
      count: 3,
      config: { electionTimeoutMs: 100, ...config },
      disk: { fsync: { kind: 'uniform', minMs: 4, maxMs: 12 } },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 3,
      links: { servers: 'n' },
      config: { thinkMs: 5, readShare: 0.3, tryTimeoutMs: 100 },
    },
  ],
  faults,
  checks,
  story: [],
});

const crashes: readonly FaultEntry[] = [
  {
    id: 'crash',
    every: { interval: { kind: 'constant', ms: 500 } },
    forMs: 150,
    fault: { type: 'crash', target: { first: 2, of: 'n' } },
  },
];

const spec = (document: Plan, ablations: readonly string[] = [], seed = 1): RunSpec =>
  specOf(document, { ablations, seed });

const run = (document: Plan, ablations: readonly string[] = [], seed = 1) =>
  new Session(spec(document, ablations, seed)).run();

/** Whoever leads dies, twice a second. */
const regicide: FaultEntry = {
  id: 'regicide',
  every: { interval: { kind: 'constant', ms: 600 } },
  forMs: 150,
  fault: { type: 'crash', target: { role: 'leader', group: 'n' } },
};

describe('paxos-safety', () => {
  it('holds through crashes of a majority and of leaders, and clients see one store', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const report = run(planOf([...crashes, regicide]), [], seed);
      expect(
        report.checks.map((c) => c.result),
        `seed ${seed}`,
      ).toEqual(['pass', 'pass']);
      expect(report.metrics.facts.find((f) => f.type === 'paxos.leader')?.count).toBeGreaterThan(3);
    }
  });

  it('names the property, the server and the slot when answers do not wait for the disk', () => {
    const report = run(planOf(crashes), ['paxos.persist-before-reply']);
    const [safety] = report.checks;
    expect(safety?.result).toBe('fail');
    expect(report.findings[0]?.why).toMatch(/(PromiseIsDurable|AcceptedIsDurable): n\d /);
  });

  it('finds two values chosen for a slot where quorums need not meet', () => {
    // The leader is alone with one other; the rest elect somebody among themselves.
    const split: readonly FaultEntry[] = [
      { id: 'cut', fault: { type: 'partition', groups: [['n1']] }, atMs: 500, forMs: 1_500 },
      { id: 'cut2', fault: { type: 'partition', groups: [['n2']] }, atMs: 500, forMs: 1_500 },
    ];
    const broken = { phase1Quorum: 1, phase2Quorum: 1 };
    const report = run(planOf(split, broken), ['paxos.quorum-intersection']);
    expect(report.findings.map(({ why }) => why).join('\n')).toMatch(/Agreement: /);
    expect(() => run(planOf(split, broken))).toThrow(ScenarioError);
    expect(() => run(planOf(split, { phase1Quorum: 4 }))).toThrow(/more than the 3 servers/);
  });

  it('comes to the same findings after going back', () => {
    const document = planOf(crashes);
    const session = new Session(spec(document, ['paxos.persist-before-reply']), {
      checkpoints: true,
    });
    session.advance();
    const first = session.report();
    session.seek({ micros: 1_000_000 });
    session.advance();
    expect(session.report().findings).toEqual(first.findings);
    expect(session.report().checks).toEqual(first.checks);
  });

  it('refuses a group without members', () => {
    const checks = [{ id: 'safety', use: 'paxos-safety', args: { group: 'nobody' } }];
    expect(() => run(planOf([], {}, checks))).toThrow(/nobody/);
  });
});
