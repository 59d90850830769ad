/**
 * Isolation levels, the anomalies that each forbids, and what a set of anomalies rules out.
 *
 * Invariants
 *  - `IMPLIES` and `WEAKER` are acyclic; ruling out a level rules out every stronger one.
 *  - Every dependency here is about single items, never about predicates, so G-single and
 *    G-nonadjacent are also violations of repeatable read (PL-2.99), and G2 is G2-item.
 *
 * Sources: Adya 1999 (PL-1 to PL-3, PL-2+, PL-FCV); Bailis et al. 2014 (read atomic, cursor
 * stability); Cerone, Bernardi, Gotsman 2015; Daudjee and Salem 2006 (strong session levels); the
 * table is the one that Elle's users know (Kingsbury and Alvaro, VLDB 2020).
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { compareText } from '../../kernel/canonical.ts';
import { didYouMean } from '../../kernel/nearest.ts';

/** Level, the levels just below it. */
const WEAKER_ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['read-uncommitted', []],
  ['read-committed', ['read-uncommitted']],
  ['cursor-stability', ['read-committed']],
  ['monotonic-view', ['read-committed']],
  ['monotonic-snapshot-read', ['read-committed']],
  ['monotonic-atomic-view', ['read-committed']],
  ['consistent-view', ['cursor-stability', 'monotonic-view']],
  ['forward-consistent-view', ['consistent-view']],
  ['update-serializable', ['forward-consistent-view']],
  ['repeatable-read', ['cursor-stability', 'monotonic-atomic-view']],
  ['read-atomic', ['monotonic-atomic-view']],
  ['update-atomic', ['read-atomic']],
  ['causal', ['read-atomic']],
  ['prefix', ['causal']],
  ['parallel-snapshot-isolation', ['causal', 'update-atomic']],
  [
    'snapshot-isolation',
    [
      'forward-consistent-view',
      'monotonic-atomic-view',
      'monotonic-snapshot-read',
      'parallel-snapshot-isolation',
      'prefix',
    ],
  ],
  ['serializable', ['repeatable-read', 'snapshot-isolation', 'update-serializable']],
  ['strong-session-read-uncommitted', ['read-uncommitted']],
  ['strong-session-read-committed', ['read-committed', 'strong-session-read-uncommitted']],
  ['strong-session-snapshot-isolation', ['snapshot-isolation', 'strong-session-read-committed']],
  ['strong-session-serializable', ['serializable', 'strong-session-snapshot-isolation']],
  ['strong-read-uncommitted', ['strong-session-read-uncommitted']],
  ['strong-read-committed', ['strong-session-read-committed', 'strong-read-uncommitted']],
  ['strong-snapshot-isolation', ['strong-session-snapshot-isolation', 'strong-read-committed']],
  [
    'strict-serializable',
    ['serializable', 'strong-snapshot-isolation', 'strong-session-serializable'],
  ],
];

/** Other names that people use. */
const SAME_LEVEL: ReadonlyMap<string, string> = new Map([
  ['strong-serializable', 'strict-serializable'],
  ['conflict-serializable', 'serializable'],
  ['causal-cerone', 'causal'],
  ['PL-1', 'read-uncommitted'],
  ['PL-2', 'read-committed'],
  ['PL-2+', 'consistent-view'],
  ['PL-2.99', 'repeatable-read'],
  ['PL-SI', 'snapshot-isolation'],
  ['PL-3', 'serializable'],
  ['PL-SS', 'strict-serializable'],
]);

/** Anomaly, the levels that forbid it by name (what is stronger forbids it too). */
const FORBIDDEN_ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['G0', ['read-uncommitted']],
  ['duplicate-elements', ['read-uncommitted']],
  ['cyclic-versions', ['read-uncommitted']],
  ['G1', ['read-committed']],
  ['internal', ['read-atomic']],
  ['G1a', ['read-atomic']],
  ['future-read', ['read-atomic']],
  ['lost-update', ['cursor-stability', 'update-atomic', 'repeatable-read']],
  ['G-single', ['consistent-view']],
  ['G-nonadjacent', ['snapshot-isolation']],
  ['G2-item', ['repeatable-read']],
  ['G2', ['serializable']],
  ['G0-process', ['strong-session-read-uncommitted']],
  ['G1-process', ['strong-session-snapshot-isolation']],
  ['G1c-process', ['strong-session-read-committed']],
  ['G-nonadjacent-process', ['strong-session-snapshot-isolation']],
  ['G2-process', ['strong-session-serializable']],
  ['G0-realtime', ['strong-read-uncommitted']],
  ['G1-realtime', ['strong-snapshot-isolation']],
  ['G1c-realtime', ['strong-read-committed']],
  ['G-nonadjacent-realtime', ['strong-snapshot-isolation']],
  ['G2-realtime', ['strict-serializable']],
];

