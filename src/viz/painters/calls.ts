/** The groups that a node calls: switches for its breakers, slots for its pools, and words. */
import type { ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawSlots } from './glyphs/slots.ts';
import type { Slots } from './glyphs/slots.ts';
import { drawSwitch } from './glyphs/switch.ts';
import { drawTryMark } from './glyphs/try-mark.ts';
import type { Brush, LegendLine } from './painter.ts';

type UpstreamView = ViewOf<'http-client'>['upstream'];

/** More do not fit beside a node; the inspector lists all. */
const SWITCHES_MAX = 3;
const SWITCH_STEP = 20;
const POOLS_MAX = 2;
const POOL_STEP = 14;

/** On the edge that calls leave by. */
export function drawBreakers(brush: Brush, calls: readonly UpstreamView[]): void {
  const { over, radius, tokens } = brush;
  const states = calls.flatMap(({ breaker }) => breaker ?? []).slice(0, SWITCHES_MAX);
  states.forEach((state, i) => {
    const y = (i - (states.length - 1) / 2) * SWITCH_STEP + 2;
    drawSwitch(over, tokens, state, { x: radius + 11, y });
  });
}

type Row = Pick<Slots, 'max' | 'busy' | 'idle' | 'as'>;

/** The connections of a pool, and the places of a bulkhead: those are all there from the start. */
const slotsOf = ({ pool, bulkhead }: UpstreamView): readonly Row[] => [
  ...(pool === null ? [] : [{ ...pool, as: 'discs' } as const]),
  ...(bulkhead === null
    ? []
    : [{ ...bulkhead, idle: bulkhead.max - bulkhead.busy, as: 'squares' } as const]),
];

/** Below the node, from `top` on. Returns where the next line may begin. */
export function drawPools(brush: Brush, calls: readonly UpstreamView[], top: number): number {
  const { over, tokens } = brush;
  const rows = calls.flatMap(slotsOf).slice(0, POOLS_MAX);
  rows.forEach((row, i) => {
    drawSlots(over, tokens, { x: 0, y: top + i * POOL_STEP, width: 72, ...row });
  });
  return top + rows.length * POOL_STEP;
}

type Tries = Pick<UpstreamView, 'retries' | 'hedges'>;

/** On both upper corners: who has tried again on the right, who has hedged on the left. */
export function drawTries(brush: Brush, { retries, hedges }: Tries, x: number, y: number): void {
  const { over, tokens } = brush;
  if (retries > 0) drawTryMark(over, tokens, 'retry', { x, y });
  if (hedges > 0) drawTryMark(over, tokens, 'hedge', { x: -x, y });
}

/** ", 12 retries, 1 hedge": what there is of them. */
export function describeTries(calls: readonly Tries[]): string {
  const retries = calls.reduce((sum, call) => sum + call.retries, 0);
  const hedges = calls.reduce((sum, call) => sum + call.hedges, 0);
  return (
    (retries === 0 ? '' : `, ${retries} ${retries === 1 ? 'retry' : 'retries'}`) +
    (hedges === 0 ? '' : `, ${hedges} ${hedges === 1 ? 'hedge' : 'hedges'}`)
  );
}

/** "calls to db: breaker open, 5 of 5 connections busy, 3 wait". */
export function describeCalls(calls: readonly UpstreamView[]): string {
  return calls
    .flatMap(({ to, breaker, pool, bulkhead, waiting }) => {
      const parts: string[] = [];
      if (breaker !== null) parts.push(`breaker ${breaker}`);
      if (pool !== null) parts.push(`${pool.busy} of ${pool.max} connections busy`);
      if (bulkhead !== null) parts.push(`${bulkhead.busy} of ${bulkhead.max} places taken`);
      if (waiting > 0) parts.push(`${waiting} wait`);
      return parts.length === 0 ? [] : [`, calls to ${to}: ${parts.join(', ')}`];
    })
    .join('');
}

const COUNTED = ['Group', 'Under way', 'Ok', 'Failed', 'Retries', 'Hedges', 'Held back'];

export function callsTable(calls: readonly UpstreamView[]): Detail {
  return {
    kind: 'table',
    title: 'Whom it calls',
    head: [...COUNTED, 'Breaker', 'Pool'],
    rows: calls.map((call) => [
      call.to,
      call.underWay,
      call.ok,
      call.failed,
      call.retries,
      call.hedges,
      call.heldBack,
      call.breaker ?? 'none',
      call.pool === null
        ? 'none'
        : `${call.pool.busy} busy, ${call.pool.idle} idle, ${call.pool.max} at most`,
    ]),
    empty: 'It calls nobody.',
  };
}

export const BULKHEAD_LEGEND: LegendLine = {
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawSlots(pen, tokens, { x: 0, y: 0, width: 26, max: 3, busy: 1, idle: 2, as: 'squares' }),
  },
  text: 'Bulkhead: calls of one kind that may be under way at once, filled where one is.',
};

export const POOL_LEGEND: LegendLine = {
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawSlots(pen, tokens, { x: 0, y: 0, width: 26, max: 3, busy: 1, idle: 1, as: 'discs' }),
  },
  text: 'Pool of connections: busy filled, idle hollow, and a dot for each that may be opened.',
};

const tryLine = (kind: 'retry' | 'hedge', text: string): LegendLine => ({
  mark: { shape: 'glyph', draw: (pen, tokens) => drawTryMark(pen, tokens, kind, { x: 0, y: 0 }) },
  text,
});

export const TRY_LEGEND: readonly LegendLine[] = [
  tryLine(
    'retry',
    'Bow tie on a corner: it has tried again. A message of this shape is a retry: a try after ' +
      'one that failed.',
  ),
  tryLine(
    'hedge',
    'Two arrowheads on a corner: it has hedged. A message of this shape is a hedge: a try sent ' +
      'beside one that is still out.',
  ),
];
