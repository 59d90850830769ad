/**
 * A server of a replicated store: a crown while it takes writes, the ring of its leader key, the
 * colour of its timeline, and bars for how far the log has come. What is empty of a bar is the lag.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { LEASE_LEGEND, drawLeaseRing, leaseStep, leftOf } from './glyphs/lease-ring.ts';
import { drawToken } from './glyphs/token.ts';
import type { Pen } from './glyphs/pen.ts';
import { drawSilent, drawTitle } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

type SqlNodeView = ViewOf<'sql-node'>;

const BADGE: { readonly [R in SqlNodeView['role']]: string } = {
  primary: 'PR',
  standby: 'SB',
  promoting: 'PM',
  recovering: 'RC',
  rewinding: 'RW',
};

/** A bar is empty from this lag on; each doubling below takes the same part of it. */
const LAG_MAX = 256;
const BAR = { width: 52, height: 6 } as const;
const BAR_STEP = 9;
/** The ring of the leader key is drawn so far from the rim. */
const RING = 7;
/** Its crown sits so far out at the upper left, in parts of the radius. */
const CROWN = 0.74;
const BARS_MAX = 4;

function draw(brush: Brush, node: NodeFrame, view: SqlNodeView | null): void {
  const { shape, over, radius, tokens } = brush;
  const isDown = node.status === 'down';
  const isPrimary = view?.role === 'primary';
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  if (view !== null) {
    const color = termColour(tokens, view.timeline);
    trace(shape, 'circle', radius).fill({ color, alpha: 0.16 });
  }
  trace(shape, 'circle', radius).stroke({
    width: isPrimary ? 4 : 2.5,
    color: isDown ? tokens.fault : isPrimary ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, 'circle');
  const { lease } = view;
  if (lease !== null) drawLeaseRing(over, tokens, leftOf(lease, brush.micros), radius + RING);
  drawTitle(brush, node.name, `line ${view.timeline}`, 'circle');
  drawBadge(brush, BADGE[view.role], isPrimary);
  // Aslant, where neither the top of the ring nor the name of a side is.
  if (isPrimary) drawCrown(over, tokens, { x: -radius * CROWN, y: -radius * CROWN });
  if (isPrimary && view.token > 0) drawToken(brush, view.token, { x: radius, y: -radius * 0.8 });
  drawLags(brush, view);
}

/** How far a standby is, in records of the log that it follows. */
interface Lag {
  readonly unapplied: number;
  /** Of these, so many have not come to it. */
  readonly missing: number;
}

/** Of a primary one for each standby, of a standby its own. */
const lagsOf = ({ role, lsn, applied, sourceEnd, standbys }: SqlNodeView): readonly Lag[] =>
  role === 'primary'
    ? standbys.slice(0, BARS_MAX).map((standby) => ({
        unapplied: Math.max(0, lsn - standby.applied),
        missing: Math.max(0, lsn - standby.flushed),
      }))
    : [{ unapplied: sourceEnd - applied, missing: sourceEnd - lsn }];

/** Short of full, whatever is missing: a lid would say that nothing more fits. */
const filled = (lag: number): number => Math.min(0.99, 1 - doublings(lag, LAG_MAX));

/** Its left upper corner is at (x, y). What has come and is not applied is a thin line. */
function drawLag(
  pen: Pen,
  tokens: Tokens,
  { unapplied, missing }: Lag,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly colour: string },
): void {
  const { height } = BAR;
  drawFillBar(pen, tokens, { ...at, height, share: filled(unapplied) });
  const from = at.x + filled(unapplied) * at.width;
  const to = at.x + filled(missing) * at.width;
  if (to - from < 1) return;
  const y = at.y + height / 2;
  pen.moveTo(from, y).lineTo(to, y).stroke({ width: 2, color: tokens.text });
}

function drawLags(brush: Brush, view: SqlNodeView): void {
  const { over, tokens } = brush;
  const lags = lagsOf(view);
  const colour = termColour(tokens, view.timeline);
  lags.forEach((lag, i) => {
    const y = footOf(brush) + i * BAR_STEP;
    drawLag(over, tokens, lag, { x: -BAR.width / 2, y, width: BAR.width, colour });
  });
  smallPrint(brush, [printOf(view)], footOf(brush) + lags.length * BAR_STEP + 6);
}

function printOf(view: SqlNodeView): string {
  const { role, lsn, applied, sourceEnd, waiting, upstream, isStuck } = view;
  if (isStuck) return `log ${lsn}, cannot follow`;
  if (role === 'primary') return waiting === 0 ? `log ${lsn}` : `log ${lsn}, ${waiting} wait`;
  const reads = `applied ${applied} of ${lsn}`;
  if (upstream === null) return `${reads}, follows nobody`;
  return sourceEnd > lsn ? `${reads}, ${sourceEnd - lsn} to come` : reads;
}

const details = (view: SqlNodeView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'Standbys',
    head: ['Server', 'Sent', 'On disk', 'Applied'],
    rows: view.standbys.map(({ name, sent, flushed, applied }) => [name, sent, flushed, applied]),
    empty: 'It sends its log to nobody.',
  },
];

export const sqlNode = definePainter<SqlNodeView>({
  component: 'sql-node',
  draw,
  details,
  termOf: (view) => (view.role === 'primary' ? view.timeline : 0),
  phaseOf: ({ lease }, micros) => (lease === null ? 0 : leaseStep(lease, micros)),
  badgeOf: ({ role }) => BADGE[role],
  describe: (view) => `${view.role} on timeline ${view.timeline}: ${printOf(view)}`,
  legend: [
    {
      mark: { shape: 'circle', badge: 'PR', strong: true },
      text: 'Primary: takes writes. Its number is the token of its leader key.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawCrown(pen, tokens, { x: 0, y: 8 }) },
      text: 'Crown: takes itself for the primary. Two crowns are a split brain.',
    },
    { mark: { shape: 'circle', badge: 'SB' }, text: 'Standby: answers reads, and takes no write.' },
    { mark: { shape: 'circle', badge: 'PM' }, text: 'Promoting: will be primary in a moment.' },
    { mark: { shape: 'circle', badge: 'RC' }, text: 'Recovering from a crash.' },
    { mark: { shape: 'circle', badge: 'RW' }, text: 'Rewinding: drops what the primary has not.' },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawLag(
            pen,
            tokens,
            { unapplied: 30, missing: 6 },
            { x: -11, y: -3, width: 22, colour: termColour(tokens, 1) },
          ),
      },
      text: 'Bar in the colour of the timeline: applied. Thin: come, not applied. Empty: missing.',
    },
    ...LEASE_LEGEND,
  ],
});
