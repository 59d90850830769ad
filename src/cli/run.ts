/** `run`: one scenario, one seed, judged. */
import { proofOf } from '../sim/index.ts';
import type { Report } from '../sim/index.ts';
import type { Action } from './command.ts';
import { drive } from './drive.ts';
import { blaming } from './errors.ts';
import type { ExitCode } from './exit.ts';
import { EXIT } from './exit.ts';
import { Marks } from './marks.ts';
import { openSession } from './open-session.ts';
import { paintFor } from './paint.ts';
import { jsonReport } from './report/json.ts';
import { junitReport } from './report/junit.ts';
import { firstFinding, textReport } from './report/text.ts';
import { reproOf } from './repro.ts';
import { seedOf, specOf } from './spec-of.ts';
import { loadSubject } from './subject.ts';
import { TraceWriter } from './trace.ts';
import { OutputFile, outputPath, writeText } from './write-file.ts';

export const run: Action = async ({ args, flags, host }) => {
  const subject = await loadSubject(args[0]!, host);
  const spec = specOf(subject, flags, seedOf(flags), host);
  const junit = flags.text('junit');
  const traceFile = flags.text('trace');
  if (junit !== undefined) outputPath(junit, host);
  const observe = traceFile === undefined ? undefined : { frames: true };
  const session = openSession(spec, subject, host, observe);
  const trace =
    traceFile === undefined ? null : new TraceWriter(session, new OutputFile(traceFile, host));
  const marks = new Marks();
  const repro = (traceHash?: string) => reproOf(session.spec, subject, session, host, traceHash);
  const outcome = await drive(
    session,
    { next: () => marks.next, at: (mark) => marks.add(mark), slice: () => trace?.drain() },
    host,
    () => ({ subject, command: repro().command }),
  );
  trace?.close();
  const judged = blaming(
    subject,
    () => repro().command,
    () => session.report(),
  );
  const report: Report = { ...judged, repro: repro(session.traceHash) };
  if (junit !== undefined) writeText(junit, junitReport(report), host);
  const interrupted = outcome === 'interrupted';
  const file = subject.file === null ? null : subject.target;
  const first = firstFinding(report);
  const proof = proofOf(first, session.spec, subject.scenarios);
  const proven = first === null ? null : { check: first.check, event: first.event, ...proof };
  host.stdout.write(
    flags.on('json')
      ? jsonReport(report, marks.list, { file, interrupted, proof: proven })
      : textReport(report, paintFor(host.stdout, host.env), proof),
  );
  if (interrupted) host.stderr.write('Interrupted: this is what was done so far.\n');
  return interrupted ? EXIT.interrupted : exitOf(report.verdict);
};

export function exitOf(verdict: Report['verdict']): ExitCode {
  return EXIT[verdict];
}
