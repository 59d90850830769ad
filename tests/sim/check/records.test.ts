/** The account and the judge of a partitioned log, on whole runs that lose and that do not. */
import { simulate } from 'faultline';
import type { Report } from 'faultline';
import { describe, expect, it } from 'vitest';
import { scenarioOf } from '../../support/plans.ts';

const CUT_MS = 10_000;
const CUT_FOR_MS = 15_000;
const RATE = 50;

/** The leader is cut off with its clients, goes on for fifteen seconds, and comes back. */
function cutOff(acks: 'all' | '1', args: object = {}, stopMs = CUT_MS + CUT_FOR_MS): Report {
  const scenario = scenarioOf({
    durationMs: 40_000,
    groups: [
      { name: 'ctl', component: 'controller', count: 3 },
      {
        name: 'b',
        component: 'log-broker',
        count: 3,
        links: { controller: 'ctl' },
        config: {
          topics: [{ topic: 'orders', partitions: 1, replicationFactor: 3, minInsyncReplicas: 2 }],
        },
      },
      {
        name: 'p',
        component: 'log-producer',
        count: 1,
        links: { brokers: 'b' },
        config: {
          acks,
          enableIdempotence: acks === 'all',
          arrivals: { kind: 'constant', ratePerSecond: RATE },
          startMs: 5_000,
          stopMs,
        },
      },
      {
        name: 'c',
        component: 'log-consumer',
        count: 1,
        links: { brokers: 'b' },
        config: { autoOffsetReset: 'earliest' },
      },
    ],
    faults: [
      {
        fault: {
          type: 'partition',
          groups: [
            ['b1', 'p', 'c'],
            ['b2', 'b3', 'ctl'],
          ],
        },
        atMs: CUT_MS,
        forMs: CUT_FOR_MS,
      },
    ],
    checks: [
      { id: 'account', use: 'records', args: { ...args } },
      { id: 'seen', use: 'log-history' },
    ],
  });
  return simulate(scenario);
}

const of = (report: Report, id: string) => {
  const found = report.checks.find(({ check }) => check === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
};

describe('a leader that is cut off with its clients', () => {
  it('with acks=all loses nothing, in the account and to the eye of clients', () => {
    const report = cutOff('all');
    expect(of(report, 'account')).toMatchObject({ verdict: 'pass' });
    expect(of(report, 'seen')).toMatchObject({ verdict: 'pass' });
  });

  it('with acks=1 loses exactly what it took alone', () => {
    const lost = (CUT_FOR_MS / 1_000) * RATE;
    expect(of(cutOff('1'), 'account')).toMatchObject({ verdict: 'fail' });
    expect(of(cutOff('1', { lost }), 'account')).toMatchObject({ verdict: 'pass' });
    expect(of(cutOff('1', { lost: lost + 1 }), 'account')).toMatchObject({ verdict: 'fail' });
  });

  it('which clients see once other records stand there: one offset was told twice', () => {
    const report = cutOff('1', { lost: null }, 30_000);
    expect(of(report, 'account')).toMatchObject({ verdict: 'pass' });
    expect(of(report, 'seen')).toMatchObject({ verdict: 'fail' });
    expect(of(report, 'seen')).toMatchObject({ why: expect.stringContaining('At offset 249') });
  });

  it('and goes on to lose, after the cut, until it hears who leads now', () => {
    const report = cutOff('1', { lost: 750 }, 30_000);
    expect(of(report, 'account')).toMatchObject({ why: expect.stringContaining('of 792 lost') });
  });
});
