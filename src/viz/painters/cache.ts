/** A cache: it fills with objects, and the newest accesses are marks below it. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { formatPercent } from '../state/format.ts';
import type { Detail } from './detail.ts';
import { drawMarks } from './glyphs/marks.ts';
import type { MarkKind } from './glyphs/marks.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendLine } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type CacheView = ViewOf<'cache'>;
type Access = CacheView['newest'][number];

const KINDS: { readonly [A in Access]: MarkKind } = {
  hit: 'ok',
  miss: 'unknown',
  stale: 'stale',
  wait: 'wait',
  evict: 'evicted',
};

/** More are wider than the room of a node. */
const MARKS_MAX = 14;
const MARKS_MAX_FAR = 9;

const looked = ({ hits, misses, stale }: CacheView): number => hits + misses + stale;

const ratio = (view: CacheView): string =>
  looked(view) === 0 ? 'unused' : formatPercent((view.hits + view.stale) / looked(view));

function draw(brush: Brush, node: NodeFrame, view: CacheView | null): void {
  const { over, tokens } = brush;
  const share = view === null ? null : view.size / view.capacity;
  drawStation(brush, node, { outline: 'hexagon', share });
  if (view === null) return;
  if (brush.near) brush.label(ratio(view), 0, 6, { size: 12, colour: tokens.text });
  const newest = view.newest.slice(brush.near ? -MARKS_MAX : -MARKS_MAX_FAR);
  const top = footOf(brush) + 1;
  drawMarks(
    over,
    tokens,
    newest.map((access) => KINDS[access]),
    { x: 0, y: top },
  );
  smallPrint(brush, printOf(view), top + 14);
}

function printOf(view: CacheView): string[] {
  const lines = [`${view.size} of ${view.capacity}`];
  if (view.dirty > 0) lines.push(`${view.dirty} not in the store`);
  else if (view.evictions > 0) lines.push(`${view.evictions} evicted`);
  return lines;
}

function details(view: CacheView): readonly Detail[] {
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'Objects', value: `${view.size} of ${view.capacity}` },
        { label: 'Mode', value: view.mode },
        { label: 'Evicts by', value: view.policy },
        { label: 'Hit ratio', value: ratio(view) },
        { label: 'Hits', value: view.hits },
        { label: 'Stale', value: view.stale },
        { label: 'Misses', value: view.misses },
        { label: 'Evictions', value: view.evictions },
        { label: 'Leases out', value: view.leases },
        { label: 'Not in the store yet', value: view.dirty },
      ],
    },
  ];
}

const markLine = (kind: MarkKind, text: string): LegendLine => ({
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) => drawMarks(pen, tokens, [kind], { x: 0, y: 0 }),
  },
  text,
});

export const cache = definePainter<CacheView>({
  component: 'cache',
  draw,
  details,
  standsInRow: true,
  badgeOf: () => 'CA',
  describe: (view) =>
    `cache: ${view.size} of ${view.capacity} objects, hit ratio ${ratio(view)}, ` +
    `${view.hits} hits, ${view.misses} misses, ${view.evictions} evictions` +
    (view.dirty > 0 ? `, ${view.dirty} writes that the store does not have` : ''),
  legend: [
    {
      mark: { shape: 'hexagon', badge: 'CA' },
      text: 'Cache: it fills with objects. In it, its hit ratio; below it, its newest accesses.',
    },
    markLine('ok', 'Disc: a hit.'),
    markLine('unknown', 'Ring: a miss.'),
    markLine('stale', 'Half a disc: a hit that had expired.'),
    markLine('wait', 'Stroke: one that waits while another fetches the object.'),
    markLine('evicted', 'Triangle that points down: an object was evicted.'),
  ],
});
