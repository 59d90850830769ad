/** Which charts a run has, and what their lines say. */
import { describe, expect, it } from 'vitest';
import type { GaugeFrame, GaugeSeries, MetricsFrame } from '../../src/sim/index.ts';
import type { Chart } from '../../src/viz/state/charts.ts';
import {
  LINES_MAX,
  MEMBERS_MAX,
  chartsOf,
  formatPoint,
  pointAt,
} from '../../src/viz/state/charts.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { lineStyle } from '../../src/viz/theme/lines.ts';
import { contrast } from './support/contrast.ts';

const WINDOW = 500_000;

const traffic = (number: number, change: Partial<MetricsFrame> = {}): MetricsFrame => ({
  fromMicros: number * WINDOW,
  toMicros: (number + 1) * WINDOW,
  offered: 0,
  ok: 0,
  fail: 0,
  unknown: 0,
  retries: 0,
  hedges: 0,
  errors: [],
  p50Micros: 0,
  p95Micros: 0,
  p99Micros: 0,
  inFlight: 0,
  ...change,
});

const series = (title: string, name: string, change: Partial<GaugeSeries> = {}): GaugeSeries => ({
  title,
  about: `About ${title}.`,
  kind: 'level',
  unit: '',
  node: 0,
  name,
  group: name.replace(/\d+$/, ''),
  ...change,
});

const gauge = (
  number: number,
  lines: readonly GaugeSeries[],
  values: readonly number[],
): GaugeFrame => ({
  fromMicros: number * WINDOW,
  toMicros: (number + 1) * WINDOW,
  series: lines,
  values: Float64Array.from(values),
});

const titles = (charts: readonly Chart[]) => charts.map(({ title }) => title);
const lines = (chart: Chart | undefined) =>
  chart?.lines.map(({ name, points }) => [name, ...points]);

describe('charts of client traffic', () => {
  const windows = [
    traffic(0, { offered: 10, ok: 8, p50Micros: 1_500, p95Micros: 2_000, p99Micros: 9_000 }),
    traffic(1, { offered: 10, fail: 3, errors: [{ code: 'timeout', count: 3 }], inFlight: 9 }),
    traffic(2, {
      ok: 4,
      retries: 5,
      hedges: 2,
      errors: [{ code: 'http-503', count: 1 }],
      p50Micros: 40,
    }),
  ];
  const { seconds, charts } = chartsOf(windows, []);

  it('are four, and without gauges there are no others', () => {
    const all = ['Latency', 'Throughput', 'Errors by cause', 'Client retries and hedges'];
    expect(titles(charts)).toEqual(all);
    expect(seconds).toEqual([0.25, 0.75, 1.25]);
  });

  it('have a gap in the latencies where nothing ended well', () => {
    expect(lines(charts[0])).toEqual([
      ['p50', 1.5, null, 0.04],
      ['p95', 2, null, 0],
      ['p99', 9, null, 0],
    ]);
  });

  it('tell what was offered from what went well, by the second', () => {
    expect(lines(charts[1])).toEqual([
      ['offered', 20, 20, 0],
      ['goodput', 16, 0, 8],
    ]);
  });

  it('tell retries from hedges, and have a line only for what there is', () => {
    expect(lines(charts[3])).toEqual([
      ['retries', 0, 0, 10],
      ['hedges', 0, 0, 4],
    ]);
    const only = (change: Partial<MetricsFrame>) =>
      lines(chartsOf([traffic(0, { offered: 1, ...change })], []).charts[3]);
    expect(only({ hedges: 1 })).toEqual([['hedges', 2]]);
    expect(only({ retries: 1 })).toEqual([['retries', 2]]);
  });

  it('have a line for each cause, in the order in which they came', () => {
    expect(lines(charts[2])).toEqual([
      ['timeout', 0, 6, 0],
      ['http-503', 0, 0, 2],
    ]);
    const before = chartsOf(windows.slice(0, 2), []).charts[2];
    expect(lines(before)).toEqual([['timeout', 0, 6]]);
  });

  it('say in words that nothing went wrong', () => {
    const [, , errors, retries] = chartsOf(windows.slice(0, 1), []).charts;
    expect([errors?.lines, retries?.lines]).toEqual([[], []]);
    expect([errors?.empty, retries?.empty].every((text) => text !== '')).toBe(true);
  });

  it('are none where nobody asks', () => {
    expect(chartsOf([traffic(0), traffic(1)], []).charts).toEqual([]);
  });
});

