/**
 * A broker of a partitioned log: a crown while it leads a partition; below it a strip for each of
 * its first replicas, the newest offsets, one cell each, coloured by leader epoch, filled below the
 * high watermark. Ends of transactions have marks of their own, records of open ones a frame, and a
 * wedge shows the last stable offset where it is behind. What is truncated falls away.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { drawFallen, fallStep } from './glyphs/fallen.ts';
import { drawEnd, drawStable } from './glyphs/log-marks.ts';
import type { Pen } from './glyphs/pen.ts';
import { CELL_HEIGHT, CELL_WIDTH, STRIP_STEP, drawLogStrip, stripTop } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import { drawSilent, drawTitle } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

type LogBrokerView = ViewOf<'log-broker'>;
type ReplicaView = LogBrokerView['replicas'][number];

/** Its crown sits so far out at the upper left, in parts of the radius. */
const CROWN = 0.74;
const CELLS_MAX = 10;
const STRIPS_MAX = 2;

function draw(brush: Brush, node: NodeFrame, view: LogBrokerView | null): void {
  const { shape, over, radius, tokens } = brush;
  const isDown = node.status === 'down';
  const leads = view?.replicas.some(({ isLeader }) => isLeader) ?? false;
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  trace(shape, 'circle', radius).stroke({
    width: leads ? 4 : 2.5,
    color: isDown ? tokens.fault : leads ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, 'circle');
  drawTitle(brush, node.name, stateOf(view), 'circle');
  drawBadge(brush, 'BR', leads);
  if (leads) drawCrown(over, tokens, { x: -radius * CROWN, y: -radius * CROWN });
  drawReplicas(brush, view.replicas);
}

/** What the controller takes it for. */
function stateOf({ isRegistered, isFenced, replicas }: LogBrokerView): string {
  if (!isRegistered) return 'unknown';
  if (isFenced) return 'fenced';
  const led = replicas.filter(({ isLeader }) => isLeader).length;
  return led === 0 ? 'follows' : `leads ${led}`;
}

function drawReplicas(brush: Brush, replicas: readonly ReplicaView[]): void {
  const shown = replicas.slice(0, brush.near ? STRIPS_MAX : 1);
  shown.forEach((replica, place) => {
    const cells = cellsOf(replica, brush.tokens);
    drawLogStrip(brush, cells, captionOf(replica, brush.near), place);
    drawMarks(brush, replica, cells.length, stripTop(brush.radius, place));
  });
  const more = replicas.length - shown.length;
  if (more > 0) smallPrint(brush, [`and ${more} more`], footOf(brush) + shown.length * STRIP_STEP);
}

/** Beside the cells: what has gone, and how far who reads committed records may go. */
function drawMarks(brush: Brush, replica: ReplicaView, count: number, top: number): void {
  const { over, tokens, micros } = brush;
  const { logEnd, highWatermark, lastStable, cut } = replica;
  const first = logEnd - count;
  const leftOf = (offset: number): number => (Math.max(offset - first, 0) - count / 2) * CELL_WIDTH;
  if (cut !== null) {
    const place = { x: leftOf(cut.to), y: top, width: CELL_WIDTH, height: CELL_HEIGHT };
    drawFallen(over, tokens, cut, { micros, ...place });
    if (brush.near && fallStep(cut, micros) > 0) writeFallen(brush, cut.dropped, place);
  }
  if (lastStable < highWatermark) {
    drawStable(over, tokens, leftOf(lastStable), top - 1);
  }
}

/** How many they are, before the first of them. */
function writeFallen(
  { tokens, label }: Brush,
  dropped: number,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const print = { size: 10, colour: tokens.fault, align: 'right', bold: true } as const;
  label(`−${dropped}`, x - 4, y + CELL_HEIGHT / 2, { ...print, plate: { fill: tokens.stage } });
}

function cellsOf(replica: ReplicaView, tokens: Tokens): LogCell[] {
  const { logStart, logEnd, highWatermark, epochs, markers, open } = replica;
  const cells: LogCell[] = [];
  for (let at = Math.max(logStart, logEnd - CELLS_MAX); at < logEnd; at++) {
    const epoch = epochs.findLast(({ startOffset }) => startOffset <= at)?.epoch ?? 0;
    const colour = termColour(tokens, epoch);
    const ends = markers.find(({ offset }) => offset === at);
    const cell = { colour, isFixed: at < highWatermark, isHeld: false, isOpen: open.includes(at) };
    cells.push(ends === undefined ? cell : { ...cell, end: ends.marker });
  }
  return cells;
}

/** LSO where it holds readers back, high watermark, and log end where that is further. */
function marksOf({ lastStable, highWatermark, logEnd, isLeader }: ReplicaView): string {
  const marks = highWatermark === logEnd ? `${logEnd}` : `${highWatermark} of ${logEnd}`;
  // Only its leader's counts for readers, and strips of followers stand close together.
  return isLeader && lastStable < highWatermark ? `LSO ${lastStable}, ${marks}` : marks;
}

function captionOf(replica: ReplicaView, isNear: boolean): string {
  const { name, isr, isLeader } = replica;
  const marks = marksOf(replica);
  if (!isNear) return marks;
  return isLeader ? `${name}: ${marks}, ISR ${isr.length}` : `${name}: ${marks}`;
}

const role = ({ isLeader, leader }: ReplicaView): string =>
  isLeader ? 'leader' : leader === null ? 'nobody leads' : `follows ${leader}`;

function describe(view: LogBrokerView): string {
  const replicas = view.replicas.slice(0, STRIPS_MAX).map((one) => {
    const { name, highWatermark, lastStable, logEnd } = one;
    const held = lastStable < highWatermark ? `, stable to ${lastStable}` : '';
    return `${name}: ${role(one)}, committed to ${highWatermark} of ${logEnd}${held}`;
  });
  return [`broker, ${stateOf(view)}`, ...replicas].join('; ');
}

const details = ({ fields, replicas }: LogBrokerView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
    kind: 'table',
    title: 'Replicas',
    head: ['Partition', 'Role', 'Epoch', 'From', 'LSO', 'HW', 'LEO', 'ISR'],
    rows: replicas.map((one) => [
      one.name,
      role(one),
      { term: one.leaderEpoch },
      one.logStart,
      one.lastStable,
      one.highWatermark,
      one.logEnd,
      one.isr.join(', '),
    ]),
    empty: 'It holds no partition.',
  },
];

