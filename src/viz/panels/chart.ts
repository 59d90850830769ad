/** The two charts of client traffic, on one time axis, with the faults shaded behind them. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { MetricsFrame } from '../../sim/index.ts';
import type { FaultSpan } from '../state/ledger.ts';
import type { Position } from '../state/position.ts';
import type { Tokens } from '../theme/tokens.ts';

export interface ChartInput {
  readonly windows: readonly MetricsFrame[];
  readonly faults: readonly FaultSpan[];
  readonly position: Position;
  readonly durationMicros: number;
}

export interface MetricsChart {
  update(input: ChartInput): void;
  destroy(): void;
}

const HEIGHT = 150;

export function createMetricsChart(
  host: HTMLElement,
  tokens: Tokens,
  goTo: (micros: number) => void,
): MetricsChart {
  let input: ChartInput = {
    windows: [],
    faults: [],
    position: { micros: 0, event: 0 },
    durationMicros: 0,
  };
  const behind = (plot: uPlot) => shadeFaults(plot, input, tokens);
  const line = (label: string, stroke: string, dash?: number[]): uPlot.Series => ({
    label,
    stroke,
    width: 2,
    points: { show: false },
    ...(dash === undefined ? {} : { dash }),
  });
  const outcomes = plotOf(host, 'operations per window', tokens, behind, [
    line('ok', tokens.pass),
    line('failed', tokens.fail, [8, 4]),
    line('unknown', tokens.unknown, [2, 4]),
  ]);
  const latency = plotOf(host, 'latency, ms', tokens, behind, [
    line('p50', tokens.flights.request),
    line('p99', tokens.flights.replication, [6, 4]),
  ]);
  const plots = [outcomes, latency];
  for (const plot of plots) {
    plot.over.addEventListener('click', (event) => {
      goTo(plot.posToVal(event.offsetX, 'x') * 1e6);
    });
  }
  const observer = new ResizeObserver(() => {
    for (const plot of plots) plot.setSize({ width: widthOf(host), height: HEIGHT });
  });
  observer.observe(host);
  return {
    update: (next) => {
      input = next;
      const { windows } = input;
      const x = windows.map((w) => w.toMicros / 1e6);
      outcomes.setData([
        x,
        windows.map((w) => w.ok),
        windows.map((w) => w.fail),
        windows.map((w) => w.unknown),
      ]);
      const msOf = (micros: number, w: MetricsFrame) => (w.ok === 0 ? null : micros / 1e3);
      latency.setData([
        x,
        windows.map((w) => msOf(w.p50Micros, w)),
        windows.map((w) => msOf(w.p99Micros, w)),
      ]);
      const range = { min: 0, max: Math.max(1e-3, input.durationMicros / 1e6) };
      for (const plot of plots) plot.setScale('x', range);
    },
    destroy: () => {
      observer.disconnect();
      for (const plot of plots) plot.destroy();
    },
  };
}

const widthOf = (host: HTMLElement): number => Math.max(220, host.clientWidth);

function plotOf(
  host: HTMLElement,
  title: string,
  tokens: Tokens,
  behind: (plot: uPlot) => void,
  series: uPlot.Series[],
): uPlot {
  const axis = {
    stroke: tokens.muted,
    grid: { stroke: tokens.line, width: 1 },
    ticks: { stroke: tokens.line, width: 1 },
    font: '11px system-ui, sans-serif',
  };
  return new uPlot(
    {
      title,
      width: widthOf(host),
      height: HEIGHT,
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
      cursor: { drag: { x: false, y: false } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
        { ...axis, size: 44 },
      ],
      series: [{ label: 'time, s' }, ...series],
      hooks: { drawClear: [behind] },
      legend: { live: false },
    },
    [[], ...series.map(() => [])] as unknown as uPlot.AlignedData,
    host,
  );
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
