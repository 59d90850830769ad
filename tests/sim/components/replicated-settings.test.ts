/** Settings of replicated stores, and of what stands around them, that would change nothing. */
import type { GroupPlan, Plan } from 'faultline';
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';

const DCS: GroupPlan = { name: 'dcs', component: 'dcs', count: 1, config: {} };
const CLIENT_OF: { readonly [component: string]: string } = { 'txn-client': 'txn-store' };

/** A plan with one group of the component, and what it must have beside it. */
function planOf(component: string, config: object, hasDcs = false): Plan {
  const store = CLIENT_OF[component];
  const links = {
    ...(hasDcs ? { dcs: 'dcs' } : {}),
    ...(store === undefined ? {} : { store: 'store' }),
  };
  return {
    title: '',
    summary: '',
    durationMs: 60_000,
    network: {},
    groups: [
      { name: 'x', component, count: 3, config: { ...config }, links },
      ...(hasDcs ? [DCS] : []),
      ...(store === undefined ? [] : [{ name: 'store', component: store, count: 3, config: {} }]),
    ],
    faults: [],
    checks: [],
    story: [],
  };
}

const check = (plan: Plan, off: readonly string[] = []): void =>
  void checkPlan(plan, makeRegistry(), off);

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
];

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
