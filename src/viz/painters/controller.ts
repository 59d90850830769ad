/**
 * A controller of a cluster of brokers: its outline is its role in the metadata quorum, its number
 * the epoch; the active one says how many brokers live and which partitions nobody leads.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawSilent, drawTitle } from './name.ts';
import type { Outline } from './outline.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { footOf, smallPrint } from './station.ts';

type ControllerView = ViewOf<'controller'>;
type Role = ControllerView['role'];

const OUTLINE: { readonly [R in Role]: Outline } = {
  leader: 'star',
  candidate: 'hexagon',
  'pre-candidate': 'octagon',
  follower: 'circle',
};

function draw(brush: Brush, node: NodeFrame, view: ControllerView | null): void {
  const { shape, radius, tokens } = brush;
  const outline = OUTLINE[view?.role ?? 'follower'];
  const isDown = node.status === 'down';
  const isActive = view?.isActive ?? false;
  trace(shape, outline, radius).fill({ color: tokens.node });
  if (view !== null && view.term > 0) {
    trace(shape, outline, radius).fill({ color: termColour(tokens, view.term), alpha: 0.16 });
  }
  trace(shape, outline, radius).stroke({
    width: isActive ? 4 : 2.5,
    color: isDown ? tokens.fault : isActive ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, outline);
  drawTitle(brush, node.name, `epoch ${view.term}`, outline);
  drawBadge(brush, badgeOf(view), isActive);
  if (isActive) smallPrint(brush, summaryOf(view), footOf(brush));
}

const badgeOf = ({ isActive }: ControllerView): string => (isActive ? 'AC' : 'CT');

function summaryOf({ brokers, partitions }: ControllerView): string[] {
  const alive = brokers.filter(({ state }) => state === 'active').length;
  const offline = partitions.filter(({ leader }) => leader === null).length;
  const lines = [`${alive} of ${brokers.length} brokers`];
  if (offline > 0) lines.push(`${offline} of ${partitions.length} partitions offline`);
  return lines;
}

const details = ({ fields, brokers, partitions }: ControllerView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
    kind: 'table',
    title: 'Brokers',
    head: ['Broker', 'State', 'Broker epoch'],
    rows: brokers.map(({ name, state, brokerEpoch }) => [name, state, brokerEpoch]),
    empty: 'No broker has registered.',
  },
  {
    kind: 'table',
    title: 'Partitions',
    head: ['Partition', 'Leader', 'Epoch', 'ISR', 'ELR', 'Replicas'],
    rows: partitions.map((one) => [
      one.name,
      one.leader ?? 'nobody',
      { term: one.leaderEpoch },
      one.isr.join(', '),
      one.elr.join(', '),
      one.replicas.join(', '),
    ]),
    empty: 'There is no topic yet.',
  },
];

export const controller = definePainter<ControllerView>({
  component: 'controller',
  needsMajority: true,
  draw,
  details,
  termOf: ({ term }) => term,
  badgeOf,
  describe: (view) =>
    view.isActive
      ? `active controller of epoch ${view.term}, ${summaryOf(view).join(', ')}`
      : `controller, ${view.role} in epoch ${view.term}`,
  legend: [
    {
      mark: { shape: 'star', badge: 'AC', strong: true },
      text: 'Active controller: it fences brokers and says who leads each partition.',
    },
    {
      mark: { shape: 'circle', badge: 'CT' },
      text: 'Controller: keeps a copy of the metadata log, and may become active.',
    },
    { mark: { shape: 'hexagon' }, text: 'Candidate: asks the other controllers for their votes.' },
  ],
});
