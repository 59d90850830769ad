/** What the clients saw: outcomes and latencies over time, with the faults behind them. */
import { useEffect, useRef } from 'preact/hooks';
import type { Tally } from '../painters/painter.ts';
import { tallyOfAll } from '../painters/tally.ts';
import { formatCount, formatDuration, formatPercent } from '../state/format.ts';
import { TOKENS } from '../theme/tokens.ts';
import type { MetricsChart } from './chart.ts';
import { useApp, usePage } from './context.ts';
import { Empty, Gloss } from './parts.tsx';

export function Metrics() {
  return (
    <section class="panel" aria-labelledby="metrics-title">
      <header class="panel-head">
        <h2 id="metrics-title">What the clients see</h2>
      </header>
      <ClientTable />
      <Charts />
    </section>
  );
}

function ClientTable() {
  const nodes = useApp((state) => state.scene?.nodes ?? NONE);
  const groups = new Map<string, Tally>();
  for (const { group } of nodes) {
    if (groups.has(group)) continue;
    const tally = tallyOfAll(nodes.filter((node) => node.group === group));
    if (tally !== null) groups.set(group, tally);
  }
  if (groups.size === 0) return <Empty>No client is part of this run.</Empty>;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Clients</th>
          <th scope="col">● ok</th>
          <th scope="col">✕ failed</th>
          <th scope="col">
            ○ <Gloss word="unknown" />
          </th>
          <th scope="col">ok of all</th>
        </tr>
      </thead>
      <tbody>
        {[...groups].map(([name, sum]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="outcome-ok">{formatCount(sum.ok)}</td>
            <td class="outcome-fail">{formatCount(sum.fail)}</td>
            <td class="outcome-unknown">{formatCount(sum.unknown)}</td>
            <td>{formatPercent(sum.ok / Math.max(1, sum.ok + sum.fail + sum.unknown))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const NONE: readonly never[] = [];

function Charts() {
  const { controller } = usePage();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<MetricsChart | null>(null);
  const ledger = useApp((state) => state.ledger);
  const position = useApp((state) => state.position);
  const theme = useApp((state) => state.theme);
  const durationMicros = useApp((state) => state.run?.durationMicros ?? 0);
  const windows = ledger.metrics.filter((window) => window.toMicros <= position.micros);
  const input = { windows, faults: ledger.faults, position, durationMicros };
  const latest = useRef(input);
  latest.current = input;

  useEffect(() => {
    let gone = false;
    const element = host.current;
    if (element === null) return;
    void import('./chart.ts').then(({ createMetricsChart }) => {
      if (gone) return;
      chart.current = createMetricsChart(element, TOKENS[theme], (micros) => {
        controller.scrubTo(micros);
      });
      chart.current.update(latest.current);
    });
    return () => {
      gone = true;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [controller, theme]);
  useEffect(() => chart.current?.update(latest.current));
  const last = windows.at(-1);
  return (
    <>
      <p class="chart-note" aria-live="off">
        {last === undefined
          ? 'No window of traffic is complete yet.'
          : `Latest window: ${last.ok} ok, ${last.fail} failed, ${last.unknown} unknown; ` +
            `p50 ${formatDuration(last.p50Micros)}, p99 ${formatDuration(last.p99Micros)}.`}
      </p>
      <div ref={host} class="charts" aria-hidden="true" />
    </>
  );
}
