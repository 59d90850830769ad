/**
 * Checks: what must be true of a run.
 *
 * A check watches the read-only world; it cannot draw, schedule or send, because nothing that it
 * is handed can. It says what it depends on and is woken only then. A finding carries when, one
 * sentence of why, and the events that prove it.
 */
import type { Fact, FactRecord } from '../contracts/facts.ts';
import type { TObject } from '../contracts/schema.ts';
import type { ActiveFault } from '../faults/injector.ts';
import type { AnyBehaviour, NodeIndex } from '../node/behaviour.ts';
import type { History } from '../observe/history.ts';
import type { Predicate } from '../world/predicates.ts';
import type { World, WorldNode } from '../world/world.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

export interface Finding {
  readonly check: string;
  readonly atMicros: number;
  readonly event: number;
  /** One sentence. */
  readonly why: string;
  /** Numbers of the events that prove it, oldest first. */
  readonly evidence: readonly number[];
  readonly nodes: readonly NodeIndex[];
}

/** What a check may look at and whom it tells. */
export interface CheckEnv {
  readonly id: string;
  readonly world: World;
  readonly history: History;
  readonly predicates: ReadonlyMap<string, Predicate>;
  /**
   * When the run is planned to end, and when its faults have ended, or struck for the last time;
   * null: nobody can say beforehand.
   */
  readonly durationMicros: number;
  readonly healMicros: number | null;
  readonly report: (finding: {
    readonly why: string;
    readonly evidence?: readonly number[];
    readonly nodes?: readonly NodeIndex[];
    /** Default: now. */
    readonly atMicros?: number;
    readonly event?: number;
  }) => void;
}

/** What a check says of itself, now or at the end. */
export interface Standing {
  readonly verdict: Verdict;
  /** "holds now", "not reached yet", "judged at the end". */
  readonly text: string;
}

/** `Image` is what it saves of itself; `F` the facts that it wakes on. */
export interface RunningCheck<Image = unknown, F extends Fact = Fact> {
  /** Components whose events wake `onTouched`; `*` is every event and every fault; empty: none. */
  readonly components: readonly string[];
  /** Types of facts that wake `onFact`. */
  readonly facts: readonly F['type'][];
  /** Channels that wake `onProbe`. */
  readonly probes: readonly string[];
  /** Null: a fault came or went, or the run began. */
  onTouched?(node: WorldNode | null): void;
  onFact?(record: FactRecord<F>): void;
  onProbe?(node: NodeIndex, channel: string, payload: unknown): void;
  onFault?(change: 'start' | 'end', fault: ActiveFault): void;
  /**
   * The run is over: report what can only be told now. `complete` is false where a limit or a
   * person ended it before its planned duration.
   */
  onEnd?(complete: boolean): void;
  standing(ended: boolean): Standing;
  /** Of `sometimes`: whether it was reached. */
  readonly reached?: boolean;
  /** Plain data, immutable once returned. */
  save(): Image;
  restore(image: Image): void;
}

/** What is known of a run before it begins: for checks of arguments that a schema cannot make. */
export interface PlannedRun {
  readonly durationMs: number;
  /** When the plan has done all that it does to its system; null: nobody can say beforehand. */
  readonly healMs: number | null;
  readonly groups: readonly PlannedGroup[];
  /** All that a plan could be made of: for hints. */
  readonly components: readonly AnyBehaviour[];
}
export interface PlannedGroup {
  readonly name: string;
  readonly count: number;
  readonly behaviour: AnyBehaviour;
  /** The routes that it asks for by itself; null: it does not say. */
  readonly asks: readonly string[] | null;
  /** The operations that it ever tells of; null: it does not say. */
  readonly operations: readonly string[] | null;
  /** Whether it ever changes an object of its own accord; where nobody can say, it may. */
  readonly mayWrite: boolean;
  /** With every default. */
  readonly config: unknown;
}

export interface CheckDefinition {
  readonly use: string;
  /** One sentence: what it asserts. */
  readonly about: string;
  readonly args: TObject;
  /**
   * Throws a ScenarioError for arguments with which it would say nothing, whatever happens in the
   * run, and for those that name something that is not there. `path` is where they stand.
   */
  readonly check?: (args: never, path: string, run: PlannedRun) => void;
  /**
   * For what a system promises whatever it is used for: with which arguments it watches such a run
   * where the plan does not name it; null: not at all. A plan that names it says how it is judged.
   */
  readonly stands?: (run: PlannedRun) => object | null;
  readonly create: (args: never, env: CheckEnv) => RunningCheck;
}

/** Types a definition by its arguments, its image and its facts, and erases them. */
export function defineCheck<A, Image, F extends Fact = Fact>(
  definition: Omit<CheckDefinition, 'check' | 'create'> & {
    readonly check?: (args: A, path: string, run: PlannedRun) => void;
    readonly create: (args: A, env: CheckEnv) => RunningCheck<Image, F>;
  },
): CheckDefinition {
  // A run hands a check the images that it saved and the facts that it named, and no others.
  return definition as unknown as CheckDefinition;
}
