/** `trace`: one request of a run as a tree of spans, hop by hop. */
import { ScenarioError } from '../sim/index.ts';
import type { Asked, Session, Span } from '../sim/index.ts';
import type { Action } from './command.ts';
import { drive } from './drive.ts';
import { EXIT } from './exit.ts';
import { formatCount, formatMicros } from './format.ts';
import { openSession } from './open-session.ts';
import { paintFor } from './paint.ts';
import type { Paint } from './paint.ts';
import { parseWhole } from './parse.ts';
import { reproOf } from './repro.ts';
import { seedOf, specOf } from './spec-of.ts';
import { loadSubject } from './subject.ts';

/** Letters of the bar that shows when a span was under way. */
const BAR = 32;

interface Chosen {
  readonly number: number;
  readonly of: number;
  readonly span: Span;
}

export const trace: Action = async ({ args, flags, host }) => {
  const subject = await loadSubject(args[0]!, host);
  const spec = specOf(subject, flags, seedOf(flags), host);
  const wanted = flags.text('request') ?? 'slowest';
  const number = wanted === 'slowest' ? null : parseWhole(wanted, '--request', 1);
  const session = openSession(spec, subject, host, { spans: true, history: false });
  const outcome = await drive(session, { next: () => null, at: () => undefined }, host, () => ({
    subject,
    command: reproOf(session.spec, subject, session, host).command,
  }));
  const chosen = choose(session, number);
  host.stdout.write(
    flags.on('json')
      ? `${JSON.stringify(asJson(session, chosen), null, 2)}\n`
      : asText(session, chosen, paintFor(host.stdout, host.env)),
  );
  return outcome === 'interrupted' ? EXIT.interrupted : EXIT.pass;
};

/** By number, from 1; null: the one that took longest, the first of several. */
function choose(session: Session, number: number | null): Chosen {
  const asked = session.asked();
  const at = number === null ? slowestOf(asked) : number - 1;
  const one = asked[at];
  const span = one === undefined ? null : session.trace(one.op);
  if (span === null) {
    throw new ScenarioError(
      number === null
        ? 'No request of this run has ended: there is none to show.'
        : `There is no request ${formatCount(number)} in this run.`,
      { hint: `It has ${formatCount(asked.length)}; the first is 1.` },
    );
  }
  return { number: at + 1, of: asked.length, span };
}

function slowestOf(asked: readonly Asked[]): number {
  let slowest = -1;
  let most = -1;
  asked.forEach(({ tookMicros }, at) => {
    if (tookMicros === null || tookMicros <= most) return;
    most = tookMicros;
    slowest = at;
  });
  return slowest;
}

interface SpanJson {
  readonly [name: string]: unknown;
  readonly children: readonly SpanJson[];
}

function asJson(session: Session, { number, of, span }: Chosen): unknown {
  const nameOf = (node: number): string => session.world.node(node).name;
  const told = ({ from, to, children, ...rest }: Span): SpanJson => ({
    from: nameOf(from),
    to: nameOf(to),
    ...rest,
    children: children.map(told),
  });
  const { scenario, seed } = session.spec;
  const traceHash = session.traceHash;
  return { scenario, seed, traceHash, request: number, requests: of, span: told(span) };
}

interface Row {
  readonly span: Span;
  /** What stands before it in the tree. */
  readonly lead: string;
}

function rowsOf(span: Span, lead: string, below: string): readonly Row[] {
  const rows: Row[] = [{ span, lead }];
  span.children.forEach((child, at) => {
    const isLast = at === span.children.length - 1;
    rows.push(
      ...rowsOf(child, `${below}${isLast ? '└ ' : '├ '}`, `${below}${isLast ? '  ' : '│ '}`),
    );
  });
  return rows;
}

function asText(session: Session, { number, of, span }: Chosen, paint: Paint): string {
  const rows = rowsOf(span, '', '');
  const nameOf = (node: number): string => session.world.node(node).name;
  const start = span.startMicros;
  const end = Math.max(...rows.map(({ span: one }) => one.endMicros ?? session.nowMicros));
  const cells = rows.map(({ span: one, lead }) => [
    `${lead}${who(one, nameOf)}`,
    `+${formatMicros(one.startMicros - start)}`,
    one.endMicros === null ? 'open' : formatMicros(one.endMicros - one.startMicros),
    there(one),
    barOf(one, start, end),
    one.result,
  ]);
  const head = ['who asks for what', 'after', 'took', 'there', '', 'result'];
  const widths = head.map((word, at) =>
    Math.max(word.length, ...cells.map((row) => (row[at] as string).length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) =>
        at >= 1 && at <= 3
          ? cell.padStart(widths[at] as number)
          : cell.padEnd(widths[at] as number),
      )
      .join('  ')
      .trimEnd();
  const title =
    `Request ${formatCount(number)} of ${formatCount(of)}, begun at ` +
    `${formatMicros(start)} of the run`;
  return `${[paint.bold(title), '', paint.dim(line(head)), ...cells.map(line)].join('\n')}\n`;
}

const who = ({ from, to, name }: Span, nameOf: (node: number) => string): string =>
  from === to ? `${nameOf(from)}: ${name}` : `${nameOf(from)} → ${nameOf(to)}: ${name}`;

/** How long the other side had it, from when it began to handle it until its answer left. */
function there({ receivedMicros, answeredMicros }: Span): string {
  if (receivedMicros === null || answeredMicros === null) return '';
  return formatMicros(answeredMicros - receivedMicros);
}

/** `·` under way, `█` while the other side had it. */
function barOf(span: Span, start: number, end: number): string {
  const scale = BAR / Math.max(1, end - start);
  const placeOf = (micros: number): number =>
    Math.min(BAR - 1, Math.floor((micros - start) * scale));
  const ends = span.endMicros ?? end;
  const from = placeOf(span.startMicros);
  const to = Math.max(from, placeOf(ends - 1));
  const has = span.receivedMicros === null ? -1 : placeOf(span.receivedMicros);
  const gives = placeOf(Math.min(span.answeredMicros ?? ends, ends) - 1);
  return Array.from({ length: BAR }, (_, at) => {
    if (at < from || at > to) return ' ';
    return has >= 0 && at >= has && at <= gives ? '█' : '·';
  }).join('');
}
