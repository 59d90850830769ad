/** A group of quorum stores n1, n2, ... and an asker a1 before them, a millisecond apart. */
import type { DiskPlan, KvReply, KvValue } from 'faultline';
import { quorumStore } from '../../../../src/sim/components/quorum-store/quorum-store.ts';
import type { QuorumStoreConfig } from '../../../../src/sim/components/quorum-store/config.ts';
import type { QuorumStoreState } from '../../../../src/sim/components/quorum-store/state.ts';
import { preferenceList, tokenOf } from '../../../../src/sim/protocols/quorum/preference-list.ts';
import { valuesOf } from '../../../../src/sim/protocols/quorum/cell.ts';
import { KvBench } from '../support/kv-bench.ts';

export interface StorePlan {
  readonly nodes?: number;
  readonly config?: Partial<QuorumStoreConfig>;
  readonly disk?: DiskPlan;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

export class StoreBench extends KvBench {
  protected override readonly patienceMs = 10_000;

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
    const { config } = this.state(this.running('n')[0]!);
    const list = preferenceList(config, tokenOf(key), config.peers.length);
    return list.map((index) => this.nameOf(index));
  }

  /** What a node holds of a key, tombstones left out; undefined: nothing at all. */
  holds(name: string, key: string): readonly KvValue[] | undefined {
    const cell = this.state(name).store.cells.get(key);
    return cell === undefined ? undefined : valuesOf(cell);
  }

  write(to: string, key: string, value: KvValue): KvReply | string {
    return this.get(to, { type: 'kv.put', key, value });
  }
}

export const DONE: KvReply = { type: 'kv.done', applied: true };
