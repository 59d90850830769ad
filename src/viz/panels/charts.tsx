/** Numbers over time: a chart for each, one below the other, that share a crosshair. */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { chartsOf, formatPoint, pointAt } from '../state/charts.ts';
import type { Chart } from '../state/charts.ts';
import { formatDuration } from '../state/format.ts';
import { lineStyle } from '../theme/lines.ts';
import type { LineStyle } from '../theme/lines.ts';
import { TOKENS } from '../theme/tokens.ts';
import type { ChartInput, Plot, createPlot } from './chart.ts';
import { useApp, usePage } from './context.ts';
import { Empty } from './parts.tsx';

type CreatePlot = typeof createPlot;

export function Charts() {
  const ledger = useApp((state) => state.ledger);
  const position = useApp((state) => state.position);
  const durationMicros = useApp((state) => state.run?.durationMicros ?? 0);
  const [create, setCreate] = useState<CreatePlot | null>(null);
  // Where the crosshair of all charts stands.
  const [second, setSecond] = useState<number | null>(null);
  const count = ledger.metrics.filter((window) => window.toMicros <= position.micros).length;
  const windows = useMemo(() => ledger.metrics.slice(0, count), [ledger.metrics, count]);
  const { seconds, charts } = useMemo(
    () => chartsOf(windows, ledger.gauges.slice(0, count)),
    [windows, ledger.gauges, count],
  );
  useEffect(() => {
    let gone = false;
    void import('./chart.ts').then(({ createPlot }) => {
      if (!gone) setCreate(() => createPlot);
    });
    return () => {
      gone = true;
    };
  }, []);
  const last = windows.at(-1);
  if (last === undefined) return <Empty>No window of time is complete yet.</Empty>;
  if (charts.length === 0) return <Empty>Nothing in this run has numbers to draw so far.</Empty>;
  const shown = second === null ? windows.length - 1 : pointAt(windows, second);
  const at = second === null ? last.toMicros : second * 1e6;
  const flat = charts.filter(({ isFlat }) => isFlat);
  const fold = (chart: Chart) => (
    <ChartFold
      key={chart.title}
      input={{ chart, seconds, faults: ledger.faults, position, durationMicros }}
      create={create}
      shown={shown}
      point={setSecond}
    />
  );
  return (
    <>
      <p class="chart-note">
        Values {second === null ? 'of the latest window' : 'at the crosshair'}, at{' '}
        {formatDuration(at)}. Shaded: a fault is in force.{' '}
        <FoldAll titles={charts.map(({ title }) => title)} />
      </p>
      <div class="charts">
        {charts.filter(({ isFlat }) => !isFlat).map(fold)}
        <Flat titles={flat.map(({ title }) => title)}>{() => flat.map(fold)}</Flat>
      </div>
    </>
  );
}

interface FlatProps {
  readonly titles: readonly string[];
  readonly children: () => ComponentChildren;
}

/** Charts that show nothing but zeros so far: one line names them all, until somebody asks. */
function Flat({ titles, children }: FlatProps) {
  const [isOpen, setOpen] = useState(false);
  if (titles.length === 0) return null;
  return (
    <details
      class="charts-flat"
      open={isOpen}
      onToggle={(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>
        Nothing but zeros so far: <span class="muted">{titles.join(', ')}</span>
      </summary>
      {isOpen && children()}
    </details>
  );
}

function FoldAll({ titles }: { readonly titles: readonly string[] }) {
  const { controller } = usePage();
  const folded = useApp((state) => state.foldedCharts);
  const areFolded = titles.every((title) => folded.has(title));
  const fold = () => controller.patch({ foldedCharts: new Set(areFolded ? [] : titles) });
  return (
    <button type="button" class="link-button" onClick={fold}>
      {areFolded ? 'Unfold all' : 'Fold all'}
    </button>
  );
}

interface ChartProps {
  readonly input: ChartInput;
  readonly create: CreatePlot | null;
  /** The number of the point whose values the legend shows, or -1. */
  readonly shown: number;
  readonly point: (second: number | null) => void;
}

function ChartFold(props: ChartProps) {
  const { controller } = usePage();
  const folded = useApp((state) => state.foldedCharts);
  const theme = useApp((state) => state.theme);
  const { chart } = props.input;
  const isOpen = !folded.has(chart.title);
  const toggle = (open: boolean) => {
    if (open === isOpen) return;
    const next = new Set(folded);
    if (open) next.delete(chart.title);
    else next.add(chart.title);
    controller.patch({ foldedCharts: next });
  };
  // Other lines or other colours need another plot.
  const kind = [theme, ...chart.lines.map((line) => `${line.name}${line.band === undefined}`)];
  return (
    <details
      class="chart"
      open={isOpen}
      onToggle={(event: Event) => toggle((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>
        <h3>{chart.title}</h3>
        <span class="muted">{chart.unit === 'share' ? '' : chart.unit}</span>
      </summary>
      <p class="chart-about">
        {chart.about} {chart.lines.length === 0 && <span class="empty">{chart.empty}</span>}
      </p>
      {chart.lines.length > 0 && (
        <>
          {isOpen && props.create !== null ? (
            <ChartPlot key={kind.join('\n')} {...props} create={props.create} />
          ) : (
            <div class="chart-plot" />
          )}
          <Legend chart={chart} shown={props.shown} />
        </>
      )}
    </details>
  );
}

function ChartPlot({ input, create, point }: ChartProps & { readonly create: CreatePlot }) {
  const { controller } = usePage();
  const theme = useApp((state) => state.theme);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    if (host.current === null) return;
    plot.current = create(host.current, latest.current, TOKENS[theme], {
      goTo: (micros) => controller.scrubTo(micros),
      point,
    });
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [create, controller, theme, point]);
  useEffect(() => plot.current?.update(latest.current));
  return <div ref={host} class="chart-plot" aria-hidden="true" />;
}

function Legend({ chart, shown }: { readonly chart: Chart; readonly shown: number }) {
  const theme = useApp((state) => state.theme);
  return (
    <ul class="chart-legend">
      {chart.lines.map(({ name, points, band }, i) => {
        const [low, high] = [band?.low[shown], band?.high[shown]];
        const hasBand = low !== null && low !== undefined && high !== undefined;
        return (
          <li key={name}>
            <Swatch style={lineStyle(i, TOKENS[theme])} />
            <span>{name}</span>
            <b>{formatPoint(points[shown], chart.unit)}</b>
            {hasBand && (
              <span class="muted">
                {formatPoint(low, chart.unit)} to {formatPoint(high, chart.unit)}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Swatch({ style: { stroke, dash } }: { readonly style: LineStyle }) {
  return (
    <svg class="chart-swatch" viewBox="0 0 22 4" aria-hidden="true">
      <line x1="0" y1="2" x2="22" y2="2" stroke={stroke} stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
