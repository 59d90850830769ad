/** `replay`: runs a link or a report again and compares. */
import { resolve } from 'node:path';
import { decodeLink, ENGINE, NO_PROOF, planFromDocument, proofOf } from '../sim/index.ts';
import { ScenarioError } from '../sim/index.ts';
import type { Plan, Proof, Report, RunSpec } from '../sim/index.ts';
import { catalogue } from '../../scenarios/index.ts';
import type { Action } from './command.ts';
import { drive, markOf } from './drive.ts';
import { blaming } from './errors.ts';
import { EXIT } from './exit.ts';
import { formatCount, formatMicros } from './format.ts';
import type { Host } from './host.ts';
import type { Mark } from './marks.ts';
import { openSession } from './open-session.ts';
import { paintFor } from './paint.ts';
import { reproOf } from './repro.ts';
import { firstFinding, textReport } from './report/text.ts';
import { exitOf } from './run.ts';
import type { Subject } from './subject.ts';
import { findFile, loadFile, readText, unknownScenario } from './subject.ts';

/** What is said of the run that is repeated; whatever is absent is not compared. */
export interface Original {
  readonly spec: RunSpec;
  readonly marks: readonly Mark[];
  readonly traceHash?: string;
  readonly stateHash?: string;
  readonly events?: number;
  readonly verdict?: string;
  /** The scenario file that a report names. */
  readonly file?: string;
}

export const replay: Action = async ({ args, flags, host }) => {
  const original = readOriginal(args[0]!, host);
  const subject = await subjectOf(original, flags.text('scenario'), host);
  const known = original.spec.engine === ENGINE;
  // Under another version the run may differ; it is made all the same, and the difference told.
  const spec = known ? original.spec : { ...original.spec, engine: ENGINE };
  if (!known) host.stderr.write(`${engineNote(original.spec.engine)}\n`);
  const session = openSession(spec, subject, host);
  const seen: Mark[] = [];
  const wanted = [...original.marks];
  const repro = () => reproOf(session.spec, subject, session, host);
  const outcome = await drive(
    session,
    {
      next: () => wanted[seen.length]?.event ?? null,
      at: (mark) => seen.push(mark),
    },
    host,
    () => ({ subject, command: repro().command }),
  );
  if (outcome === 'interrupted') {
    host.stderr.write(`Interrupted after event ${formatCount(session.eventNumber)}.\n`);
    return EXIT.interrupted;
  }
  const judged = blaming(
    subject,
    () => repro().command,
    () => session.report(),
  );
  const report: Report = { ...judged, repro: repro() };
  const divergence = compare(original, report, seen, markOf(session));
  const code = divergence === null ? exitOf(report.verdict) : known ? EXIT.ours : EXIT.fail;
  const json = flags.on('json');
  const proof = json ? NO_PROOF : proofOf(firstFinding(report), session.spec, subject.scenarios);
  tellResult(report, divergence, { original, proof, json, host });
  return code;
};

export function engineNote(engine: number): string {
  return (
    `This run was made with engine version ${engine} and this is version ${ENGINE}, so it may ` +
    'differ. Running it anyway.'
  );
}

export interface Divergence {
  /** One sentence. */
  readonly why: string;
  /** Same until this event ... */
  readonly afterEvent: number;
  /** ... and different at this one. */
  readonly byEvent: number;
}

/** The first thing that differs, or null. */
export function compare(
  original: Original,
  report: Pick<Report, 'traceHash' | 'stateHash' | 'events' | 'verdict'>,
  seen: readonly Mark[],
  end: Mark,
): Divergence | null {
  let same = 0;
  for (const [at, mark] of original.marks.entries()) {
    const mine = seen[at];
    const place = `event ${formatCount(mark.event)} (${formatMicros(mark.atMicros)})`;
    if (mine === undefined) {
      const why = `It ended after event ${formatCount(end.event)}; the original reached ${place}.`;
      return { why, afterEvent: same, byEvent: end.event };
    }
    if (mine.traceHash !== mark.traceHash) {
      const why =
        `It diverged between event ${formatCount(same)} and ${place}: the trace hash there is ` +
        `${mine.traceHash}, and was ${mark.traceHash}.`;
      return { why, afterEvent: same, byEvent: mark.event };
    }
    same = mark.event;
  }
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['trace hash', original.traceHash, report.traceHash],
    ['number of events', original.events, report.events],
    ['state hash', original.stateHash, report.stateHash],
    ['verdict', original.verdict, report.verdict],
  ];
  for (const [name, was, is] of facts) {
    if (was === undefined || was === is) continue;
    const from = same === 0 ? '' : ` after event ${formatCount(same)}`;
    const difference = `the ${name} at the end is ${String(is)}, and was ${String(was)}`;
    const why = `It diverged${from}: ${difference}.`;
    return { why, afterEvent: same, byEvent: end.event };
  }
  return null;
}

interface Telling {
  readonly original: Original;
  readonly proof: Proof;
  readonly json: boolean;
  readonly host: Host;
}

