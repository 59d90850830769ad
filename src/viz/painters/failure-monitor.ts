/** A monitor of heartbeats: below it a bar for each member, as full as it is near suspicion. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawFillBar } from './glyphs/fill-bar.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendMark } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type FailureMonitorView = ViewOf<'failure-monitor'>;
type Member = FailureMonitorView['members'][number];

/** More bars have no room below a node. */
const ROWS_MAX = 4;
const ROW = 15;
const BAR = { width: 34, height: 8 } as const;
/** A letter of the small print is about so wide. */
const LETTER = 6;

function draw(brush: Brush, node: NodeFrame, view: FailureMonitorView | null): void {
  drawStation(brush, node, { outline: 'hexagon', share: null });
  if (view === null) return;
  const { radius, tokens, near } = brush;
  const suspected = view.members.filter(({ isSuspected }) => isSuspected);
  if (suspected.length > 0) {
    const text = `suspects ${suspected.length === 1 ? suspected[0]!.name : suspected.length}`;
    brush.label(text, 0, 5, { size: 11, colour: tokens.fail, room: radius * 1.7 });
  }
  if (!near) return;
  const top = footOf(brush) + 2;
  const shown = worstFirst(view).slice(0, ROWS_MAX);
  shown.forEach((member, i) => drawRow(brush, view, member, top + i * ROW));
  const more = view.members.length - shown.length;
  if (more > 0) smallPrint(brush, [`and ${more} less suspect`], top + shown.length * ROW);
  if (view.members.length === 0) smallPrint(brush, ['has heard of nobody'], top);
}

function drawRow(brush: Brush, view: FailureMonitorView, member: Member, y: number): void {
  const { over, tokens } = brush;
  const { name, isSuspected } = member;
  const colour = isSuspected ? tokens.fail : tokens.muted;
  brush.label(name, -8, y, { size: 11, colour, align: 'right', plate: { fill: tokens.stage } });
  if (isSuspected) {
    over.moveTo(-9 - name.length * LETTER, y).lineTo(-7, y);
    over.stroke({ width: 1.6, color: tokens.fail });
  }
  drawFillBar(over, tokens, {
    x: -2,
    y: y - BAR.height / 2,
    ...BAR,
    share: shareOf(view, member),
    colour: isSuspected ? tokens.fail : tokens.warning,
  });
}

/** 1: it is suspected, or will be at the next look. */
const shareOf = ({ threshold }: FailureMonitorView, { level }: Member): number => level / threshold;

/** The suspected first, then those that come nearest; of equals by name, m2 before m10. */
const worstFirst = (view: FailureMonitorView): readonly Member[] =>
  [...view.members].sort((a, b) => {
    if (a.isSuspected !== b.isSuspected) return a.isSuspected ? -1 : 1;
    const rest = stepOf(view, b) - stepOf(view, a);
    if (rest !== 0) return rest;
    if (a.name.length !== b.name.length) return a.name.length - b.name.length;
    return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  });

/** In quarters: rows must not change places with every heartbeat. */
const stepOf = (view: FailureMonitorView, member: Member): number =>
  Math.floor(Math.min(1, shareOf(view, member)) * 4);

const inSeconds = (micros: number): string => `${(micros / 1_000_000).toFixed(1)} s`;

const details = (view: FailureMonitorView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'What it holds the members for',
    head: ['Member', 'Verdict', view.detector === 'timeout' ? 'Level' : 'Phi', 'Silent for'],
    rows: worstFirst(view).map(({ name, isSuspected, level, silentMicros }) => [
      name,
      isSuspected ? 'suspected' : 'trusted',
      level.toFixed(2),
      inSeconds(silentMicros),
    ]),
    empty: 'It has heard of nobody.',
  },
];

function describe({ members, detector }: FailureMonitorView): string {
  const suspected = members.filter(({ isSuspected }) => isSuspected).map(({ name }) => name);
  const whom = suspected.length === 0 ? 'nobody' : suspected.join(', ');
  return `failure monitor (${detector}) of ${members.length} members, suspects ${whom}`;
}

/** As below the monitor. */
const bar = (share: number): LegendMark => ({
  shape: 'glyph',
  draw: (pen, tokens) => {
    const colour = share < 1 ? tokens.warning : tokens.fail;
    drawFillBar(pen, tokens, { x: -11, y: -4, width: 22, height: 8, share, colour });
  },
});

export const failureMonitor = definePainter<FailureMonitorView>({
  component: 'failure-monitor',
  draw,
  details,
  badgeOf: () => 'FD',
  describe,
  legend: [
    {
      mark: { shape: 'hexagon', badge: 'FD' },
      text: 'Failure monitor: listens for heartbeats and suspects whoever is silent too long.',
    },
    { mark: bar(0.5), text: 'Bar of a member: how near its silence has come to the threshold.' },
    { mark: bar(1), text: 'With a lid, and its name struck through: the member is suspected.' },
  ],
});
