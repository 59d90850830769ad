/**
 * The charts of a run as plain data: which there are, their lines, and their points up to a moment.
 *
 * Everything here is a pure function of the windows that are shown, so a chart looks the same
 * however the viewer came to the moment. A point stands for its window and lies in its middle.
 */
import type { GaugeFrame, GaugeSeries, MetricsFrame } from '../../sim/index.ts';
import { formatCount } from './format.ts';

/** Null: a gap. */
export type Points = readonly (number | null)[];

export interface ChartLine {
  readonly name: string;
  readonly points: Points;
  /** For the mean of a group: the lowest and the highest of its members. */
  readonly band?: { readonly low: Points; readonly high: Points };
}

export type ChartUnit = 'ms' | 'per second' | 'share' | string;

export interface Chart {
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  readonly unit: ChartUnit;
  readonly lines: readonly ChartLine[];
  /** What is said where there is no line. */
  readonly empty: string;
  /** Nothing but zeros in every line. */
  readonly isFlat: boolean;
}

export interface ChartSet {
  /** Simulated seconds, one for each point. */
  readonly seconds: readonly number[];
  readonly charts: readonly Chart[];
}

/** With more members than this a group is one line, with a band around it. */
export const MEMBERS_MAX = 8;
/** With more lines than this each group of a chart is one line. */
export const LINES_MAX = 12;

export function chartsOf(
  windows: readonly MetricsFrame[],
  gauges: readonly GaugeFrame[],
): ChartSet {
  const seconds = windows.map((window) => (window.fromMicros + window.toMicros) / 2e6);
  const hasTraffic = windows.some((w) => w.offered > 0 || w.inFlight > 0 || w.ok > 0);
  return {
    seconds,
    charts: [...(hasTraffic ? trafficCharts(windows) : []), ...flatLast(gaugeCharts(gauges))],
  };
}

/** What shows nothing comes after what shows something. */
const flatLast = (charts: readonly Chart[]): readonly Chart[] => [
  ...charts.filter(({ isFlat }) => !isFlat),
  ...charts.filter(({ isFlat }) => isFlat),
];

function trafficCharts(windows: readonly MetricsFrame[]): readonly Chart[] {
  const rate = (count: (window: MetricsFrame) => number): Points =>
    windows.map((window) => (count(window) * 1e6) / (window.toMicros - window.fromMicros));
  const millis = (micros: (window: MetricsFrame) => number): Points =>
    windows.map((window) => (window.ok === 0 ? null : micros(window) / 1e3));
  return [
    {
      title: 'Latency',
      about: 'How long the operations took that ended well.',
      unit: 'ms',
      lines: [
        { name: 'p50', points: millis((window) => window.p50Micros) },
        { name: 'p95', points: millis((window) => window.p95Micros) },
        { name: 'p99', points: millis((window) => window.p99Micros) },
      ],
      empty: '',
      isFlat: false,
    },
    {
      title: 'Throughput',
      about: 'Operations that the clients began, and those that ended well.',
      unit: 'per second',
      lines: [
        { name: 'offered', points: rate((window) => window.offered) },
        { name: 'goodput', points: rate((window) => window.ok) },
      ],
      empty: '',
      isFlat: false,
    },
    {
      title: 'Errors by cause',
      about: 'Operations that failed or of which nothing is known, by the last error.',
      unit: 'per second',
      lines: codesOf(windows).map((code) => ({
        name: code,
        points: rate(({ errors }) => errors.find((error) => error.code === code)?.count ?? 0),
      })),
      empty: 'No operation has failed so far.',
      isFlat: false,
    },
    {
      title: 'Client retries and hedges',
      about:
        'Of the operations that ended: tries after one that failed, and tries beside one that ' +
        'was still out.',
      unit: 'per second',
      lines: [
        { name: 'retries', points: rate((window) => window.retries) },
        { name: 'hedges', points: rate((window) => window.hedges) },
      ].filter(({ points }) => points.some((point) => point !== 0)),
      empty: 'No client has sent more than a first try so far.',
      isFlat: false,
    },
  ];
}

