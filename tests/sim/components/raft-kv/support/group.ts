/** A group of Raft servers n1, n2, ... and an asker a1 before them, and what they did. */
import type { DiskPlan, RunOptions } from 'faultline';
import type { RaftKvFact } from '../../../../../src/sim/components/raft-kv/facts.ts';
import type { RaftKvState } from '../../../../../src/sim/components/raft-kv/state.ts';
import type { RaftKvView } from '../../../../../src/sim/components/raft-kv/view.ts';
import { Bench } from '../../support/bench.ts';

export type { RaftKvFact, RaftKvView };

export interface RaftPlan {
  readonly servers?: number;
  readonly config?: object;
  readonly disk?: DiskPlan;
  readonly ablations?: readonly string[];
  readonly seed?: NonNullable<RunOptions['seed']>;
}

/** How long an fsync takes, unless a test says otherwise. */
export const FSYNC_MS = 3;

export class RaftBench extends Bench {
  constructor(plan: RaftPlan = {}) {
    super({
      groups: [
        {
          name: 'n',
          component: 'raft-kv',
          count: plan.servers ?? 3,
          config: { ...plan.config },
          disk: { fsync: { kind: 'constant', ms: FSYNC_MS }, ...plan.disk },
        },
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
    });
  }

  state(name: string): RaftKvState {
    return this.node(name).state as RaftKvState;
  }

  viewOf(name: string): RaftKvView {
    return this.view(name) as RaftKvView;
  }

  get servers(): readonly string[] {
    return this.parts.host.nodes
      .filter((node) => node.behaviour.component === 'raft-kv')
      .map((node) => node.identity.name);
  }

  /** Living servers that think they lead, of the latest term first. */
  leaders(): readonly string[] {
    return this.servers
      .filter((name) => this.node(name).state !== null && this.state(name).raft.role === 'leader')
      .toSorted((a, b) => this.state(b).raft.term - this.state(a).raft.term);
  }

  /** The voters that a server counts on, by name. */
  votersOf(name: string): readonly string[] {
    return this.state(name).raft.conf.members.voters.map((node) => this.nameOf(node));
  }

  /** Runs until one leads and everybody has its first entry, and returns its name. */
  elect(): string {
    this.until(() => {
      const [leader] = this.leaders();
      if (leader === undefined) return false;
      const { term } = this.state(leader).raft;
      return this.servers.every((name) => {
        const { state } = this.node(name);
        if (state === null) return true;
        const { raft } = state as RaftKvState;
        // A spare one hears of nothing.
        if (raft.conf.peers.length === 0) return true;
        return raft.term === term && raft.log.term(raft.commitIndex) === term;
      });
    });
    return this.leaders()[0] as string;
  }

  others(than: string): string[] {
    return this.servers.filter((name) => name !== than);
  }

  tells<T extends RaftKvFact['type']>(type: T, name?: string) {
    return this.told<Extract<RaftKvFact, { readonly type: T }>>(type, name);
  }
}