describe('charts of gauges', () => {
  it('come last while they show nothing but zeros, and say so', () => {
    const all = [series('Limit', 'app1'), series('Queue', 'app1')];
    const shown = (limits: readonly number[]) =>
      chartsOf(
        [],
        limits.map((limit, at) => gauge(at, all, [limit, 2])),
      ).charts.map(({ title, isFlat }) => [title, isFlat]);
    expect(shown([0, NaN, 0])).toEqual([
      ['Queue', false],
      ['Limit', true],
    ]);
    expect(shown([0, 0, 1])).toEqual([
      ['Limit', false],
      ['Queue', false],
    ]);
  });

  it('are one for each title, with a line for each node', () => {
    const all = [series('Queue', 'app1'), series('Queue', 'app2'), series('Hits', 'app1')];
    const { charts } = chartsOf([], [gauge(0, all, [1, 2, NaN]), gauge(1, all, [3, NaN, NaN])]);
    // Of hits there is no point yet.
    expect(titles(charts)).toEqual(['Queue']);
    expect(lines(charts[0])).toEqual([
      ['app1', 1, 3],
      ['app2', 2, null],
    ]);
    expect(charts[0]?.about).toBe('About Queue.');
  });

  it('have the unit of what is counted', () => {
    const all = [
      series('Retries', 'a1', { kind: 'count', unit: 'x' }),
      series('Hit ratio', 'a1', { kind: 'share' }),
      series('Utilisation', 'a1'),
      series('Heap', 'a1', { unit: 'MB' }),
    ];
    const { charts } = chartsOf([], [gauge(0, all, [1, 1, 1, 1])]);
    expect(charts.map(({ unit }) => unit)).toEqual(['per second', 'share', 'share', 'MB']);
  });

  it('leave out the groups that counted nothing, and say where nobody did', () => {
    const count = { kind: 'count' } as const;
    const names = ['web1', 'app1', 'app2'];
    const all = names.map((name) => series('Retries', name, count));
    const [some] = chartsOf([], [gauge(0, all, [0, 0, 2])]).charts;
    expect(some?.lines.map(({ name }) => name)).toEqual(['app1', 'app2']);
    const [none] = chartsOf([], [gauge(0, all, [0, 0, 0])]).charts;
    expect([none?.lines, none?.empty]).toEqual([[], 'None so far.']);
    // A level of nothing is worth a line: an empty queue.
    const [level] = chartsOf([], [gauge(0, [series('Queue', 'app1')], [0])]).charts;
    expect(lines(level)).toEqual([['app1', 0]]);
  });

  it('show a node that comes later, and who takes the place of another, by name', () => {
    const first = [series('Queue', 'app1'), series('Queue', 'app2')];
    const later = [...first, series('Queue', 'app2', { node: 7 }), series('Queue', 'app3')];
    const { charts } = chartsOf([], [gauge(0, first, [1, 2]), gauge(1, later, [3, NaN, 4, 5])]);
    expect(lines(charts[0])).toEqual([
      ['app1', 1, 3],
      ['app2', 2, 4],
      ['app3', null, 5],
    ]);
  });

  it('show a large group by its mean, with a band from the lowest to the highest', () => {
    const size = MEMBERS_MAX + 1;
    const all = [
      ...Array.from({ length: size }, (_, i) => series('Queue', `app${i + 1}`)),
      series('Queue', 'db1'),
    ];
    const values = Array.from({ length: size }, (_, i) => i);
    const frames = [gauge(0, all, [...values, 5]), gauge(1, all, [...values.map(() => NaN), 6])];
    const [chart] = chartsOf([], frames).charts;
    expect(lines(chart)).toEqual([
      [`app, mean of ${size}`, (size - 1) / 2, null],
      ['db1', 5, 6],
    ]);
    expect(chart?.lines[0]?.band).toEqual({ low: [0, null], high: [size - 1, null] });
    expect(chart?.lines[1]?.band).toBeUndefined();
  });

  it('show groups by their means where their lines together would be too many', () => {
    const groups = ['a', 'b', 'c'].flatMap((group) =>
      Array.from({ length: 5 }, (_, i) => series('Queue', `${group}${i + 1}`)),
    );
    expect(groups.length).toBeGreaterThan(LINES_MAX);
    const [chart] = chartsOf(
      [],
      [
        gauge(
          0,
          groups,
          groups.map((_, i) => i),
        ),
      ],
    ).charts;
    expect(lines(chart)).toEqual([
      ['a, mean of 5', 2],
      ['b, mean of 5', 7],
      ['c, mean of 5', 12],
    ]);
  });
});

describe('a point', () => {
  it('is found by its time; beyond the last window there is none', () => {
    const windows = [traffic(0), traffic(1)];
    expect([0, 0.49, 0.5, 0.99, 1].map((second) => pointAt(windows, second))).toEqual([
      0, 0, 1, 1, -1,
    ]);
  });

  it('is written with its unit', () => {
    expect(formatPoint(0.873, 'share')).toBe('87.3 %');
    expect(formatPoint(12_345, 'per second')).toBe('12,300/s');
    expect(formatPoint(0.123_4, 'ms')).toBe('0.123 ms');
    expect(formatPoint(3, '')).toBe('3');
    expect([formatPoint(null, 'ms'), formatPoint(undefined, '')]).toEqual(['–', '–']);
  });
});

describe('lines', () => {
  it.each(['dark', 'light'] as const)('are told apart in the %s theme without colour', (theme) => {
    const tokens = TOKENS[theme];
    const styles = Array.from({ length: 30 }, (_, i) => lineStyle(i, tokens));
    const kinds = new Set(styles.map(({ stroke, dash }) => `${stroke} ${dash.join()}`));
    expect(kinds.size).toBe(30);
    expect(new Set(styles.slice(0, 5).map(({ dash }) => dash.join())).size).toBe(5);
    for (const { stroke } of styles) {
      expect(contrast(stroke, tokens.panel), stroke).toBeGreaterThanOrEqual(3);
    }
  });
});
