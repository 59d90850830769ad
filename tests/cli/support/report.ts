/** A report as a run would give it, for what only prints it. */
import type { CheckReport, Report } from '../../../src/sim/index.ts';

export const check = (name: string, change: Partial<CheckReport> = {}): CheckReport => ({
  check: name,
  use: 'always',
  about: `About ${name}.`,
  result: 'pass',
  expected: 'holds',
  verdict: 'pass',
  why: '',
  ...change,
});

export function reportWith(change: Partial<Report> = {}): Report {
  return {
    spec: {
      engine: 1,
      scenario: { id: 'cap/cp-partition' },
      params: { nodes: 5 },
      ablations: [],
      seed: 7,
      order: 'fifo',
      limits: {},
      interventions: [],
    },
    scenario: 'cap/cp-partition',
    title: 'A partition cuts the leader off',
    params: { nodes: 5 },
    seed: 7,
    variant: 'default',
    beyondVariant: [],
    nearVariant: null,
    idleParams: [],
    verdict: 'pass',
    modified: [],
    events: 45_331,
    simulatedMicros: 20_000_000,
    traceHash: '0123456789abcdef',
    stateHash: 'fedcba9876543210',
    ended: 'duration',
    endedHint: '',
    checks: [check('linearizable'), check('recovers')],
    findings: [],
    metrics: {
      operations: 1_203,
      ok: 1_100,
      fail: 3,
      unknown: 100,
      retries: 12,
      hedges: 0,
      latencyMicros: {
        p50: 2_100,
        p90: 3_000,
        p95: 3_200,
        p99: 9_000,
        p999: 12_000,
        max: 15_000,
        mean: 2_200,
      },
      byOperation: [],
      messagesSent: 32_233,
      messagesLost: 120,
      lateReplies: 1,
      facts: [{ type: 'raft.elected', count: 3 }],
      errors: [
        { code: 'no-leader', count: 3 },
        { code: 'timeout', count: 100 },
      ],
      gauges: [],
    },
    repro: {
      command: 'faultline run cap/cp-partition --seed 7',
      link: 'http://localhost:5173/#s=cap/cp-partition&seed=7&v=1',
    },
    ...change,
  };
}

/** A report in which one check fails with a finding and another is unknown. */
export const failing: Report = reportWith({
  verdict: 'fail',
  checks: [
    check('linearizable', {
      result: 'fail',
      verdict: 'fail',
      why: 'c2 read x = 1 & "2" <after> x = 2 was acknowledged.',
    }),
    check('recovers', { result: 'unknown', verdict: 'unknown', why: 'the run was cut short' }),
    check('elects'),
  ],
  findings: [
    {
      check: 'linearizable',
      verdict: 'fail',
      expected: false,
      atMicros: 3_120_000,
      event: 12_034,
      why: 'c2 read x = 1 & "2" <after> x = 2 was acknowledged.',
      evidence: [12_001, 12_034],
    },
  ],
});
