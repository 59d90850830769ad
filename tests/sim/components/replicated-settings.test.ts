/** Settings of replicated stores, and of what stands around them, that would change nothing. */
import type { GroupPlan, Plan } from 'faultline';
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';

const DCS: GroupPlan = { name: 'dcs', component: 'dcs', count: 1, config: {} };
const CLIENT_OF: { readonly [component: string]: readonly [role: string, store: string] } = {
  'txn-client': ['store', 'txn-store'],
  'kv-client': ['servers', 'raft-kv'],
};

/** A plan with one group of the component, and what it must have beside it. */
function planOf(component: string, config: object, hasDcs = false): Plan {
  const store = CLIENT_OF[component];
  const links = {
    ...(hasDcs ? { dcs: 'dcs' } : {}),
    ...(store === undefined ? {} : { [store[0]]: 'store' }),
  };
  return {
    title: '',
    summary: '',
    durationMs: 60_000,
    network: {},
    groups: [
      { name: 'x', component, count: 3, config: { ...config }, links },
      ...(hasDcs ? [DCS] : []),
      ...(store === undefined
        ? []
        : [{ name: 'store', component: store[1], count: 3, config: {} }]),
    ],
    faults: [],
    checks: [],
    story: [],
  };
}

const check = (plan: Plan, off: readonly string[] = []): void =>
  void checkPlan(plan, makeRegistry(), off);

const LISTED = { mode: 'listed', operations: [{ atMs: 1, do: 'get' }] };

/** Component, what is in vain, what would make it matter, whether a dcs is linked in that. */
const IN_VAIN: readonly (readonly [string, object, object, boolean?])[] = [
  ['quorum-store', { merkleDepth: 3 }, { antiEntropyMs: 1_000 }],
  ['quorum-store', { commitLogSyncMs: 50, commitLogSync: 'batch' }, { commitLogSync: 'periodic' }],
  ['sql-node', { walWriterDelayMs: 50 }, { synchronousCommit: 'off' }],
  ['sql-node', { synchronousMethod: 'ANY' }, { replication: 'synchronous' }],
  ['sql-node', { synchronousCount: 2 }, { replication: 'synchronous' }],
  ['sql-node', { rplSemiSyncSourceTimeoutMs: 9 }, { replication: 'semi-synchronous' }],
  ['sql-node', { rplSemiSyncSourceWaitPoint: 'AFTER_COMMIT' }, { replication: 'semi-synchronous' }],
  ['sql-node', { minReplicasMaxLagMs: 20_000 }, { minReplicasToWrite: 1 }],
  ['sql-node', { tokenTimeoutMs: 9, tokenPolicy: 'redirect' }, { tokenPolicy: 'wait' }],
  ['sql-node', { loopWaitMs: 9_000 }, {}, true],
  ['sql-node', { healthTimeoutMs: 9 }, {}, true],
  ['txn-store', { faultsTolerated: 1 }, { commitProtocol: 'paxos-commit' }],
  ['txn-client', { statementsMax: 2, workload: 'bank' }, { workload: 'list-append' }],
  ['txn-client', { readShare: 0.1, workload: 'counter' }, { workload: 'bank' }],
  ['txn-client', { initial: 9 }, { workload: 'bank' }],
  ['txn-client', { atomicAdd: true }, { workload: 'counter' }],
  ['txn-client', { firstShard: 2, routing: 'random' }, { routing: 'own' }],
  ['raft-kv', { trailingEntries: 9, snapshotThreshold: 0 }, { snapshotThreshold: 9 }],
  ['raft-kv', { clockDriftBound: 1.5 }, { readMode: 'lease' }],
  ['kv-client', { workers: 2, mode: 'open' }, { mode: 'closed' }],
  ['kv-client', { thinkMs: 9, mode: 'open' }, { mode: 'closed' }],
  ['kv-client', { ratePerSecond: 9 }, { mode: 'open' }],
  ['kv-client', { readShare: 0.1, ...LISTED }, { mode: 'open', operations: [] }],
  ['kv-client', { startMs: 9, ...LISTED }, { mode: 'closed', operations: [] }],
  ['swim-member', { gossipNodes: 1, gossipIntervalMs: 0 }, { gossipIntervalMs: 9 }],
  ['swim-member', { gossipToTheDeadMs: 9, gossipIntervalMs: 0 }, { gossipIntervalMs: 9 }],
];

