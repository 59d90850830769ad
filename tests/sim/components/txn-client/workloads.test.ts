/**
 * Workloads at random against each level: the history shows nothing that the level forbids, and,
 * for each level but the last, something that the next one does. So neither the store nor the
 * check says yes to everything.
 */
import { defineScenario, simulate } from 'faultline';
import type { FaultEntry, GroupPlan, Report } from 'faultline';
import { describe, expect, it } from 'vitest';

export interface Play {
  readonly store: NonNullable<GroupPlan['config']>;
  readonly client: NonNullable<GroupPlan['config']>;
  readonly level: string;
  readonly shards?: number;
  readonly clients?: number;
  readonly seed?: number;
  readonly off?: readonly string[];
  readonly faults?: readonly FaultEntry[];
  readonly group?: Partial<GroupPlan>;
  readonly durationMs?: number;
}

function play(plan: Play): Report {
  const scenario = defineScenario({
    id: 'test/transactions',
    title: 'Transactions',
    summary: '',
    tier: 'calm',
    sources: [],
    leavesOut: [],
    thingsToTry: [],
    params: {},
    plan: () => ({
      title: 'Transactions',
      summary: '',
      durationMs: plan.durationMs ?? 1_500,
      network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
      groups: [
        {
          name: 's',
          component: 'txn-store',
          count: plan.shards ?? 1,
          config: plan.store,
          ...plan.group,
        },
        {
          name: 'c',
          component: 'txn-client',
          count: plan.clients ?? 3,
          links: { store: 's' },
          config: { thinkMs: 10, statementGapMs: 3, ...plan.client },
        },
      ],
      faults: plan.faults ?? [],
      checks: [
        { id: 'isolated', use: 'transactions', args: { level: plan.level } },
        { id: 'right', use: 'fact-count', args: { fact: 'txn.wrong', atMost: 0 } },
        { id: 'whole', use: 'fact-count', args: { fact: 'commit.split', atMost: 0 } },
        { id: 'works', use: 'fact-count', args: { fact: 'txn.committed', atLeast: 20 } },
      ],
      story: [],
    }),
    variants: [{ name: 'default', about: '' }],
  });
  return simulate(scenario, { ablations: plan.off ?? [], seed: plan.seed ?? 1 });
}

const verdicts = (report: Report) =>
  Object.fromEntries(report.checks.map(({ check, verdict }) => [check, verdict]));
const whyOf = (report: Report, id: string): string =>
  report.findings.find(({ check }) => check === id)?.why ?? '';

const LEVELS = [
  ['read-committed', 'read-committed', 'repeatable-read'],
  ['snapshot', 'snapshot-isolation', 'serializable'],
  ['repeatable-read', 'serializable', null],
  ['serializable-2pl', 'strict-serializable', null],
  ['serializable-ssi', 'serializable', null],
] as const;

describe.each([1, 3])('over %i shards', (shards) => {
  describe.each(LEVELS)('%s', (isolation, holds, breaks) => {
    it.each(['list-append', 'rw-register'])('%s', (workload) => {
      for (const seed of [1, 2]) {
        const common = {
          store: { isolation, deadlocks: 'wound-wait' },
          client: { workload, workers: 2, keys: 3, maxAttempts: 5 },
          shards,
          seed,
        };
        const report = play({ ...common, level: holds });
        expect(verdicts(report), `seed ${seed}: ${whyOf(report, 'isolated')}`).toMatchObject({
          isolated: 'pass',
          whole: 'pass',
          works: 'pass',
        });
        if (breaks === null) continue;
        expect(verdicts(play({ ...common, level: breaks }))['isolated'], `seed ${seed}`).toBe(
          'fail',
        );
      }
    });
  });
});
