/**
 * A leader that asks the controller for a change of its ISR, and does not hear that it was made:
 * the controller may elect whom it has written down, so the leader has to wait for them.
 */
import { describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import type { FaultEntry, Report } from 'faultline';
import { scenarioOf } from '../../../support/plans.ts';

const cut = (id: string, a: string, b: string, atMs: number, untilMs: number): FaultEntry => ({
  id,
  atMs,
  forMs: untilMs - atMs,
  fault: { type: 'cut-link', a, b },
});
const unheard = (id: string, atMs: number, forMs: number): FaultEntry => ({
  id,
  atMs,
  forMs,
  fault: { type: 'one-way', from: 'ctl', to: 'b1' },
});

interface Story {
  readonly brokers: number;
  readonly config: object;
  readonly topic: object;
  readonly producer: object;
  readonly elr: number;
  readonly faults: readonly FaultEntry[];
}

const runOf = ({ brokers, config, topic, producer, elr, faults }: Story): Report => {
  const links = { brokers: 'b' };
  const orders = { topic: 'orders', partitions: 1, replicationFactor: brokers, ...topic };
  const constant = { kind: 'constant', ratePerSecond: 10 };
  const scenario = scenarioOf({
    durationMs: 120_000,
    groups: [
      {
        name: 'ctl',
        component: 'controller',
        count: 1,
        config: { eligibleLeaderReplicasVersion: elr, autoLeaderRebalanceEnable: false },
      },
      {
        name: 'b',
        component: 'log-broker',
        count: brokers,
        links: { controller: 'ctl' },
        config: { topics: [orders], ...config },
      },
      {
        name: 'p',
        component: 'log-producer',
        count: 1,
        links,
        config: { arrivals: constant, startMs: 6_000, ...producer },
      },
      { name: 'c', component: 'log-consumer', count: 1, links },
    ],
    faults,
  });
  return simulate(scenario, { seed: 1 });
};

const verdicts = ({ checks }: Report): object =>
  Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict]));
const factsOf = ({ metrics }: Report, name: string): number =>
  metrics.facts.find(({ type }) => type === name)?.count ?? 0;

describe('a change of the ISR whose answer is lost', () => {
  it('was made: the leader waits for the one who joined, whom the controller elects next', () => {
    const report = runOf({
      brokers: 2,
      config: {
        replicaLagTimeMaxMs: 500,
        controllerSocketTimeoutMs: 1_000,
        replicaSocketTimeoutMs: 1_000,
      },
      topic: { minInsyncReplicas: 1 },
      producer: { stopMs: 100_000 },
      elr: 0,
      faults: [
        cut('apart', 'b1', 'b2', 10_000, 70_000),
        // The follower is back, the leader says so, the controller agrees, and nobody hears that.
        unheard('deaf', 69_500, 6_500),
        unheard('deaf-again', 77_050, 30_000),
        cut('apart-again', 'b1', 'b2', 74_000, 100_000),
        { id: 'gone', atMs: 80_000, forMs: 25_000, fault: { type: 'crash', target: 'b1' } },
      ],
    });
    expect(factsOf(report, 'partition.led')).toBe(2);
    expect(verdicts(report)).toEqual({ 'replicated-log': 'pass', 'log-history': 'pass' });
  });

  it('was not made: alone in its ISR the leader commits nothing, whomever it has proposed', () => {
    const report = runOf({
      brokers: 3,
      config: { replicaSocketTimeoutMs: 2_000 },
      topic: { minInsyncReplicas: 2 },
      producer: { stopMs: 78_000, acks: '1', enableIdempotence: false },
      elr: 1,
      faults: [
        cut('second', 'b1', 'b2', 10_000, 90_000),
        cut('third', 'b1', 'b3', 10_000, 70_500),
        cut('controller', 'b1', 'ctl', 70_000, 90_000),
      ],
    });
    expect(factsOf(report, 'partition.led')).toBe(2);
    expect(verdicts(report)).toEqual({ 'replicated-log': 'pass', 'log-history': 'pass' });
  });
});
