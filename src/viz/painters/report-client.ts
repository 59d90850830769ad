/** A client that reads everything twice: what it read the first time and the second. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type ReportClientView = ViewOf<'report-client'>;
type Reading = ReportClientView['last'][number];

/** A price as it is; of rows how many there are. */
const short = ({ what, value }: Reading): string =>
  what === 'item' ? String(value) : String(value.length);

/** What a report of two rounds read: "price 100 then 120", or once where it was the same again. */
function linesOf({ last }: ReportClientView): readonly string[] {
  const half = last.length / 2;
  return last.slice(0, half).map((first, i) => {
    const [before, again] = [short(first), short(last[half + i] ?? first)];
    return `${first.key} ${before}${before === again ? '' : ` then ${again}`}`;
  });
}

function draw(brush: Brush, node: NodeFrame, view: ReportClientView | null): void {
  drawClientBox(brush, node, -12);
  if (view === null || !brush.near) return;
  const options = { size: 9, colour: brush.tokens.muted, room: brush.radius * 1.9 };
  linesOf(view)
    .slice(0, 2)
    .forEach((line, i) => brush.label(line, 0, 4 + i * 12, options));
}

export const reportClient = definePainter<ReportClientView>({
  component: 'report-client',
  draw,
  isBusy: (view) => view.underWay > 0,
  tallyOf: ({ ok, fail }) => ({ ok, fail, unknown: 0 }),
  describe: (view) => {
    const lines = linesOf(view);
    const read = lines.length === 0 ? 'nothing yet' : lines.join(', ');
    return `reports: ${view.ok} made, ${view.fail} failed; the last read ${read}`;
  },
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Reports: what the last one read, and what it read the second time if that differed.',
    },
  ],
});
