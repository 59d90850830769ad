/**
 * The report of a run: what the terminal prints, CI reads and the page shows.
 */
import type { CheckVerdict, ErrorCount } from '../observe/frame.ts';
import type { GaugeTotal } from '../observe/gauges.ts';
import type { OperationTotal } from '../observe/operations.ts';
import type { RunSpec } from './spec.ts';

export interface FindingReport {
  readonly check: string;
  /** Of this finding against its expectation: a break that was expected is a pass. */
  readonly verdict: CheckVerdict;
  readonly expected: boolean;
  readonly atMicros: number;
  readonly event: number;
  readonly why: string;
  readonly evidence: readonly number[];
}

export interface CheckReport {
  readonly check: string;
  readonly use: string;
  readonly about: string;
  /** What the check itself says. */
  readonly result: CheckVerdict;
  readonly expected: 'holds' | 'breaks';
  /** Result against expectation: what counts. */
  readonly verdict: CheckVerdict;
  /** Of `sometimes`: whether it was reached in this run, which a sweep adds up. */
  readonly reached?: boolean;
  readonly why: string;
}

/** A gauge of a group over the run, and the checks that are about it. */
export interface GaugeReport extends GaugeTotal {
  readonly checks: readonly string[];
}

export interface MetricsReport {
  readonly operations: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** Of the operations that ended: tries after one that failed. */
  readonly retries: number;
  /** And tries beside one that was still out: all tries are the first, retries and hedges. */
  readonly hedges: number;
  /** Of operations that went well. */
  readonly latencyMicros: {
    readonly p50: number;
    readonly p90: number;
    readonly p95: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
    readonly mean: number;
  };
  /** The same by what was asked for: the route of a request, get or put of a store. */
  readonly byOperation: readonly OperationTotal[];
  readonly messagesSent: number;
  readonly messagesLost: number;
  readonly lateReplies: number;
  /** How often each kind of fact was told: elections, leader changes, crashes. */
  readonly facts: readonly { readonly type: string; readonly count: number }[];
  /** Why operations did not end well, in the order of their codes. */
  readonly errors: readonly ErrorCount[];
  /** What the gauges of each group showed: last, in the mean, and at most. */
  readonly gauges: readonly GaugeReport[];
}

export interface Report {
  readonly spec: RunSpec;
  readonly scenario: string;
  readonly title: string;
  readonly params: { readonly [name: string]: unknown };
  readonly seed: number;
  /** Name of the variant whose expectations were applied, or null: every check must hold. */
  readonly variant: string | null;
  /** Rules that are off in the run and on in that variant: it is compared with the variant. */
  readonly beyondVariant: readonly string[];
  /**
   * Of a run that is no variant: which one it is but for further parameters. What breaks there may
   * break here; all else must hold.
   */
  readonly nearVariant: string | null;
  /** Parameters that are not as in that variant, and change nothing in the plan of this run. */
  readonly idleParams: readonly string[];
  readonly verdict: CheckVerdict;
  /** Rules switched off. */
  readonly modified: readonly string[];
  readonly events: number;
  readonly simulatedMicros: number;
  readonly traceHash: string;
  readonly stateHash: string;
  /** Why it ended: "duration", or the limit that stopped it. */
  readonly ended: string;
  /** What stopped it and what to change, where a limit did because time stood still; else ''. */
  readonly endedHint: string;
  readonly checks: readonly CheckReport[];
  readonly findings: readonly FindingReport[];
  readonly metrics: MetricsReport;
  readonly repro: { readonly command: string; readonly link: string };
}
