/**
 * A server of a replicated store: a crown while it takes writes, the colour of its timeline, and
 * bars for how far the log is applied. What is empty of a bar is the lag.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { drawToken } from './glyphs/token.ts';
import { drawName } from './name.ts';
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
  drawName(brush, node.name, { size: 17, outline: 'circle', y: view === null ? -4 : -13 });
  if (view === null) {
    brush.label(isDown ? 'down' : '', 0, 13, { size: 11, colour: tokens.fail, bold: true });
    return;
  }
  brush.label(`line ${view.timeline}`, 0, 3, { size: 11, colour: tokens.text });
  drawBadge(brush, BADGE[view.role], isPrimary);
  if (isPrimary) drawCrown(over, tokens, { x: 0, y: -radius - 3 });
  if (isPrimary && view.token > 0) drawToken(brush, view.token, { x: radius, y: -radius * 0.8 });
  drawLags(brush, view);
}

/** Of a primary one for each standby, of a standby its own: records that are not applied there. */
const lagsOf = ({ role, lsn, applied, standbys }: SqlNodeView): readonly number[] =>
  role === 'primary'
    ? standbys.slice(0, BARS_MAX).map((standby) => Math.max(0, lsn - standby.applied))
    : [lsn - applied];

function drawLags(brush: Brush, view: SqlNodeView): void {
  const { over, tokens } = brush;
  const lags = lagsOf(view);
  const colour = termColour(tokens, view.timeline);
  lags.forEach((lag, i) => {
    // Short of full, whatever is missing: a lid would say that nothing more fits.
    const share = Math.min(0.99, 1 - doublings(lag, LAG_MAX));
    const y = footOf(brush) + i * BAR_STEP;
    drawFillBar(over, tokens, { x: -BAR.width / 2, y, ...BAR, share, colour });
  });
  smallPrint(brush, [printOf(view)], footOf(brush) + lags.length * BAR_STEP + 6);
}

function printOf({ role, lsn, applied, waiting, upstream, isStuck }: SqlNodeView): string {
  if (isStuck) return `log ${lsn}, cannot follow`;
  if (role === 'primary') return waiting === 0 ? `log ${lsn}` : `log ${lsn}, ${waiting} wait`;
  const reads = `applied ${applied} of ${lsn}`;
  return upstream === null ? `${reads}, follows nobody` : reads;
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
          drawFillBar(pen, tokens, {
            x: -11,
            y: -3,
            width: 22,
            height: 6,
            share: 0.7,
            colour: termColour(tokens, 1),
          }),
      },
      text: 'Bar in the colour of the timeline: what is empty of it is the lag of a standby.',
    },
  ],
});
