/** A rate limiter: a bucket of what may still pass, and its newest decisions as marks. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { callsTable, describeCalls, describeTries } from './calls.ts';
import { levelAt, levelStep } from './course.ts';
import type { Detail } from './detail.ts';
import { BUCKET_LEGEND, drawBucket } from './glyphs/bucket.ts';
import { drawMarks } from './glyphs/marks.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type LimiterView = ViewOf<'rate-limiter'>;

/** More are wider than the room of a node. */
const MARKS_MAX = 14;
const MARKS_MAX_FAR = 9;

function draw(brush: Brush, node: NodeFrame, view: LimiterView | null): void {
  const { over, tokens } = brush;
  drawStation(brush, node, { outline: 'octagon', share: null, nameY: -17 });
  if (view === null) return;
  const level = levelAt(view.course, brush.micros);
  const share = level === null ? null : 1 - level;
  drawBucket(over, tokens, { x: 0, y: -6, width: 32, height: 26, share });
  const top = footOf(brush) + 1;
  const newest = view.marks.slice(brush.near ? -MARKS_MAX : -MARKS_MAX_FAR);
  drawMarks(
    over,
    tokens,
    newest.map(({ admitted }) => (admitted ? 'ok' : 'fail')),
    { x: 0, y: top },
  );
  smallPrint(brush, printOf(view), top + 14);
}

function printOf(view: LimiterView): string[] {
  const { admitted, refused, isRefusing, isStoreLost } = view;
  // In one line: below a row of marks there is no room for a second that matters.
  const lines = [
    isRefusing ? `refusing: ${refused}, ${admitted} in` : `${admitted} in, ${refused} refused`,
  ];
  if (isStoreLost) lines.unshift('store lost');
  return lines;
}

/** When it was last looked at: words do not move with time. */
function left({ course }: LimiterView): string {
  const level = course[0]?.level;
  return level === undefined ? 'not known how much' : `${Math.round((1 - level) * 100)} %`;
}

/** Those behind it, and its store. */
const callsOf = ({ upstream, store }: LimiterView) =>
  store === null ? [upstream] : [upstream, store];

function details(view: LimiterView): readonly Detail[] {
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'May still pass', value: left(view) },
        { label: 'Admitted', value: view.admitted },
        { label: 'Refused', value: view.refused },
        { label: 'Undecided', value: view.undecided },
        { label: 'Under way', value: view.underWay },
        { label: 'Store calls', value: view.storeCalls },
        { label: 'Store lost', value: view.isStoreLost },
      ],
    },
    {
      kind: 'outcomes',
      title: 'Newest decisions',
      items: view.marks
        .slice(-8)
        .reverse()
        .map(({ admitted }) =>
          admitted ? { label: 'Admitted', outcome: 'ok' } : { label: 'Refused', outcome: 'fail' },
        ),
    },
    callsTable(callsOf(view)),
  ];
}

export const rateLimiter = definePainter<LimiterView>({
  component: 'rate-limiter',
  draw,
  details,
  phaseOf: ({ course }, micros) => levelStep(course, micros),
  standsInRow: true,
  badgeOf: () => 'RL',
  describe: (view) =>
    `rate limiter: ${left(view)} may still pass, ${view.admitted} admitted, ` +
    `${view.refused} refused` +
    (view.isStoreLost ? ', its store is lost' : '') +
    describeTries(callsOf(view)) +
    describeCalls([view.upstream]),
  legend: [
    { mark: { shape: 'octagon', badge: 'RL' }, text: 'Rate limiter: decides who may pass.' },
    ...BUCKET_LEGEND,
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawBucket(pen, tokens, { x: 0, y: -10, width: 22, height: 20, share: null }),
      },
      text: 'Bucket with a question mark: its store keeps the count, or nobody has asked yet.',
    },
  ],
});