function drawOpen(pen: Pen, tokens: Tokens): void {
  pen.roundRect(-5, -4, 10, 13, 1).stroke({ width: 2, color: tokens.warning });
  drawStable(pen, tokens, -5, -6);
}

export const logBroker = definePainter<LogBrokerView>({
  component: 'log-broker',
  draw,
  details,
  termOf: ({ replicas }) =>
    replicas.reduce((term, one) => (one.isLeader ? Math.max(term, one.leaderEpoch) : term), 0),
  badgeOf: () => 'BR',
  phaseOf: ({ replicas }, micros) =>
    replicas.reduce((most, { cut }) => (cut === null ? most : most + fallStep(cut, micros)), 0),
  describe,
  legend: [
    {
      mark: { shape: 'circle', badge: 'BR' },
      text: 'Broker: keeps replicas of partitions. Fenced: the controller does not count on it.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawCrown(pen, tokens, { x: 0, y: 6 }) },
      text: 'Crown: it takes itself for the leader of a partition. Two for one: one is stale.',
    },
    {
      mark: { shape: 'cell', filled: true },
      text: 'Record below the high watermark: committed. Its colour is the leader epoch.',
    },
    {
      mark: { shape: 'cell', filled: false },
      text: 'Record above the high watermark: consumers do not see it, and it may be truncated.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => {
          drawEnd(pen, tokens, 'commit', -6, 0);
          drawEnd(pen, tokens, 'abort', 6, 0);
        },
      },
      text: 'Marker: it ends a transaction, which is committed (tick) or aborted (cross).',
    },
    {
      mark: { shape: 'glyph', draw: drawOpen },
      text:
        'Frame: a record of a transaction that is open. Wedge: the last stable offset, LSO; who ' +
        'reads committed records goes no further.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => {
          const cut = { dropped: 2, atMicros: 0 };
          drawFallen(pen, tokens, cut, { micros: 1, x: -10, y: -6, width: 10, height: 12 });
        },
      },
      text: 'Cells that fall: records that were truncated, as the leader has others there or none.',
    },
  ],
});
