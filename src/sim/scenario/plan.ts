/**
 * The plan: a scenario once built. Serialisable data and nothing else; every check, trigger and
 * script in it is a name with arguments. Documents and links carry this shape.
 */
import type { Limits } from '../kernel/limits.ts';
import type { FaultEntry } from '../faults/fault.ts';
import type { TopologyWords } from '../network/topology.ts';
import type { Scheduling } from '../node/scheduling/index.ts';
import type { Distribution } from '../policies/distribution.ts';
import type { Selector } from '../world/selector.ts';

export interface Plan {
  readonly title: string;
  readonly summary: string;
  /**
   * The run ends here; `always`, `slo` and histories are judged, `eventually` must have happened.
   */
  readonly durationMs: number;
  readonly network: NetworkPlan;
  /** In this order the nodes get their places. */
  readonly groups: readonly GroupPlan[];
  readonly faults: readonly FaultEntry[];
  /** From here on every fault is undone and none starts: liveness is judged after it. */
  readonly healAtMs?: number;
  readonly checks: readonly CheckPlan[];
  readonly story: readonly StoryStep[];
  readonly limits?: Partial<Limits>;
}

/** Regions, zones, distances and single links: the words of the network floor itself. */
export type NetworkPlan = TopologyWords;

export interface GroupPlan {
  readonly name: string;
  readonly component: string;
  readonly count: number;
  /** `spread` puts members over the zones in turn; a zone's name puts all there. */
  readonly placement?: 'spread' | { readonly zone: string };
  readonly config?: { readonly [name: string]: unknown };
  /**
   * Groups that its members call, by role: `{ servers: 'n' }`. The builder checks the contracts.
   */
  readonly links?: { readonly [role: string]: string };
  readonly cores?: number;
  /** How work shares the cores of each node; default `fifo`. */
  readonly scheduling?: Scheduling;
  readonly disk?: DiskPlan;
  readonly clock?: { readonly offsetMs?: Distribution; readonly driftPpm?: Distribution };
}

export interface DiskPlan {
  readonly fsync?: Distribution;
  /** False: sync answers at once and a crash loses what was never written back. */
  readonly fsyncOn?: boolean;
  /** On a crash, whether a drawn prefix of the unsynced writes survives. */
  readonly tornTail?: boolean;
}

export interface CheckPlan {
  /** Unique in the plan; expectations and stories name it. */
  readonly id: string;
  /** Which check of the registry: `always`, `sometimes`, `linearizable`, ... */
  readonly use: string;
  readonly args?: unknown;
  /** A sentence for people: what it means here. */
  readonly about?: string;
}

export interface StoryStep {
  readonly title: string;
  readonly text: string;
  /** The moment it speaks of: a time, or the first time a predicate holds. */
  readonly at: { readonly ms: number } | { readonly when: string; readonly args?: unknown };
  /** What lights up while it is read. */
  readonly focus?: readonly Selector[];
  /** Asked before the run goes on; the answer is shown after. */
  readonly predict?: {
    readonly question: string;
    readonly options: readonly string[];
    /** Index of the right option. */
    readonly answer: number;
    readonly because: string;
  };
  /** The check that proves the claim. */
  readonly check?: string;
}
