/**
 * What the page and the engine's thread say to each other: plain data, told apart by `type`.
 *
 * The worker owns the engine, the page owns view time. Everything carries a `generation`, raised
 * whenever the page changes the run it looks at; whatever belongs to an older one is dropped. The
 * worker may have a few chunks under way and no more: each is released when it was taken in.
 */
import type {
  Act,
  Chunk,
  FindingFrame,
  FlightKind,
  Plan,
  Proof,
  Report,
  RunSpec,
  Scenario,
  SpanBar,
  SpanOutcome,
} from '../../sim/index.ts';
import type { Position } from '../state/position.ts';

/** Chunks that may be on their way to the page and not yet released. */
export const CHUNKS_OUTSTANDING_MAX = 4;

export interface RuleEntry {
  readonly name: string;
  readonly about: string;
  readonly source: string;
}

/** A scenario as the catalogue shows it: everything but its code. */
export interface CatalogueEntry {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly summary: string;
  readonly tier: Scenario['tier'];
  readonly sources: Scenario['sources'];
  readonly params: ParamsSchema;
  readonly variants: readonly {
    readonly name: string;
    readonly about: string;
    readonly params: { readonly [name: string]: unknown };
    readonly ablations: readonly string[];
  }[];
  readonly thingsToTry: readonly string[];
  readonly leavesOut: readonly string[];
}

/** One that is open. */
export interface ScenarioEntry extends CatalogueEntry {
  /** Rules of its parts that can be switched off. */
  readonly rules: readonly RuleEntry[];
}

/** One parameter: the part of JSON Schema that the engine's builders of fields write. */
export interface ParamSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly source?: string;
  readonly unit?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
}
export interface ParamsSchema {
  readonly properties?: { readonly [name: string]: ParamSchema };
}

/** What to run: a link as it stands in the address bar, or choices made on the page. */
export type RunSource =
  | { readonly from: 'link'; readonly link: string }
  | { readonly from: 'spec'; readonly spec: RunSpec }
  | {
      readonly from: 'choices';
      readonly id: string;
      readonly seed: number;
      readonly params: { readonly [name: string]: unknown };
      readonly ablations: readonly string[];
    };

export interface ActionEntry {
  readonly name: string;
  readonly about: string;
  readonly args: ParamsSchema;
  /** Why it would change nothing, or null. */
  readonly unavailable: string | null;
}

/** One call of a request, or the request itself: a row of its waterfall. */
export interface RequestRow {
  /** Who asks whom for what. */
  readonly title: string;
  readonly kind: FlightKind;
  /** How far down in the tree. */
  readonly depth: number;
  readonly bar: SpanBar;
  readonly outcome: SpanOutcome;
  /** What was answered, or the code of the error. */
  readonly result: string;
}

export interface RequestTree {
  /** Which one of the run, from 1. */
  readonly number: number;
  readonly endMicros: number;
  /** The request itself comes first. */
  readonly rows: readonly RequestRow[];
  /** Rows that are left out, of one that makes very many calls. */
  readonly more: number;
}

export interface SlowestRequests {
  /** How many there are. */
  readonly of: number;
  readonly slowest: readonly RequestTree[];
}

export type ToWorker =
  | { readonly type: 'catalogue'; readonly generation: number }
  | {
      readonly type: 'load';
      readonly generation: number;
      readonly source: RunSource;
      /** Chunks up to here are at hand: go there without making any. */
      readonly resume: Position;
    }
  /** Run ahead to here, in chunks of about `chunkMicros`. */
  | {
      readonly type: 'runTo';
      readonly generation: number;
      readonly micros: number;
      readonly chunkMicros: number;
    }
  /** Go over this stretch again: its chunk was given up. */
  | {
      readonly type: 'seek';
      readonly generation: number;
      readonly from: Position;
      readonly to: Position;
    }
  | {
      readonly type: 'intervene';
      /** The new one: what follows the act is another run. */
      readonly generation: number;
      readonly micros: number;
      readonly afterEventNumber: number;
      /** At that moment, in this order. */
      readonly acts: readonly Act[];
    }
  | {
      readonly type: 'inspect';
      readonly generation: number;
      readonly node: number;
      readonly position: Position;
    }
  /** The slowest requests up to here, of a node or of all, each with its calls. */
  | {
      readonly type: 'requests';
      readonly generation: number;
      readonly node: number | null;
      readonly position: Position;
    }
  /** The messages that explain a finding. */
  | { readonly type: 'explain'; readonly generation: number; readonly finding: FindingFrame }
  /** Run it to the end, aside, and say what came out; with it the link that repeats it. */
  | { readonly type: 'prove'; readonly generation: number; readonly atMicros: number }
  | { readonly type: 'release'; readonly generation: number; readonly chunks: number };

export type ProblemKind =
  /** The user's mistake: a sentence and a hint. */
  | 'scenario'
  /** Two runs of one specification differed. */
  | 'divergence'
  /** Our mistake. */
  | 'bug';

export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
  readonly path: string;
  readonly hint: string;
}

/** The trace hash that a run must have after an event, or at its end. */
export interface ExpectedHash {
  readonly traceHash: string;
  readonly afterEvent: number | null;
}

export interface LoadedRun {
  readonly spec: RunSpec;
  readonly plan: Plan;
  /** Null for a document that no catalogue scenario made. */
  readonly scenario: ScenarioEntry | null;
  /** The variant whose rules are on, where the run has more of them off; else null. */
  readonly comparedWith: string | null;
  /** Parameters that are not as in its variant, and change nothing in the plan. */
  readonly idleParams: readonly string[];
  readonly durationMicros: number;
  /** The link's claim, where it came from one. */
  readonly expectedHash: ExpectedHash | null;
  /** Where the link says to look first. */
  readonly atMicros: number | null;
  /** The version that made the link, where it is not this one. */
  readonly otherEngine: number | null;
  readonly link: string;
}

export type FromWorker =
  | {
      readonly type: 'catalogue';
      readonly generation: number;
      readonly scenarios: readonly CatalogueEntry[];
    }
  | { readonly type: 'loaded'; readonly generation: number; readonly run: LoadedRun }
  | { readonly type: 'chunk'; readonly generation: number; readonly chunk: Chunk }
  /** An act was taken in: the specification has it now. */
  | {
      readonly type: 'intervened';
      readonly generation: number;
      readonly spec: RunSpec;
      readonly link: string;
    }
  | {
      readonly type: 'state';
      readonly generation: number;
      readonly node: number;
      readonly position: Position;
      readonly config: { readonly [name: string]: unknown };
      readonly actions: readonly ActionEntry[];
    }
  | {
      readonly type: 'requests';
      readonly generation: number;
      readonly node: number | null;
      readonly position: Position;
      readonly requests: SlowestRequests;
    }
  | {
      readonly type: 'explanation';
      readonly generation: number;
      readonly finding: FindingFrame;
      readonly proof: Proof;
    }
  | {
      readonly type: 'verdict';
      readonly generation: number;
      readonly report: Report;
      readonly link: string;
      /** Whether the run is the one that its link speaks of; null: the link made no claim. */
      readonly same: boolean | null;
    }
  | { readonly type: 'stats'; readonly generation: number; readonly eventsPerSecond: number }
  | {
      readonly type: 'error';
      readonly generation: number;
      readonly during: ToWorker['type'];
      readonly problem: Problem;
    };
