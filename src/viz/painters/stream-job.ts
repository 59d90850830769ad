/**
 * Stream jobs: tasks with their watermark, the windows that they keep and the inputs that wait for
 * a barrier; the coordinator with its checkpoints; the log that is read, and what readers see.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import { termColour } from '../theme/tokens.ts';
import { plural } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { STRIP_STEP, drawLogStrip } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { QUEUE_LEGEND, drawQueue, drawStation, footOf, smallPrint } from './station.ts';

type TaskView = ViewOf<'stream-task'>;
type Input = TaskView['inputs'][number];

const BADGES = { source: 'SO', window: 'WI', sink: 'SK' } as const;

const timeText = (watermark: TaskView['watermark']): string =>
  watermark === null ? 'no watermark' : `watermark ${watermark}`;

const shortTime = (watermark: TaskView['watermark']): string =>
  watermark === null ? '–' : String(watermark);

/** What is worth saying of an input on the map. */
const inputText = ({ from, waiting, isBlocked, isIdle }: Input): string =>
  isBlocked ? `${from} blocked, ${waiting} wait` : isIdle ? `${from} idle` : '';

const pendingText = ({ pending, current }: TaskView): readonly string[] => [
  ...pending.map(({ id, checkpoint }) => `${id} waits for checkpoint ${checkpoint}`),
  ...(current === null ? [] : [`${current} open`]),
];

const splitTexts = ({ splits }: TaskView): readonly string[] =>
  splits.map(
    ({ partition, offset, isIdle }) =>
      `partition ${partition}${isIdle ? ' idle' : ` at ${Math.max(0, offset)}`}`,
  );

const linesOf = (view: TaskView): readonly string[] => {
  if (view.attempt === 0) return ['not deployed'];
  const inputs = view.inputs.map(inputText).filter((text) => text !== '');
  const own = { source: splitTexts(view), window: [], sink: pendingText(view) }[view.role];
  return [`snapshot ${view.checkpoint}`, ...own, ...inputs];
};

/** A window is filled once it has given its result. */
const cellsOf = ({ panes }: TaskView, tokens: Tokens): readonly LogCell[] =>
  panes.map(({ start, hasResult }) => ({
    colour: termColour(tokens, Math.abs(start)),
    fill: hasResult ? 'whole' : 'floor',
  }));

const waitingOf = ({ inputs }: TaskView): number =>
  inputs.reduce((sum, { waiting }) => sum + waiting, 0);

const QUEUE_SHOWN = 1_000;

function drawTask(brush: Brush, node: NodeFrame, view: TaskView | null): void {
  const badge = view === null ? node.badge : BADGES[view.role];
  drawStation(brush, node, { outline: 'rounded', share: null, nameY: -11, badge });
  if (view === null) return;
  const { tokens } = brush;
  if (view.role !== 'sink') {
    const room = brush.radius * 1.6;
    brush.label(shortTime(view.watermark), 0, 7, {
      size: 12,
      colour: tokens.text,
      bold: true,
      room,
    });
  }
  if (view.role !== 'source') drawQueue(brush, waitingOf(view), QUEUE_SHOWN);
  const hasStrip = view.panes.length > 0;
  if (hasStrip) drawLogStrip(brush, cellsOf(view, tokens), plural(view.panes.length, 'window'));
  smallPrint(brush, linesOf(view).slice(0, 4), footOf(brush) + (hasStrip ? STRIP_STEP : 0));
}

const taskDetails = (view: TaskView): readonly Detail[] => {
  const tables: { readonly [role in TaskView['role']]: Detail } = {
    source: {
      kind: 'table',
      title: 'Partitions',
      head: ['Partition', 'Next offset', 'State'],
      rows: view.splits.map(({ partition, offset, isIdle }) => [
        partition,
        offset < 0 ? 'end' : offset,
        isIdle ? 'idle' : 'active',
      ]),
      empty: 'It does not know them yet.',
    },
    window: {
      kind: 'table',
      title: 'Windows',
      head: ['Key', 'From (ms)', 'To (ms)', 'Sum', 'Result'],
      rows: view.panes.map(({ key, start, end, sum, hasResult }) => [
        key,
        start,
        end,
        sum,
        hasResult ? 'given' : 'not yet',
      ]),
      empty: 'It has none.',
    },
    sink: {
      kind: 'table',
      title: 'Transactions',
      head: ['Transaction', 'Waits for checkpoint'],
      rows: [
        ...view.pending.map(({ id, checkpoint }) => [id, checkpoint]),
        ...(view.current === null ? [] : [[view.current, 'open']]),
      ],
      empty: 'None is open.',
    },
  };
  const inputs: Detail = {
    kind: 'table',
    title: 'Inputs',
    head: ['From', 'Waiting', 'State'],
    rows: view.inputs.map(({ from, waiting, isBlocked, isIdle }) => [
      from,
      waiting,
      isBlocked ? 'blocked' : isIdle ? 'idle' : 'open',
    ]),
    empty: 'It is not deployed.',
  };
  const fields: Detail = { kind: 'fields', fields: view.fields };
  return view.role === 'source' ? [fields, tables.source] : [fields, tables[view.role], inputs];
};

