/** A lock service: around it the lease that ends first, below it who holds what. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { LEASE_LEGEND, drawLeaseRing, leaseStep, leftOf } from './glyphs/lease-ring.ts';
import type { Lease } from './glyphs/lease-ring.ts';
import { drawLock } from './glyphs/lock.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type LockServiceView = ViewOf<'lock-service'>;

/** More lines have no room below a node. */
const LINES_MAX = 2;

/** Of the lease that ends first, which is the one to watch. */
function firstOf({ locks, ttlMicros }: LockServiceView): Lease | null {
  if (locks.length === 0) return null;
  return { ttlMicros, endsAtMicros: Math.min(...locks.map(({ endsAtMicros }) => endsAtMicros)) };
}

function draw(brush: Brush, node: NodeFrame, view: LockServiceView | null): void {
  drawStation(brush, node, { outline: 'circle', share: null });
  if (view === null) return;
  const lease = firstOf(view);
  const { over, tokens, radius } = brush;
  if (lease !== null) {
    drawLeaseRing(over, tokens, leftOf(lease, brush.micros), radius + 7);
    drawLock(over, tokens, { x: 0, y: 6 });
  }
  smallPrint(brush, printOf(view), footOf(brush));
}

function printOf({ locks, lastToken }: LockServiceView): string[] {
  if (locks.length === 0) return [`nothing held, last token ${lastToken}`];
  const lines = locks.slice(0, LINES_MAX).map(lineOf);
  const more = locks.length - LINES_MAX;
  return more > 0 ? [`${locks.length} locks held`, ...lines.slice(0, 1)] : lines;
}

const lineOf = ({ lock, token, holder }: LockServiceView['locks'][number]): string =>
  `${lock}: ${holder ?? 'not known who'}, token ${token}`;

const details = (view: LockServiceView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'Leases',
    head: ['Lock', 'Token', 'Holder', 'Ends at, ms'],
    rows: view.locks.map(({ lock, token, holder, endsAtMicros }) => [
      lock,
      token,
      holder ?? 'not known',
      Math.round(endsAtMicros / 1_000),
    ]),
    empty: 'No lock is held.',
  },
];

export const lockService = definePainter<LockServiceView>({
  component: 'lock-service',
  draw,
  details,
  phaseOf: (view, micros) => {
    const lease = firstOf(view);
    return lease === null ? 0 : leaseStep(lease, micros);
  },
  standsInRow: true,
  badgeOf: () => 'LK',
  describe: (view) => `lock service: ${printOf(view).join('; ')}`,
  legend: [
    { mark: { shape: 'circle', badge: 'LK' }, text: 'Lock service: lends locks for a time.' },
    ...LEASE_LEGEND,
  ],
});
