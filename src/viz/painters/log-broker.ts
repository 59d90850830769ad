/** A broker of a partitioned log: a crown while it leads a partition; below it its replicas. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { drawFallen, drawFallenBefore, fallStep } from './glyphs/fallen.ts';
import { CELL_HEIGHT, CELL_WIDTH, drawCell } from './glyphs/log-cell.ts';
import type { CellFill } from './glyphs/log-cell.ts';
import { drawEnd, drawStable } from './glyphs/log-marks.ts';
import type { Pen } from './glyphs/pen.ts';
import { drawReplicaMark } from './glyphs/replica-mark.ts';
import { drawSilent, drawTitle } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { STRIPS_MAX, drawReplicas, isInSync } from './replica-strips.ts';
import type { ReplicaView } from './replica-strips.ts';

type LogBrokerView = ViewOf<'log-broker'>;

/** Its crown sits so far out at the upper left, in parts of the radius. */
const CROWN = 0.74;

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
  drawReplicas(brush, node.name, view.replicas);
}

/** What the controller takes it for. */
function stateOf({ isRegistered, isFenced, replicas }: LogBrokerView): string {
  if (!isRegistered) return 'unknown';
  if (isFenced) return 'fenced';
  const led = replicas.filter(({ isLeader }) => isLeader).length;
  return led === 0 ? 'follows' : `leads ${led}`;
}

const role = ({ isLeader, leader }: ReplicaView): string =>
  isLeader ? 'leader' : leader === null ? 'nobody leads' : `follows ${leader}`;

function describe(view: LogBrokerView, { name: self }: NodeFrame): string {
  const replicas = view.replicas.slice(0, STRIPS_MAX).map((one) => {
    const { name, isLeader, highWatermark, lastStable, logEnd } = one;
    const held = lastStable < highWatermark ? `, stable to ${lastStable}` : '';
    const sync = isLeader ? '' : isInSync(one, self) ? ', in the ISR' : ', not in the ISR';
    return `${name}: ${role(one)}${sync}, committed to ${highWatermark} of ${logEnd}${held}`;
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

const cellMark =
  (fill: CellFill) =>
  (pen: Pen, tokens: Tokens): void =>
    drawCell(pen, tokens, { fill, colour: termColour(tokens, 1) }, CELL_AT);

const CELL_AT = { x: -CELL_WIDTH / 2, y: -CELL_HEIGHT / 2 } as const;

function drawParts(pen: Pen, tokens: Tokens): void {
  drawReplicaMark(pen, tokens, 'leader', { x: 0, y: -8, size: 0.9 });
  drawReplicaMark(pen, tokens, 'in-sync', { x: -6, y: 4, size: 0.9 });
  drawReplicaMark(pen, tokens, 'out-of-sync', { x: 6, y: 4, size: 0.9 });
}

function drawCut(pen: Pen, tokens: Tokens): void {
  const cell = { width: 9, height: 10, x: -9, y: -10 };
  drawFallen(pen, tokens, { atMicros: 0 }, { micros: 1, count: 2, ...cell });
  drawFallenBefore(pen, tokens, { x: -8, y: 7 });
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
      mark: { shape: 'glyph', draw: drawParts },
      text:
        'Beside a strip: a crown, it leads this partition. Two bars: it is in sync, in the ISR. ' +
        'Crossed out: it is not. As far as this broker knows.',
    },
    {
      mark: { shape: 'glyph', draw: cellMark('whole') },
      text: 'Record below the high watermark: committed. Its colour is the leader epoch.',
    },
    {
      mark: { shape: 'glyph', draw: cellMark('rim') },
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
      mark: { shape: 'glyph', draw: drawCut },
      text:
        'Cells that fall: records that were truncated, as the leader has others there or none. ' +
        'An arrow: they stood further left than the strip shows.',
    },
  ],
});
