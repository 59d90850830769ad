/**
 * Replicas of partitions, below their broker: a strip for each of the first, the newest offsets,
 * one cell each, coloured by leader epoch, filled below the high watermark. Left of it what the
 * replica is: leader, in the ISR or not. Ends of transactions have marks of their own, records of
 * open ones a frame, and a wedge shows the last stable offset where it is behind.
 *
 * What is truncated falls out of the strip, in the room of the strip itself: for as long as it
 * falls, the last places are kept for it, and what has come since is drawn over it.
 */
import type { ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { FALL_DEPTH, drawFallen, drawFallenBefore, fallStep } from './glyphs/fallen.ts';
import { CELL_HEIGHT, CELL_WIDTH } from './glyphs/log-cell.ts';
import { drawStable } from './glyphs/log-marks.ts';
import { drawReplicaMark } from './glyphs/replica-mark.ts';
import type { ReplicaPart } from './glyphs/replica-mark.ts';
import { STRIP_STEP, drawCells, stripTop } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import type { Brush } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

export type ReplicaView = ViewOf<'log-broker'>['replicas'][number];

export const STRIPS_MAX = 2;
const CELLS_MAX = 10;
/** Places that are kept for records that fall. */
const FALLEN_MAX = 4;
/** Afar letters have grown: the strips stand close together, with one line below them all. */
const AFAR = { step: 20, line: 16, lineStep: 24, mark: 1.5 } as const;
const CAPTION = 11;

/** `self`: the name of the broker. */
export function drawReplicas(brush: Brush, self: string, replicas: readonly ReplicaView[]): void {
  const shown = replicas.slice(0, STRIPS_MAX);
  const more = replicas.length - shown.length;
  const top = stripTop(brush.radius, 0);
  const step = brush.near ? STRIP_STEP : AFAR.step;
  shown.forEach((one, place) => drawReplica(brush, self, one, top + place * step));
  if (brush.near) {
    if (more === 0) return;
    return smallPrint(brush, [`and ${more} more`], footOf(brush) + shown.length * STRIP_STEP);
  }
  const falls = shown.some((one) => isFalling(one, brush.micros));
  const line = top + (shown.length - 1) * step + CELL_HEIGHT + AFAR.line;
  writeCaption(brush, shown.map((one) => marksOf(one, brush)).join(' · '), line, falls);
  if (more > 0) writeCaption(brush, `+${more} more`, line + AFAR.lineStep, false);
}

/** Up to which offset its strip goes, and from which on. */
interface Reach {
  readonly first: number;
  readonly last: number;
}

const isFalling = ({ cut }: ReplicaView, micros: number): boolean =>
  cut !== null && fallStep(cut, micros) > 0;

function reachOf(replica: ReplicaView, micros: number): Reach {
  const { logStart, logEnd, cut } = replica;
  const fell = cut !== null && isFalling(replica, micros) ? cut.to + cut.dropped : logEnd;
  const last = Math.max(logEnd, Math.min(fell, logEnd + FALLEN_MAX));
  return { first: Math.max(Math.min(logStart, logEnd), last - CELLS_MAX), last };
}

function drawReplica(brush: Brush, self: string, replica: ReplicaView, top: number): void {
  const { over, tokens, micros, near } = brush;
  const { logEnd, highWatermark, lastStable } = replica;
  const { first, last } = reachOf(replica, micros);
  const xOf = (offset: number): number =>
    (Math.max(offset, first) - (first + last) / 2) * CELL_WIDTH;
  const falls = isFalling(replica, micros);
  if (falls) drawCut(brush, replica, { first, last }, { x: xOf(first), y: top });
  if (logEnd > first) drawCells(brush, cellsOf(replica, first, tokens), { x: xOf(first), y: top });
  if (lastStable < highWatermark) drawStable(over, tokens, xOf(lastStable), top - 1);
  const size = near ? 1 : AFAR.mark;
  const left = last > first ? xOf(first) : -EMPTY_WIDTH / 2;
  drawReplicaMark(over, tokens, partOf(replica, self), {
    x: left - 4 - 6 * size,
    y: top + CELL_HEIGHT / 2,
    size,
  });
  if (!near) return;
  if (last === first) return writeCaption(brush, 'empty log', top + 7, false);
  const low = top + CELL_HEIGHT + CAPTION + (falls ? FALL_DEPTH - 1 : 0);
  writeCaption(brush, captionOf(replica, brush), low, falls);
}

/** So much room the words for no cell need. */
const EMPTY_WIDTH = 56;

function writeCaption({ label, tokens }: Brush, text: string, y: number, falls: boolean): void {
  const print = { size: 11, plate: { fill: tokens.stage } };
  label(text, 0, y, { ...print, colour: falls ? tokens.fault : tokens.muted, bold: falls });
}

export const isInSync = ({ isr }: ReplicaView, self: string): boolean => isr.includes(self);

const partOf = (replica: ReplicaView, self: string): ReplicaPart =>
  replica.isLeader ? 'leader' : isInSync(replica, self) ? 'in-sync' : 'out-of-sync';

/** Those that fall, as far as the strip reaches; left of it only that there were such ones. */
function drawCut(
  { over, tokens, micros }: Brush,
  { cut }: ReplicaView,
  { first, last }: Reach,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  if (cut === null) return;
  const from = Math.max(cut.to, first);
  const count = Math.max(0, Math.min(cut.to + cut.dropped, last) - from);
  const at = { x: x + (from - first) * CELL_WIDTH, y, width: CELL_WIDTH, height: CELL_HEIGHT };
  drawFallen(over, tokens, cut, { micros, count, ...at });
  if (cut.to < first) drawFallenBefore(over, tokens, { x: x - 2, y: y + CELL_HEIGHT + 6 });
}

function cellsOf(replica: ReplicaView, first: number, tokens: Tokens): LogCell[] {
  const { logEnd, highWatermark, epochs, markers, open } = replica;
  const cells: LogCell[] = [];
  for (let at = first; at < logEnd; at++) {
    const epoch = epochs.findLast(({ startOffset }) => startOffset <= at)?.epoch ?? 0;
    const colour = termColour(tokens, epoch);
    const ends = markers.find(({ offset }) => offset === at);
    const fill = at < highWatermark ? 'whole' : 'rim';
    const cell: LogCell = { colour, fill, isOpen: open.includes(at) };
    cells.push(ends === undefined ? cell : { ...cell, end: ends.marker });
  }
  return cells;
}

/** LSO where it holds readers back, high watermark, log end where that is further, and the cut. */
function marksOf(replica: ReplicaView, { micros, near }: Pick<Brush, 'micros' | 'near'>): string {
  const { lastStable, highWatermark, logEnd, isLeader, isr, cut } = replica;
  const marks = highWatermark === logEnd ? `${logEnd}` : `${highWatermark} of ${logEnd}`;
  // Only its leader's counts for readers, and strips of followers stand close together.
  const stable = near && isLeader && lastStable < highWatermark ? `LSO ${lastStable}, ` : '';
  const inSync = near && isLeader ? `, ISR ${isr.length}` : '';
  const fell = cut !== null && isFalling(replica, micros) ? `, −${cut.dropped}` : '';
  return `${stable}${marks}${inSync}${fell}`;
}

const captionOf = (replica: ReplicaView, brush: Brush): string =>
  `${replica.name}: ${marksOf(replica, brush)}`;
