/** A group of servers n1, n2, ... of a replicated store, and an asker a1, a millisecond apart. */
import type { DiskPlan, KvReply, KvRequest, KvValue } from 'faultline';
import { dcs } from '../../../../src/sim/components/dcs/dcs.ts';
import type { DcsState } from '../../../../src/sim/components/dcs/state.ts';
import { sqlNode } from '../../../../src/sim/components/sql-node/sql-node.ts';
import type { SqlNodeConfig } from '../../../../src/sim/components/sql-node/config.ts';
import type { SqlNodeState } from '../../../../src/sim/components/sql-node/state.ts';
import type { ReplicaFact } from '../../../../src/sim/protocols/primary-replica/effects.ts';
import type { ReplicaState } from '../../../../src/sim/protocols/primary-replica/state.ts';
import { Bench } from '../support/bench.ts';

export interface SqlPlan {
  readonly nodes?: number;
  readonly config?: Partial<SqlNodeConfig>;
  /** With a store for the leader key, called d1. */
  readonly dcs?: boolean | { readonly ttlMs: number };
  readonly disk?: DiskPlan;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

export class SqlBench extends Bench {
  constructor(plan: SqlPlan = {}) {
    const keeper = plan.dcs ?? false;
    super({
      groups: [
        {
          name: 'n',
          component: sqlNode.component,
          count: plan.nodes ?? 3,
          config: { ...plan.config },
          disk: { fsync: { kind: 'constant', ms: 1 }, ...plan.disk },
          ...(keeper === false ? {} : { links: { dcs: 'd' } }),
        },
        ...(keeper === false
          ? []
          : [
              {
                name: 'd',
                component: dcs.component,
                count: 1,
                config: keeper === true ? {} : keeper,
              },
            ]),
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
    });
    this.ms(0);
  }

  replica(name: string): ReplicaState {
    return (this.node(name).state as SqlNodeState).replica;
  }

  isUp(name: string): boolean {
    return this.node(name).state !== null;
  }

  get store(): DcsState {
    return this.node('d1').state as DcsState;
  }

  get names(): string[] {
    const all = this.parts.host.nodes.map((node) => node.identity.name);
    return all.filter((name) => name.startsWith('n'));
  }

  get primaries(): string[] {
    return this.names.filter((name) => this.isUp(name) && this.replica(name).role === 'primary');
  }

  /** Asks and returns the reply, or the code of the error. */
  get(to: string, request: KvRequest, timeoutMs = 5_000): KvReply | string {
    const { result } = this.answer('a1', to, request, timeoutMs);
    return result.outcome === 'ok' ? (result.value as KvReply) : result.error.code;
  }

  /** The value that a server answers for a key, or the code of the error. */
  read(from: string, key: string, after?: number): KvValue {
    const request: KvRequest = { type: 'kv.get', key, ...(after === undefined ? {} : { after }) };
    const reply = this.get(from, request);
    return typeof reply === 'string' ? reply : reply.type === 'kv.value' ? reply.value : null;
  }

  /** `ok`, or the code of the error. */
  write(to: string, key: string, value: KvValue, timeoutMs = 5_000): string {
    const reply = this.get(to, { type: 'kv.put', key, value }, timeoutMs);
    return typeof reply === 'string' ? reply : 'ok';
  }

  /** What readers of a server would see. */
  holds(name: string, key: string): KvValue {
    return this.replica(name).store.get(key) ?? null;
  }

  facts_<T extends ReplicaFact['type']>(
    type: T,
    name?: string,
  ): { readonly atMs: number; readonly fact: Extract<ReplicaFact, { readonly type: T }> }[] {
    return this.told<Extract<ReplicaFact, { readonly type: T }>>(type, name).map(
      ({ atMicros, fact }) => ({ atMs: atMicros / 1_000, fact }),
    );
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

  act(name: string, action: string, args: object = {}): this {
    const node = this.node(name);
    node.behaviour.actions?.[action]?.perform(node.state, node.context, args);
    return this;
  }
}
