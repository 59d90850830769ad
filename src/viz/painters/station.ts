/**
 * What stations of a request path have in common: a body that fills, a name, a badge, the queue
 * before its cores or its door as a tank at its left, and lines of small print below.
 */
import type { NodeFrame } from '../../sim/index.ts';
import { drawBadge } from './badge.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { drawSlots } from './glyphs/slots.ts';
import { drawName, drawSilent } from './name.ts';
import { below, cornersOf, drawStatus, lidOf, trace } from './outline.ts';
import type { Outline } from './outline.ts';
import type { Brush, LegendLine } from './painter.ts';

const NAME_SIZE = 16;
const PRINT_STEP = 15;

export interface Station {
  readonly outline: Outline;
  /** How far its body is filled; null where nothing fills it. */
  readonly share: number | null;
  /** Where its name stands, if not in the usual place. */
  readonly nameY?: number;
  /** Its letters, where they tell its role and not its component. */
  readonly badge?: string;
  /** Where its badge stands, if not on its lower rim. */
  readonly badgeY?: number;
}

export function drawStation(brush: Brush, node: NodeFrame, station: Station): void {
  const { outline, share } = station;
  const { shape, radius, tokens } = brush;
  const isDown = node.status === 'down';
  trace(shape, outline, radius).fill({ color: tokens.node });
  if (share !== null && share > 0) drawLevel(brush, outline, Math.min(1, share));
  trace(shape, outline, radius).stroke({
    width: 2.5,
    color: isDown ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  if (outline === 'cylinder') {
    const rim = lidOf(radius);
    for (let i = 0; i < rim.length; i += 2) {
      if (i === 0) shape.moveTo(rim[i]!, rim[i + 1]!);
      else shape.lineTo(rim[i]!, rim[i + 1]!);
    }
    shape.stroke({ width: 1.6, color: isDown ? tokens.fault : tokens.nodeEdge });
  }
  drawStatus(shape, node.status, radius, tokens);
  if (node.view === null) drawSilent(brush, node.name, isDown, outline, NAME_SIZE);
  else drawName(brush, node.name, { y: station.nameY ?? -11, size: NAME_SIZE, outline });
  if (!isDown) drawBadge(brush, station.badge ?? node.badge, false, station.badgeY);
}

/** The line on top tells the level even where the fill cannot be told from the ground. */
function drawLevel({ shape, radius, tokens }: Brush, outline: Outline, share: number): void {
  const points = cornersOf(outline, radius);
  const floor = Math.max(...points.filter((_, i) => i % 2 === 1));
  const level = floor - share * 2 * floor;
  const filled = below(points, level);
  if (filled.length < 6) return;
  shape.poly(filled).fill({ color: tokens.accent, alpha: 0.3 });
  const ends = filled.filter((_, i) => i % 2 === 0 && Math.abs(filled[i + 1]! - level) < 1e-9);
  if (ends.length < 2) return;
  shape.moveTo(Math.min(...ends), level).lineTo(Math.max(...ends), level);
  shape.stroke({ width: 2, color: tokens.accent });
}

/** The queue of those that wait, as a tank at the left, and how many they are. */
export function drawQueue(brush: Brush, waiting: number, max: number): void {
  if (max <= 0) return;
  const { over, radius, tokens } = brush;
  drawFillBar(over, tokens, {
    x: -radius - 17,
    y: -radius * 0.8,
    width: 9,
    height: radius * 1.6,
    share: waiting >= max ? 1 : Math.min(0.97, doublings(waiting, max)),
    colour: tokens.warning,
  });
  if (waiting === 0) return;
  const plate = { fill: tokens.stage };
  const y = radius * 0.8 + 10;
  brush.label(String(waiting), -radius - 12, y, { size: 11, colour: tokens.text, plate });
}

/** Few cores are told apart, one square each. */
export function drawCores(brush: Brush, { cores }: NodeFrame, y = 6): void {
  const { over, radius, tokens } = brush;
  const idle = cores.count - cores.busy;
  const width = radius * 1.3;
  drawSlots(over, tokens, {
    x: 0,
    y,
    width,
    max: cores.count,
    busy: cores.busy,
    idle,
    as: 'squares',
  });
}

/** Below a node there is room from here on. */
export const footOf = (brush: Brush): number => brush.radius + 15;

/** Small print, line by line, from `top` on. From afar there is no room for it. */
export function smallPrint(brush: Brush, lines: readonly string[], top: number): void {
  if (!brush.near) return;
  const { tokens } = brush;
  lines.forEach((text, i) => {
    const options = { size: 11, colour: tokens.muted, plate: { fill: tokens.stage } };
    brush.label(text, 0, top + 2 + i * PRINT_STEP, options);
  });
}

export const QUEUE_LEGEND: LegendLine = {
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawFillBar(pen, tokens, {
        x: -4,
        y: -11,
        width: 8,
        height: 22,
        share: 0.5,
        colour: tokens.warning,
      }),
  },
  text: 'Tank at its left: who waits. It rises by the same with each doubling; a lid: it is full.',
};

export const CORES_LEGEND: LegendLine = {
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawSlots(pen, tokens, { x: 0, y: 0, width: 24, max: 3, busy: 2, idle: 1, as: 'squares' }),
  },
  text: 'Squares: its cores, filled while they work. Many are one bar.',
};
