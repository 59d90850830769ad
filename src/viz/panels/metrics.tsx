/** What the clients saw so far, and what clients and nodes did over time. */
import type { Tally } from '../painters/painter.ts';
import { tallyOfAll } from '../painters/tally.ts';
import { formatCount, formatPercent } from '../state/format.ts';
import { Charts } from './charts.tsx';
import { useApp } from './context.ts';
import { Empty, Gloss } from './parts.tsx';
import { Requests } from './requests.tsx';

export function Metrics() {
  return (
    <section class="panel" aria-labelledby="metrics-title">
      <header class="panel-head">
        <h2 id="metrics-title">What the clients see</h2>
      </header>
      <ClientTable />
      <Requests node={null} />
      <h2>Over time</h2>
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
