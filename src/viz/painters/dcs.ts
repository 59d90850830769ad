/** The store of a leader key: whose it is, its token, and around it what is left of the key. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawCrown } from './glyphs/crown.ts';
import { LEASE_LEGEND, drawLeaseRing, leaseStep, leftOf } from './glyphs/lease-ring.ts';
import { drawToken } from './glyphs/token.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type DcsView = ViewOf<'dcs'>;

const RING = 7;

function draw(brush: Brush, node: NodeFrame, view: DcsView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: brush.near ? -9 : -4 });
  if (view === null) return;
  const { over, radius, tokens, near } = brush;
  if (view.lease !== null) {
    drawLeaseRing(over, tokens, leftOf(view.lease, brush.micros), radius + RING);
  } else if (view.token > 0) {
    // There was a key, and it is over.
    drawLeaseRing(over, tokens, 0, radius + RING);
  }
  if (view.token > 0) drawToken(brush, view.token, { x: radius, y: -radius * 0.8 });
  if (near && view.leader !== null) {
    drawCrown(over, tokens, { x: -13, y: 15 });
    brush.label(view.leader, 13, 9, { size: 12, colour: tokens.text, bold: true });
  }
  smallPrint(brush, printOf(view), footOf(brush));
}

function printOf({ leader, token, optime, sync }: DcsView): readonly string[] {
  const whose =
    leader === null ? 'nobody has the leader key' : `${leader} has the key, token ${token}`;
  const line = leader === null && token > 0 ? `${whose}, last token ${token}` : whose;
  if (sync.length > 0) return [line, `in step: ${sync.join(', ')}`];
  return optime > 0 ? [line, `its log was at ${optime}`] : [line];
}

export const dcs = definePainter<DcsView>({
  component: 'dcs',
  draw,
  phaseOf: ({ lease }, micros) => (lease === null ? 0 : leaseStep(lease, micros)),
  badgeOf: () => 'DC',
  describe: (view) => `store of a leader key: ${printOf(view).join('; ')}`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'DC' },
      text: 'Store of a leader key: beside the crown who has the key, in the coin its token.',
    },
    ...LEASE_LEGEND,
  ],
});
