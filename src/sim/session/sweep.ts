/**
 * A sweep: one scenario with many seeds, added up.
 *
 * Invariant: the result is a function of the set of rows, sorted by seed. It does not depend on
 * which worker or machine ran a seed, or when it was done; so shards merge by joining their rows.
 * How the runs are spread over threads is the host's affair.
 */
import { compareText } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { hashText, TraceHash } from '../kernel/trace-hash.ts';
import type { CheckVerdict } from '../observe/frame.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Report } from './report.ts';

/** What a sweep keeps of a run. */
export interface SweepRow {
  readonly seed: number;
  readonly verdict: CheckVerdict;
  readonly traceHash: string;
  readonly stateHash: string;
  readonly events: number;
  /** Checks that did not show what is expected, with the reason. */
  readonly missed: readonly MissedCheck[];
  /** The `sometimes` checks that were reached. */
  readonly reached: readonly string[];
}

export interface MissedCheck {
  readonly check: string;
  readonly verdict: 'fail' | 'unknown';
  readonly why: string;
  /** When its first finding was made; null where there is none. */
  readonly atMicros: number | null;
}

/** A `sometimes` check: reached in how many runs. */
export interface Coverage {
  readonly check: string;
  /** `sweep`: one run that reaches it is enough; `run`: each run is judged by itself. */
  readonly scope: 'run' | 'sweep';
  readonly reached: number;
  readonly runs: number;
}

export interface SweepSummary {
  readonly verdict: CheckVerdict;
  readonly runs: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly failingSeeds: readonly number[];
  readonly unknownSeeds: readonly number[];
  readonly events: number;
  /** Over seed, trace hash and verdict of each run, in the order of the seeds. */
  readonly sweepHash: string;
  readonly coverage: readonly Coverage[];
  /** Checks of scope `sweep` that no run reached. */
  readonly unreached: readonly string[];
  /** How often each check was missed, most often first. */
  readonly missed: readonly {
    readonly check: string;
    readonly fail: number;
    readonly unknown: number;
  }[];
  /** The failing (else unknown) run with the lowest seed. */
  readonly first: SweepRow | null;
}

export function sweepRow(report: Report): SweepRow {
  const missed: MissedCheck[] = [];
  for (const check of report.checks) {
    if (check.verdict === 'pass') continue;
    const finding = report.findings.find((one) => one.check === check.check);
    missed.push({
      check: check.check,
      verdict: check.verdict,
      why: finding === undefined || check.why !== '' ? check.why : finding.why,
      atMicros: finding?.atMicros ?? null,
    });
  }
  return {
    seed: report.seed,
    verdict: report.verdict,
    traceHash: report.traceHash,
    stateHash: report.stateHash,
    events: report.events,
    missed,
    reached: report.checks.filter((one) => one.reached === true).map((one) => one.check),
  };
}

/** The `sometimes` checks of a plan with their scope. */
export function sometimesOf(plan: Plan): readonly Pick<Coverage, 'check' | 'scope'>[] {
  return plan.checks
    .filter((check) => check.use === 'sometimes')
    .map((check) => {
      const args = check.args as { readonly scope?: unknown } | undefined;
      return { check: check.id, scope: args?.scope === 'sweep' ? 'sweep' : 'run' };
    });
}

/**
 * Adds rows up, whatever their order. `whole` is false for a shard and for an interrupted sweep:
 * what other runs may still reach is then unknown, not a failure.
 */
export function summarise(
  rows: readonly SweepRow[],
  sometimes: readonly Pick<Coverage, 'check' | 'scope'>[],
  whole: boolean,
): SweepSummary {
  const sorted = bySeed(rows);
  const seedsOf = (verdict: CheckVerdict) =>
    sorted.filter((row) => row.verdict === verdict).map((row) => row.seed);
  const failingSeeds = seedsOf('fail');
  const unknownSeeds = seedsOf('unknown');
  const coverage = sometimes.map(({ check, scope }) => ({
    check,
    scope,
    reached: sorted.filter((row) => row.reached.includes(check)).length,
    runs: sorted.length,
  }));
  const unreached = coverage
    .filter((one) => one.scope === 'sweep' && one.reached === 0)
    .map((one) => one.check);
  const first = failingSeeds[0] ?? unknownSeeds[0];
  const failed = failingSeeds.length > 0 || (whole && unreached.length > 0);
  const unsure = unknownSeeds.length > 0 || unreached.length > 0 || sorted.length === 0;
  return {
    verdict: failed ? 'fail' : unsure ? 'unknown' : 'pass',
    runs: sorted.length,
    pass: sorted.length - failingSeeds.length - unknownSeeds.length,
    fail: failingSeeds.length,
    unknown: unknownSeeds.length,
    failingSeeds,
    unknownSeeds,
    events: sorted.reduce((sum, row) => sum + row.events, 0),
    sweepHash: sweepHash(sorted),
    coverage,
    unreached,
    missed: missedChecks(sorted),
    first: sorted.find((row) => row.seed === first) ?? null,
  };
}

/** Rows in the order of their seeds; the same seed twice is a mistake in what was merged. */
function bySeed(rows: readonly SweepRow[]): readonly SweepRow[] {
  const sorted = [...rows].sort((a, b) => a.seed - b.seed);
  for (let at = 1; at < sorted.length; at += 1) {
    if (sorted[at]!.seed !== sorted[at - 1]!.seed) continue;
    throw new ScenarioError(`Seed ${sorted[at]!.seed} is in the sweep twice.`, {
      path: 'rows',
      hint: 'Merge each shard once.',
    });
  }
  return sorted;
}

const VERDICTS: readonly CheckVerdict[] = ['pass', 'fail', 'unknown'];

function sweepHash(sorted: readonly SweepRow[]): string {
  const hash = new TraceHash();
  for (const row of sorted) {
    hash.event(row.seed, VERDICTS.indexOf(row.verdict), 0, 0, 0, hashText(row.traceHash));
    hash.mix(parseInt(row.traceHash.slice(0, 8), 16) | 0);
    hash.mix(parseInt(row.traceHash.slice(8), 16) | 0);
  }
  return hash.hex();
}

function missedChecks(rows: readonly SweepRow[]): SweepSummary['missed'] {
  const counts = new Map<string, { check: string; fail: number; unknown: number }>();
  for (const row of rows) {
    for (const { check, verdict } of row.missed) {
      const count = counts.get(check) ?? { check, fail: 0, unknown: 0 };
      count[verdict] += 1;
      counts.set(check, count);
    }
  }
  return [...counts.values()].sort(
    (a, b) => b.fail - a.fail || b.unknown - a.unknown || compareText(a.check, b.check),
  );
}
