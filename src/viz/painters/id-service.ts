/** A worker that makes ids: its number, the last id, and how far its clock is behind that. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawToken } from './glyphs/token.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawQueue, drawStation, footOf, smallPrint } from './station.ts';

type IdServiceView = ViewOf<'id-service'>;

/** As long as the queue that the tank has room for. */
const FULL_QUEUE = 256;

function draw(brush: Brush, node: NodeFrame, view: IdServiceView | null): void {
  drawStation(brush, node, { outline: 'circle', share: null });
  if (view === null) return;
  drawToken(brush, view.worker, { x: 0, y: 8 });
  drawQueue(brush, view.waiting, FULL_QUEUE);
  smallPrint(brush, printOf(view), footOf(brush));
}

function printOf({ lastId, behindMillis, refused }: IdServiceView): string[] {
  const last = lastId === null ? 'no id yet' : `last ${lastId}`;
  if (behindMillis > 0) return [last, `clock ${behindMillis} ms behind it`];
  return refused > 0 ? [last, `${refused} refused`] : [last];
}

export const idService = definePainter<IdServiceView>({
  component: 'id-service',
  draw,
  standsInRow: true,
  badgeOf: () => 'ID',
  describe: (view) => {
    const waits = view.waiting > 0 ? `; ${view.waiting} wait` : '';
    return `makes ids as worker ${view.worker}: ${printOf(view).join('; ')}${waits}`;
  },
  legend: [
    {
      mark: { shape: 'circle', badge: 'ID' },
      text: 'Makes ids. In it: its number, part of each. At its left: who waits for its clock.',
    },
  ],
});
