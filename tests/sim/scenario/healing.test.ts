/** When a plan leaves its system alone, and what `eventually` makes of that. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, simulate } from 'faultline';
import type { FaultEntry, Plan, Report } from 'faultline';
import { healMsOf } from '../../../src/sim/scenario/healing.ts';
import { scenarioOf } from '../../support/plans.ts';

const fault = { type: 'crash', target: 'n1' } as const;
const interval = { kind: 'constant', ms: 40 } as const;

describe('a plan has done all that it does', () => {
  const CASES: readonly (readonly [string, Pick<Plan, 'healAtMs' | 'faults'>, number | null])[] = [
    ['at once, without faults', { faults: [] }, 0],
    ['at its heal phase', { healAtMs: 90, faults: [{ fault, atMs: 10, forMs: 300 }] }, 90],
    ['when the last fault is undone', { faults: [{ fault, atMs: 10, forMs: 30 }] }, 40],
    ['when it breaks something for good', { faults: [{ fault, atMs: 70 }] }, 70],
    [
      'when the later one of two is over',
      {
        faults: [
          { fault, atMs: 10, forMs: 90 },
          { fault, atMs: 50, forMs: 5 },
        ],
      },
      100,
    ],
    [
      'when the last of many is over',
      { faults: [{ fault, every: { interval, untilMs: 200 }, forMs: 20 }] },
      220,
    ],
    [
      'nobody knows when, where they never stop',
      { faults: [{ fault, every: { interval } }] },
      null,
    ],
    ['nobody knows when, where one waits', { faults: [{ fault, when: { use: 'x' } }] }, null],
  ];

  it.each(CASES)('%s', (_when, plan, ms) => {
    expect(healMsOf(plan)).toBe(ms);
  });
});

/** A server that is down for good, or for a while, in a plan without a heal phase. */
function judge(entry: Omit<FaultEntry, 'fault'>, args: object = {}): Report {
  const check = { predicate: 'all-up', withinMs: 50, ...args };
  const scenario = scenarioOf({
    durationMs: 1_000,
    network: {},
    groups: [{ name: 'n', component: 'raft-kv', count: 3 }],
    faults: [{ fault, ...entry }],
    checks: [{ id: 'it', use: 'eventually', args: check }],
  });
  return simulate(scenario, { seed: 1 });
}
const verdict = (report: Report) => report.checks.find(({ check }) => check === 'it')?.verdict;

describe('eventually, in a plan without a heal phase', () => {
  it('does not count what held before the faults', () => {
    expect(verdict(judge({ atMs: 200, forMs: 100 }))).toBe('pass');
    expect(verdict(judge({ atMs: 200 }))).toBe('fail');
    expect(verdict(judge({ atMs: 200 }, { after: 'start' }))).toBe('pass');
  });

  it('is refused where nobody can say from when on it counts', () => {
    const endless = (): unknown => judge({ every: { interval }, forMs: 10 });
    expect(endless).toThrow(ScenarioError);
    expect(endless).toThrow(/when all faults have healed/);
    const waiting = { when: { use: 'one-leader' } };
    expect(() => judge(waiting)).toThrow(/when all faults have healed/);
    expect(verdict(judge(waiting, { after: 'start' }))).toBe('pass');
  });
});
