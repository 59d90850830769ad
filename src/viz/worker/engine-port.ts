/**
 * What the host of the engine asks of it. The real one is made in `engine.ts`; tests hand in one
 * of their own, so that the protocol is tested without a simulation behind it.
 */
import type {
  Act,
  Chunk,
  FindingFrame,
  Intervention,
  Plan,
  ProofRun,
  Report,
  RunSpec,
} from '../../sim/index.ts';
import type {
  ActionEntry,
  CatalogueEntry,
  ScenarioEntry,
  ExpectedHash,
  Problem,
  RunSource,
  SlowestRequests,
} from './protocol.ts';

export interface RunningSession {
  readonly spec: RunSpec;
  readonly plan: Plan;
  /** The variant with more rules on that the run is compared with; null where it is one itself. */
  readonly comparedWith: string | null;
  readonly idleParams: readonly string[];
  readonly durationMicros: number;
  readonly nowMicros: number;
  readonly eventNumber: number;
  readonly ended: string | null;
  readonly traceHash: string;
  advance(to: { untilMicros?: number; events?: number }): void;
  seek(to: { micros: number } | { event: number }): void;
  intervene(act: Act): Intervention;
  report(): Report;
  takeChunk(): Chunk;
  inspect(node: number): {
    readonly config: { readonly [name: string]: unknown };
    readonly actions: readonly ActionEntry[];
  };
}

/** A run whose calls are written down: it costs time and memory, so it is made when asked for. */
export interface TracedRun {
  readonly nowMicros: number;
  readonly eventNumber: number;
  readonly ended: string | null;
  advance(to: { untilMicros?: number; events?: number }): void;
  slowest(node: number | null): SlowestRequests;
}

export interface ResolvedSource {
  readonly spec: RunSpec;
  readonly expectedHash: ExpectedHash | null;
  readonly atMicros: number | null;
  readonly otherEngine: number | null;
}

export interface Engine {
  catalogue(): readonly CatalogueEntry[];
  /** Null: no scenario of the catalogue has this id. */
  entry(id: string): ScenarioEntry | null;
  resolve(source: RunSource): ResolvedSource;
  /** Watched: with frames and checkpoints. Not watched: as fast as it goes. */
  open(spec: RunSpec, watched: boolean): RunningSession;
  trace(spec: RunSpec): TracedRun;
  /** The run once more, for the messages behind one of its findings. */
  explain(spec: RunSpec, finding: FindingFrame): Pick<ProofRun, 'slice' | 'result'>;
  link(spec: RunSpec, extra: { traceHash?: string; atMicros?: number }): string;
  problemOf(error: unknown): Problem;
}
