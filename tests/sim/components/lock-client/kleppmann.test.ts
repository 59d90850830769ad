/**
 * The stories of Kleppmann's article, run: a client that sleeps past the end of its lease, a clock
 * that jumps, a lock that is given back by the wrong client, each with and without its rule.
 */
import { simulate } from 'faultline';
import type { FaultEntry, GroupPlan, Report } from 'faultline';
import { describe, expect, it } from 'vitest';
import { scenarioOf } from '../../../support/plans.ts';

interface Story {
  readonly faults: readonly FaultEntry[];
  readonly clients: readonly GroupPlan[];
  readonly service?: object;
  readonly off?: readonly string[];
  readonly durationMs?: number;
  readonly disk?: GroupPlan['disk'];
}

const client = (name: string, config: object): GroupPlan => ({
  name,
  component: 'lock-client',
  count: 1,
  links: { locks: 'k', storage: 's' },
  config: { rounds: 1, thinkMs: 0, retryMs: 20, ...config },
});

function play({ faults, clients, service, off, durationMs, disk }: Story): Report {
  const scenario = scenarioOf({
    durationMs: durationMs ?? 4_000,
    groups: [
      {
        name: 'k',
        component: 'lock-service',
        count: 1,
        config: { ttlMs: 1_000, firstToken: 32, ...service },
        ...(disk === undefined ? {} : { disk }),
      },
      { name: 's', component: 'fenced-storage', count: 1 },
      ...clients,
    ],
    faults,
    checks: [
      { id: 'exact', use: 'linearizable' },
      { id: 'late', use: 'fact-count', args: { fact: 'fencing.late-write', atMost: 0 } },
      { id: 'refused', use: 'fact-count', args: { fact: 'fencing.refused', atMost: 0 } },
    ],
  });
  return simulate(scenario, { ablations: off ?? [] });
}

const verdicts = (report: Report) =>
  Object.fromEntries(report.checks.map(({ check, verdict }) => [check, verdict]));

/** Client 1 gets token 33 and sleeps; client 2 gets 34 and writes; client 1 wakes and writes. */
const sleeper = (config: object = {}) => [
  client('a', { workMs: 100, renew: false, ...config }),
  client('b', { startMs: 50, workMs: 10, renew: false }),
];
const sleep: FaultEntry = { fault: { type: 'pause', target: 'a' }, atMs: 60, forMs: 2_000 };

describe('a client that sleeps past the end of its lease', () => {
  it('is refused by the fence, and no update is lost', () => {
    const report = play({ faults: [sleep], clients: sleeper() });
    expect(verdicts(report)).toEqual({ exact: 'pass', late: 'pass', refused: 'fail' });
  });

  it('without fencing destroys what the next holder wrote', () => {
    const report = play({ faults: [sleep], clients: sleeper(), off: ['lock.fencing'] });
    expect(verdicts(report)).toEqual({ exact: 'fail', late: 'fail', refused: 'pass' });
  });

  it('that looks at its clock first, gives up by itself', () => {
    const clients = sleeper({ checkLease: true });
    const report = play({ faults: [sleep], clients, off: ['lock.fencing'] });
    expect(verdicts(report)).toEqual({ exact: 'pass', late: 'pass', refused: 'pass' });
  });

  it('and looked at its clock, is still late if its write is slow on the way', () => {
    const late: FaultEntry = {
      fault: { type: 'latency', from: 'a', to: 's', extra: { kind: 'constant', ms: 1_500 } },
      atMs: 60,
      forMs: 100,
    };
    const clients = sleeper({ checkLease: true, timeoutMs: 3_000 });
    const open = play({ faults: [late], clients, off: ['lock.fencing'] });
    expect(verdicts(open)).toMatchObject({ exact: 'fail', late: 'fail' });
    expect(verdicts(play({ faults: [late], clients }))).toMatchObject({ exact: 'pass' });
  });

  it('writes between the read and the write of the next, unless reads raise the fence', () => {
    // The second works from about 1.03 s to 2.2 s; the first wakes in between.
    const clients = [
      client('a', { workMs: 100, renew: false }),
      client('b', { startMs: 50, workMs: 900, renew: false }),
    ];
    const nap: FaultEntry = { fault: { type: 'pause', target: 'a' }, atMs: 60, forMs: 1_400 };
    const open = play({ faults: [nap], clients, off: ['lock.fence-reads'] });
    expect(verdicts(open)).toEqual({ exact: 'fail', late: 'pass', refused: 'pass' });
    expect(verdicts(play({ faults: [nap], clients }))).toMatchObject({
      exact: 'pass',
      refused: 'fail',
    });
  });
});

