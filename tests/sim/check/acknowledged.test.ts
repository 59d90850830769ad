/** Lost writes of real stores: of a primary with standbys, of quorums, and none of Raft. */
import { describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import type { FaultEntry, GroupPlan, Report } from 'faultline';
import { scenarioOf } from '../../support/plans.ts';

const client = (servers: string, config: object = {}): GroupPlan => ({
  name: 'c',
  component: 'kv-client',
  count: 1,
  links: { servers },
  config: { workers: 2, thinkMs: 40, keys: 4, stopMs: 75_000, ...config },
});

interface Shape {
  readonly groups: readonly GroupPlan[];
  readonly faults?: readonly FaultEntry[];
  readonly args?: object;
  readonly durationMs?: number;
  readonly ablations?: readonly string[];
}

function judge(shape: Shape): Report {
  const { groups, faults = [], args = {}, durationMs = 80_000, ablations = [] } = shape;
  const scenario = scenarioOf({
    durationMs,
    network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
    groups,
    faults,
    checks: [{ id: 'kept', use: 'acknowledged', args }],
  });
  return simulate(scenario, { seed: 3, ablations });
}

const kept = (report: Report) => report.checks.find(({ check }) => check === 'kept')!;
const SERVERS: GroupPlan = {
  name: 'n',
  component: 'sql-node',
  count: 3,
  links: { dcs: 'd' },
  disk: { fsync: { kind: 'constant', ms: 1 } },
};
const KEEPER: GroupPlan = { name: 'd', component: 'dcs', count: 1 };
const ISOLATED: FaultEntry = {
  id: 'cut',
  fault: { type: 'partition', groups: [['n1', 'c1']] },
  atMs: 15_000,
  // The key may last until 45 s: only then does another server take over.
  forMs: 45_000,
};

describe('acknowledged', () => {
  it('counts exactly what the old primary of an asynchronous store acknowledged in vain', () => {
    const report = judge({ groups: [SERVERS, KEEPER, client('n')], faults: [ISOLATED] });
    const { verdict, why } = kept(report);
    expect(verdict).toBe('fail');
    const lost = Number(/^Lost write 1 of (\d+): /.exec(why)?.[1]);
    expect(lost).toBeGreaterThan(30);
    const found = report.findings.filter(({ check }) => check === 'kept');
    expect(found).toHaveLength(Math.min(lost, 100));
    expect(found[0]?.why).toMatch(
      /wrote k\d = \d+ and was told that it is done; it is gone: k\d holds/,
    );
    expect(found[0]?.evidence.length).toBeGreaterThan(1);
  });

  it('finds none where a primary waits for standbys', () => {
    const servers = { ...SERVERS, config: { replication: 'synchronous', synchronousMode: true } };
    // Named after 20 s, the standby is the only one that may take over.
    const report = judge({
      groups: [servers, KEEPER, client('n')],
      faults: [{ ...ISOLATED, atMs: 35_000, forMs: 40_000 }],
      durationMs: 110_000,
    });
    expect(kept(report)).toMatchObject({ verdict: 'pass' });
    expect(kept(report).why).toMatch(/ 0 lost/);
  });

  it('finds none in Raft, whoever is cut off', () => {
    const report = judge({
      groups: [{ name: 'n', component: 'raft-kv', count: 3 }, client('n', { casShare: 0.3 })],
      faults: [ISOLATED],
    });
    expect(kept(report)).toMatchObject({ verdict: 'pass' });
  });

  it('finds none in Multi-Paxos, whoever is cut off', () => {
    const servers: GroupPlan = { name: 'n', component: 'paxos-kv', count: 3 };
    const groups = [servers, client('n', { casShare: 0.3 })];
    const { verdict, why } = kept(judge({ groups, faults: [ISOLATED] }));
    expect(verdict).toBe('pass');
    const told = /^(\d+) acknowledged: (\d+) there, (\d+) replaced, 0 lost/.exec(why);
    const [all = 0, there = 0, replaced = 0] = (told ?? []).slice(1).map(Number);
    expect(all).toBeGreaterThan(300);
    expect(there + replaced).toBe(all);
  });

  it.each([
    ['paxos-kv', 'paxos.persist-before-reply'],
    ['causal-store', 'causal.persist-before-reply'],
  ])('finds what %s answered before it was on disk', (component, rule) => {
    const shape = {
      groups: [
        { name: 'n', component, count: 3, disk: { fsync: { kind: 'constant', ms: 200 } } },
        { ...client('n', { keys: 400, readShare: 0, stopMs: 4_000 }), count: 4 },
      ],
      faults: [{ id: 'off', fault: { type: 'crash', target: 'n' }, atMs: 3_900, forMs: 1_000 }],
      durationMs: 20_000,
    } as const;
    expect(kept(judge(shape)).why).toMatch(/^[1-9]\d* acknowledged: [1-9]\d* there, .* 0 lost/);
    const lossy = kept(judge({ ...shape, ablations: [rule] }));
    expect(lossy.verdict).toBe('fail');
    expect(lossy.why).toMatch(/^Lost write 1 of \d+: /);
  });

  it.each([
    ['a store that is none', { store: 'c' }, '"c" is a kv-client, and no store of this check.'],
    ['several', {}, 'There are several stores, and it is not said which is meant.'],
    ['a store beside reads', { by: 'reads', store: 'n' }, 'store changes nothing: '],
  ])('refuses %s before the run', (_, args, message) => {
    const second = { ...SERVERS, name: 'm', component: 'raft-kv', links: {} };
    const plan = { groups: [SERVERS, KEEPER, second, client('n')], args };
    expect(() => judge(plan)).toThrow(message);
  });

  it('finds those that the clock of another node of a quorum store outdates', () => {
    const report = judge({
      groups: [
        {
          name: 'n',
          component: 'quorum-store',
          count: 3,
          clock: { offsetMs: { kind: 'uniform', minMs: 0, maxMs: 2_000 } },
        },
        { ...client('n', { keys: 400, stopMs: 4_000, readShare: 0 }), count: 4 },
      ],
      faults: [
        { id: 'jump', fault: { type: 'clock-jump', target: 'n1', byMs: 60_000 }, atMs: 1_000 },
        { id: 'down', fault: { type: 'crash', target: 'n1' }, atMs: 2_000 },
      ],
      durationMs: 6_000,
    });
    expect(kept(report).verdict).toBe('fail');
  });

  it('may judge by what was read last, for any store', () => {
    const shape = { groups: [SERVERS, KEEPER, client('n')], faults: [ISOLATED] };
    expect(kept(judge({ ...shape, args: { by: 'reads' } })).verdict).toBe('pass');
    const alone = judge({
      groups: [
        { ...SERVERS, count: 2 },
        KEEPER,
        client('n', { keys: 200, stopMs: 59_000, readShare: 0.2 }),
        { ...client('n', { keys: 200, readShare: 1 }), name: 'r' },
      ],
      faults: [ISOLATED],
      args: { by: 'reads' },
    });
    expect(kept(alone).verdict).toBe('fail');
  });

  it('holds a store to what it must lose, too', () => {
    const shape = { groups: [SERVERS, KEEPER, client('n')] };
    expect(kept(judge({ ...shape, args: { atLeast: 1 } })).verdict).toBe('fail');
    const lossy = judge({ ...shape, faults: [ISOLATED], args: { atLeast: 1 } });
    expect(kept(lossy).verdict).toBe('pass');
  });

  it('says nothing where nobody can answer for the store', () => {
    const crash: FaultEntry = { id: 'end', fault: { type: 'crash', target: 'n' }, atMs: 5_000 };
    const report = judge({
      groups: [SERVERS, KEEPER, client('n')],
      faults: [crash],
      durationMs: 10_000,
    });
    expect(kept(report)).toMatchObject({ verdict: 'unknown' });
  });
});
