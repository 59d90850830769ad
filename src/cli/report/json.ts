/**
 * The report of one run for programs. `replay` reads it again, so it holds the whole specification
 * and the trace hashes along the run.
 */
import type { Proof, Report } from '../../sim/index.ts';
import type { Mark } from '../marks.ts';

export interface JsonReport extends Report {
  /** The scenario file as it was named, or null for one of the catalogue or a document. */
  readonly file: string | null;
  readonly interrupted: boolean;
  /** Of the finding that `run` prints first: what happened, and the messages that led to it. */
  readonly proof: (Proof & { readonly check: string; readonly event: number }) | null;
  /** Trace hashes along the run: `replay` says by them where two runs part. */
  readonly marks: readonly Mark[];
}

export function jsonReport(
  report: Report,
  marks: readonly Mark[],
  extra: Pick<JsonReport, 'file' | 'interrupted' | 'proof'>,
): string {
  const { spec, scenario, params, seed, verdict, modified, events, ...rest } = report;
  const ordered: JsonReport = {
    spec,
    scenario,
    params,
    seed,
    verdict,
    modified,
    events,
    ...rest,
    ...extra,
    marks,
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
