/**
 * Is a history of transactions free of what an isolation level forbids?
 *
 * Invariants
 *  - `found` is what counts against the question; what is found beside it is in `also` and takes
 *    part in `rulesOut`, because it is there whether it was asked for or not.
 *  - A class of cycles that the budget left open makes the verdict unknown, unless something else
 *    decides. So does a history in which nothing orders anything: it shows nothing.
 *  - Where the graph does not decide a level, a history passes only if an order of transactions and
 *    versions was found that explains every read: all levels of registers but the weakest, and of
 *    lists those that are no matter of certain cycles.
 *  - Session and real-time order are looked at only when a level that speaks of them is asked for,
 *    and never in a history without invocations (`timed` false).
 *
 * Source: Kingsbury and Alvaro, VLDB 2020; Adya 1999.
 */
import { compareText } from '../../kernel/canonical.ts';
import type { Explanation, Result } from '../history/result.ts';
import type { Anomaly } from './anomalies.ts';
import { findCycles } from './cycles.ts';
import type { Suffix } from './cycles.ts';
import { explainCycle, wordsOf } from './explain.ts';
import type { Workload } from './explain.ts';
import { REALTIME, SESSION } from './graph.ts';
import type { DependencyGraph } from './graph.ts';
import { txnsOf } from './history.ts';
import type { TxnOp, Txns } from './history.ts';
import { forbiddenBy, ruledOut } from './levels.ts';
import type { Ask } from './levels.ts';
import { listAppendDependencies } from './list-append.ts';
import { addRealtimeOrder, addSessionOrder } from './order.ts';
import { rwRegisterDependencies } from './rw-register.ts';
import type { Assumptions } from './rw-register.ts';
import type { Situation } from './definition.ts';
import { lastWord } from './undecided.ts';
import type { LastWord } from './undecided.ts';

export interface TransactionOptions {
  readonly workload: Workload;
  /** Default: strict serializability. */
  readonly ask?: Ask;
  /** False: completions only, in no order; nothing follows from places and processes. */
  readonly timed?: boolean;
  /** Only of rw-register. */
  readonly assume?: Assumptions;
  /** Edges that the search of one class of cycles in one component may look at. */
  readonly stepsMax?: number;
}

export interface TransactionResult extends Result {
  /** Types of anomalies that answer the question with no, sorted. */
  readonly found: readonly string[];
  /** Types of other anomalies that are there. */
  readonly also: readonly string[];
  /** The weakest levels that do not hold; empty when nothing was found. */
  readonly rulesOut: readonly string[];
  readonly alsoRulesOut: readonly string[];
  /** How many cases of each type. */
  readonly counts: readonly (readonly [type: string, count: number])[];
  /** Examples, those that count first. */
  readonly anomalies: readonly Anomaly[];
  readonly because: readonly string[];
}

const CHECK = 'transactions';
const STEPS_MAX = 4_000_000;
/** No circle was found, and no order of the versions explains what was read. */
const NO_ORDER = 'no-order';
const SESSION_ORDER: Suffix = Object.freeze({ name: '-process', kind: SESSION });
const REALTIME_ORDER: Suffix = Object.freeze({ name: '-realtime', kind: REALTIME });