/** Anomaly, what it is an instance of. Cycles have the same rows with a suffix. */
const IMPLIES_ROWS: readonly (readonly [string, readonly string[]])[] = [
  ...['', '-process', '-realtime'].flatMap((suffix): [string, string[]][] => {
    const next = suffix === '' ? '-process' : '-realtime';
    const also = (name: string): string[] => (suffix === '-realtime' ? [] : [`${name}${next}`]);
    return [
      [`G0${suffix}`, [`G1c${suffix}`, ...also('G0')]],
      [`G1c${suffix}`, [`G1${suffix}`, ...also('G1c')]],
      [`G1${suffix}`, also('G1')],
      [`G-single${suffix}`, [`G-nonadjacent${suffix}`, ...also('G-single')]],
      [`G-nonadjacent${suffix}`, [`G2-item${suffix}`, ...also('G-nonadjacent')]],
      [`G2-item${suffix}`, [`G2${suffix}`, ...also('G2-item')]],
      [`G2${suffix}`, also('G2')],
    ];
  }),
  ['G1a', ['G1']],
  ['G1b', ['G1']],
  ['incompatible-order', ['G1a']],
  ['garbage-read', ['G1a']],
  ['dirty-update', ['G1a']],
  ['future-read', ['G1c']],
  ['lost-update', ['write-skew', 'G2-item']],
  ['write-skew', ['G2']],
  ['internal', []],
  ['duplicate-elements', []],
  ['cyclic-versions', []],
];

const WEAKER: ReadonlyMap<string, readonly string[]> = new Map(WEAKER_ROWS);
const STRONGER = inverted(WEAKER_ROWS);
const FORBIDDEN_BY: ReadonlyMap<string, readonly string[]> = new Map(FORBIDDEN_ROWS);
const FORBIDS = inverted(FORBIDDEN_ROWS);
const IMPLIES: ReadonlyMap<string, readonly string[]> = new Map(IMPLIES_ROWS);
const IMPLIED_BY = inverted(IMPLIES_ROWS);

export const LEVELS: readonly string[] = WEAKER_ROWS.map(([name]) => name);
export const ANOMALIES: readonly string[] = IMPLIES_ROWS.map(([name]) => name);

/** What is asked: that no such anomaly is there, that these levels hold. */
export interface Ask {
  readonly anomalies?: readonly string[];
  readonly models?: readonly string[];
}

/** Every anomaly that would answer `ask` with no. */
export function forbiddenBy(ask: Ask): Set<string> {
  const levels = reach((ask.models ?? []).map(levelNamed), WEAKER);
  const direct = [...levels].flatMap((level) => FORBIDS.get(level) ?? []);
  return reach([...direct, ...(ask.anomalies ?? []).map(anomalyNamed)], IMPLIED_BY);
}

/** The weakest levels that cannot hold, and all stronger ones. */
export function ruledOut(anomalies: readonly string[]): {
  readonly weakest: readonly string[];
  readonly stronger: readonly string[];
} {
  const direct = [...reach(anomalies, IMPLIES)].flatMap((name) => FORBIDDEN_BY.get(name) ?? []);
  const impossible = reach(direct, STRONGER);
  const weakest: string[] = [];
  const stronger: string[] = [];
  for (const level of [...impossible].sort(compareText)) {
    const below = reach(WEAKER.get(level) ?? [], WEAKER);
    const isCovered = [...below].some((other) => impossible.has(other));
    (isCovered ? stronger : weakest).push(level);
  }
  return { weakest, stronger };
}

/** True when every history with level `a` has level `b`. */
export function levelImplies(a: string, b: string): boolean {
  return reach([levelNamed(a)], WEAKER).has(levelNamed(b));
}

export function levelNamed(name: string): string {
  const level = SAME_LEVEL.get(name) ?? name;
  if (WEAKER.has(level)) return level;
  throw new ScenarioError(`There is no isolation level "${name}".`, {
    path: 'ask.models',
    hint: didYouMean(name, LEVELS),
  });
}

/** Elle's names for items: G-single-item is our G-single, as nothing here is about predicates. */
function anomalyNamed(name: string): string {
  const known = name.startsWith('G2-item') ? name : name.replace('-item', '');
  if (IMPLIES.has(known)) return known;
  throw new ScenarioError(`There is no anomaly "${name}".`, {
    path: 'ask.anomalies',
    hint: didYouMean(name, ANOMALIES),
  });
}

function inverted(
  rows: readonly (readonly [string, readonly string[]])[],
): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const [name, others] of rows) {
    for (const other of others) {
      const list = map.get(other);
      if (list === undefined) map.set(other, [name]);
      else list.push(name);
    }
  }
  return map;
}

function reach(
  start: readonly string[],
  next: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const reached = new Set(start);
  for (const name of reached) for (const other of next.get(name) ?? []) reached.add(other);
  return reached;
}
