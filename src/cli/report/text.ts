/**
 * The report of one run for people: the verdict first, then what each check showed against what the
 * scenario expects, the first finding with its why, what the clients saw, and how to repeat it.
 */
import { NO_PROOF, PROOF_MESSAGES_SHOWN } from '../../sim/index.ts';
import type { CheckReport, FindingReport, Proof, ProofStep, Report } from '../../sim/index.ts';
import { formatCount, formatMicros, plural, wrap } from '../format.ts';
import type { Paint } from '../paint.ts';
import { MARK_OF } from '../paint.ts';
import { gaugesBlock } from './gauges.ts';
import { columns, labelled, paragraph, TEXT_WIDTH } from './lines.ts';
import { operationLines } from './operations.ts';

/** `proof` is of the first finding: the events that it names, and the messages that made them. */
export function textReport(report: Report, paint: Paint, proof: Proof = NO_PROOF): string {
  const blocks = [
    heading(report, paint),
    checksBlock(report, paint),
    findingBlock(report, paint, proof),
    clientsBlock(report, paint),
    gaugesBlock(report.metrics.gauges, paint),
    runBlock(report, paint),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function heading(report: Report, paint: Paint): string {
  const verdict = paint.verdict(report.verdict, report.verdict.toUpperCase());
  const title = report.title === report.scenario ? '' : paint.dim(` · ${report.title}`);
  const setting = [`seed ${report.seed}`];
  if (report.variant !== null) setting.push(`variant ${report.variant}`);
  const params = Object.entries(report.params).map(([name, value]) => `${name}=${show(value)}`);
  const lines = [
    `${verdict}  ${paint.bold(report.scenario)}${title}`,
    labelled(
      'setting',
      [setting.join(', '), ...(params.length > 0 ? [params.join(' ')] : [])],
      paint,
    ),
  ];
  if (report.idleParams.length > 0) {
    const text = `${report.idleParams.join(', ')}: as this run is set up, the plan does not use it`;
    lines.push(labelled('no effect', text, paint));
  }
  if (report.modified.length > 0)
    lines.push(labelled('modified', modifiedText(report.modified), paint));
  if (report.beyondVariant.length > 0) {
    const rules = report.beyondVariant.join(', ');
    const text = `with the variant ${report.variant}, which has ${rules} on`;
    lines.push(labelled('compared', text, paint));
  }
  if (report.nearVariant !== null) {
    const text =
      `no variant: with other parameters than ${report.nearVariant}. What breaks there may ` +
      'break here, all else must hold';
    lines.push(labelled('compared', text, paint));
  }
  return lines.join('\n');
}

export function modifiedText(rules: readonly string[]): string {
  return `${rules.join(', ')} switched off`;
}

const show = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');

function checksBlock(report: Report, paint: Paint): string {
  if (report.checks.length === 0) return labelled('checks', 'none', paint);
  const [wanted, shown] =
    report.beyondVariant.length > 0 ? ['expected with the rules on', 'now'] : ['expected', 'got'];
  const rows = report.checks.map((check) => [
    { text: MARK_OF[check.verdict], shown: paint.verdict(check.verdict, MARK_OF[check.verdict]) },
    { text: check.check, shown: paint.bold(check.check) },
    { text: `${wanted}: ${check.expected}`, shown: paint.dim(`${wanted}: ${check.expected}`) },
    { text: `${shown}: ${gotText(check)}`, shown: gotShown(check, shown, paint) },
  ]);
  const lines = columns(rows).map((line) => `  ${line}`);
  return lines.join('\n');
}

/** What the check itself says, in the words of its expectation. */
export function gotText(check: CheckReport): string {
  if (check.result === 'unknown') return 'unknown';
  const got = check.result === 'pass' ? 'holds' : 'breaks';
  return got === check.expected && check.result === 'fail' ? 'breaks, as expected' : got;
}

function gotShown(check: CheckReport, shown: string, paint: Paint): string {
  const text = `${shown}: ${gotText(check)}`;
  return check.verdict === 'pass' ? text : paint.verdict(check.verdict, text);
}

/** First the finding that made the verdict; else, for a lesson, the one that was expected. */
export function firstFinding(report: Report): FindingReport | null {
  const { findings } = report;
  return (
    findings.find((one) => one.verdict === 'fail') ??
    findings.find((one) => one.verdict === 'unknown') ??
    findings[0] ??
    null
  );
}

function findingBlock(report: Report, paint: Paint, proof: Proof): string {
  const blocks: string[] = [];
  const first = firstFinding(report);
  if (first !== null) {
    const others = report.findings.length - 1;
    const expected = first.verdict === 'pass' ? ', as expected' : '';
    const place = `${first.check} at ${formatMicros(first.atMicros)}`;
    blocks.push(
      `  ${paint.verdict(first.verdict, `${place}${expected}`)}` +
        paint.dim(` (event ${formatCount(first.event)})`) +
        `\n${paragraph(first.why, 4)}` +
        proofText(first, proof, paint) +
        (others > 0 ? `\n    ${paint.dim(`and ${plural(others, 'more finding')}`)}` : ''),
    );
  }
  // A check may fail without a finding: what was expected did not come.
  for (const check of report.checks) {
    if (check.verdict === 'pass' || check.check === first?.check) continue;
    blocks.push(
      `  ${paint.verdict(check.verdict, check.check)}\n${paragraph(check.why || check.about, 4)}`,
    );
  }
  return blocks.join('\n\n');
}

/** The events that prove a finding: what happened in each where it is known, else its number. */
function proofText(finding: FindingReport, { events, steps }: Proof, paint: Paint): string {
  const { evidence } = finding;
  if (evidence.length === 0) return '';
  if (!events.some((line) => line.sentences.length > 0)) {
    const numbers = evidence.slice(0, NUMBERS_MAX).map(formatCount).join(', ');
    const more = evidence.length > NUMBERS_MAX ? ', ...' : '';
    const word = evidence.length === 1 ? 'event' : 'events';
    return `\n${paragraph(`Proved by ${word} ${numbers}${more}.`, 4)}`;
  }
  const told = events.map(({ event, atMicros, sentences }) => ({
    event,
    atMicros,
    text: sentences.join('; '),
  }));
  const rest = evidence.length - events.length;
  const more = rest > 0 ? [`and ${plural(rest, 'more event')}`] : [];
  const proved = momentLines('It is proved by', told, paint, more);
  return [proved, ...steps.map((step) => stepText(step, paint))].map((one) => `\n${one}`).join('');
}

/** The messages that made an answer what it was, or that would have made it another one. */
function stepText({ title, messages }: ProofStep, paint: Paint): string {
  const sentence = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
  const shown = messages.slice(0, PROOF_MESSAGES_SHOWN);
  const rest = messages.length - shown.length;
  const more = rest > 0 ? [`and ${plural(rest, 'more message')}`] : [];
  return momentLines(sentence, shown, paint, more);
}

interface Moment {
  readonly event: number;
  readonly atMicros: number | null;
  readonly text: string;
}

function momentLines(
  title: string,
  moments: readonly Moment[],
  paint: Paint,
  more: readonly string[],
): string {
  const heads = columns(
    moments.map(({ event, atMicros }) => {
      const at = atMicros === null ? '' : formatMillis(atMicros);
      return [{ text: at }, { text: `event ${formatCount(event)}` }];
    }),
  );
  const width = Math.max(0, ...heads.map((head) => head.length)) + 2;
  const lines = moments.flatMap(({ text }, at) => {
    const [first = '', ...below] = wrap(text, TEXT_WIDTH - PROOF_INDENT - width);
    const head = `${paint.dim(heads[at]!.padEnd(width))}${first}`.trimEnd();
    return [head, ...below.map((line) => ' '.repeat(width) + line)];
  });
  const margin = ' '.repeat(PROOF_INDENT);
  return [`    ${title}`, ...[...lines, ...more].map((line) => margin + line)].join('\n');
}

const PROOF_INDENT = 6;
const NUMBERS_MAX = 12;

/** "3,699.8 ms": all times of a proof in one unit, so that they can be compared. */
const formatMillis = (micros: number): string =>
  `${formatCount(Math.trunc(micros / 1_000))}.${Math.trunc((micros % 1_000) / 100)} ms`;

function clientsBlock(report: Report, paint: Paint): string {
  const m = report.metrics;
  const lines: string[] = [];
  if (m.operations > 0) {
    const outcomes = [
      `${formatCount(m.ok)} ok`,
      `${formatCount(m.fail)} fail`,
      `${formatCount(m.unknown)} unknown`,
    ];
    const late =
      m.lateReplies > 0 ? `; ${plural(m.lateReplies, 'late reply', 'late replies')}` : '';
    const retries = m.retries > 0 ? `; ${plural(m.retries, 'retry', 'retries')}` : '';
    const hedges = m.hedges > 0 ? `; ${plural(m.hedges, 'hedge', 'hedges')}` : '';
    const operations = plural(m.operations, 'operation');
    const again = `${retries}${hedges}${late}`;
    lines.push(labelled('clients', `${operations}: ${outcomes.join(', ')}${again}`, paint));
    if (m.ok > 0) lines.push(labelled('latency', latencyText(m.latencyMicros), paint));
    const each = operationLines(m.byOperation);
    if (each.length > 0) lines.push(labelled('each', each, paint));
    if (m.errors.length > 0) lines.push(labelled('errors', countLines(m.errors), paint));
  }
  const lost = `${formatCount(m.messagesLost)} lost`;
  lines.push(labelled('network', `${plural(m.messagesSent, 'message')}, ${lost}`, paint));
  if (m.facts.length > 0) lines.push(labelled('facts', countLines(namedFacts(m.facts)), paint));
  return lines.join('\n');
}

function latencyText(l: Report['metrics']['latencyMicros']): string {
  const points = [
    ['p50', l.p50],
    ['p95', l.p95],
    ['p99', l.p99],
    ['max', l.max],
  ] as const;
  const shown = points.map(([name, micros]) => `${name} ${formatMicros(micros)}`).join(' · ');
  return `${shown}, of answered requests`;
}

const namedFacts = (facts: Report['metrics']['facts']): Report['metrics']['errors'] =>
  facts.map(({ type, count }) => ({ code: type, count }));

function countLines(counts: Report['metrics']['errors']): readonly string[] {
  const words = counts.map(({ code, count }) => `${code} ${formatCount(count)}`);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= 84) {
      lines[lines.length - 1] = `${last} · ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function runBlock(report: Report, paint: Paint): string {
  const events = plural(report.events, 'event');
  const ended = report.ended === 'duration' ? '' : `, ended by ${report.ended}`;
  return [
    labelled('run', `${events}, ${formatMicros(report.simulatedMicros)} simulated${ended}`, paint),
    ...(report.endedHint === '' ? [] : [paragraph(report.endedHint, 4)]),
    labelled('hashes', `trace ${report.traceHash} · state ${report.stateHash}`, paint),
    labelled('repeat', report.repro.command, paint),
    labelled('watch', report.repro.link, paint),
  ].join('\n');
}
