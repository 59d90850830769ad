/**
 * A sentinel: around it what it holds each server for, in its corner the epoch, below it whom it
 * would replace, by how many votes, and whom it names.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawShareRing } from './glyphs/share-ring.ts';
import type { Sharer } from './glyphs/share-ring.ts';
import { drawSilent, drawTitle } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendMark } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

type SentinelView = ViewOf<'sentinel'>;

const RING = 7;
const BADGE_RISE = 14;

/** S_DOWN is one sentinel's opinion: in pieces; O_DOWN is agreed on: crossed out. */
const stateOf = (
  { isObjectivelyDown }: SentinelView,
  { isDown, isPrimary }: SentinelView['servers'][number],
): Sharer['state'] => {
  if (!isDown) return 'well';
  return isPrimary && isObjectivelyDown ? 'down' : 'ejected';
};

function draw(brush: Brush, node: NodeFrame, view: SentinelView | null): void {
  const { shape, over, radius, tokens } = brush;
  const isDown = node.status === 'down';
  const leads = view !== null && view.phase !== null && view.phase !== 'wait-start';
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  trace(shape, 'circle', radius).stroke({
    width: leads ? 4 : 2.5,
    color: isDown ? tokens.fault : leads ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, 'circle');
  const line = brush.near || view.currentEpoch > 0 ? `epoch ${view.currentEpoch}` : '';
  drawTitle(brush, node.name, line, 'circle');
  if (brush.near) drawBadge(brush, 'SE', leads, radius - BADGE_RISE);
  const share = 1 / Math.max(1, view.servers.length);
  const ring = view.servers.map((server) => ({ share, state: stateOf(view, server) }));
  drawShareRing(over, tokens, ring, radius + RING);
  smallPrint(brush, printOf(view), footOf(brush) + 2);
}

/** Who is primary to it, what it misses, and where its failover is. */
function printOf(view: SentinelView): readonly string[] {
  const down = view.servers.filter(({ isDown }) => isDown).map(({ name }) => name);
  const word = view.isObjectivelyDown ? 'agreed down' : 'down to it';
  return [
    `primary ${view.primary}`,
    ...(view.isTilted ? ['TILT: acts not'] : []),
    ...(down.length === 0 ? [] : [`${word}: ${down.join(', ')}`]),
    ...stepOf(view),
  ];
}

function stepOf({ phase, votes, votesNeeded, promoted, vote }: SentinelView): readonly string[] {
  switch (phase) {
    case null:
      return vote === null ? [] : [`voted for ${vote}`];
    case 'wait-start':
      return [`votes ${votes.length} of ${votesNeeded}`];
    case 'select':
      return ['elected'];
    case 'promote':
    case 'wait-promotion':
      return [`promotes ${promoted ?? ''}`];
    case 'reconfigure':
      return [`others to ${promoted ?? ''}`];
  }
}

const details = (view: SentinelView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'What it holds the servers for',
    head: ['Server', 'Says it is', 'Log', 'Silent', ''],
    rows: view.servers.map(({ name, role, offset, silentMicros, isDown }) => [
      name,
      role ?? 'unknown',
      offset ?? '',
      `${Math.round(silentMicros / 1_000)} ms`,
      isDown ? 'S_DOWN' : '',
    ]),
    empty: 'It watches nobody.',
  },
  {
    kind: 'table',
    title: 'Votes for it',
    head: ['Sentinel'],
    rows: view.votes.map((name) => [name]),
    empty: 'It asks for none.',
  },
];

const mark = (state: Sharer['state']): LegendMark => ({
  shape: 'glyph',
  draw: (pen, tokens) => {
    const states: readonly Sharer['state'][] = [state, 'well', 'well'];
    const ring = states.map((one) => ({ share: 1 / states.length, state: one }));
    drawShareRing(pen, tokens, ring, 8);
  },
});

export const sentinel = definePainter<SentinelView>({
  component: 'sentinel',
  needsMajority: true,
  draw,
  details,
  badgeOf: () => 'SE',
  describe: (view) => `sentinel in epoch ${view.currentEpoch}: ${printOf(view).join('; ')}`,
  legend: [
    {
      mark: { shape: 'circle', badge: 'SE' },
      text: 'Sentinel: watches servers. Its rim is bright while it leads a failover.',
    },
    { mark: mark('well'), text: 'Piece of its ring: a server that answers it.' },
    { mark: mark('ejected'), text: 'In pieces: a server that it alone holds for down (S_DOWN).' },
    { mark: mark('down'), text: 'Crossed: the primary is down, the quorum agrees (O_DOWN).' },
  ],
});
