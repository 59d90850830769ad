/** The store of limiters: the bucket that they share, and who waits for it. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { levelAt, levelStep } from './course.ts';
import { BUCKET_LEGEND, drawBucket } from './glyphs/bucket.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { QUEUE_LEGEND, drawQueue, drawStation, footOf, smallPrint } from './station.ts';

type StoreView = ViewOf<'limit-store'>;

/** A tank of this many is full; nothing bounds how many wait. */
const QUEUE_SHOWN = 1_000;

function draw(brush: Brush, node: NodeFrame, view: StoreView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
  if (view === null) return;
  const { over, tokens } = brush;
  // Before its first operation nothing was taken.
  const share = 1 - (levelAt(view.course, brush.micros) ?? 0);
  drawBucket(over, tokens, { x: 0, y: 0, width: 28, height: 20, share });
  drawQueue(brush, view.waiting, QUEUE_SHOWN);
  smallPrint(
    brush,
    [`${view.operations} operations`, `${view.keys} ${view.keys === 1 ? 'key' : 'keys'}`],
    footOf(brush),
  );
}

export const limitStore = definePainter<StoreView>({
  component: 'limit-store',
  draw,
  phaseOf: ({ course }, micros) => levelStep(course, micros),
  standsInRow: true,
  badgeOf: () => 'LS',
  describe: (view) =>
    `store of limits: ${view.keys} keys, ${view.operations} operations, ${view.waiting} wait`,
  legend: [
    { mark: { shape: 'cylinder', badge: 'LS' }, text: 'Store that rate limiters share.' },
    ...BUCKET_LEGEND,
    QUEUE_LEGEND,
  ],
});
