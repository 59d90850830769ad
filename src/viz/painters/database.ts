/** A database: it fills with connections; who waits for a core or for the lock of a row. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawLock } from './glyphs/lock.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import {
  CORES_LEGEND,
  QUEUE_LEGEND,
  drawCores,
  drawQueue,
  drawStation,
  footOf,
  smallPrint,
} from './station.ts';

type DatabaseView = ViewOf<'database'>;

/** A tank of this many is full; nothing bounds how many queries wait. */
const QUEUE_SHOWN = 1_000;

function draw(brush: Brush, node: NodeFrame, view: DatabaseView | null): void {
  const { over, radius, tokens } = brush;
  const share = view === null ? null : view.connections / Math.max(1, view.maxConnections);
  drawStation(brush, node, { outline: 'cylinder', share, nameY: -6 });
  if (view === null) return;
  drawCores(brush, node, 10);
  drawQueue(brush, view.queued, QUEUE_SHOWN);
  if (view.lockWaits > 0) {
    drawLock(over, tokens, { x: radius + 9, y: 0 });
    const options = { size: 11, colour: tokens.text, plate: { fill: tokens.stage } };
    brush.label(String(view.lockWaits), radius + 9, 17, options);
  }
  smallPrint(brush, printOf(view), footOf(brush));
}

function printOf(view: DatabaseView): string[] {
  const lines = [`${view.connections} of ${view.maxConnections} conn.`];
  if (view.isReplica) {
    lines.push(view.lag > 0 ? `replica, ${view.lag} behind` : 'replica, up to date');
  }
  return lines;
}

function details(view: DatabaseView): readonly Detail[] {
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'Copy', value: view.isReplica ? 'replica' : 'primary' },
        { label: 'Connections', value: `${view.connections} of ${view.maxConnections}` },
        { label: 'Cores at work', value: `${view.busyCores} of ${view.cores}` },
        { label: 'Waiting for a core', value: view.queued },
        { label: 'Waiting for a lock', value: view.lockWaits },
        { label: 'Rows locked', value: view.locks },
        { label: 'Reads', value: view.reads },
        { label: 'Writes', value: view.writes },
        ...(view.isReplica ? [{ label: 'Writes it is behind', value: view.lag }] : []),
      ],
    },
  ];
}

export const database = definePainter<DatabaseView>({
  component: 'database',
  draw,
  details,
  standsInRow: true,
  badgeOf: () => 'DB',
  describe: (view) =>
    `database${view.isReplica ? ' replica' : ''}: ` +
    `${view.connections} of ${view.maxConnections} connections, ${view.queued} wait for a core, ` +
    `${view.lockWaits} for a lock` +
    (view.isReplica ? `, ${view.lag} writes behind` : ''),
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'DB' },
      text: 'Database: it fills with open connections, up to as many as it allows.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawLock(pen, tokens, { x: 0, y: 0 }) },
      text: 'Lock: so many writes wait for the row that another one holds.',
    },
    CORES_LEGEND,
    QUEUE_LEGEND,
  ],
});