function tellResult(
  report: Report,
  divergence: Divergence | null,
  { original, proof, json, host }: Telling,
): void {
  if (json) {
    const { spec: _spec, ...rest } = report;
    const result = { same: divergence === null, divergence, spec: original.spec, ...rest };
    host.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const paint = paintFor(host.stdout, host.env);
  const compared = original.traceHash === undefined && original.marks.length === 0;
  const same = compared
    ? 'nothing to compare with: the link carries no trace hash'
    : `same run: trace hash ${report.traceHash}`;
  const line =
    divergence === null
      ? paint.verdict(compared ? 'unknown' : 'pass', same)
      : paint.verdict('fail', `different run. ${divergence.why}`);
  host.stdout.write(`${line}\n\n${textReport(report, paint, proof)}`);
}

/** A link, a report of `run --json`, or a run specification. */
export function readOriginal(text: string, host: Host): Original {
  if (looksLikeLink(text)) return originalOfLink(text);
  if (text.trim() === '') {
    throw new ScenarioError('An empty word is neither a link nor a file.', {
      hint: WHAT_TO_REPLAY,
    });
  }
  const shown = readText(resolve(host.cwd, text), text, ', and it is no link either');
  if (looksLikeLink(shown.trim())) return originalOfLink(shown.trim());
  let data: unknown;
  try {
    data = JSON.parse(shown);
  } catch {
    throw new ScenarioError(`${text} is neither a link nor JSON.`, { hint: WHAT_TO_REPLAY });
  }
  return originalOfData(data, text);
}

const WHAT_TO_REPLAY =
  'Give a link in quotes (#s=...), a report that run --json wrote, or a run specification.';

export function looksLikeLink(text: string): boolean {
  return /^(https?:\/\/|#|s=)\S*$/.test(text) || /^[^\s"'{]*#(p\.)?\w+=\S*$/.test(text);
}

function originalOfLink(text: string): Original {
  const link = decodeLink(text);
  const { spec } = link;
  if (link.traceHash === undefined) return { spec, marks: [] };
  if (link.hashEvent === undefined) return { spec, marks: [], traceHash: link.traceHash };
  const mark = { event: link.hashEvent, atMicros: link.atMicros ?? 0, traceHash: link.traceHash };
  return { spec, marks: [mark] };
}

function originalOfData(data: unknown, shown: string): Original {
  const record = data as Partial<Original & { readonly scenario: unknown }> | null;
  if (typeof record !== 'object' || record === null) {
    throw new ScenarioError(`${shown} holds no run.`, { hint: WHAT_TO_REPLAY });
  }
  if (isSpec(record.spec)) {
    const { spec, marks, traceHash, stateHash, events, verdict, file } = record;
    return {
      spec,
      marks: Array.isArray(marks) ? marks.filter(isMark) : [],
      ...(typeof traceHash === 'string' ? { traceHash } : {}),
      ...(typeof stateHash === 'string' ? { stateHash } : {}),
      ...(typeof events === 'number' ? { events } : {}),
      ...(typeof verdict === 'string' ? { verdict } : {}),
      ...(typeof file === 'string' ? { file } : {}),
    };
  }
  if (isSpec(record)) return { spec: record, marks: [] };
  throw new ScenarioError(`${shown} holds no run.`, { hint: WHAT_TO_REPLAY });
}

function isSpec(value: unknown): value is RunSpec {
  const spec = value as Partial<RunSpec> | null | undefined;
  return (
    typeof spec === 'object' &&
    spec !== null &&
    Number.isSafeInteger(spec.engine) &&
    Number.isSafeInteger(spec.seed) &&
    typeof spec.scenario === 'object' &&
    spec.scenario !== null &&
    ('id' in spec.scenario || 'document' in spec.scenario) &&
    typeof spec.params === 'object' &&
    Array.isArray(spec.ablations) &&
    Array.isArray(spec.interventions)
  );
}

function isMark(value: unknown): value is Mark {
  const mark = value as Partial<Mark> | null;
  return Number.isSafeInteger(mark?.event) && typeof mark?.traceHash === 'string';
}

/** Where the scenario of a run comes from. */
export async function subjectOf(
  original: Original,
  given: string | undefined,
  host: Host,
): Promise<Subject> {
  const { scenario } = original.spec;
  const none = { named: true, document: null, scenarios: catalogue, file: null };
  if ('document' in scenario) {
    if (given !== undefined) throw needsNoFile(given);
    const document: Plan = planFromDocument(scenario.document);
    const target = scenario.from?.id ?? document.title;
    return { ...none, target, named: false, scenario: null, document };
  }
  const file = given ?? original.file;
  if (file !== undefined) return fileOf(scenario.id, file, host);
  const found = catalogue.find((one) => one.id === scenario.id);
  if (found === undefined) throw needsFile(scenario.id, scenario.planHash);
  return { ...none, target: found.id, scenario: found };
}

/** The file must hold the scenario of the run: any other would be loaded for nothing. */
async function fileOf(id: string, file: string, host: Host): Promise<Subject> {
  const subject = await loadFile(findFile(file, host), file);
  if (subject.scenario?.id === id) return subject;
  const other = subject.scenario?.id ?? '';
  throw new ScenarioError(`This run is of the scenario "${id}", and ${file} holds "${other}".`, {
    hint: catalogue.some((one) => one.id === id)
      ? 'It is in the catalogue, so no --scenario is needed.'
      : 'Name the file of that scenario with --scenario FILE.',
  });
}

function needsNoFile(given: string): ScenarioError {
  return new ScenarioError(`This run carries its whole plan, so --scenario ${given} is no use.`, {
    hint: `Leave the flag out, or give the file itself: run ${given}.`,
  });
}

function needsFile(id: string, planHash: string | undefined): ScenarioError {
  if (planHash === undefined) return unknownScenario(id);
  return new ScenarioError(
    `This run is of the scenario file "${id}" (plan ${planHash}), which is not in the catalogue.`,
    { hint: `Name the file with --scenario FILE. ${unknownScenario(id).hint}` },
  );
}