/** A group `x` of the component, and others linked to it. */
function askedPlan(component: string, config: object, ...askers: readonly GroupPlan[]): Plan {
  const own = { name: 'x', component, count: 3, config: { ...config } };
  return { ...planOf(component, config), groups: [own, ...askers] };
}
const clientOf = (config: object): GroupPlan => ({
  name: 'c',
  component: 'kv-client',
  count: 1,
  config: { ...config },
  links: { servers: 'x' },
});
const SENTINELS: GroupPlan = {
  name: 's',
  component: 'sentinel',
  count: 3,
  links: { servers: 'x' },
};

describe('a setting about what nobody asks for', () => {
  it.each(['raft-kv', 'paxos-kv'])('of %s is how long a session lasts', (name) => {
    const plan = (client: object) => askedPlan(name, { sessionTimeoutMs: 9 }, clientOf(client));
    expect(() => check(plan({}))).toThrow('sessionTimeoutMs changes nothing: no client opens');
    expect(() => check(plan({ sessions: true }))).not.toThrow();
  });

  it('of sql-node is whom sentinels would rather promote', () => {
    const server = { replicaPriorities: [100, 0, 0] };
    const alone = askedPlan('sql-node', server, clientOf({}));
    expect(() => check(alone)).toThrow('replicaPriorities changes nothing: no sentinels');
    const watched = askedPlan('sql-node', server, clientOf({}), SENTINELS);
    expect(() => check(watched)).not.toThrow();
  });

  it('of kv-client is to name positions of a log that nobody tells', () => {
    const client = clientOf({ lsnTokens: true });
    expect(() => check(askedPlan('raft-kv', {}, client))).toThrow('lsnTokens changes nothing');
    expect(() => check(askedPlan('sql-node', {}, client))).not.toThrow();
  });
});

describe('a setting that would change nothing', () => {
  const rows = IN_VAIN.map(
    ([name, vain, needed, dcs = false]) => [name, vain, needed, dcs] as const,
  );
  it.each(rows)('of %s, %j, is refused, and not with %j', (name, vain, needed, dcs) => {
    const setting = Object.keys(vain)[0]!;
    expect(() => check(planOf(name, vain))).toThrow(`${setting} changes nothing`);
    expect(() => check(planOf(name, { ...vain, ...needed }, dcs))).not.toThrow();
  });

  it('may stand where it is said in so many words that there is no such thing', () => {
    expect(() =>
      check(planOf('quorum-store', { hintedHandoff: false, maxHintWindowMs: 5 })),
    ).not.toThrow();
  });

  it('of id-service is to wait for a clock that nobody looks at', () => {
    const plan = planOf('id-service', { whenBack: 'wait' });
    expect(() => check(plan)).not.toThrow();
    expect(() => check(plan, ['ids.clock-guard'])).toThrow('whenBack changes nothing');
  });
});

describe('a check of values that its clients neither read nor write', () => {
  const plan = (use: string, config: object, conflicts = 'pn-counter'): Plan => {
    const counting = planOf('kv-client', config);
    const counters = { component: 'quorum-store', config: { conflicts } };
    const groups = counting.groups.map((group) =>
      group.name === 'store' ? { ...group, ...counters } : group,
    );
    return { ...counting, groups, checks: [{ id: 'it', use }] };
  };
  const COUNTS = { mode: 'listed', operations: [{ atMs: 1, do: 'increment', value: 1 }] };

  it.each(['causal', 'pram', 'session', 'staleness', 'acknowledged'])('%s: is refused', (use) => {
    expect(() => check(plan(use, COUNTS))).toThrow(
      expect.objectContaining({
        message: 'No client of this plan ever does get, put or cas: there is nothing to judge.',
        hint: 'Let "x" do one of them.',
      }),
    );
    const registers = plan(use, { readShare: 0.5 }, 'lww-register');
    expect(() => check(registers)).not.toThrow();
  });

  it('set-full: is refused where nobody adds', () => {
    expect(() => check(plan('set-full', COUNTS))).toThrow(/ever does add, remove or get-all/);
  });
});
