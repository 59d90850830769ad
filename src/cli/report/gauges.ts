/**
 * The numbers of the components as a small table: those that checks are about first, then the
 * others that were ever more than 0, and shares, which are only of what happened: a cache that
 * never hits has a hit ratio, and one that nobody asks has none. What stayed at 0 in a group that
 * was busy is named below it: no queue, no refusals, no evictions. Titles and units are those of
 * the charts of the page.
 */
import type { GaugeReport } from '../../sim/index.ts';
import { formatCount, plural, wrap } from '../format.ts';
import type { Paint } from '../paint.ts';
import { columns, cut, labelled } from './lines.ts';
import type { Cell } from './lines.ts';

/** A table that is read at a glance; `--json` has all. */
const ROWS_MAX = 24;

export function gaugesBlock(gauges: readonly GaugeReport[], paint: Paint): string {
  const checked = gauges.filter(({ checks }) => checks.length > 0);
  const others = gauges.filter((gauge) => gauge.checks.length === 0 && showsWork(gauge));
  const all = [...checked, ...others];
  if (all.length === 0) return '';
  const shown = all.slice(0, Math.max(ROWS_MAX, checked.length));
  const lines = table([HEAD, ...shown.map(row)]).map((line, at) =>
    at > 0 ? line : paint.dim(line),
  );
  const rest = all.length - shown.length;
  lines.push(...zeros(gauges).map((line) => paint.dim(line)));
  lines.push(...NOTES.map((note) => paint.dim(note)));
  if (rest > 0) lines.push(paint.dim(`and ${plural(rest, 'more number')}: --json has all`));
  return labelled('gauges', lines, paint);
}

const showsWork = ({ max, kind }: GaugeReport): boolean => max > 0 || kind === 'share';

/** What was never more than 0 in groups that did something: a paragraph for each. */
function zeros(gauges: readonly GaugeReport[]): string[] {
  const busy = new Set(gauges.filter(showsWork).map(({ group }) => group));
  const titles = new Map<string, string[]>();
  for (const gauge of gauges) {
    const { group, title, checks } = gauge;
    if (checks.length > 0 || showsWork(gauge) || !busy.has(group)) continue;
    const before = titles.get(group);
    if (before === undefined) titles.set(group, [title]);
    else before.push(title);
  }
  return [...titles].flatMap(([group, ones]) =>
    wrap(`0 all along in ${cut(group, GROUP_MAX)}: ${ones.join(', ')}`, WIDTH - 2).map((line, at) =>
      cut(at === 0 ? line : `  ${line}`, WIDTH),
    ),
  );
}

const NOTES = [
  'last and mean are means over the members of the group, max the highest of any',
  'last and max are means over a window, as in the charts of the page',
];

const HEAD: Row = ['group', 'number, of one member', 'last', 'mean', 'max', 'check'];
type Row = readonly [string, string, string, string, string, string];

function row(gauge: GaugeReport): Row {
  const { group, title, last, mean, max, checks } = gauge;
  const value = (one: number | null) => (one === null ? '-' : valueOf(one, gauge));
  return [group, titleOf(gauge, title), value(last), value(mean), value(max), checks.join(', ')];
}

const titleOf = ({ kind, unit }: GaugeReport, title: string): string => {
  if (kind === 'count') return `${title} per second`;
  return unit === '' ? title : `${title}, ${unit}`;
};

/** The page shows the cores at work as a share, too. */
function valueOf(value: number, { kind, title }: GaugeReport): string {
  if (kind === 'share' || title === 'Utilisation') return `${inFigures(value * 100)} %`;
  return inFigures(value);
}

/** Three figures, and no exponent. */
function inFigures(value: number): string {
  if (Math.abs(value) >= 1_000) return formatCount(value);
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 0.001 ? '0' : String(rounded);
}

/** Texts at the left, numbers at the right of their columns; checks may be many: they are cut. */
function table(rows: readonly Row[]): string[] {
  const cells = rows.map(([group, title, ...rest]): readonly Cell[] => [
    { text: cut(group, GROUP_MAX) },
    { text: cut(title, TITLE_MAX) },
    ...rest.map((text, at): Cell => (at < 3 ? { text, side: 'right' } : { text })),
  ]);
  return columns(cells).map((line) => cut(line, WIDTH));
}

/** Of the report, less its labels. */
const WIDTH = 87;
/** So wide may the name of a group be, and a title. */
const GROUP_MAX = 20;
const TITLE_MAX = 36;
