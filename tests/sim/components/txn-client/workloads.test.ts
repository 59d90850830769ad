/**
 * Workloads at random against each level: the history shows nothing that the level forbids, and,
 * for each level but the last, something that the next one does. So neither the store nor the
 * check says yes to everything.
 */
import { simulate } from 'faultline';
import type { FaultEntry, GroupPlan, Report } from 'faultline';
import { describe, expect, it } from 'vitest';
import { scenarioOf } from '../../../support/plans.ts';

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
  const scenario = scenarioOf({
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

const rows = (keys: readonly string[], value: number) => keys.map((key) => ({ key, value }));
const DOCTORS = rows(['oncall/0', 'oncall/1'], 1);
const ACCOUNTS = rows(['acct0', 'acct1', 'acct2'], 100);

const onCall = (isolation: string, off: readonly string[] = []) =>
  play({
    store: { isolation, rows: DOCTORS, deadlocks: 'wound-wait' },
    client: { workload: 'on-call', workers: 2, thinkMs: 5, statementGapMs: 5 },
    clients: 1,
    level: 'serializable',
    off,
  });

describe('two doctors on call', () => {
  it('both go off call under snapshot isolation: write skew', () => {
    const report = onCall('snapshot');
    expect(verdicts(report)).toMatchObject({ isolated: 'fail', right: 'fail' });
    expect(whyOf(report, 'isolated')).toMatch(/^G2-item/);
  });

  it.each(['serializable-2pl', 'serializable-ssi', 'repeatable-read'])(
    'never both under %s',
    (isolation) => {
      expect(verdicts(onCall(isolation))).toMatchObject({ isolated: 'pass', right: 'pass' });
    },
  );

  it('both again without the rule about pivots', () => {
    const report = onCall('serializable-ssi', ['mvcc.ssi-pivot']);
    expect(verdicts(report)).toMatchObject({ isolated: 'fail', right: 'fail' });
  });
});

describe('an attempt', () => {
  it('is an operation of its own, so that none is tried again within one', () => {
    const report = play({
      store: { isolation: 'snapshot', rows: rows(['counter'], 0), deadlocks: 'wound-wait' },
      client: { workload: 'counter', workers: 3, thinkMs: 1, maxAttempts: 5 },
      level: 'snapshot-isolation',
    });
    expect(report.metrics.fail).toBeGreaterThan(10);
    expect(report.metrics.retries).toBe(0);
  });
});

describe('a counter', () => {
  const counter = (isolation: string, more: object = {}) =>
    play({
      store: { isolation, rows: rows(['counter'], 0), deadlocks: 'wound-wait' },
      client: { workload: 'counter', workers: 2, ...more },
      level: 'snapshot-isolation',
    });

  it('loses updates under read committed, where it is read and then written', () => {
    const report = counter('read-committed');
    expect(verdicts(report)['isolated']).toBe('fail');
    expect(whyOf(report, 'isolated')).toMatch(/^lost-update/);
  });

  it('loses none where the addition is one statement, or under snapshot isolation', () => {
    expect(verdicts(counter('read-committed', { atomicAdd: true }))['isolated']).toBe('pass');
    expect(verdicts(counter('snapshot'))['isolated']).toBe('pass');
  });
});

describe('a bank over three shards', () => {
  const bank = (isolation: string, off: readonly string[] = []) =>
    play({
      store: { isolation, rows: ACCOUNTS, deadlocks: 'wound-wait' },
      client: { workload: 'bank', keys: 3, initial: 100, workers: 2, readShare: 0.5 },
      shards: 3,
      level: 'snapshot-isolation',
      off,
    });

  it('adds up in every snapshot', () => {
    for (const isolation of ['snapshot', 'serializable-ssi', 'serializable-2pl']) {
      expect(verdicts(bank(isolation)), isolation).toMatchObject({
        isolated: 'pass',
        right: 'pass',
      });
    }
  });

  it('does not under read committed, nor where a snapshot does not wait for the prepared', () => {
    expect(verdicts(bank('read-committed'))).toMatchObject({ isolated: 'fail', right: 'fail' });
    const report = bank('snapshot', ['mvcc.wait-for-prepared']);
    expect(verdicts(report)).toMatchObject({ isolated: 'fail', right: 'fail' });
  });
});

describe('a counter', () => {
  const count = (client: object): (() => Report) => {
    const store = { isolation: 'read-committed' };
    return () => play({ store, client: { workload: 'counter', ...client }, level: 'serializable' });
  };
  const isIsolated = (report: Report) => verdicts(report)['isolated'];

  it('loses increments at read committed, unless its reads lock or the store adds', () => {
    expect(isIsolated(count({})())).toBe('fail');
    expect(isIsolated(count({ forUpdate: true })())).toBe('pass');
    expect(isIsolated(count({ atomicAdd: true })())).toBe('pass');
  });

  it('is told that forUpdate changes nothing where it does', () => {
    expect(count({ forUpdate: true, atomicAdd: true })).toThrow(/forUpdate changes nothing/);
    expect(count({ forUpdate: true, workload: 'on-call' })).toThrow(/forUpdate changes nothing/);
  });
});
