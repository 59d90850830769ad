/** What is left of a lease, as a ring that drains clockwise; a short stroke on top: it is over. */
import type { Tokens } from '../../theme/tokens.ts';
import type { LegendLine } from '../painter.ts';
import type { Pen } from './pen.ts';

const TOP = -Math.PI / 2;
const TURN = 2 * Math.PI;
const WIDTH = 4;

export interface Lease {
  /** In simulated time, if the clock that counts goes on as it does. */
  readonly endsAtMicros: number;
  readonly ttlMicros: number;
}

/** From 1, just begun, to 0, over. */
export const leftOf = ({ endsAtMicros, ttlMicros }: Lease, micros: number): number =>
  Math.min(1, Math.max(0, (endsAtMicros - micros) / Math.max(1, ttlMicros)));

/** Smaller changes are not seen on a ring: it is drawn anew for this part of its turn. */
const STEPS = 60;
export const leaseStep = (lease: Lease, micros: number): number =>
  Math.ceil(leftOf(lease, micros) * STEPS);

export function drawLeaseRing(pen: Pen, tokens: Tokens, share: number, radius: number): void {
  pen.circle(0, 0, radius).stroke({ width: WIDTH, color: tokens.nodeEdge, alpha: 0.25 });
  if (share <= 0) {
    pen.moveTo(0, -radius - WIDTH).lineTo(0, -radius + WIDTH);
    pen.stroke({ width: 2.4, color: tokens.fail });
    return;
  }
  pen.moveTo(0, -radius);
  pen.arc(0, 0, radius, TOP, TOP + Math.min(share, 0.9999) * TURN);
  pen.stroke({ width: WIDTH, color: tokens.leader });
}

export const LEASE_LEGEND: readonly LegendLine[] = [
  {
    mark: { shape: 'glyph', draw: (pen, tokens) => drawLeaseRing(pen, tokens, 0.7, 9) },
    text: 'Ring: what is left of a lease, by the clock of the one around whom it is drawn.',
  },
  {
    mark: { shape: 'glyph', draw: (pen, tokens) => drawLeaseRing(pen, tokens, 0, 9) },
    text: 'Empty ring: the lease is over, by that clock.',
  },
];
