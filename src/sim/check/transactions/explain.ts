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
import { describeTxn, isList, showEnd } from './history.ts';
import type { Txn } from './history.ts';
import type { Value } from '../history/result.ts';

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
  const isLists = workload === 'list-append';
  const seenBy = (reader: Txn | undefined): string => {
    if (value === undefined) return isLists ? '[]' : 'in its first state';
    return isLists ? showEnd(listReadBy(reader, key, value)) : `= ${shown}`;
  };
  const [first, second] = [members[place], members[(place + 1) % members.length]];
  switch (graph.kind[edge]) {
    case WW:
      return isLists
        ? `${earlier} appended ${shown} to ${key}, and ${later} appended ${added} after it`
        : `${later} set ${key} to ${added} over ${earlier}'s ${shown}`;
    case WR:
      return isLists
        ? `${earlier} appended ${shown} to ${key}, and ${later} read ${seenBy(second)}`
        : `${later} read ${key} with ${earlier}'s ${shown}`;
    case RW:
      return isLists
        ? `${later} appended ${added} to ${key}, ` +
            `and ${earlier} read ${seenBy(first)} and not ${added}`
        : `${earlier} read ${key} ${seenBy(first)}, without ${later}'s ${added}`;
    case SESSION:
      return `the same process called ${later} after ${earlier} had returned`;
    default: {
      if (first === undefined || second === undefined) return 'in real time';
      const then = `${later} was called at ${callTime(second.op)}`;
      return `${earlier} had returned at ${returnTime(first.op)} when ${then}`;
    }
  }
}

/** What was read of the key, up to the element that counts. */
function listReadBy(txn: Txn | undefined, key: string, last: Value): readonly Value[] {
  for (const [f, name, value] of txn?.micro ?? []) {
    if (f === 'r' && name === key && isList(value) && value.at(-1) === last) return value;
  }
  return [last];
}
