/** A client of locks: the token that it believes to hold, and how long its lease still runs. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { LEASE_LEGEND, drawLeaseRing, leaseStep, leftOf } from './glyphs/lease-ring.ts';
import { drawToken } from './glyphs/token.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type LockClientView = ViewOf<'lock-client'>;

function draw(brush: Brush, node: NodeFrame, view: LockClientView | null): void {
  const { shape, over, radius, tokens } = brush;
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  trace(shape, 'circle', radius).stroke({
    width: 2,
    color: node.status === 'down' ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  drawName(brush, node.name, { y: view === null ? 0 : -7, size: 13, outline: 'circle' });
  if (view === null) return;
  if (view.lease !== null) {
    drawLeaseRing(over, tokens, leftOf(view.lease, brush.micros), radius + 6);
    drawToken(brush, view.lease.token, { x: 0, y: radius + 8 });
  }
  // Inside: below it the box of its group tells how fast its clients are.
  const room = radius * 1.7;
  if (brush.near) brush.label(view.phase, 0, 8, { size: 10, colour: tokens.muted, room });
}

export const lockClient = definePainter<LockClientView>({
  component: 'lock-client',
  draw,
  phaseOf: ({ lease }, micros) => (lease === null ? 0 : leaseStep(lease, micros)),
  standsInRow: true,
  isBusy: (view) => view.phase !== 'idle',
  tallyOf: ({ done, refused, lost }) => ({ ok: done, fail: refused + lost, unknown: 0 }),
  describe: ({ phase, lease, lock }) =>
    lease === null
      ? `client of locks: ${phase}`
      : `client of locks: ${phase}, believes to hold ${lock ?? 'a lock'} with token ${lease.token}`,
  legend: [
    {
      mark: { shape: 'circle' },
      text: 'Client of a lock: what it does, and below it the token that it believes to hold.',
    },
    ...LEASE_LEGEND,
  ],
});
