/** A service: who waits, how busy its cores are, its pools and breakers. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import {
  BULKHEAD_LEGEND,
  POOL_LEGEND,
  callsTable,
  describeCalls,
  describeTries,
  drawBreakers,
  drawPools,
} from './calls.ts';
import type { Detail } from './detail.ts';
import { BREAKER_LEGEND } from './glyphs/switch.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import {
  CORES_LEGEND,
  QUEUE_LEGEND,
  drawCores,
  drawQueue,
  drawStation,
  footOf,
  smallPrint,
} from './station.ts';

type ServiceView = ViewOf<'service'>;

function draw(brush: Brush, node: NodeFrame, view: ServiceView | null): void {
  const { busy, count } = node.cores;
  drawStation(brush, node, { outline: 'rounded', share: view === null ? null : busy / count });
  if (view === null) return;
  drawCores(brush, node);
  // Without a limit nobody waits at the door, but before the cores.
  if (view.limit > 0) drawQueue(brush, view.waiting, view.queueMax);
  else drawQueue(brush, node.cores.waiting, view.queueMax);
  drawBreakers(brush, view.upstreams);
  const top = drawPools(brush, view.upstreams, footOf(brush));
  smallPrint(brush, printOf(view), top);
}

function printOf(view: ServiceView): string[] {
  const lines: string[] = [];
  const lost = view.refused + view.shed;
  const words = [
    view.limit > 0 ? `${view.inside} of ${view.limit}` : `${view.inside} inside`,
    ...(lost > 0 ? [`${lost} refused`] : []),
  ];
  lines.push(view.isDraining ? 'draining' : words.join(', '));
  // Below it there is room for one line more.
  const [waits] = view.upstreams.filter(({ waiting }) => waiting > 0);
  if (waits !== undefined) lines.push(`${waits.waiting} wait for ${waits.to}`);
  return lines;
}

function details(view: ServiceView): readonly Detail[] {
  const { cacheHits: hits, cacheMisses: misses } = view;
  const looked = hits + misses;
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'Under way', value: view.inside },
        { label: 'Limit', value: view.limit === 0 ? null : view.limit },
        { label: 'Waiting', value: `${view.waiting} of ${view.queueMax}` },
        { label: 'Answered', value: view.ok },
        { label: 'Failed', value: view.failed },
        { label: 'Refused', value: view.refused },
        { label: 'Shed', value: view.shed },
        { label: 'Degraded', value: view.degraded },
        ...(looked === 0 ? [] : [{ label: 'Cache hits', value: `${hits} of ${looked}` }]),
        ...(view.memoryLimitMb === 0
          ? []
          : [
              {
                label: 'Memory',
                value: `${Math.round(view.memoryMb)} of ${view.memoryLimitMb}`,
                unit: 'MiB',
              },
            ]),
      ],
    },
    callsTable(view.upstreams),
  ];
}

function describe(view: ServiceView): string {
  const limit = view.limit > 0 ? ` of ${view.limit}` : '';
  return (
    `service: ${view.isDraining ? 'draining, ' : ''}${view.inside}${limit} under way, ` +
    `${view.waiting} waiting, ${view.ok} answered, ${view.failed} failed` +
    (view.refused + view.shed > 0 ? `, ${view.refused + view.shed} refused` : '') +
    describeTries(view.upstreams) +
    describeCalls(view.upstreams)
  );
}

export const service = definePainter<ServiceView>({
  component: 'service',
  draw,
  details,
  describe,
  standsInRow: true,
  badgeOf: () => 'SV',
  legend: [
    {
      mark: { shape: 'rounded', badge: 'SV' },
      text: 'Service: its body fills with the share of its cores that work.',
    },
    CORES_LEGEND,
    QUEUE_LEGEND,
    POOL_LEGEND,
    BULKHEAD_LEGEND,
    ...BREAKER_LEGEND,
  ],
});
