/**
 * A dependency cycle in words: who the transactions are, one line per step with its evidence, and
 * the step that contradicts the others.
 *
 * Invariant: every line is a fact of the history; the names T1, T2... are of this cycle alone.
 */
import { callTime, returnTime, showValue } from '../history/result.ts';
import type { Anomaly, CycleStep } from './anomalies.ts';
import type { Cycle } from './cycles.ts';
import { REALTIME, RW, SESSION, WR, WW } from './graph.ts';
import type { DependencyGraph } from './graph.ts';
import { describeTxn } from './history.ts';
import type { Txn } from './history.ts';

export type Workload = 'list-append' | 'rw-register';

const KIND_NAMES: ReadonlyMap<number, CycleStep['kind']> = new Map([
  [WW, 'ww'],
  [WR, 'wr'],
  [RW, 'rw'],
  [SESSION, 'session'],
  [REALTIME, 'realtime'],
]);

export function explainCycle(
  cycle: Cycle,
  graph: DependencyGraph,
  txns: readonly Txn[],
  workload: Workload,
): Anomaly {
  const edges = turned(cycle.edges, graph);
  const members = edges.map((edge) => txns[graph.from[edge] ?? 0] as Txn);
  const name = (place: number): string => `T${(place % members.length) + 1}`;
  const steps = edges.map((edge, place): CycleStep => ({
    from: members[place]?.op.id ?? 0,
    to: members[(place + 1) % members.length]?.op.id ?? 0,
    kind: KIND_NAMES.get(graph.kind[edge] ?? 0) ?? 'ww',
    why: whyOf(graph, edge, name(place), name(place + 1), workload, members, place),
  }));
  const because = members.map((txn, place) => `${name(place)} is ${describeTxn(txn)}.`);
  for (let place = 0; place < steps.length; place++) {
    const before = place === steps.length - 1 ? 'But ' : '';
    const after = place === steps.length - 1 ? ': a contradiction.' : '.';
    because.push(
      `${before}${name(place)} comes before ${name(place + 1)}: ${steps[place]?.why}${after}`,
    );
  }
  if (!cycle.isShortest) because.push('A shorter cycle may exist: the budget of the search ended.');
  return {
    type: `${cycle.class}${cycle.suffix}`,
    ops: members.map(({ op }) => op.id),
    cycle: steps,
    because,
  };
}

/** Begins with the transaction called first, so that the last step is the one that goes back. */
function turned(edges: readonly number[], graph: DependencyGraph): readonly number[] {
  let first = 0;
  for (let place = 1; place < edges.length; place++) {
    if ((graph.from[edges[place] ?? 0] ?? 0) < (graph.from[edges[first] ?? 0] ?? 0)) first = place;
  }
  return [...edges.slice(first), ...edges.slice(0, first)];
}

function whyOf(
  graph: DependencyGraph,
  edge: number,
  earlier: string,
  later: string,
  workload: Workload,
  members: readonly Txn[],
  place: number,
): string {
  const { key, value, next } = graph.evidence[edge] ?? { key: '', value: undefined };
  const shown = showValue(value);
  const added = showValue(next);
  const isList = workload === 'list-append';
  switch (graph.kind[edge]) {
    case WW:
      return isList
        ? `${later} appended ${added} to ${key} after ${earlier}'s ${shown}`
        : `${later} set ${key} to ${added} over ${earlier}'s ${shown}`;
    case WR:
      return `${later} read ${key} with ${earlier}'s ${shown}`;
    case RW: {
      const found = value === undefined ? 'in its first state, ' : isList ? '' : `= ${shown}, `;
      return `${earlier} read ${key} ${found}without ${later}'s ${added}`;
    }
    case SESSION:
      return `the same process called ${later} after ${earlier} had returned`;
    default: {
      const before = members[place]?.op;
      const after = members[(place + 1) % members.length]?.op;
      if (before === undefined || after === undefined) return 'in real time';
      const then = `${later} was called at ${callTime(after)}`;
      return `${earlier} had returned at ${returnTime(before)} when ${then}`;
    }
  }
}
