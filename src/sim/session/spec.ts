/**
 * The run specification: a run is a pure function of this one JSON value. Links, repro commands,
 * worker messages, fixtures and reports carry it and nothing else.
 */
import type { Limits } from '../kernel/limits.ts';
import type { Fault } from '../faults/fault.ts';
import type { Plan } from '../scenario/plan.ts';
import type { DocumentSource } from './document-source.ts';

/** Raised by exactly the commits that move a golden hash. */
export const ENGINE = 2;

export interface RunSpec {
  readonly engine: number;
  /**
   * `planHash` names a scenario file as it was; the catalogue changes with the engine (ADR 10).
   * `from` is the scenario that built a document, with what its variant expects.
   */
  readonly scenario:
    | { readonly id: string; readonly planHash?: string }
    | { readonly document: Plan; readonly from?: DocumentSource };
  readonly params: { readonly [name: string]: unknown };
  /** Rules that are switched off. A run with one is marked modified everywhere. */
  readonly ablations: readonly string[];
  readonly seed: number;
  readonly order: 'fifo' | { readonly permute: number };
  /** Replaces the fault plan of the scenario: what a shrinker or an editor writes. */
  readonly planOverride?: Partial<Plan>;
  readonly limits: Partial<Limits>;
  readonly interventions: readonly Intervention[];
}

/** What a person did to the run. Merged by the loop from a list beside the queue. */
export interface Intervention {
  /** It happens at this time ... */
  readonly micros: number;
  /** ... after this event of the run: the key is unique even among simultaneous events. */
  readonly afterEventNumber: number;
  readonly act: Act;
}

export type Act =
  | { readonly do: 'inject'; readonly id: string; readonly fault: Fault }
  /** Undoes an injected fault by its id, whether from the plan or a person. */
  | { readonly do: 'undo'; readonly id: string }
  /** Undoes every fault in force. */
  | { readonly do: 'heal-all' }
  /** A typed action of a component. */
  | {
      readonly do: 'action';
      readonly node: string;
      readonly action: string;
      readonly args: unknown;
    }
  | { readonly do: 'spawn'; readonly group: string }
  | { readonly do: 'retire'; readonly node: string };
