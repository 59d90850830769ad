/**
 * A broker of a partitioned log: a crown while it leads a partition; below it a strip for each of
 * its first replicas, the newest offsets, one cell each, coloured by leader epoch, filled below the
 * high watermark.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { STRIP_STEP, drawLogStrip } from './log-strip.ts';
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
    drawLogStrip(brush, cellsOf(replica, brush.tokens), captionOf(replica, brush.near), place);
  });
  const more = replicas.length - shown.length;
  if (more > 0) smallPrint(brush, [`and ${more} more`], footOf(brush) + shown.length * STRIP_STEP);
}

function cellsOf(replica: ReplicaView, tokens: Tokens): LogCell[] {
  const { logStart, logEnd, highWatermark, epochs } = replica;
  const cells: LogCell[] = [];
  for (let at = Math.max(logStart, logEnd - CELLS_MAX); at < logEnd; at++) {
    const epoch = epochs.findLast(({ startOffset }) => startOffset <= at)?.epoch ?? 0;
    const colour = termColour(tokens, epoch);
    cells.push({ colour, isFixed: at < highWatermark, isHeld: false });
  }
  return cells;
}

function captionOf(replica: ReplicaView, isNear: boolean): string {
  const { name, highWatermark, logEnd, isr, isLeader } = replica;
  const marks = highWatermark === logEnd ? `${logEnd}` : `${highWatermark} of ${logEnd}`;
  if (!isNear) return marks;
  return isLeader ? `${name}: ${marks}, ISR ${isr.length}` : `${name}: ${marks}`;
}

const role = ({ isLeader, leader }: ReplicaView): string =>
  isLeader ? 'leader' : leader === null ? 'nobody leads' : `follows ${leader}`;

function describe(view: LogBrokerView): string {
  const replicas = view.replicas.slice(0, STRIPS_MAX).map((one) => {
    const { name, highWatermark, logEnd } = one;
    return `${name}: ${role(one)}, committed to ${highWatermark} of ${logEnd}`;
  });
  return [`broker, ${stateOf(view)}`, ...replicas].join('; ');
}

const details = ({ fields, replicas }: LogBrokerView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
    kind: 'table',
    title: 'Replicas',
    head: ['Partition', 'Role', 'Epoch', 'From', 'HW', 'LEO', 'ISR'],
    rows: replicas.map((one) => [
      one.name,
      role(one),
      { term: one.leaderEpoch },
      one.logStart,
      one.highWatermark,
      one.logEnd,
      one.isr.join(', '),
    ]),
    empty: 'It holds no partition.',
  },
];

export const logBroker = definePainter<LogBrokerView>({
  component: 'log-broker',
  draw,
  details,
  termOf: ({ replicas }) =>
    replicas.reduce((term, one) => (one.isLeader ? Math.max(term, one.leaderEpoch) : term), 0),
  badgeOf: () => 'BR',
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
  ],
});
