/** A member that watches the others: around it what it holds each of them for. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { SHARERS_MAX, drawShareRing } from './glyphs/share-ring.ts';
import type { Sharer } from './glyphs/share-ring.ts';
import { drawSilent, drawTitle } from './name.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendMark } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

type SwimMemberView = ViewOf<'swim-member'>;
type Member = SwimMemberView['members'][number];
type Status = Member['status'];

const STATUSES: readonly Status[] = ['alive', 'suspect', 'dead'];

/** As shares of a whole are drawn: in pieces what is in doubt, thin and crossed what is gone. */
const ARC: { readonly [S in Status]: Sharer['state'] } = {
  alive: 'well',
  suspect: 'ejected',
  dead: 'down',
};

const RING = 7;
const BADGE_RISE = 14;
/** More names have no room below a node. */
const NAMES_MAX = 3;

function draw(brush: Brush, node: NodeFrame, view: SwimMemberView | null): void {
  const { shape, over, radius, tokens } = brush;
  const isDown = node.status === 'down';
  trace(shape, 'circle', radius).fill({ color: tokens.node });
  trace(shape, 'circle', radius).stroke({
    width: 2.5,
    color: isDown ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, 'circle');
  // Seen from afar there is no room for what is as it began.
  const line = brush.near || view.incarnation > 0 ? `inc ${view.incarnation}` : '';
  drawTitle(brush, node.name, line, 'circle');
  // Within the rim: none of the ring may be hidden.
  if (brush.near) drawBadge(brush, node.badge, false, radius - BADGE_RISE);
  drawShareRing(over, tokens, ringOf(view), radius + RING);
  smallPrint(brush, printOf(view), footOf(brush) + 2);
}

const having = ({ members }: SwimMemberView, status: Status): readonly Member[] =>
  members.filter((member) => member.status === status);

/** One piece for each of the others, in an order that stays; of many one for each status. */
function ringOf(view: SwimMemberView): readonly Sharer[] {
  const { members } = view;
  const share = 1 / Math.max(1, members.length);
  if (members.length <= SHARERS_MAX) {
    return byName(members).map(({ status }) => ({ share, state: ARC[status] }));
  }
  return STATUSES.map((status) => ({
    share: having(view, status).length * share,
    state: ARC[status],
  })).filter((piece) => piece.share > 0);
}

/** m2 before m10. They become known in any order, and each member has its own. */
const byName = (members: readonly Member[]): readonly Member[] =>
  [...members].sort((a, b) => {
    if (a.name.length !== b.name.length) return a.name.length - b.name.length;
    return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  });

/** Nothing where all are well: that is what is expected. */
function printOf(view: SwimMemberView): readonly string[] {
  const line = (word: string, status: Status): readonly string[] => {
    const names = byName(having(view, status)).map(({ name }) => name);
    if (names.length === 0) return [];
    return [names.length > NAMES_MAX ? `${word} ${names.length}` : `${word} ${names.join(', ')}`];
  };
  return [...line('suspects', 'suspect'), ...line('dead:', 'dead')];
}

const details = (view: SwimMemberView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'What it holds the others for',
    head: ['Member', 'Status', 'Incarnation'],
    rows: byName(view.members).map(({ name, status, incarnation }) => [name, status, incarnation]),
    empty: 'It knows nobody.',
  },
];

function describe(view: SwimMemberView): string {
  const counts = STATUSES.map((status) => `${having(view, status).length} ${status}`).join(', ');
  const print = printOf(view).map((line) => `, ${line}`);
  return `member with incarnation ${view.incarnation}; of the others ${counts}${print.join('')}`;
}

/** One of three others, beside two that are well. */
const mark = (state: Sharer['state']): LegendMark => ({
  shape: 'glyph',
  draw: (pen, tokens) => {
    const states: readonly Sharer['state'][] = [state, 'well', 'well'];
    const ring = states.map((one) => ({ share: 1 / states.length, state: one }));
    drawShareRing(pen, tokens, ring, 8);
  },
});

export const swimMember = definePainter<SwimMemberView>({
  component: 'swim-member',
  draw,
  details,
  badgeOf: () => 'SW',
  describe,
  legend: [
    {
      mark: { shape: 'circle', badge: 'SW' },
      text: 'Member that watches the others by gossip. Below its name its incarnation.',
    },
    { mark: mark('well'), text: 'Piece of its ring, whole: one of the others, alive for it.' },
    { mark: mark('ejected'), text: 'In pieces: one of the others that it suspects.' },
    { mark: mark('down'), text: 'Thin with a cross: one that it takes for dead.' },
  ],
});
