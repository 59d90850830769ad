/** A storage behind locks: the newest token that it has seen, and whose write it holds. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawToken } from './glyphs/token.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type StorageView = ViewOf<'fenced-storage'>;
type Resource = StorageView['resources'][number];

/** The one whose fence stands highest. */
const newestOf = ({ resources }: StorageView): Resource | null =>
  resources.reduce<Resource | null>(
    (best, next) => (best === null || next.fence > best.fence ? next : best),
    null,
  );

const wrongOrder = ({ fence, writtenBy }: Resource): boolean => writtenBy < fence;

function draw(brush: Brush, node: NodeFrame, view: StorageView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
  if (view === null) return;
  const newest = newestOf(view);
  if (newest !== null) drawToken(brush, newest.fence, { x: 0, y: 9 });
  smallPrint(brush, printOf(view), footOf(brush));
}

function printOf(view: StorageView): string[] {
  const newest = newestOf(view);
  if (newest === null) return ['nothing written'];
  const { key, value, writtenBy } = newest;
  const held =
    value === null ? `${key} only read` : `${key} = ${value}, written under ${writtenBy}`;
  return [held, `${view.writes} writes, ${view.refused} refused`];
}

const details = (view: StorageView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'What locks protect',
    head: ['Resource', 'Value', 'Written under', 'Newest token seen'],
    rows: view.resources.map((resource) => [
      resource.key,
      resource.value ?? 'none',
      wrongOrder(resource) ? `${resource.writtenBy}, an older one` : resource.writtenBy,
      resource.fence,
    ]),
    empty: 'Nobody has come yet.',
  },
];

export const fencedStorage = definePainter<StorageView>({
  component: 'fenced-storage',
  draw,
  details,
  standsInRow: true,
  badgeOf: () => 'FS',
  describe: (view) => `storage behind locks: ${printOf(view).join('; ')}`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'FS' },
      text: 'Storage behind locks. The number: the newest token that it has seen.',
    },
  ],
});
