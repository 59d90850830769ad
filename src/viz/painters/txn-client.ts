/** A client of a transactional store: which workers are in a transaction, how others ended. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawAlarm } from './glyphs/alarm.ts';
import { drawSlots } from './glyphs/slots.ts';
import { drawTally } from './glyphs/tally-bar.ts';
import { drawName } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush, Tally } from './painter.ts';

type TxnClientView = ViewOf<'txn-client'>;

const tallyOf = ({ committed, aborted, unknown }: TxnClientView): Tally => ({
  ok: committed,
  fail: aborted,
  unknown,
});

function draw(brush: Brush, node: NodeFrame, view: TxnClientView | null): void {
  const { shape, over, radius, tokens } = brush;
  trace(shape, 'rounded', radius).fill({ color: tokens.node });
  trace(shape, 'rounded', radius).stroke({
    width: 2,
    color: node.status === 'down' ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  drawName(brush, node.name, { y: view === null ? 0 : -9, size: 13, outline: 'rounded' });
  if (view === null) return;
  const { open } = view;
  const max = Math.max(1, view.workers.length);
  const width = radius * 1.5;
  drawSlots(over, tokens, { x: 0, y: 3, width, max, busy: open, idle: max - open, as: 'squares' });
  drawTally(over, tokens, tallyOf(view), { x: -15, y: 11, width: 30 });
  if (view.wrong > 0) drawAlarm(over, tokens, { x: radius - 1, y: -radius + 1 });
}

const details = (view: TxnClientView): readonly Detail[] => [
  {
    kind: 'fields',
    fields: [
      { label: 'Under way', value: view.open },
      { label: 'Committed', value: view.committed },
      { label: 'Aborted', value: view.aborted },
      { label: 'Unknown', value: view.unknown, word: 'unknown' },
      { label: 'Committed after reading what cannot be', value: view.wrong },
    ],
  },
  {
    kind: 'table',
    title: 'Workers',
    head: ['Worker', 'Phase', 'Transaction', 'Talks to', 'Statements', 'Attempt'],
    rows: view.workers.map(({ name, phase, txn, shard, statements, attempt }) => [
      name,
      phase,
      txn ?? 'none',
      shard ?? 'nobody',
      statements,
      attempt,
    ]),
  },
];

export const txnClient = definePainter<TxnClientView>({
  component: 'txn-client',
  draw,
  details,
  isBusy: ({ open }) => open > 0,
  tallyOf,
  describe: (view) =>
    `client: ${view.open} transactions under way, ${view.committed} committed, ` +
    `${view.aborted} aborted, ${view.unknown} unknown` +
    (view.wrong > 0 ? `; ${view.wrong} have read what cannot be` : ''),
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Client: below its name its workers, filled while a transaction is under way.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawTally(pen, tokens, { ok: 4, fail: 2, unknown: 2 }, { x: -12, y: -3, width: 24 }),
      },
      text: 'How its transactions ended: committed full, aborted crossed, unknown hollow.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawAlarm(pen, tokens, { x: 0, y: 2 }) },
      text: 'Triangle on a corner: a transaction that committed has read what cannot be.',
    },
  ],
});
