/**
 * Event sourcing: the store with its newest events, each in the colour of its stream; a projection
 * with the same positions, of which those that it has no rows of are empty; who writes, who asks.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import type { Tokens } from '../theme/tokens.ts';
import { often, plural } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { STRIP_STEP, drawLogStrip } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawCounted } from './queue-clients.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type StoreView = ViewOf<'event-store'>;
type StreamHead = StoreView['streams'][number];

const HEADS_MAX = 3;

/** The number in its name, so that a stream keeps its colour. */
const colourOf = (tokens: Tokens, stream: string): string =>
  termColour(tokens, Number(/\d+$/.exec(stream)?.[0] ?? 1));

const headText = ({ stream, revision, snapshot }: StreamHead): string =>
  `${stream} at ${revision}${snapshot < 0 ? '' : `, snapshot ${snapshot}`}`;

function drawStore(brush: Brush, node: NodeFrame, view: StoreView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
  if (view === null) return;
  const { tokens } = brush;
  brush.label(`${view.head}`, 0, 9, { size: 13, colour: tokens.text, bold: true });
  const cells: readonly LogCell[] = view.tail.map(({ stream, isDurable }) => ({
    colour: colourOf(tokens, stream),
    fill: isDurable ? 'whole' : 'none',
  }));
  drawLogStrip(brush, cells, `head ${view.head}`);
  if (!brush.near) return;
  smallPrint(brush, view.streams.slice(0, HEADS_MAX).map(headText), footOf(brush) + STRIP_STEP);
}

export const eventStore = definePainter<StoreView>({
  component: 'event-store',
  draw: drawStore,
  details: (view) => [
    { kind: 'fields', fields: view.fields },
    {
      kind: 'table',
      title: 'Streams, the newest first',
      head: ['Stream', 'Revision', 'Snapshot'],
      rows: view.streams.map(({ stream, revision, snapshot }) => [
        stream,
        revision,
        snapshot < 0 ? 'none' : snapshot,
      ]),
      empty: 'It has no event.',
    },
  ],
  badgeOf: () => 'ES',
  describe: ({ head, streams }) =>
    [`store of ${plural(head, 'event')}`, ...streams.slice(0, HEADS_MAX).map(headText)].join('; '),
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'ES' },
      text:
        'Store of events. The number: the position of the newest; below: the newest events, each ' +
        'in the colour of its stream.',
    },
    { mark: { shape: 'cell', filled: true }, text: 'An event on disk, or one that has its row.' },
    {
      mark: { shape: 'cell', filled: false },
      text: 'An event that is not yet on disk; at a projection: one without a row, the lag.',
    },
  ],
});

type ProjectionView = ViewOf<'projection'>;

const CELLS_MAX = 8;

const captionOf = ({ position, lag }: ProjectionView): string =>
  lag === 0 ? `at ${position}` : `at ${position}, ${lag} behind`;

/** The last positions up to the head; or, of one far behind, those around its own. */
function cellsOf({ position, head }: ProjectionView, tokens: Tokens): LogCell[] {
  const last = Math.max(position, Math.min(head, position + CELLS_MAX - 1));
  const cells: LogCell[] = [];
  for (let at = Math.max(1, last - CELLS_MAX + 1); at <= last; at += 1) {
    cells.push({ colour: tokens.accent, fill: at <= position ? 'whole' : 'none' });
  }
  return cells;
}

function drawProjection(brush: Brush, node: NodeFrame, view: ProjectionView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -4 });
  if (view === null) return;
  drawLogStrip(brush, cellsOf(view, brush.tokens), captionOf(view));
  if (view.waiting === 0) return;
  smallPrint(
    brush,
    [`${plural(view.waiting, 'query waits', 'queries wait')}`],
    footOf(brush) + STRIP_STEP,
  );
}

const projectionDetails = ({ fields, balances }: ProjectionView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
    kind: 'table',
    title: 'Balances',
    head: ['Account', 'Balance'],
    rows: balances.map(([account, balance]) => [account, balance]),
    empty: 'It has no row.',
  },
];

export const projection = definePainter<ProjectionView>({
  component: 'projection',
  draw: drawProjection,
  details: projectionDetails,
  badgeOf: () => 'PJ',
  describe: (view) =>
    `projection ${captionOf(view)}, ${plural(view.waiting, 'query waits', 'queries wait')}`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'PJ' },
      text:
        'Projection: rows made of events. Below: how far they are; empty cells are events that ' +
        'it knows of and has no rows of yet.',
    },
  ],
});

export const commandService = definePainter<ViewOf<'command-service'>>({
  component: 'command-service',
  draw: (brush, node, view) =>
    drawCounted(brush, node, `${view?.underWay ?? 0}`, {
      ok: view?.ok ?? 0,
      fail: view?.fail ?? 0,
      unknown: 0,
    }),
  describe: ({ underWay, ok, fail }) =>
    `writing side: ${plural(underWay, 'command')} under way, ${ok} done, ${fail} refused`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Command service: commands under way, and how those before ended.',
    },
  ],
});

export const accountClient = definePainter<ViewOf<'account-client'>>({
  component: 'account-client',
  draw: (brush, node, view) =>
    drawCounted(brush, node, `${view?.open ?? 0}`, view ?? { ok: 0, fail: 0, unknown: 0 }),
  isBusy: ({ open }) => open > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: ({ ok, fail, unknown, stale }) =>
    `client: ${plural(ok, 'command')} done, ${fail} refused, ${unknown} unknown; ` +
    `${often(stale)} it did not see its own change`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Client of accounts: what it waits for, and how its commands ended.',
    },
  ],
});