export function checkTransactions(
  ops: readonly TxnOp[],
  options: TransactionOptions,
): TransactionResult {
  const txns = txnsOf(ops);
  const forbidden = forbiddenBy(options.ask ?? { models: ['strict-serializable'] });
  const isList = options.workload === 'list-append';
  const { graph, anomalies, versions } = isList
    ? listAppendDependencies(txns)
    : rwRegisterDependencies(txns, options.assume ?? {});
  const suffix = addOrder(graph, txns, forbidden, options.timed ?? true);
  const search = findCycles(graph, suffix, options.stepsMax ?? STEPS_MAX);
  for (const cycle of search.cycles) {
    const explained = explainCycle(cycle, graph, txns.possible, wordsOf(options.workload));
    anomalies.put(explained);
    if (isWriteSkew(explained, graph, cycle.edges))
      anomalies.put({ ...explained, type: 'write-skew' });
  }
  const open = search.undecided.filter((type) => forbidden.has(type));
  const isFound = [...anomalies.counts.keys()].some((type) => forbidden.has(type));
  const isEmpty = graph.edges === 0;
  const byGraph = isFound ? 'fail' : open.length > 0 || isEmpty ? 'unknown' : 'pass';
  const word =
    byGraph === 'pass' && (isList || options.assume?.wfrKeys !== false)
      ? lastWordOf({ graph, txns: txns.possible, versions }, options)
      : undefined;
  if (word?.verdict === 'fail') {
    anomalies.put({ type: NO_ORDER, ops: word.txns.map(({ op }) => op.id), because: word.because });
    forbidden.add(NO_ORDER);
  }
  const verdict = word?.verdict ?? byGraph;
  const types = [...anomalies.counts.keys()].sort(compareText);
  const found = types.filter((type) => forbidden.has(type));
  const also = types.filter((type) => !forbidden.has(type));
  const isTold = verdict !== 'pass';
  const { weakest, stronger } = word?.rulesOut ?? ruledOut(isTold ? types : []);
  const reason =
    verdict === 'unknown'
      ? (word?.reason ?? whyUnknown(open, options.stepsMax ?? STEPS_MAX))
      : undefined;
  const examples = [...anomalies.examples].sort((a, b) => rank(a, forbidden) - rank(b, forbidden));
  const [worst] = examples;
  return {
    verdict,
    check: CHECK,
    steps: graph.edges + search.steps + (word?.steps ?? 0),
    ...(reason === undefined ? {} : { reason }),
    ...(verdict === 'fail' && worst !== undefined ? { explanation: explanationOf(worst) } : {}),
    found,
    also,
    rulesOut: weakest,
    alsoRulesOut: stronger,
    counts: types.map((type) => [type, anomalies.counts.get(type) ?? 0]),
    anomalies: examples,
    because: verdict === 'fail' ? (worst?.because ?? []) : [],
  };
}

/** The worst word on any of the levels asked for. */
function lastWordOf(situation: Situation, options: TransactionOptions): LastWord | undefined {
  const levels = options.ask === undefined ? ['strict-serializable'] : (options.ask.models ?? []);
  const stepsMax = options.stepsMax ?? STEPS_MAX;
  const words = levels.map((level) => lastWord(situation, level, options.workload, stepsMax));
  const told = (verdict: LastWord['verdict']): LastWord | undefined =>
    words.find((word) => word.verdict === verdict);
  return told('fail') ?? told('unknown') ?? told('pass');
}

/** Adds the order that the question is about; real time holds the order of sessions too. */
function addOrder(
  graph: DependencyGraph,
  { possible }: Txns,
  forbidden: ReadonlySet<string>,
  timed: boolean,
): Suffix | undefined {
  const asks = (suffix: string): boolean => [...forbidden].some((type) => type.endsWith(suffix));
  if (!timed) return undefined;
  if (asks(REALTIME_ORDER.name)) {
    addRealtimeOrder(graph, possible);
    return REALTIME_ORDER;
  }
  if (!asks(SESSION_ORDER.name)) return undefined;
  addSessionOrder(graph, possible);
  return SESSION_ORDER;
}

/** Two transactions each missed what the other wrote, to different keys. */
function isWriteSkew(anomaly: Anomaly, graph: DependencyGraph, edges: readonly number[]): boolean {
  if (anomaly.type !== 'G2-item' || edges.length !== 2) return false;
  const [first, second] = edges.map((edge) => graph.evidence[edge]?.key);
  return first !== second;
}

function whyUnknown(open: readonly string[], stepsMax: number): string {
  if (open.length === 0) return 'nothing in the history orders any two of its transactions';
  return `the search for ${open.join(', ')} ended after ${stepsMax} steps`;
}

/** The smallest story first: what counts, then the worst kind, then the fewest transactions. */
function rank(anomaly: Anomaly, forbidden: ReadonlySet<string>): number {
  const counts = forbidden.has(anomaly.type) ? 0 : 1_000_000;
  const isNamedTwice = anomaly.type === 'write-skew' ? 1_000 : 0;
  return counts + isNamedTwice + anomaly.ops.length;
}

function explanationOf(anomaly: Anomaly): Explanation {
  return {
    culprit: anomaly.ops[0] ?? 0,
    ...(anomaly.key === undefined ? {} : { partition: anomaly.key }),
    statesBefore: [],
    maximalPaths: [],
    window: anomaly.ops,
    because: anomaly.because,
  };
}
