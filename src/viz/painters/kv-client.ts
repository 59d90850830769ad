/** A client: how many operations are under way, and how the newest ended. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Detail } from './detail.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush, Outcome } from './painter.ts';

type KvClientView = ViewOf<'kv-client'>;

const colourOf = (tokens: Tokens, outcome: Outcome): string =>
  outcome === 'ok' ? tokens.pass : outcome === 'fail' ? tokens.fail : tokens.unknown;

function draw(brush: Brush, node: NodeFrame, view: KvClientView | null): void {
  const { shape, radius, tokens } = brush;
  const down = node.status === 'down';
  trace(shape, 'rounded', radius).fill({ color: tokens.node });
  trace(shape, 'rounded', radius).stroke({
    width: 2,
    color: down ? tokens.fault : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  brush.label(node.name, 0, view === null ? 0 : -6, {
    size: 13,
    colour: tokens.text,
    bold: true,
  });
  if (view !== null) drawOutcomes(brush, view);
}

/** The newest operations, newest on the right: a disc ok, a cross failed, a ring unknown. */
function drawOutcomes(brush: Brush, view: KvClientView): void {
  const { over, radius, tokens } = brush;
  const recent = view.recent.slice(0, 5).reverse();
  recent.forEach(({ outcome }, i) => {
    const x = (i - (recent.length - 1) / 2) * 7.5;
    const y = radius - 11;
    const colour = colourOf(tokens, outcome);
    if (outcome === 'ok') over.circle(x, y, 2.8).fill({ color: colour });
    else if (outcome === 'unknown') over.circle(x, y, 2.4).stroke({ width: 1.4, color: colour });
    else {
      over.moveTo(x - 2.6, y - 2.6).lineTo(x + 2.6, y + 2.6);
      over.moveTo(x + 2.6, y - 2.6).lineTo(x - 2.6, y + 2.6);
      over.stroke({ width: 1.8, color: colour });
    }
  });
}

function details(view: KvClientView): readonly Detail[] {
  const fields: Detail = {
    kind: 'fields',
    fields: [
      { label: 'Under way', value: view.inFlight },
      { label: 'Ok', value: view.ok },
      { label: 'Failed', value: view.fail },
      { label: 'Unknown', value: view.unknown, word: 'unknown' },
      { label: 'Retries', value: view.retries },
      { label: 'Asks', value: view.target },
    ],
  };
  if (view.recent.length === 0) return [fields];
  return [fields, { kind: 'outcomes', title: 'Newest operations', items: view.recent }];
}

export const kvClient = definePainter<KvClientView>({
  component: 'kv-client',
  draw,
  details,
  isBusy: (view) => view.inFlight > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: (view) => `client: ${view.ok} ok, ${view.fail} failed, ${view.unknown} unknown`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Client: below its name, how its newest operations ended.',
    },
    { mark: { shape: 'outcome', outcome: 'ok' }, text: 'Ok: the servers answered in time.' },
    { mark: { shape: 'outcome', outcome: 'fail' }, text: 'Failed: it surely had no effect.' },
    {
      mark: { shape: 'outcome', outcome: 'unknown' },
      text: 'Unknown: no answer in time; it may have happened or not.',
    },
  ],
});
