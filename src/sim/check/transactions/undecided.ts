/**
 * The last word on a history in whose dependency graph nothing was found: an order that explains
 * everything, the proof that there is none, or that nobody knows. Of registers the graph knows
 * little; of lists it knows all versions, but some levels are no matter of certain cycles.
 *
 * Invariants
 *  - A level that has no definition here holds where a stronger one does, and is unknown else.
 *  - The transactions of a failure are few: leaving out any one more leaves an order, unless the
 *    budget ended first or there were too many to try.
 */
import { compareText } from '../../kernel/canonical.ts';
import { NOT_FEWEST, dropChunks, dropEach } from '../history/fewest.ts';
import type { Few } from '../history/fewest.ts';
import { hasOrder, nodesThatCount } from './definition.ts';
import type { Definition, Situation } from './definition.ts';
import { DependencyGraph, REALTIME, SESSION } from './graph.ts';
import { describeTxn } from './history.ts';
import type { Workload } from './explain.ts';
import { LEVELS, levelImplies, levelNamed } from './levels.ts';
import type { Txn } from './history.ts';

interface RuledOut {
  readonly weakest: readonly string[];
  readonly stronger: readonly string[];
}

export interface LastWord {
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly steps: number;
  readonly reason?: string;
  /** Of a failure: what cannot be put in order. */
  readonly txns: readonly Txn[];
  readonly because: readonly string[];
  /** Of a failure: the weakest levels that it leaves impossible, and those above them. */
  readonly rulesOut?: RuledOut;
}

/** From the weakest on: the first that is at least as strong as what is asked decides it. */
const DEFINITIONS: readonly (readonly [level: string, definition: Definition])[] = [
  ['read-atomic', 'read-atomic'],
  ['causal', 'causal'],
  ['prefix', 'prefix'],
  ['snapshot-isolation', 'snapshot-isolation'],
  ['strong-session-snapshot-isolation', 'snapshot-isolation'],
  ['strong-snapshot-isolation', 'snapshot-isolation'],
  ['repeatable-read', 'serializable'],
  ['serializable', 'serializable'],
  ['strong-session-serializable', 'serializable'],
  ['strict-serializable', 'serializable'],
];
const PLAIN: readonly Definition[] = [
  'read-atomic',
  'causal',
  'prefix',
  'snapshot-isolation',
  'serializable',
];
/** Any order of versions that agrees with the graph will do for these: the graph is enough. */
const BY_GRAPH = ['read-committed', 'strong-read-committed'];
/** Where the order of the versions can be read off, these are what certain cycles are not. */
const BY_CYCLES: readonly string[] = [
  'strong-session-read-uncommitted',
  'strong-session-read-committed',
  'strong-read-uncommitted',
  'cursor-stability',
  'consistent-view',
  'repeatable-read',
  'snapshot-isolation',
  'serializable',
  'strong-session-snapshot-isolation',
  'strong-session-serializable',
  'strong-snapshot-isolation',
  'strict-serializable',
];
/** More are not taken out one by one. */
const SHRUNK_MAX = 400;
const SHOWN_MAX = 6;

export function lastWord(
  situation: Situation,
  asked: string,
  workload: Workload,
  stepsMax: number,
): LastWord {
  const level = levelNamed(asked);
  const pass: LastWord = { verdict: 'pass', steps: 0, txns: [], because: [] };
  if (BY_GRAPH.some((known) => levelImplies(known, level))) return pass;
  if (workload === 'list-append' && BY_CYCLES.includes(level)) return pass;
  const row = DEFINITIONS.find(([stronger]) => levelImplies(stronger, level));
  if (row === undefined) return pass;
  const [stronger, definition] = row;
  const nodes = nodesThatCount(situation);
  const { answer, steps } = hasOrder(situation, nodes, definition, stepsMax);
  if (answer === 'yes') return { ...pass, steps };
  if (answer === 'open') {
    const reason = `the search for an order of the versions met its limits (${stepsMax} steps)`;
    return { ...pass, verdict: 'unknown', steps, reason };
  }
  if (stronger !== level) {
    const reason =
      `no order of transactions and versions makes this ${stronger}, ` +
      `and whether one makes it ${level} is not decided`;
    return { ...pass, verdict: 'unknown', steps, reason };
  }
  const few = fewestOf(situation, nodes, definition, stepsMax - steps);
  const txns = few.kept.flatMap((node) => situation.txns[node] ?? []);
  const because = sentences(txns, level);
  if (!few.isFewest) because.push(NOT_FEWEST);
  const rulesOut = ruledOutBy(situation, few.kept, level, stepsMax);
  return { verdict: 'fail', steps: steps + few.steps, txns, because, rulesOut };
}

/** What the few rule out even without sessions and real time; else what was asked. */
function ruledOutBy(
  situation: Situation,
  nodes: readonly number[],
  level: string,
  stepsMax: number,
): RuledOut {
  const { graph, ...rest } = situation;
  const timeless = { ...rest, graph: withoutOrder(graph) };
  const plain = PLAIN.find((each) => hasOrder(timeless, nodes, each, stepsMax).answer === 'no');
  const weakest = plain === undefined ? [level] : [...new Set(['repeatable-read', plain])];
  const least = weakest.filter((one) => !weakest.some((o) => o !== one && levelImplies(one, o)));
  const stronger = LEVELS.filter(
    (one) => !least.includes(one) && least.some((other) => levelImplies(one, other)),
  );
  return { weakest: least.sort(compareText), stronger: [...stronger].sort(compareText) };
}

function withoutOrder(graph: DependencyGraph): DependencyGraph {
  const plain = new DependencyGraph(graph.nodes);
  for (let edge = 0; edge < graph.edges; edge++) {
    const kind = graph.kind[edge] ?? 0;
    if (kind === SESSION || kind === REALTIME) continue;
    plain.add(graph.from[edge] ?? 0, graph.to[edge] ?? 0, kind, graph.evidence[edge]);
  }
  return plain;
}

function fewestOf(
  situation: Situation,
  all: readonly number[],
  definition: Definition,
  stepsMax: number,
): Few<number> & { readonly steps: number } {
  let steps = 0;
  const keeps = (nodes: readonly number[]): boolean | undefined => {
    if (steps >= stepsMax) return undefined;
    const tried = hasOrder(situation, nodes, definition, stepsMax - steps);
    steps += tried.steps;
    return tried.answer === 'open' ? undefined : tried.answer === 'no';
  };
  const nodes = dropChunks(all, keeps, SHRUNK_MAX);
  const few = nodes.length > SHRUNK_MAX ? { kept: nodes, isFewest: false } : dropEach(nodes, keeps);
  return { ...few, steps };
}

function sentences(txns: readonly Txn[], level: string): string[] {
  const shown = txns.slice(0, SHOWN_MAX);
  const more = txns.length - shown.length;
  return [
    ...shown.map((txn, place) => `T${place + 1} is ${describeTxn(txn)}.`),
    ...(more > 0 ? [`And ${more} more transactions.`] : []),
    `Whatever the order of their writes, no order of these ${txns.length} is ${level}.`,
  ];
}
