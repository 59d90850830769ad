/**
 * One chart on the run's time axis: its lines, the faults shaded behind them, the viewer's moment,
 * and a crosshair that all charts share.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Chart, ChartUnit } from '../state/charts.ts';
import type { FaultSpan } from '../state/ledger.ts';
import type { Position } from '../state/position.ts';
import { lineStyle } from '../theme/lines.ts';
import type { Tokens } from '../theme/tokens.ts';

export interface ChartInput {
  readonly chart: Chart;
  readonly seconds: readonly number[];
  readonly faults: readonly FaultSpan[];
  readonly position: Position;
  readonly durationMicros: number;
}

export interface Plot {
  update(input: ChartInput): void;
  destroy(): void;
}

export interface PlotEvents {
  readonly goTo: (micros: number) => void;
  /** The crosshair stands at this second, in whichever chart; null: nowhere. */
  readonly point: (seconds: number | null) => void;
}

const HEIGHT = 112;
const CROSSHAIR = 'faultline';

/** The chart keeps its lines' names: for others another plot is made. */
export function createPlot(
  host: HTMLElement,
  first: ChartInput,
  tokens: Tokens,
  events: PlotEvents,
): Plot {
  let input = first;
  const { series, bands } = seriesOf(first.chart, tokens);
  const plot = new uPlot(
    {
      width: widthOf(host),
      height: HEIGHT,
      // At its right the last label of the axis has half its width.
      padding: [6, 18, 0, 0],
      scales: {
        x: { time: false, range: () => [0, Math.max(1e-3, input.durationMicros / 1e6)] },
        y: { range: (_, __, max) => [0, topOf(max, first.chart.unit)] },
      },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        sync: { key: CROSSHAIR, setSeries: false },
      },
      axes: axesOf(first.chart.unit, tokens),
      series: [{}, ...series],
      bands,
      hooks: {
        drawClear: [(drawn) => shadeFaults(drawn, input, tokens)],
        setCursor: [
          ({ cursor: { left = -1 } }) => events.point(left < 0 ? null : plot.posToVal(left, 'x')),
        ],
      },
      legend: { show: false },
    },
    dataOf(first),
    host,
  );
  plot.over.addEventListener('click', (event) => {
    events.goTo(plot.posToVal(event.offsetX, 'x') * 1e6);
  });
  const observer = new ResizeObserver(() => {
    if (plot.width !== widthOf(host)) plot.setSize({ width: widthOf(host), height: HEIGHT });
  });
  observer.observe(host);
  return {
    update: (next) => {
      const isNew = next.chart !== input.chart || next.durationMicros !== input.durationMicros;
      input = next;
      if (isNew) plot.setData(dataOf(next));
      else plot.redraw(false, false);
    },
    destroy: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}

const widthOf = (host: HTMLElement): number => Math.max(220, host.clientWidth);

function topOf(max: number | null, unit: ChartUnit): number {
  if (unit === 'share' || max === null || max <= 0) return 1;
  return unit === '' && max <= 1 ? 1 : max * 1.1;
}

/** A line with a band is three series: the band lies between the two that are not drawn. */
function seriesOf(
  chart: Chart,
  tokens: Tokens,
): { readonly series: uPlot.Series[]; readonly bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  chart.lines.forEach((line, i) => {
    const { stroke, dash } = lineStyle(i, tokens);
    const points = { show: false };
    series.push({ stroke, width: 2, points, spanGaps: false, dash: [...dash] });
    if (line.band === undefined) return;
    const edge: uPlot.Series = { width: 0, points };
    series.push(edge, { ...edge });
    bands.push({ series: [series.length, series.length - 1], fill: `${stroke}33` });
  });
  return { series, bands };
}

function dataOf({ chart, seconds }: ChartInput): uPlot.AlignedData {
  const columns = chart.lines.flatMap(({ points, band }) =>
    band === undefined ? [points] : [points, band.low, band.high],
  );
  return [seconds, ...columns] as unknown as uPlot.AlignedData;
}

function axesOf(unit: ChartUnit, tokens: Tokens): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: tokens.muted,
    grid: { stroke: tokens.line, width: 1 },
    ticks: { stroke: tokens.line, width: 1, size: 4 },
    gap: 3,
    font: '11px system-ui, sans-serif',
  };
  const percent = (value: number) => `${Number((value * 100).toPrecision(3))} %`;
  return [
    { ...axis, size: 24, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
    {
      ...axis,
      size: 48,
      space: 24,
      ...(unit === 'share' ? { values: (_, ticks) => ticks.map(percent) } : {}),
    },
  ];
}

/** Faults as bands, and the viewer's moment as a line. */
function shadeFaults(plot: uPlot, input: ChartInput, tokens: Tokens): void {
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const end = input.durationMicros / 1e6;
  ctx.save();
  ctx.globalAlpha = 0.16;
  ctx.fillStyle = tokens.fault;
  for (const span of input.faults) {
    const from = plot.valToPos(span.micros / 1e6, 'x', true);
    const until = Math.min(span.until?.micros ?? input.position.micros, input.position.micros);
    if (span.micros > input.position.micros) continue;
    const to = plot.valToPos(Math.min(end, until / 1e6), 'x', true);
    ctx.fillRect(from, top, Math.max(1, to - from), height);
  }
  ctx.globalAlpha = 1;
  const now = plot.valToPos(input.position.micros / 1e6, 'x', true);
  ctx.fillStyle = tokens.focus;
  ctx.fillRect(now - 1, top, 2, height);
  ctx.restore();
}
