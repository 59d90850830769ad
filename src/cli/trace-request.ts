/** `trace`: one request of a run as a tree of spans, hop by hop. */
import {
  ScenarioError,
  slowestOf,
  spanBar,
  spanRows,
  spanTitle,
  spansEnd,
  thereMicros,
} from '../sim/index.ts';
import type { Session, Span, SpanRow } from '../sim/index.ts';
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
  const one = number === null ? slowestOf(asked, 1)[0] : asked[number - 1];
  const span = one === undefined ? null : session.trace(one.op);
  if (one === undefined || span === null) {
    throw new ScenarioError(
      number === null
        ? 'No request of this run has ended: there is none to show.'
        : `There is no request ${formatCount(number)} in this run.`,
      { hint: `It has ${formatCount(asked.length)}; the first is 1.` },
    );
  }
  return { number: one.number, of: asked.length, span };
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

/** What stands before a span in the tree. */
const leadOf = ({ lasts }: SpanRow): string =>
  lasts
    .map((isLast, at) => (at === lasts.length - 1 ? (isLast ? '└ ' : '├ ') : isLast ? '  ' : '│ '))
    .join('');

function asText(session: Session, { number, of, span }: Chosen, paint: Paint): string {
  const rows = spanRows(span);
  const nameOf = (node: number): string => session.world.node(node).name;
  const start = span.startMicros;
  const end = spansEnd(rows, session.nowMicros);
  const cells = rows.map((row) => {
    const { span: one } = row;
    const there = thereMicros(one);
    return [
      `${leadOf(row)}${spanTitle(one, nameOf)}`,
      `+${formatMicros(one.startMicros - start)}`,
      one.endMicros === null ? 'open' : formatMicros(one.endMicros - one.startMicros),
      there === null ? '' : formatMicros(there),
      barOf(one, start, end),
      one.result,
    ];
  });
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

/** `·` under way, `█` while the other side had it. */
function barOf(span: Span, start: number, end: number): string {
  const { fromMicros, toMicros, there } = spanBar(span, end);
  const scale = BAR / Math.max(1, end - start);
  const placeOf = (micros: number): number =>
    Math.min(BAR - 1, Math.floor((micros - start) * scale));
  const from = placeOf(fromMicros);
  const to = Math.max(from, placeOf(toMicros - 1));
  const has = there === null ? -1 : placeOf(there.fromMicros);
  const gives = there === null ? -1 : placeOf(there.toMicros - 1);
  return Array.from({ length: BAR }, (_, at) => {
    if (at < from || at > to) return ' ';
    return has >= 0 && at >= has && at <= gives ? '█' : '·';
  }).join('');
}
