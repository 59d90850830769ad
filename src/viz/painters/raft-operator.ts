/** An operator of a Raft group: what it is about to change, and how its orders ended. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawMarks } from './glyphs/marks.ts';
import type { MarkKind } from './glyphs/marks.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type RaftOperatorView = ViewOf<'raft-operator'>;

const MARKS_MAX = 5;
/** As wide as a box of few clients leaves. */
const ROOM = 104;

function draw(brush: Brush, node: NodeFrame, view: RaftOperatorView | null): void {
  const { shape, over, radius, tokens } = brush;
  trace(shape, 'rounded', radius).fill({ color: tokens.node });
  trace(shape, 'rounded', radius).stroke({
    width: view?.isUnderWay === true ? 3.5 : 2,
    color: node.status === 'down' ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  drawName(brush, node.name, { y: view === null ? 0 : -6, size: 13, outline: 'rounded' });
  if (view === null) return;
  drawMarks(over, tokens, marksOf(view), { x: 0, y: radius - 11 });
  if (!brush.near) return;
  const plate = { fill: tokens.panel };
  // Two lines, so that an order of several servers need not be small.
  printOf(view).forEach((text, i) => {
    const options = { size: 11, colour: tokens.muted, room: ROOM, plate };
    brush.label(text, 0, radius + 14 + i * 15, options);
  });
}

/** The newest that ended, then those to come. */
function marksOf({ done, refused, left }: RaftOperatorView): readonly MarkKind[] {
  const repeat = (kind: MarkKind, count: number) => Array.from({ length: count }, () => kind);
  const toCome = Math.min(left.length, MARKS_MAX);
  const ended = [...repeat('ok', done), ...repeat('fail', refused)];
  const room = MARKS_MAX - toCome;
  return [...(room === 0 ? [] : ended.slice(-room)), ...repeat('wait', toCome)];
}

function printOf({ order, isUnderWay, left }: RaftOperatorView): readonly string[] {
  if (order === null) return ['nothing to do'];
  const [next] = left;
  const at = next === undefined ? 'next' : `at ${next.atMs / 1_000} s`;
  return [order, isUnderWay ? 'under way' : at];
}

const details = (view: RaftOperatorView): readonly Detail[] => [
  {
    kind: 'fields',
    fields: [
      { label: 'Done', value: view.done },
      { label: 'Refused', value: view.refused },
      { label: 'Tries of the one under way', value: view.tries },
    ],
  },
  {
    kind: 'table',
    title: 'Orders that are left',
    head: ['Order', 'From', 'State'],
    rows: view.left.map(({ order, atMs }, i) => [
      order,
      `${atMs / 1_000} s`,
      i === 0 && view.isUnderWay ? 'under way' : 'to come',
    ]),
    empty: 'Nothing is left to do.',
  },
];

export const raftOperator = definePainter<RaftOperatorView>({
  component: 'raft-operator',
  draw,
  details,
  isBusy: ({ isUnderWay }) => isUnderWay,
  describe: (view) =>
    `operator: ${printOf(view).join(', ')}; ${view.done} done, ${view.refused} refused, ` +
    `${view.left.length} left`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Operator of a group: below it what it asks for; its rim is strong meanwhile.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawMarks(pen, tokens, ['ok', 'fail', 'wait'], { x: 0, y: 0 }),
      },
      text: 'Its orders: done a disc, refused a cross, still to come a stroke.',
    },
  ],
});
