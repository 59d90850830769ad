/**
 * The windows that are open for each key, with what they hold.
 *
 * Invariant: a record counts in every window of its own that was not closed when it came, and in no
 * other; a window gives its first result at most once, when it is due, and is forgotten when it is
 * closed. The clock never goes back.
 *
 * Source: Flink's WindowOperator; Kafka Streams' windowed aggregations.
 */
import { compareText } from '../../kernel/canonical.ts';
import type { Aggregate } from './aggregate.ts';
import { NEVER } from './lateness.ts';
import type { WindowRule } from './lateness.ts';
import { isTouching, union } from './session.ts';
import { NO_TIME } from './watermark.ts';
import type { TimeWindow, WindowAssigner, WindowSettings } from './window.ts';

export interface PaneRules<V, A> {
  readonly assigner: WindowAssigner;
  readonly settings: WindowSettings;
  readonly rule: WindowRule;
  /** Flink's allowedLateness; Kafka Streams' grace period. */
  readonly lateness: number;
  readonly aggregate: Aggregate<V, A>;
}

interface Pane<A> {
  readonly window: TimeWindow;
  readonly total: A;
  readonly hasResult: boolean;
}

/** Plain data. */
export interface Panes<A> {
  clock: number;
  /** No window is due or over before the clock has come here. */
  quietUntil: number;
  readonly byKey: Map<string, readonly Pane<A>[]>;
}

export interface WindowResult<A> {
  readonly key: string;
  readonly window: TimeWindow;
  readonly total: A;
  /** Whether it replaces one that was given before. */
  readonly isUpdate: boolean;
}

export interface Added<A> {
  readonly results: readonly WindowResult<A>[];
  /** Windows of the record that were closed already. */
  readonly late: readonly TimeWindow[];
  /** Whether all were: the record is lost. */
  readonly isDropped: boolean;
}

export function startPanes<A>(): Panes<A> {
  return { clock: NO_TIME, quietUntil: NEVER, byKey: new Map() };
}

const byStart = (a: Pane<unknown>, b: Pane<unknown>) => a.window.start - b.window.start;

/** The panes that a record's window falls together with. */
function same<A>(panes: readonly Pane<A>[], window: TimeWindow, merges: boolean): Pane<A>[] {
  return panes.filter((pane) =>
    merges ? isTouching(pane.window, window) : pane.window.start === window.start,
  );
}

/** The clock at which something happens to a pane by itself. */
function nextAt<V, A>({ rule, lateness, assigner }: PaneRules<V, A>, pane: Pane<A>): number {
  const closes = rule.closesAt(pane.window, lateness, assigner.merges);
  if (pane.hasResult) return closes;
  return Math.min(closes, rule.dueAt(pane.window, lateness, assigner.merges));
}

export function addToPanes<V, A>(
  rules: PaneRules<V, A>,
  state: Panes<A>,
  record: { readonly key: string; readonly at: number; readonly value: V },
): Added<A> {
  const { rule, lateness, aggregate } = rules;
  const { merges } = rules.assigner;
  const { key, at, value } = record;
  const windows = rules.assigner.windowsOf(at, rules.settings);
  const late: TimeWindow[] = [];
  const results: WindowResult<A>[] = [];
  let panes = state.byKey.get(key) ?? [];
  for (const own of windows) {
    const swallowed = same(panes, own, merges);
    const window = swallowed.reduce((all, pane) => union(all, pane.window), own);
    if (rule.closesAt(window, lateness, merges) <= state.clock) {
      late.push(window);
      continue;
    }
    const before = swallowed.reduce(
      (all, pane) => aggregate.merge(all, pane.total),
      aggregate.empty,
    );
    const total = aggregate.add(before, value);
    // A session that has grown is due at its new end, whether or not its parts have been.
    const isDue = rule.dueAt(window, lateness, merges) <= state.clock;
    const hasResult = isDue || rule.updates === 'always';
    if (hasResult) {
      const isUpdate = swallowed.some((pane) => pane.hasResult);
      results.push({ key, window, total, isUpdate });
    }
    const pane: Pane<A> = { window, total, hasResult };
    panes = [...panes.filter((other) => !swallowed.includes(other)), pane].sort(byStart);
    state.quietUntil = Math.min(state.quietUntil, nextAt(rules, pane));
  }
  if (panes.length > 0) state.byKey.set(key, panes);
  return { results, late, isDropped: windows.length > 0 && late.length === windows.length };
}

/** Moves the clock on. @returns the results that are due, the earliest end first */
export function advancePanes<V, A>(
  rules: PaneRules<V, A>,
  state: Panes<A>,
  clock: number,
): WindowResult<A>[] {
  if (clock <= state.clock) return [];
  state.clock = clock;
  if (clock < state.quietUntil) return [];
  state.quietUntil = NEVER;
  const { rule, lateness, assigner } = rules;
  const results: WindowResult<A>[] = [];
  for (const [key, panes] of state.byKey) {
    const open: Pane<A>[] = [];
    for (const { window, total, hasResult } of panes) {
      const isDue = rule.dueAt(window, lateness, assigner.merges) <= clock;
      if (isDue && !hasResult) results.push({ key, window, total, isUpdate: false });
      if (rule.closesAt(window, lateness, assigner.merges) <= clock) continue;
      const pane = { window, total, hasResult: hasResult || isDue };
      open.push(pane);
      state.quietUntil = Math.min(state.quietUntil, nextAt(rules, pane));
    }
    if (open.length === 0) state.byKey.delete(key);
    else state.byKey.set(key, open);
  }
  return results.sort(
    (a, b) =>
      a.window.end - b.window.end || a.window.start - b.window.start || compareText(a.key, b.key),
  );
}
