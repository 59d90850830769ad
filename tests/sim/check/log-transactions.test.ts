/** What the judge of histories says of transactions, on whole runs, with and without the rules. */
import { defineScenario, simulate } from 'faultline';
import { describe, expect, it } from 'vitest';

interface Shape {
  readonly version?: 1 | 2;
  readonly ablations?: readonly string[];
  readonly abortShare?: number;
}

const RATE = 100;

/** A producer that aborts some of its transactions, and a reader of committed records. */
function run({ version = 2, ablations = [], abortShare = 0.3 }: Shape) {
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
      durationMs: 20_000,
      network: { latency: { kind: 'constant', ms: 1 } },
      groups: [
        {
          name: 'ctl',
          component: 'controller',
          count: 1,
          config: { controllerQuorumFetchTimeoutMs: 100, controllerQuorumElectionBackoffMaxMs: 50 },
        },
        {
          name: 'b',
          component: 'log-broker',
          count: 3,
          links: { controller: 'ctl' },
          config: {
            topics: [{ topic: 'orders', partitions: 2, replicationFactor: 3 }],
            transactionStateLogNumPartitions: 1,
            transactionVersion: version,
          },
        },
        {
          name: 'p',
          component: 'log-producer',
          count: 1,
          links: { brokers: 'b' },
          config: {
            transactionalId: 'billing',
            abortShare,
            arrivals: { kind: 'constant', ratePerSecond: RATE },
            startMs: 2_000,
            stopMs: 12_000,
          },
        },
        {
          name: 'c',
          component: 'log-consumer',
          count: 1,
          links: { brokers: 'b' },
          config: { autoOffsetReset: 'earliest', isolationLevel: 'read_committed' },
        },
      ],
      faults: [],
      checks: [{ id: 'seen', use: 'log-history' }],
      story: [],
    }),
    variants: [{ name: 'default', about: '' }],
  });
  const { checks } = simulate(scenario, { ablations: [...ablations] });
  return checks.find(({ check }) => check === 'seen');
}

describe('transactions in histories of whole runs', () => {
  it.each([1, 2] as const)('are whole where all rules hold; version %s', (version) => {
    expect(run({ version })).toMatchObject({ verdict: 'pass' });
  });

  it('are read before their end without the last stable offset', () => {
    const ablations = ['transaction.last-stable-offset'];
    const seen = run({ ablations, abortShare: 0 });
    expect(seen).toMatchObject({ verdict: 'fail' });
    expect(JSON.stringify(seen)).toContain('had ended the transaction');
  });

  it('are read although they were aborted, where nobody is told which were', () => {
    const seen = run({ ablations: ['transaction.aborted-ranges'] });
    expect(seen).toMatchObject({ verdict: 'fail' });
    expect(JSON.stringify(seen)).toContain('surely failed');
  });
});
