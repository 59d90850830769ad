/**
 * The operator of a stream job: windows of each key over event time, and their sums.
 *
 * Invariant: a window gives its sum once the watermark has passed its end, and again for every
 * event that comes within the allowed lateness; its watermark is the least of the inputs that are
 * not idle.
 *
 * Source: Flink, WindowOperator, EventTimeTrigger, StatusWatermarkValve
 * Differs: the watermark is part of the snapshot, where Flink starts it anew.
 */
import type { OwnState, PaneState, StreamElement, StreamEvent } from '../../contracts/stream.ts';
import {
  NO_TIME,
  addToPanes,
  advancePanes,
  combinedWatermark,
  startPanes,
} from '../../policies/windows/index.ts';
import type { Aggregate, PaneRules, Panes, WindowResult } from '../../policies/windows/index.ts';
import type { StreamRules } from './rules.ts';

export type Sum = PaneState['total'];

const sumOfEvents: Aggregate<StreamEvent, Sum> = {
  empty: { sum: 0, ids: [] },
  add: ({ sum, ids }, { id, value }) => ({ sum: sum + value, ids: [...ids, id] }),
  merge: (a, b) => ({ sum: a.sum + b.sum, ids: [...a.ids, ...b.ids] }),
};

export interface WindowingConfig {
  readonly panes: PaneRules<StreamEvent, Sum>;
  readonly hasSideOutput: boolean;
  readonly rules: StreamRules;
}

export const windowingOf = (
  panes: Omit<PaneRules<StreamEvent, Sum>, 'aggregate'>,
  hasSideOutput: boolean,
  rules: StreamRules,
): WindowingConfig =>
  Object.freeze({ panes: { ...panes, aggregate: sumOfEvents }, hasSideOutput, rules });

interface WatermarkOf {
  watermark: number;
  isIdle: boolean;
}
export interface Windowing {
  readonly inputs: readonly WatermarkOf[];
  readonly panes: Panes<Sum>;
}

export function startWindowing(inputCount: number, snapshot: OwnState | null): Windowing {
  const inputs = Array.from({ length: inputCount }, () => ({ watermark: NO_TIME, isIdle: false }));
  if (snapshot?.role !== 'window') return { inputs, panes: startPanes() };
  const { clock, quietUntil, panes } = snapshot;
  return { inputs, panes: { clock, quietUntil, byKey: new Map(panes) } };
}

export const snapshotOfWindowing = ({ panes }: Windowing): OwnState => ({
  role: 'window',
  clock: panes.clock,
  quietUntil: panes.quietUntil,
  panes: [...panes.byKey],
});

export interface Worked {
  readonly out: readonly StreamElement[];
  /** It came when all its windows were closed. */
  readonly late: StreamEvent | null;
}

const rowOf = ({ key, window, total, isUpdate }: WindowResult<Sum>): StreamElement => ({
  kind: 'row',
  row: { key, start: window.start, end: window.end, ...total, isUpdate },
});

export function work(
  config: WindowingConfig,
  state: Windowing,
  place: number,
  element: StreamElement,
): Worked {
  if (element.kind === 'record') return count(config, state, element.event);
  const input = state.inputs[place];
  if (input === undefined) return { out: [], late: null };
  if (element.kind === 'watermark') input.watermark = Math.max(input.watermark, element.at);
  if (element.kind === 'status') input.isIdle = element.isIdle;
  const clock = watermarkOf(config.rules, state);
  return { out: advancePanes(config.panes, state.panes, clock).map(rowOf), late: null };
}

function count(config: WindowingConfig, state: Windowing, event: StreamEvent): Worked {
  const { key, at } = event;
  const { results, isDropped } = addToPanes(config.panes, state.panes, { key, at, value: event });
  const out = results.map(rowOf);
  if (!isDropped) return { out, late: null };
  const side: readonly StreamElement[] = config.hasSideOutput ? [{ kind: 'late', event }] : [];
  return { out: side, late: event };
}

function watermarkOf(rules: StreamRules, { inputs, panes }: Windowing): number {
  const seen = inputs.map(({ watermark, isIdle }) => ({
    watermark,
    isIdle: isIdle && rules.idleExcluded,
  }));
  if (rules.watermarkMinimum) return combinedWatermark(seen, panes.clock);
  return seen.reduce((most, { watermark }) => Math.max(most, watermark), panes.clock);
}
