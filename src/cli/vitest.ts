/**
 * Matchers for vitest: `import 'faultline/vitest'` in a test or a set-up file.
 *
 *     expect(simulate(scenario)).toPass();
 *     expect(simulate(scenario, { ablations: ['raft.pre-vote'] })).toBreak('stable-leader');
 *     expect(report).toHaveVerdict('unknown');
 *
 * A failure says what a person needs: the checks, the first finding, and how to repeat the run.
 */
import { expect } from 'vitest';
import type { Report } from '../sim/index.ts';
import { MARK_OF } from './paint.ts';
import { firstFinding, gotText } from './report/text.ts';
import { formatMicros } from './format.ts';

type Verdict = Report['verdict'];

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}

function toPass(received: unknown): Outcome {
  return judge(received, 'pass');
}

function toHaveVerdict(received: unknown, verdict: Verdict): Outcome {
  return judge(received, verdict);
}

/** The check itself breaks, whether or not the scenario expects it to. */
function toBreak(received: unknown, check: string, witness?: string): Outcome {
  const report = reportOf(received);
  const found = report.checks.find((one) => one.check === check);
  if (found === undefined) {
    const names = report.checks.map((one) => one.check).join(', ');
    throw new TypeError(`${report.scenario} has no check "${check}". It has ${names}.`);
  }
  const whys = report.findings.filter((one) => one.check === check).map((one) => one.why);
  const broken = found.result === 'fail';
  const told = witness === undefined || whys.some((why) => why.includes(witness));
  const wanted = witness === undefined ? '' : ` with a finding that says "${witness}"`;
  return {
    pass: broken && told,
    message: () =>
      broken && told
        ? `expected ${check} to hold, but it breaks${wanted}\n\n${summary(report)}`
        : `expected ${check} to break${wanted}\n\n${summary(report)}`,
  };
}

function judge(received: unknown, verdict: Verdict): Outcome {
  const report = reportOf(received);
  return {
    pass: report.verdict === verdict,
    message: () =>
      report.verdict === verdict
        ? `expected another verdict than ${verdict}\n\n${summary(report)}`
        : `expected the verdict ${verdict}, got ${report.verdict}\n\n${summary(report)}`,
  };
}

function reportOf(received: unknown): Report {
  const report = received as Partial<Report> | null | undefined;
  if (typeof report === 'object' && report !== null && Array.isArray(report.checks)) {
    return report as Report;
  }
  throw new TypeError('This matcher takes the report of a run: simulate(...) or session.report().');
}

function summary(report: Report): string {
  const off = report.modified.length === 0 ? '' : `, without ${report.modified.join(', ')}`;
  const lines = [`${report.scenario}, seed ${report.seed}${off}`];
  for (const check of report.checks) {
    const expected = `expected: ${check.expected}, got: ${gotText(check)}`;
    lines.push(`  ${MARK_OF[check.verdict]} ${check.check}  ${expected}`);
  }
  const first = firstFinding(report);
  if (first !== null) {
    lines.push(`  ${first.check} at ${formatMicros(first.atMicros)}: ${first.why}`);
  }
  lines.push(`  repeat: ${report.repro.command}`, `  watch:  ${report.repro.link}`);
  return lines.join('\n');
}

expect.extend({ toPass, toBreak, toHaveVerdict });

interface FaultlineMatchers<R> {
  /** The verdict of the report is `pass`: every check showed what the scenario expects. */
  toPass(): R;
  /** This check breaks; `witness` are words that one of its findings says. */
  toBreak(check: string, witness?: string): R;
  toHaveVerdict(verdict: Verdict): R;
}

declare module 'vitest' {
  // The type parameter must be written as vitest writes it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars
  interface Matchers<T = any> extends FaultlineMatchers<void> {}
}
