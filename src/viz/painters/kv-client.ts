/** A client: how many operations are under way, and how the newest ended. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { drawMarks } from './glyphs/marks.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type KvClientView = ViewOf<'kv-client'>;

function draw(brush: Brush, node: NodeFrame, view: KvClientView | null): void {
  drawClientBox(brush, node, -6);
  if (view === null) return;
  const newest = view.recent.slice(0, 5).reverse();
  const outcomes = newest.map(({ outcome }) => outcome);
  drawMarks(brush.over, brush.tokens, outcomes, { x: 0, y: brush.radius - 11 });
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
