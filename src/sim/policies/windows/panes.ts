/**
 * The windows that are open for each key, with what they hold.
 *
 * Invariant: a value is in every window of its record that was not closed when it came, and in no
 * other; a window gives its first result at most once, when it is due, and is forgotten when it is
 * closed. The clock never goes back.
 *
 * Source: Flink's WindowOperator; Kafka Streams' windowed aggregations.
 */
import { compareText } from '../../kernel/canonical.ts';
import { isTouching, union } from './session.ts';
import { NO_TIME } from './watermark.ts';
import type { WindowRule } from './lateness.ts';
import type { TimeWindow, WindowAssigner, WindowSettings } from './window.ts';

export interface PaneRules {
  readonly assigner: WindowAssigner;
  readonly settings: WindowSettings;
  readonly rule: WindowRule;
  /** Flink's allowedLateness; Kafka Streams' grace period. */
  readonly lateness: number;
}

interface Pane<V> {
  readonly window: TimeWindow;
  readonly values: readonly V[];
  readonly hasResult: boolean;
}

/** Plain data. */
export interface Panes<V> {
  clock: number;
  readonly byKey: Map<string, Pane<V>[]>;
}

export interface WindowResult<V> {
  readonly key: string;
  readonly window: TimeWindow;
  readonly values: readonly V[];
  /** Whether it replaces one that was given before. */
  readonly isUpdate: boolean;
}

export interface Added<V> {
  readonly results: readonly WindowResult<V>[];
  /** Windows of the record that were closed already; if all were, the record is lost. */
  readonly late: readonly TimeWindow[];
  readonly isDropped: boolean;
}

export function startPanes<V>(): Panes<V> {
  return { clock: NO_TIME, byKey: new Map() };
}

const byStart = (a: Pane<unknown>, b: Pane<unknown>) =>
  a.window.start - b.window.start || a.window.end - b.window.end;

/** The pane with the value in it, in place of all that it swallows. */
function put<V>(panes: Pane<V>[], window: TimeWindow, value: V, merges: boolean): Pane<V>[] {
  const isSame = (pane: Pane<V>) =>
    merges
      ? isTouching(pane.window, window)
      : pane.window.start === window.start && pane.window.end === window.end;
  const same = panes.filter(isSame);
  const whole = same.reduce((all, pane) => union(all, pane.window), window);
  const pane: Pane<V> = {
    window: whole,
    values: [...same.flatMap(({ values }) => values), value],
    // A session that has grown is due at its new end, whether or not its parts have been.
    hasResult: same.some(({ hasResult }) => hasResult),
  };
  return [...panes.filter((other) => !isSame(other)), pane].sort(byStart);
}

/** The window that the record's own would become part of. */
function grown<V>(panes: readonly Pane<V>[], window: TimeWindow): TimeWindow {
  const touching = panes.filter((pane) => isTouching(pane.window, window));
  return touching.reduce((all, pane) => union(all, pane.window), window);
}

export function addToPanes<V>(
  rules: PaneRules,
  state: Panes<V>,
  record: { readonly key: string; readonly at: number; readonly value: V },
): Added<V> {
  const { assigner, settings, rule, lateness } = rules;
  const { merges } = assigner;
  const { key, at, value } = record;
  const windows = assigner.windowsOf(at, settings);
  const late: TimeWindow[] = [];
  const results: WindowResult<V>[] = [];
  let panes = state.byKey.get(key) ?? [];
  for (const window of windows) {
    const whole = merges ? grown(panes, window) : window;
    if (rule.isClosed(whole, state.clock, lateness, merges)) {
      late.push(whole);
      continue;
    }
    panes = put(panes, whole, value, merges);
    const place = panes.findIndex((pane) => pane.window.start === whole.start);
    const pane = panes[place]!;
    const isDue = rule.isDue(pane.window, state.clock, lateness, merges);
    if (rule.updates !== 'always' && !isDue) {
      panes[place] = { ...pane, hasResult: false };
      continue;
    }
    results.push({ key, window: pane.window, values: pane.values, isUpdate: pane.hasResult });
    panes[place] = { ...pane, hasResult: true };
  }
  if (panes.length > 0) state.byKey.set(key, panes);
  return { results, late, isDropped: windows.length > 0 && late.length === windows.length };
}

/** Moves the clock on. @returns the results that are due, the earliest end first */
export function advancePanes<V>(
  rules: PaneRules,
  state: Panes<V>,
  clock: number,
): WindowResult<V>[] {
  if (clock <= state.clock) return [];
  state.clock = clock;
  const { rule, lateness, assigner } = rules;
  const results: WindowResult<V>[] = [];
  for (const [key, panes] of state.byKey) {
    const open: Pane<V>[] = [];
    for (const pane of panes) {
      const isDue = rule.isDue(pane.window, clock, lateness, assigner.merges);
      if (isDue && !pane.hasResult) {
        results.push({ key, window: pane.window, values: pane.values, isUpdate: false });
      }
      if (rule.isClosed(pane.window, clock, lateness, assigner.merges)) continue;
      open.push(isDue ? { ...pane, hasResult: true } : pane);
    }
    if (open.length === 0) state.byKey.delete(key);
    else state.byKey.set(key, open);
  }
  return results.sort(
    (a, b) =>
      a.window.end - b.window.end || a.window.start - b.window.start || compareText(a.key, b.key),
  );
}
