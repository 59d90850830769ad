/** What the judge of histories says of transactions, on whole runs, with and without the rules. */
import { simulate } from 'faultline';
import { describe, expect, it } from 'vitest';
import compaction from '../../../scenarios/messaging/compaction.ts';
import { scenarioOf } from '../../support/plans.ts';

interface Shape {
  readonly version?: 1 | 2;
  readonly ablations?: readonly string[];
  readonly abortShare?: number;
  readonly check?: object;
}

const RATE = 100;
/** It is up at once. */
const controller = {
  controllerQuorumFetchTimeoutMs: 100,
  controllerQuorumElectionBackoffMaxMs: 50,
};

/** A producer that aborts some of its transactions, and a reader of committed records. */
function run({ version = 2, ablations = [], abortShare = 0.3, check = {} }: Shape) {
  const scenario = scenarioOf({
    durationMs: 20_000,
    groups: [
      { name: 'ctl', component: 'controller', count: 1, config: controller },
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
    checks: [{ id: 'seen', use: 'log-history', args: check }],
  });
  const { checks } = simulate(scenario, { ablations: [...ablations] });
  return checks.find(({ check }) => check === 'seen');
}

/** Two processors, each of which reads what the other one writes: a record goes round for ever. */
function inCircle(ablations: readonly string[]) {
  const topic = (name: string) => ({ topic: name, partitions: 1, replicationFactor: 1 });
  const processor = (name: string, inputTopic: string, outputTopic: string) => ({
    name,
    component: 'log-processor',
    count: 1,
    links: { brokers: 'b' },
    config: {
      applicationId: name,
      inputTopic,
      outputTopic,
      processingGuarantee: 'exactly_once_v2',
      commitIntervalMs: 300,
      lingerMs: 0,
    },
  });
  const scenario = scenarioOf({
    durationMs: 20_000,
    groups: [
      { name: 'ctl', component: 'controller', count: 1, config: controller },
      {
        name: 'b',
        component: 'log-broker',
        count: 3,
        links: { controller: 'ctl' },
        config: {
          topics: [topic('there'), topic('back')],
          offsetsTopicNumPartitions: 1,
          transactionStateLogNumPartitions: 1,
        },
      },
      {
        name: 'p',
        component: 'log-producer',
        count: 1,
        links: { brokers: 'b' },
        config: {
          topic: 'there',
          hasKeys: false,
          arrivals: { kind: 'constant', ratePerSecond: 1 },
          startMs: 8_000,
          stopMs: 9_500,
        },
      },
      processor('one', 'there', 'back'),
      processor('two', 'back', 'there'),
    ],
    checks: [
      { id: 'seen', use: 'log-history' },
      { id: 'circles', use: 'log-history', args: { allow: ['precommitted-read'] } },
    ],
  });
  return simulate(scenario, { ablations: [...ablations] }).checks;
}

describe('transactions that read what others write', () => {
  it('never depend on each other in a circle where only committed records are read', () => {
    const verdicts = inCircle([]).map(({ check, verdict }) => [check, verdict]);
    expect(verdicts).toEqual([
      ['seen', 'pass'],
      ['circles', 'pass'],
      ['replicated-log', 'pass'],
    ]);
  });

  it('do, each having read what the other one had not committed, without that', () => {
    const [seen, circles] = inCircle(['transaction.last-stable-offset']);
    expect(seen).toMatchObject({ verdict: 'fail' });
    expect(circles).toMatchObject({ verdict: 'fail' });
    const words = JSON.stringify(circles);
    expect(words).toMatch(/T1 is the transaction of one\/1\/0 that began at/);
    expect(words).toMatch(/T2 sent \d+ to partition \d, and T1 polled it: a contradiction/);
  });
});

describe('what could be asked of circles, and would do nothing,', () => {
  const asked = (args: object) => () =>
    simulate(compaction, {
      untilMs: 1,
      planOverride: { checks: [{ id: 'seen', use: 'log-history', args }], story: [] },
    });

  it('is refused', () => {
    expect(asked({ dependencies: ['ww'] })).toThrow('never held against a log');
    expect(asked({ allow: ['G-single'] })).toThrow('Without rw there is no G-single');
    expect(asked({ allow: ['G1c'], dependencies: ['rw'] })).toThrow('Without wr there is no G1c');
    expect(asked({ allow: ['G1c', 'G2-item'], dependencies: ['wr', 'rw'] })).not.toThrow();
  });
});

describe('a compacted topic', () => {
  const seen = { id: 'seen', use: 'log-history' };

  it.each(['default', 'long-enough', 'dropped-at-once'])('has lost nothing: %s', (variant) => {
    const { checks } = simulate(compaction, {
      variant,
      planOverride: { checks: [seen], story: [] },
    });
    expect(checks.find(({ check }) => check === 'seen')).toMatchObject({ verdict: 'pass' });
  });
});

describe('transactions in histories of whole runs', () => {
  it.each([1, 2] as const)('are whole where all rules hold; version %s', (version) => {
    expect(run({ version })).toMatchObject({ verdict: 'pass' });
  });

  it('are judged of one group of readers by what everybody has sent', () => {
    expect(run({ check: { clients: 'c' } })).toMatchObject({ verdict: 'pass' });
    const ablations = ['transaction.last-stable-offset'];
    expect(run({ ablations, check: { clients: 'c' } })).toMatchObject({ verdict: 'fail' });
    expect(() => run({ check: { clients: 'p' } })).toThrow('"p" never does poll');
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

  it('are counted by kind: not one more and not one fewer than was said', () => {
    const ablations = ['transaction.aborted-ranges'];
    const said = JSON.stringify(run({ ablations, check: { exactly: { 'aborted-read': 1 } } }));
    const found = /(\d+) aborted-read, where 1 were expected/.exec(said)?.[1];
    const count = Number(found);
    expect(count).toBeGreaterThan(10);
    const verdicts = [count - 1, count, count + 1].map((n) => {
      const exactly = { 'aborted-read': n };
      return run({ ablations, check: { exactly } })?.verdict;
    });
    expect(verdicts).toEqual(['fail', 'pass', 'fail']);
    const other = { exactly: { 'torn-transaction': 1 }, allow: ['aborted-read'] };
    expect(run({ ablations, check: other })?.verdict).toBe('fail');
  });

  it('an anomaly that is allowed is not counted', () => {
    const both = { exactly: { duplicate: 1 }, allow: ['duplicate'] };
    expect(() => run({ check: both })).toThrow('duplicate is allowed');
  });
});