describe('a clock of the service that jumps by ten seconds', () => {
  const clients = [
    client('a', { workMs: 300, renew: false }),
    client('b', { startMs: 50, workMs: 10, renew: false }),
  ];
  const jump: FaultEntry = { fault: { type: 'clock-jump', target: 'k', byMs: 10_000 }, atMs: 100 };

  it('gives the lock to a second holder while the first works', () => {
    const report = play({ faults: [jump], clients, off: ['lock.fencing'] });
    expect(verdicts(report)).toMatchObject({ exact: 'fail', late: 'fail' });
  });

  it('does no harm behind a fence', () => {
    const report = play({ faults: [jump], clients });
    expect(verdicts(report)).toEqual({ exact: 'pass', late: 'pass', refused: 'fail' });
  });

  it('does nothing to leases that end by the monotonic clock', () => {
    const service = { clock: 'monotonic' };
    const report = play({ faults: [jump], clients, service, off: ['lock.fencing'] });
    expect(verdicts(report)).toEqual({ exact: 'pass', late: 'pass', refused: 'pass' });
  });
});

describe('a lease that is prolonged', () => {
  it('outlasts its time to live, for as long as its holder works', () => {
    const clients = [
      client('a', { workMs: 2_500, renew: true }),
      client('b', { startMs: 50, workMs: 10, renew: true }),
    ];
    const report = play({ faults: [], clients, off: ['lock.fencing'] });
    expect(verdicts(report)).toEqual({ exact: 'pass', late: 'pass', refused: 'pass' });
  });

  it('is lost without that, and two hold the lock', () => {
    const clients = [
      client('a', { workMs: 2_500, renew: false }),
      client('b', { startMs: 50, workMs: 10, renew: false }),
    ];
    const report = play({ faults: [], clients, off: ['lock.fencing'] });
    expect(verdicts(report)).toMatchObject({ exact: 'fail', late: 'fail' });
  });
});

describe('a lock that is given back late', () => {
  // The first overslept and gives back what the second holds; the third gets in beside the second.
  const clients = [
    client('a', { workMs: 100, renew: false }),
    client('b', { startMs: 50, workMs: 900, renew: false }),
    client('d', { startMs: 60, workMs: 10, renew: false, retryMs: 5 }),
  ];
  const nap: FaultEntry = { fault: { type: 'pause', target: 'a' }, atMs: 58, forMs: 1_300 };
  // The third is kept away until the second has the lock.
  const away: FaultEntry = { fault: { type: 'pause', target: 'd' }, atMs: 55, forMs: 1_200 };

  const refusals = (report: Report) =>
    report.metrics.facts.find(({ type }) => type === 'fencing.refused')?.count ?? 0;

  it('is refused: only the late write itself fails', () => {
    const report = play({ faults: [nap, away], clients });
    expect(verdicts(report)).toMatchObject({ exact: 'pass', late: 'pass' });
    expect(refusals(report)).toBe(1);
  });

  it('frees the lock of another without the owner check, who fails as well', () => {
    const report = play({ faults: [nap, away], clients, off: ['lock.owner-check'] });
    expect(refusals(report)).toBe(2);
  });
});

describe('a service that crashes before its disk has the lease', () => {
  const story: Story = {
    clients: [
      client('a', { workMs: 300, renew: false }),
      client('b', { startMs: 160, workMs: 10, renew: false }),
    ],
    faults: [{ fault: { type: 'crash', target: 'k' }, atMs: 100, forMs: 50 }],
    disk: { fsync: { kind: 'constant', ms: 200 } },
  };

  it('has told nobody', () => {
    expect(verdicts(play(story))).toEqual({ exact: 'pass', late: 'pass', refused: 'pass' });
  });

  it('gives the same token twice if it did, and no fence can tell the two holders apart', () => {
    const report = play({ ...story, off: ['lock.persist-before-grant'] });
    expect(verdicts(report)).toEqual({ exact: 'fail', late: 'pass', refused: 'pass' });
  });
});
