/**
 * A tree of spans as rows, one below the other, and the bar of each: what the command line prints
 * and the page draws is derived here, once.
 *
 * Invariant: a bar lies within the request, from its beginning to the end of what came of it last.
 */
import type { NodeIndex } from '../node/behaviour.ts';
import type { Asked, Span } from './spans.ts';

/** One span, and where it hangs in the tree. */
export interface SpanRow {
  readonly span: Span;
  /** From the first call down to this one: whether it is the last of its siblings. */
  readonly lasts: readonly boolean[];
}

export function spanRows(span: Span, lasts: readonly boolean[] = []): readonly SpanRow[] {
  const below = span.children.flatMap((child, at) =>
    spanRows(child, [...lasts, at === span.children.length - 1]),
  );
  return [{ span, lasts }, ...below];
}

/** When all of it was over; what is still open lasts until now. */
export const spansEnd = (rows: readonly SpanRow[], nowMicros: number): number =>
  Math.max(...rows.map(({ span }) => span.endMicros ?? nowMicros));

/** From when to when a span was under way, and when the other side had it, or null. */
export interface SpanBar {
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly there: { readonly fromMicros: number; readonly toMicros: number } | null;
}

export function spanBar(span: Span, endMicros: number): SpanBar {
  const { startMicros: fromMicros, receivedMicros, answeredMicros } = span;
  const toMicros = span.endMicros ?? endMicros;
  // Who gave it up does not see that the other side goes on.
  const until = Math.min(answeredMicros ?? toMicros, toMicros);
  const isSeen = receivedMicros !== null && receivedMicros <= toMicros;
  const there = isSeen ? { fromMicros: receivedMicros, toMicros: until } : null;
  return { fromMicros, toMicros, there };
}

/** How long the other side had it, from when it began to handle it until its answer left. */
export const thereMicros = ({ receivedMicros, answeredMicros }: Span): number | null =>
  receivedMicros === null || answeredMicros === null ? null : answeredMicros - receivedMicros;

/** Who asks whom for what. */
export const spanTitle = ({ from, to, name }: Span, nameOf: (node: NodeIndex) => string): string =>
  from === to ? `${nameOf(from)}: ${name}` : `${nameOf(from)} → ${nameOf(to)}: ${name}`;

/** So many that have ended and took longest, the first of equals first. */
export function slowestOf(asked: readonly Asked[], most: number): readonly Asked[] {
  const ended = asked.filter(({ tookMicros }) => tookMicros !== null);
  const took = ({ tookMicros }: Asked): number => tookMicros ?? 0;
  return ended.sort((a, b) => took(b) - took(a) || a.number - b.number).slice(0, most);
}
