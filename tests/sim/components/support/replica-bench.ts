/** Servers n1, n2, ... of a replicated store, whoever says which of them is primary. */
import type { Fact, KvValue } from 'faultline';
import type { SqlNodeState } from '../../../../src/sim/components/sql-node/state.ts';
import type { ReplicaState } from '../../../../src/sim/protocols/primary-replica/state.ts';
import { KvBench } from './kv-bench.ts';

export class ReplicaBench<F extends Fact> extends KvBench {
  replica(name: string): ReplicaState {
    return (this.node(name).state as SqlNodeState).replica;
  }

  /** Servers that take writes. */
  get primaries(): string[] {
    return this.running('n').filter((name) => this.replica(name).role === 'primary');
  }

  /** `ok`, or the code of the error. */
  write(to: string, key: string, value: KvValue, timeoutMs?: number, from?: string): string {
    const reply = this.get(to, { type: 'kv.put', key, value }, timeoutMs, from);
    return typeof reply === 'string' ? reply : 'ok';
  }

  /** What readers of a server would see. */
  holds(name: string, key: string): KvValue {
    return this.replica(name).store.get(key) ?? null;
  }

  factsOf<T extends F['type']>(
    type: T,
    name?: string,
  ): { readonly atMs: number; readonly fact: Extract<F, { readonly type: T }> }[] {
    return this.told<Extract<F, { readonly type: T }>>(type, name).map(({ atMicros, fact }) => ({
      atMs: atMicros / 1_000,
      fact,
    }));
  }
}
