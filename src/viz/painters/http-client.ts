/** Clients of a service: what is under way, how it ended, and how often they try again. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { TRY_LEGEND, callsTable, describeCalls, describeTries, drawTries } from './calls.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { BREAKER_LEGEND, drawSwitch } from './glyphs/switch.ts';
import { drawTally } from './glyphs/tally-bar.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type HttpClientView = ViewOf<'http-client'>;

function draw(brush: Brush, node: NodeFrame, view: HttpClientView | null): void {
  const { over, radius, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.inFlight), 0, 1, { size: 11, colour: tokens.text });
  drawTally(over, tokens, view, { x: -15, y: 9, width: 30 });
  const { breaker } = view.upstream;
  // Boxes stand close: it is on the lower edge, where no neighbour is.
  if (breaker !== null) drawSwitch(over, tokens, breaker, { x: 0, y: radius + 3 });
  drawTries(brush, view, radius - 1, -radius - 1);
}

function details(view: HttpClientView): readonly Detail[] {
  const parts: Detail[] = [
    {
      kind: 'fields',
      fields: [
        { label: 'Under way', value: view.inFlight },
        { label: 'Ok', value: view.ok },
        { label: 'Failed', value: view.fail },
        { label: 'Unknown', value: view.unknown, word: 'unknown' },
        { label: 'Degraded', value: view.degraded },
        { label: 'Retries', value: view.retries },
        { label: 'Hedges', value: view.hedges },
      ],
    },
    callsTable([view.upstream]),
  ];
  if (view.errors.length > 0) {
    parts.push({
      kind: 'table',
      title: 'What went wrong',
      head: ['Error', 'How often'],
      rows: view.errors.map(({ code, count }) => [code, count]),
    });
  }
  return parts;
}

export const httpClient = definePainter<HttpClientView>({
  component: 'http-client',
  draw,
  details,
  isBusy: (view) => view.inFlight > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: (view) =>
    `client: ${view.inFlight} under way, ${view.ok} ok, ${view.fail} failed, ` +
    `${view.unknown} unknown${describeTries([view])}${describeCalls([view.upstream])}`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Client: below its name, how many of its requests are under way.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawTally(pen, tokens, { ok: 4, fail: 2, unknown: 2 }, { x: -12, y: -3, width: 24 }),
      },
      text: 'How its requests ended: ok full, failed crossed, unknown hollow.',
    },
    ...TRY_LEGEND,
    ...BREAKER_LEGEND,
  ],
});
