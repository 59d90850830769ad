/**
 * Isolation levels of small histories, each by its definition: is there one commit order that
 * explains every read?
 *
 *  - read committed, repeatable read, read atomic, causal: the order is forced wherever it matters;
 *    the level holds when what is forced has no circle.
 *  - prefix, snapshot isolation, serializable: a search over how far each session is. A transaction
 *    takes its snapshot and commits; serializable: both at once; snapshot isolation: nobody commits
 *    to the same key between the two.
 *
 * Invariants
 *  - Never approximate: a search that the budget ends is `unknown`.
 *
 * Source: Biswas and Enea, "On the complexity of checking transactional consistency", OOPSLA 2019
 * (definitions 2.1 to 2.3 and the reduction of prefix and snapshot isolation to split
 * transactions). Repeatable read here is read committed in which a transaction sees one version of
 * a key.
 */
import type { Budget, Result } from '../history/result.ts';
import { adjacencyOf } from './graph.ts';
import { componentsOf } from './components.ts';
import { resolveSessions } from './isolation-history.ts';
import type { IsolationHistory, IsolationTxn, SessionTxn } from './isolation-history.ts';
import { SnapshotSearch } from './snapshot-search.ts';

export const ISOLATION_LEVELS = [
  'read-committed',
  'repeatable-read',
  'read-atomic',
  'causal',
  'prefix',
  'snapshot-isolation',
  'serializable',
] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

export interface IsolationResult extends Result {
  readonly level: IsolationLevel;
  readonly because: readonly string[];
}

const STEPS_MAX = 2_000_000;

/** Judges sessions of transactions; versions of a key are unique, 0 is initial unless written. */
export function checkIsolation(
  sessions: readonly (readonly SessionTxn[])[],
  level: IsolationLevel,
  budget: Budget = { steps: STEPS_MAX },
): IsolationResult {
  const history = resolveSessions(sessions);
  const done = (verdict: Result['verdict'], steps: number, because: string[]): IsolationResult => ({
    verdict,
    check: 'isolation',
    level,
    steps,
    because,
    ...(verdict === 'unknown' ? { reason: `the budget of ${budget.steps} steps ended` } : {}),
  });
  if (history.flaw !== undefined) return done('fail', history.txns.length, [history.flaw]);
  const rank = ISOLATION_LEVELS.indexOf(level);
  if (rank >= 1 && history.unrepeatable !== undefined) {
    return done('fail', history.txns.length, [history.unrepeatable]);
  }
  const forced = forcedOrder(history, level);
  const circle = forced.circle();
  if (circle !== undefined) return done('fail', forced.edges, circle);
  if (rank < ISOLATION_LEVELS.indexOf('prefix')) return done('pass', forced.edges, []);
  const rules = {
    isSerial: level === 'serializable',
    forbidsConflicts: level === 'snapshot-isolation',
  };
  const found = new SnapshotSearch(history, rules, budget.steps).run();
  return done(found.verdict, forced.edges + found.steps, found.because);
}

/** What must be committed before what, and why. */
class ForcedOrder {
  readonly #history: IsolationHistory;
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #why: string[] = [];

  constructor(history: IsolationHistory) {
    this.#history = history;
  }

  get edges(): number {
    return this.#from.length;
  }

  add(from: number, to: number, why: string): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#why.push(why);
  }

  /** The reasons of a shortest circle; undefined when there is none. */
  circle(): string[] | undefined {
    const nodes = this.#history.txns.length;
    const out = adjacencyOf(nodes, this.#from, () => true);
    const { of, size } = componentsOf(nodes, out, this.#to);
    let best: number[] | undefined;
    for (let start = 0; start < nodes; start++) {
      if ((size[of[start] ?? 0] ?? 0) < 2) continue;
      const path = this.#pathBack(start, out.start, out.edge);
      if (path !== undefined && (best === undefined || path.length < best.length)) best = path;
    }
    return best?.map((edge) => `${this.#why[edge]}.`);
  }

  #pathBack(start: number, first: Int32Array, edges: Int32Array): number[] | undefined {
    const cameBy = new Map<number, number>();
    const queue = [start];
    for (const node of queue) {
      for (let at = first[node] ?? 0; at < (first[node + 1] ?? 0); at++) {
        const edge = edges[at] ?? 0;
        const next = this.#to[edge] ?? 0;
        if (cameBy.has(next)) continue;
        cameBy.set(next, edge);
        if (next !== start) queue.push(next);
      }
    }
    const path: number[] = [];
    let node = start;
    do {
      const edge = cameBy.get(node);
      if (edge === undefined) return undefined;
      path.unshift(edge);
      node = this.#from[edge] ?? start;
    } while (node !== start);
    return path;
  }
}

function forcedOrder(history: IsolationHistory, level: IsolationLevel): ForcedOrder {
  const { txns, sessions, keys } = history;
  const order = new ForcedOrder(history);
  const nameOf = (node: number): string => txns[node]?.name ?? '';
  for (let node = 1; node < txns.length; node++) order.add(0, node, 'the initial state is first');
  for (const session of sessions) {
    for (let place = 1; place < session.length; place++) {
      const [before, after] = [session[place - 1] ?? 0, session[place] ?? 0];
      order.add(before, after, `${nameOf(after)} follows ${nameOf(before)} in its session`);
    }
  }
  for (let node = 1; node < txns.length; node++) {
    for (const { key, from } of readsOf(txns, node)) {
      order.add(from, node, `${nameOf(node)} read ${keys[key]} from ${nameOf(from)}`);
    }
  }
  const seen = seenBefore(history, level);
  for (let node = 1; node < txns.length; node++) {
    const reads = readsOf(txns, node);
    for (let place = 0; place < reads.length; place++) {
      const { key, from } = reads[place] ?? { key: 0, from: 0 };
      for (const other of seen(node, place)) {
        if (other === from || other === node || txns[other]?.writes.has(key) !== true) continue;
        const yet = `and yet read ${keys[key]} from ${nameOf(from)}`;
        const why = `${nameOf(node)} saw ${nameOf(other)} ${yet}`;
        order.add(other, from, `${why}, so that one is the later of the two`);
      }
    }
  }
  return order;
}

/** Whose effects a read must not go behind, by the axiom of the level. */
function seenBefore(
  history: IsolationHistory,
  level: IsolationLevel,
): (node: number, place: number) => Iterable<number> {
  const { txns, sessions } = history;
  if (level === 'read-committed' || level === 'repeatable-read') {
    return (node, place) =>
      readsOf(txns, node)
        .slice(0, place)
        .map(({ from }) => from);
  }
  const direct = txns.map((_, node) => new Set(readsOf(txns, node).map(({ from }) => from)));
  for (const session of sessions) {
    for (let place = 0; place < session.length; place++) {
      for (const before of session.slice(0, place)) direct[session[place] ?? 0]?.add(before);
    }
  }
  if (level === 'read-atomic') return (node) => direct[node] ?? [];
  return (node) => {
    const reached = new Set(direct[node]);
    for (const other of reached) for (const further of direct[other] ?? []) reached.add(further);
    return reached;
  };
}

function readsOf(txns: readonly IsolationTxn[], node: number): IsolationTxn['reads'] {
  return txns[node]?.reads ?? [];
}