/** In the order in which they came first: what comes later changes no line before it. */
function codesOf(windows: readonly MetricsFrame[]): readonly string[] {
  return [...new Set(windows.flatMap(({ errors }) => errors.map(({ code }) => code)))];
}

interface GaugeLine {
  readonly series: GaugeSeries;
  readonly points: (number | null)[];
}

/** One chart for each title that has a point, in the order in which the nodes name them. */
function gaugeCharts(frames: readonly GaugeFrame[]): readonly Chart[] {
  const byTitle = new Map<string, GaugeLine[]>();
  for (const line of gaugeLines(frames)) {
    if (line.points.every((point) => point === null)) continue;
    const lines = byTitle.get(line.series.title);
    if (lines === undefined) byTitle.set(line.series.title, [line]);
    else lines.push(line);
  }
  return [...byTitle].map(([title, lines]) => {
    const { about, kind, unit } = lines[0]!.series;
    const isShare = kind === 'share' || title === UTILISATION;
    return {
      title,
      about,
      unit: isShare ? 'share' : kind === 'count' ? 'per second' : unit,
      lines: linesOf(kind === 'count' ? thatCounted(lines) : lines),
      empty: 'None so far.',
      isFlat: lines.every(({ points }) => points.every((point) => point === null || point === 0)),
    };
  });
}

/** Without the groups of which nobody has counted anything: they are many, and flat. */
function thatCounted(lines: readonly GaugeLine[]): readonly GaugeLine[] {
  const groups = new Set<string>();
  for (const { series, points } of lines) {
    if (points.some((point) => point !== null && point !== 0)) groups.add(series.group);
  }
  return lines.filter(({ series }) => groups.has(series.group));
}

/** A level that is a share of the cores by its nature. */
const UTILISATION = 'Utilisation';

/** By name of the node: who takes the place of a retired node goes on with its line. */
function gaugeLines(frames: readonly GaugeFrame[]): readonly GaugeLine[] {
  const lines = new Map<string, GaugeLine>();
  frames.forEach(({ series, values }, at) => {
    series.forEach((one, i) => {
      const value = values[i]!;
      const key = `${one.title}\n${one.name}`;
      let line = lines.get(key);
      if (line === undefined) {
        line = { series: one, points: new Array<number | null>(frames.length).fill(null) };
        lines.set(key, line);
      }
      if (!Number.isNaN(value)) line.points[at] = value;
    });
  });
  return [...lines.values()];
}

function linesOf(lines: readonly GaugeLine[]): readonly ChartLine[] {
  const groups = new Map<string, GaugeLine[]>();
  for (const line of lines) {
    const { group } = line.series;
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  const many = [...groups.values()].filter((members) => members.length <= MEMBERS_MAX);
  const single = many.reduce((sum, members) => sum + members.length, 0) <= LINES_MAX;
  return [...groups].flatMap(([group, members]): readonly ChartLine[] =>
    members.length === 1 || (single && members.length <= MEMBERS_MAX)
      ? members.map(({ series, points }) => ({ name: series.name, points }))
      : [meanLine(group, members)],
  );
}

function meanLine(group: string, members: readonly GaugeLine[]): ChartLine {
  const mean: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  members[0]!.points.forEach((_, at) => {
    const values = members.map(({ points }) => points[at]!).filter((value) => value !== null);
    const none = values.length === 0;
    mean.push(none ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
    low.push(none ? null : Math.min(...values));
    high.push(none ? null : Math.max(...values));
  });
  return { name: `${group}, mean of ${members.length}`, points: mean, band: { low, high } };
}

/** The number of the window that holds this second; of a later one, -1: nothing is known of it. */
export function pointAt(windows: readonly MetricsFrame[], seconds: number): number {
  return windows.findIndex((window) => seconds * 1e6 < window.toMicros);
}

/** A point in words. */
export function formatPoint(value: number | null | undefined, unit: ChartUnit): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'share') return `${Number((value * 100).toPrecision(3))} %`;
  const rounded = Number(value.toPrecision(3));
  const number = rounded < 1_000 ? String(rounded) : formatCount(rounded);
  if (unit === 'per second') return `${number}/s`;
  return unit === '' ? number : `${number} ${unit}`;
}