export const streamTask = definePainter<TaskView>({
  component: 'stream-task',
  standsInRow: true,
  draw: drawTask,
  details: taskDetails,
  badgeOf: ({ role }) => BADGES[role],
  describe: (view) =>
    [
      view.role,
      timeText(view.watermark),
      plural(view.panes.length, 'window'),
      ...linesOf(view),
    ].join(', '),
  legend: [
    {
      mark: { shape: 'rounded', badge: 'SO' },
      text: 'Source of a stream job. The number: its watermark, in milliseconds of event time.',
    },
    {
      mark: { shape: 'rounded', badge: 'WI' },
      text:
        'Window operator. The number: its watermark; below: the windows that it keeps, filled ' +
        'once they have given a result. An input is blocked while its barrier waits for others.',
    },
    {
      mark: { shape: 'rounded', badge: 'SK' },
      text: 'Sink, with the transactions that wait for a checkpoint.',
    },
    QUEUE_LEGEND,
  ],
});

type JobView = ViewOf<'job-coordinator'>;

const progressOf = ({ underWay, tasks }: JobView): string | null =>
  underWay === null
    ? null
    : `checkpoint ${underWay.checkpoint}: ${underWay.acknowledged} of ${tasks}`;

export const jobCoordinator = definePainter<JobView>({
  component: 'job-coordinator',
  flow: ['sources', 'operators', 'sinks'],
  draw(brush, node, view) {
    drawStation(brush, node, { outline: 'rounded', share: null, nameY: -11 });
    if (view === null) return;
    const { tokens } = brush;
    brush.label(`${view.checkpoint}`, 0, 7, { size: 13, colour: tokens.text, bold: true });
    const progress = progressOf(view);
    const lines = [
      `attempt ${view.attempt}, ${view.phase}`,
      ...(progress === null ? [] : [progress]),
    ];
    smallPrint(brush, lines, footOf(brush));
  },
  badgeOf: () => 'JM',
  describe: (view) =>
    [
      `coordinator of attempt ${view.attempt}, ${view.phase}`,
      `completed checkpoint ${view.checkpoint}`,
      progressOf(view) ?? 'no checkpoint under way',
    ].join(', '),
  legend: [
    {
      mark: { shape: 'rounded', badge: 'JM' },
      text: 'Coordinator of a stream job. The number: the newest checkpoint that is complete.',
    },
  ],
});

type LogView = ViewOf<'event-log'>;

export const eventLog = definePainter<LogView>({
  component: 'event-log',
  draw(brush, node, view) {
    drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
    if (view === null) return;
    brush.label(`${view.events}`, 0, 9, { size: 13, colour: brush.tokens.text, bold: true });
    const lines = view.partitions.map(
      ({ events, latest }, i) =>
        `${i}: ${plural(events, 'event')}${latest === null ? '' : `, ${latest} ms`}`,
    );
    smallPrint(brush, lines.slice(0, 4), footOf(brush));
  },
  details: (view) => [
    { kind: 'fields', fields: view.fields },
    {
      kind: 'table',
      title: 'Partitions',
      head: ['Partition', 'Events', 'Newest event time (ms)'],
      rows: view.partitions.map(({ events, latest }, i) => [i, events, latest ?? 'none']),
    },
  ],
  badgeOf: () => 'EL',
  describe: ({ events, partitions }) =>
    `log of ${plural(events, 'event')}, ${plural(partitions.length, 'partition')}`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'EL' },
      text: 'Log of events. The number: how many there are; below: of each partition.',
    },
  ],
});

type StoreView = ViewOf<'result-store'>;

export const resultStore = definePainter<StoreView>({
  component: 'result-store',
  draw(brush, node, view) {
    drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
    if (view === null) return;
    brush.label(`${view.rows}`, 0, 9, { size: 13, colour: brush.tokens.text, bold: true });
    const lines = view.open.map(({ id, rows }) => `${id}: ${rows} rows unseen`);
    smallPrint(brush, lines.slice(0, 4), footOf(brush));
  },
  details: (view) => [
    { kind: 'fields', fields: view.fields },
    {
      kind: 'table',
      title: 'Rows, the newest first',
      head: ['Key', 'From (ms)', 'To (ms)', 'Sum'],
      rows: view.newest.map(({ key, start, end, sum }) => [key, start, end, sum]),
      empty: 'Readers see none.',
    },
    {
      kind: 'table',
      title: 'Open transactions',
      head: ['Transaction', 'Rows'],
      rows: view.open.map(({ id, rows }) => [id, rows]),
      empty: 'There is none.',
    },
  ],
  badgeOf: () => 'RS',
  describe: ({ rows, open }) => `store of ${rows} rows, ${open.length} transactions open`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'RS' },
      text: 'Store of results. The number: rows that readers see; below: transactions.',
    },
  ],
});
