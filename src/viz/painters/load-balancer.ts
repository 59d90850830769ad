/** A balancer: a ring of its backends, each arc as long as the share of requests it got. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { BULKHEAD_LEGEND, POOL_LEGEND, TRY_LEGEND, callsTable, describeCalls } from './calls.ts';
import { describeTries, drawBreakers, drawPools, drawTries } from './calls.ts';
import type { Detail } from './detail.ts';
import { drawShareRing } from './glyphs/share-ring.ts';
import type { Sharer } from './glyphs/share-ring.ts';
import { BREAKER_LEGEND } from './glyphs/switch.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendLine } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

type BalancerView = ViewOf<'load-balancer'>;
type BackendView = BalancerView['backends'][number];

const stateOf = ({ healthy, ejected }: BackendView): Sharer['state'] =>
  !healthy ? 'down' : ejected ? 'ejected' : 'well';

const WORDS: { readonly [S in Sharer['state']]: string } = {
  well: 'well',
  ejected: 'ejected',
  down: 'unhealthy',
};

const sharersOf = ({ backends }: BalancerView): Sharer[] => {
  const sent = backends.reduce((sum, backend) => sum + backend.sent, 0);
  return backends.map((backend) => ({
    share: sent === 0 ? 1 / backends.length : backend.sent / sent,
    state: stateOf(backend),
  }));
};

function draw(brush: Brush, node: NodeFrame, view: BalancerView | null): void {
  const { shape, radius, tokens } = brush;
  drawStation(brush, node, { outline: 'circle', share: null, nameY: -16, badgeY: 19 });
  if (view === null) return;
  drawShareRing(shape, tokens, sharersOf(view), radius + 4);
  if (brush.near) brush.label(String(view.underWay), 0, 1, { size: 12, colour: tokens.text });
  drawBreakers(brush, [view.upstream]);
  drawTries(brush, view.upstream, radius * 0.7, -radius * 0.7);
  const top = drawPools(brush, [view.upstream], footOf(brush));
  smallPrint(brush, printOf(view), top);
}

function printOf(view: BalancerView): string[] {
  const states = view.backends.map(stateOf);
  const well = states.filter((state) => state === 'well').length;
  const lines = view.isPanicking ? ['panic: all get requests'] : [];
  if (well < states.length) lines.push(`${well} of ${states.length} well`);
  if (view.failed > 0) lines.push(`${view.failed} failed`);
  return lines;
}

function details(view: BalancerView): readonly Detail[] {
  return [
    {
      kind: 'fields',
      fields: [
        { label: 'Under way', value: view.underWay },
        { label: 'Requests', value: view.requests },
        { label: 'Answered', value: view.ok },
        { label: 'Failed', value: view.failed },
        { label: 'Panic', value: view.isPanicking },
      ],
    },
    {
      kind: 'table',
      title: 'Its backends',
      head: ['Backend', 'State', 'Weight', 'Sent', 'Under way', 'Failed', 'Pinned'],
      rows: view.backends.map((backend) => [
        backend.name,
        WORDS[stateOf(backend)],
        Math.round(backend.weight * 100) / 100,
        backend.sent,
        backend.active,
        backend.failed,
        backend.pinned,
      ]),
      empty: 'It has none.',
    },
    callsTable([view.upstream]),
  ];
}

function describe(view: BalancerView): string {
  const ill = view.backends.filter((backend) => stateOf(backend) !== 'well');
  const list = ill.map((backend) => `, ${backend.name} ${WORDS[stateOf(backend)]}`).join('');
  return (
    `load balancer: ${view.underWay} under way, ${view.ok} answered, ${view.failed} failed, ` +
    `${view.backends.length - ill.length} of ${view.backends.length} backends well${list}` +
    (view.isPanicking ? ', panic' : '') +
    describeTries([view.upstream]) +
    describeCalls([view.upstream])
  );
}

const ringLine = (state: Sharer['state'], text: string): LegendLine => ({
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) =>
      drawShareRing(
        pen,
        tokens,
        [
          { share: 0.4, state },
          { share: 0.6, state: 'well' },
        ],
        10,
      ),
  },
  text,
});

export const loadBalancer = definePainter<BalancerView>({
  component: 'load-balancer',
  draw,
  details,
  describe,
  standsInRow: true,
  badgeOf: () => 'LB',
  legend: [
    {
      mark: { shape: 'circle', badge: 'LB' },
      text: 'Load balancer: in its middle, how many requests are under way.',
    },
    ringLine('well', 'Its ring: one arc for each backend, as long as its share of all requests.'),
    ringLine('ejected', 'Arc in pieces: ejected for a while, as an outlier.'),
    ringLine('down', 'Thin arc with a cross: its health checks say that it is down.'),
    POOL_LEGEND,
    BULKHEAD_LEGEND,
    ...TRY_LEGEND,
    ...BREAKER_LEGEND,
  ],
});
