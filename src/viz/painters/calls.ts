/** The groups that a node calls: switches for its breakers, slots for its pools, and words. */
import type { ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawSlots } from './glyphs/slots.ts';
import { drawSwitch } from './glyphs/switch.ts';
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

/** Below the node, from `top` on. Returns where the next line may begin. */
export function drawPools(brush: Brush, calls: readonly UpstreamView[], top: number): number {
  const { over, tokens } = brush;
  const pooled = calls.filter(({ pool }) => pool !== null).slice(0, POOLS_MAX);
  pooled.forEach(({ pool }, i) => {
    if (pool === null) return;
    drawSlots(over, tokens, { x: 0, y: top + i * POOL_STEP, width: 72, ...pool, as: 'discs' });
  });
  return top + pooled.length * POOL_STEP;
}

export const retriesOf = (calls: readonly UpstreamView[]): number =>
  calls.reduce((sum, { retries }) => sum + retries, 0);

/** "calls to db: breaker open, 5 of 5 connections busy, 3 wait". */
export function describeCalls(calls: readonly UpstreamView[]): string {
  return calls
    .flatMap(({ to, breaker, pool, waiting }) => {
      const parts: string[] = [];
      if (breaker !== null) parts.push(`breaker ${breaker}`);
      if (pool !== null) parts.push(`${pool.busy} of ${pool.max} connections busy`);
      if (waiting > 0) parts.push(`${waiting} wait`);
      return parts.length === 0 ? [] : [`, calls to ${to}: ${parts.join(', ')}`];
    })
    .join('');
}

export function callsTable(calls: readonly UpstreamView[]): Detail {
  return {
    kind: 'table',
    title: 'Whom it calls',
    head: ['Group', 'Under way', 'Ok', 'Failed', 'Retries', 'Held back', 'Breaker', 'Pool'],
    rows: calls.map((call) => [
      call.to,
      call.underWay,
      call.ok,
      call.failed,
      call.retries,
      call.heldBack,
      call.breaker ?? 'none',
      call.pool === null
        ? 'none'
        : `${call.pool.busy} busy, ${call.pool.idle} idle, ${call.pool.max} at most`,
    ]),
    empty: 'It calls nobody.',
  };
}

export const POOL_LEGEND: LegendLine = {
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawSlots(pen, tokens, { x: 0, y: 0, width: 26, max: 3, busy: 1, idle: 1, as: 'discs' }),
  },
  text: 'Pool of connections: busy filled, idle hollow, and a dot for each that may be opened.',
};
