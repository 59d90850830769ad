/** A group of servers n1, n2, ... of a replicated store, and an asker a1, a millisecond apart. */
import type { DiskPlan, GroupPlan } from 'faultline';
import { dcs } from '../../../../src/sim/components/dcs/dcs.ts';
import type { DcsState } from '../../../../src/sim/components/dcs/state.ts';
import { sqlNode } from '../../../../src/sim/components/sql-node/sql-node.ts';
import type { SqlNodeConfig } from '../../../../src/sim/components/sql-node/config.ts';
import type { ReplicaFact } from '../../../../src/sim/protocols/primary-replica/effects.ts';
import { violations } from '../../../../src/sim/protocols/primary-replica/invariants.ts';
import { ReplicaBench } from '../support/replica-bench.ts';

export interface SqlPlan {
  readonly nodes?: number;
  readonly config?: Partial<SqlNodeConfig>;
  /** With a store for the leader key, called d1. */
  readonly dcs?: boolean | { readonly ttlMs: number };
  readonly disk?: DiskPlan;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

/** The servers, and the store of their leader key. */
export function groupsOf(plan: SqlPlan): GroupPlan[] {
  const keeper = plan.dcs ?? false;
  const servers: GroupPlan = {
    name: 'n',
    component: sqlNode.component,
    count: plan.nodes ?? 3,
    config: { ...plan.config },
    disk: { fsync: { kind: 'constant', ms: 1 }, ...plan.disk },
  };
  if (keeper === false) return [servers];
  const config = keeper === true ? {} : keeper;
  const store = { name: 'd', component: dcs.component, count: 1, config };
  return [{ ...servers, links: { dcs: 'd' } }, store];
}

export class SqlBench extends ReplicaBench<ReplicaFact> {
  constructor(plan: SqlPlan = {}) {
    super({
      groups: [
        ...groupsOf(plan),
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
    });
    this.ms(0);
  }

  get store(): DcsState {
    return this.node('d1').state as DcsState;
  }
}

/** What can be broken: see the rules of the protocol. */
export type Property = 'one-primary' | 'prefix' | 'applied-on-disk' | 'durable' | 'readable';

/** Writes to keys of their own, knows which were acknowledged, and judges what became of them. */
export class JudgedBench extends SqlBench {
  readonly acknowledged: string[] = [];
  readonly broken = new Set<Property>();
  #next = 1;

  constructor(plan: SqlPlan = {}) {
    super(plan);
    this.onPacket = () => this.look();
  }

  private look(): void {
    const servers = this.running('n').map((name) => ({
      id: this.index(name),
      state: this.replica(name),
    }));
    for (const { invariant } of violations(servers)) this.broken.add(invariant);
  }

  /** So many writes, one after the other. */
  writes(to: string, count: number, timeoutMs = 200): this {
    for (let i = 0; i < count; i++) {
      const key = `w${this.#next++}`;
      if (this.write(to, key, key, timeoutMs) === 'ok') this.acknowledged.push(key);
    }
    return this;
  }

  /** Acknowledged writes that the log of the primary does not hold, and that its readers miss. */
  lost(): { readonly fromLog: string[]; readonly fromReaders: string[] } {
    const [primary] = this.primaries;
    if (primary === undefined) throw new Error('nobody is primary');
    const { wal, store } = this.replica(primary);
    const keys = new Set(wal.slice(0, wal.length).map(({ key }) => key));
    const fromLog = this.acknowledged.filter((key) => !keys.has(key));
    const fromReaders = this.acknowledged.filter((key) => keys.has(key) && !store.has(key));
    return { fromLog, fromReaders };
  }

  judge(): readonly Property[] {
    this.look();
    const { fromLog, fromReaders } = this.lost();
    if (fromLog.length > 0) this.broken.add('durable');
    if (fromReaders.length > 0) this.broken.add('readable');
    return [...this.broken].sort();
  }
}
