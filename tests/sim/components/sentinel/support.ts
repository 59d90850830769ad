/** Servers n1, n2, ... of a replicated store, sentinels s1, s2, ..., and an asker a1. */
import type { GroupPlan } from 'faultline';
import type { SentinelConfig } from '../../../../src/sim/components/sentinel/config.ts';
import type { SentinelNodeState } from '../../../../src/sim/components/sentinel/state.ts';
import { sqlNode } from '../../../../src/sim/components/sql-node/sql-node.ts';
import type { SqlNodeConfig } from '../../../../src/sim/components/sql-node/config.ts';
import type { SqlNodeState } from '../../../../src/sim/components/sql-node/state.ts';
import type { SentinelFact } from '../../../../src/sim/protocols/sentinel/effects.ts';
import type { SentinelState } from '../../../../src/sim/protocols/sentinel/state.ts';
import type { ReplicaState } from '../../../../src/sim/protocols/primary-replica/state.ts';
import { Bench } from '../support/bench.ts';

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

export class SentinelBench extends Bench {
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

  replica(name: string): ReplicaState {
    return (this.node(name).state as SqlNodeState).replica;
  }

  sentinel(name: string): SentinelState {
    return (this.node(name).state as SentinelNodeState).sentinel;
  }

  /** Servers that take writes. */
  get primaries(): string[] {
    return this.#running('n').filter((name) => this.replica(name).role === 'primary');
  }

  /** Whom each sentinel names. */
  get named(): string[] {
    return this.#running('s').map((name) => this.nameOf(this.sentinel(name).primary));
  }

  #running(group: string): string[] {
    return this.parts.host.nodes
      .filter(({ identity, state }) => identity.name.startsWith(group) && state !== null)
      .map(({ identity }) => identity.name);
  }

  factsOf<T extends SentinelFact['type']>(
    type: T,
    name?: string,
  ): { readonly atMs: number; readonly fact: Extract<SentinelFact, { readonly type: T }> }[] {
    return this.told<Extract<SentinelFact, { readonly type: T }>>(type, name).map(
      ({ atMicros, fact }) => ({ atMs: atMicros / 1_000, fact }),
    );
  }

  /** `ok`, or the code of the error. */
  write(to: string, key: string, value: number, from = 'a1', timeoutMs = 500): string {
    const tag = this.ask(from, to, { type: 'kv.put', key, value }, timeoutMs);
    const limit = this.run.now + (timeoutMs + 1) * 1_000;
    while (this.end(from, tag) === undefined) this.run.advance(limit, 1);
    const { result } = this.end(from, tag)!;
    return result.outcome === 'ok' ? 'ok' : result.error.code;
  }

  /** What readers of a server would see. */
  holds(name: string, key: string): unknown {
    return this.replica(name).store.get(key) ?? null;
  }

  crash(name: string): this {
    return this.inject(`crash ${name}`, { type: 'crash', target: name });
  }

  restart(name: string): this {
    return this.undo(`crash ${name}`);
  }

  /** Nobody else hears or is heard of by these. */
  cut(...names: string[]): this {
    return this.inject(`cut ${names.join()}`, { type: 'partition', groups: [names] });
  }

  heal(...names: string[]): this {
    return this.undo(`cut ${names.join()}`);
  }
}
