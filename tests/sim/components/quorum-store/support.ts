/** A group of quorum stores n1, n2, ... and an asker a1 before them, a millisecond apart. */
import type { DiskPlan, KvReply, KvRequest, KvValue } from 'faultline';
import { quorumStore } from '../../../../src/sim/components/quorum-store/quorum-store.ts';
import type { QuorumStoreConfig } from '../../../../src/sim/components/quorum-store/config.ts';
import type { QuorumStoreState } from '../../../../src/sim/components/quorum-store/state.ts';
import { preferenceList, tokenOf } from '../../../../src/sim/protocols/quorum/preference-list.ts';
import { valuesOf } from '../../../../src/sim/protocols/quorum/cell.ts';
import { Bench } from '../support/bench.ts';

export interface StorePlan {
  readonly nodes?: number;
  readonly config?: Partial<QuorumStoreConfig>;
  readonly disk?: DiskPlan;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

export class StoreBench extends Bench {
  constructor(plan: StorePlan = {}) {
    super({
      groups: [
        {
          name: 'n',
          component: quorumStore.component,
          count: plan.nodes ?? 3,
          config: { ...plan.config },
          disk: { fsync: { kind: 'constant', ms: 1 }, ...plan.disk },
        },
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
    });
    this.ms(0);
  }

  state(name: string): QuorumStoreState {
    return this.node(name).state as QuorumStoreState;
  }

  /** The nodes of a key, its replicas first. */
  nodesOf(key: string): string[] {
    const { config } = this.state(this.names.find((name) => this.node(name).state !== null)!);
    const list = preferenceList(config, tokenOf(key), config.peers.length);
    return list.map((index) => this.nameOf(index));
  }

  get names(): string[] {
    const all = this.parts.host.nodes.map((node) => node.identity.name);
    return all.filter((name) => name.startsWith('n'));
  }

  /** What a node holds of a key, tombstones left out; undefined: nothing at all. */
  holds(name: string, key: string): readonly KvValue[] | undefined {
    const cell = this.state(name).store.cells.get(key);
    return cell === undefined ? undefined : valuesOf(cell);
  }

  /** Asks and returns the reply, or the code of the error. */
  get(to: string, request: KvRequest, timeoutMs = 10_000): KvReply | string {
    const { result } = this.answer('a1', to, request, timeoutMs);
    return result.outcome === 'ok' ? (result.value as KvReply) : result.error.code;
  }

  /** The value that a node answers for a key, or the code of the error. */
  read(from: string, key: string): KvValue {
    const reply = this.get(from, { type: 'kv.get', key });
    return typeof reply === 'string' ? reply : reply.type === 'kv.value' ? reply.value : null;
  }

  write(to: string, key: string, value: KvValue): KvReply | string {
    return this.get(to, { type: 'kv.put', key, value });
  }

  crash(name: string): this {
    return this.inject(`crash ${name}`, { type: 'crash', target: name });
  }

  restart(name: string): this {
    return this.undo(`crash ${name}`);
  }

  /** Nobody else hears or is heard of by these. */
  cut(...names: string[]): this {
    return this.inject('cut', { type: 'partition', groups: [names] });
  }

  heal(): this {
    return this.undo('cut');
  }
}

export const DONE: KvReply = { type: 'kv.done', applied: true };
