/** Servers n1, n2, ... of a replicated store, sentinels s1, s2, ..., and an asker a1. */
import type { GroupPlan } from 'faultline';
import type { SentinelConfig } from '../../../../src/sim/components/sentinel/config.ts';
import type { SentinelNodeState } from '../../../../src/sim/components/sentinel/state.ts';
import { sqlNode } from '../../../../src/sim/components/sql-node/sql-node.ts';
import type { SqlNodeConfig } from '../../../../src/sim/components/sql-node/config.ts';
import type { SentinelFact } from '../../../../src/sim/protocols/sentinel/effects.ts';
import type { SentinelState } from '../../../../src/sim/protocols/sentinel/state.ts';
import { ReplicaBench } from '../support/replica-bench.ts';

export interface SentinelPlan {
  readonly servers?: number;
  readonly sentinels?: number;
  readonly config?: Partial<SentinelConfig>;
  readonly server?: Partial<SqlNodeConfig>;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

/** The times of Redis Sentinel, ten times as fast: down after 3 s, failover timeout 18 s. */
export const FAST: Partial<SentinelConfig> = {
  downAfterMs: 3_000,
  failoverTimeoutMs: 18_000,
  pingPeriodMs: 100,
  infoPeriodMs: 1_000,
  askPeriodMs: 100,
  publishPeriodMs: 200,
  electionTimeoutMs: 1_000,
  slaveReconfTimeoutMs: 1_000,
};

export const groupsOf = (plan: SentinelPlan): GroupPlan[] => [
  {
    name: 'n',
    component: sqlNode.component,
    count: plan.servers ?? 3,
    config: { ...plan.server },
    disk: { fsync: { kind: 'constant', ms: 1 } },
  },
  {
    name: 's',
    component: 'sentinel',
    count: plan.sentinels ?? 3,
    links: { servers: 'n' },
    config: { ...FAST, ...plan.config },
    disk: { fsync: { kind: 'constant', ms: 1 } },
  },
];

export class SentinelBench extends ReplicaBench<SentinelFact> {
  protected override readonly patienceMs = 500;

  constructor(plan: SentinelPlan = {}) {
    super({
      groups: [
        ...groupsOf(plan),
        { name: 'a', component: 'asker', count: 2, links: { servers: 'n' } },
      ],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
    });
    this.ms(0);
  }

  sentinel(name: string): SentinelState {
    return (this.node(name).state as SentinelNodeState).sentinel;
  }

  /** Whom each sentinel names. */
  get named(): string[] {
    return this.running('s').map((name) => this.nameOf(this.sentinel(name).primary));
  }
}
