/**
 * Watches of a log: what each watcher is told is a part of the log without a gap, in its order,
 * each event once.
 *
 * Operations
 *  - `append` (input a value, output its revision): somebody writes;
 *  - `watch` (input the revision after which to go on, or null; output `[revision, value]` pairs):
 *    a watcher is told of events. What a client is told, one watch after the other, is one stream.
 *
 * Kinds of violations
 *  - divergent: two were told different values at one revision;
 *  - unwritten: nobody wrote the value, or who tried was refused;
 *  - duplicate: an event comes again; step-back: an older event comes after a newer one;
 *  - gap: an event is left out that somebody knows of: another watcher, or who wrote it.
 *
 * Invariants
 *  - Revisions may leave out numbers; only a revision that is known to exist can be missing.
 *  - A watcher that is behind in the end is right: its stream is a part that ends early.
 *  - The first watch of a client says where its stream begins; without a revision it begins with
 *    the first event that it was told. Later watches go on from where the stream is.
 * Time: events times the logarithm of the log.
 *
 * Source: the guarantees of etcd's watch API (ordered, unique, reliable, resumable); the watch
 * workload of Jepsen's etcd test.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, returnTime, showValue, valueKey } from './result.ts';
import type { Explanation, Result, Value } from './result.ts';

export type WatchKind = 'divergent' | 'unwritten' | 'duplicate' | 'step-back' | 'gap';

export interface WatchViolation {
  readonly kind: WatchKind;
  /** The operation that shows it. */
  readonly op: number;
  readonly revision: number;
  readonly why: string;
}

export interface WatchResult extends Result {
  readonly violations: readonly WatchViolation[];
  /** Events that were told, of all watchers together. */
  readonly events: number;
  readonly because: readonly string[];
}

export type WatchEvent = readonly [revision: number, value: Value];

/** What is known of one revision, and who told of it. */
interface Known {
  readonly value: Value;
  readonly op: Op;
}

/** How far a stream is, and how many events of the log it must have passed by then. */
interface Stream {
  last: number | undefined;
  readonly told: Set<number>;
}

export function checkWatch(ops: readonly Op[]): WatchResult {
  const log = new Map<number, Known>();
  const violations: WatchViolation[] = [];
  const written = new Set<string | number>();
  // Where nobody is known to append, the log was written by somebody else.
  const areWritersKnown = ops.some(({ f }) => f === 'append');
  for (const op of ops) {
    if (op.f !== 'append' || op.outcome === 'fail') continue;
    written.add(valueKey(op.input as Value));
    if (op.outcome !== 'ok' || typeof op.output !== 'number') continue;
    learn(log, op.output, op.input as Value, op, violations);
  }
  const watches = ops
    .filter(({ f, outcome }) => f === 'watch' && outcome === 'ok')
    .sort((a, b) => a.ret - b.ret);
  let events = 0;
  for (const op of watches) {
    for (const [revision, value] of eventsOf(op)) {
      events++;
      learn(log, revision, value, op, violations);
      if (!areWritersKnown || written.has(valueKey(value))) continue;
      const why = `${actorOf(op)} was told ${showEvent(revision, value)}, which nobody wrote.`;
      violations.push({ kind: 'unwritten', op: op.id, revision, why });
    }
  }
  const revisions = [...log.keys()].sort((a, b) => a - b);
  const streams = new Map<string, Stream>();
  for (const op of watches) follow(op, streams, revisions, log, violations);
  return resultOf(violations, events, ops.length + events);
}

const eventsOf = (op: Op): readonly WatchEvent[] => (op.output ?? []) as readonly WatchEvent[];

const showEvent = (revision: number, value: Value): string =>
  `${showValue(value)} as revision ${revision}`;

function learn(
  log: Map<number, Known>,
  revision: number,
  value: Value,
  op: Op,
  violations: WatchViolation[],
): void {
  const known = log.get(revision);
  if (known === undefined) {
    log.set(revision, { value, op });
  } else if (valueKey(known.value) !== valueKey(value)) {
    const why =
      `${actorOf(op)} knows ${showEvent(revision, value)}, and ${actorOf(known.op)} ` +
      `${showValue(known.value)}.`;
    violations.push({ kind: 'divergent', op: op.id, revision, why });
  }
}

function follow(
  op: Op,
  streams: Map<string, Stream>,
  revisions: readonly number[],
  log: ReadonlyMap<number, Known>,
  violations: WatchViolation[],
): void {
  const stream = streams.get(actorOf(op)) ?? { last: startOf(op), told: new Set<number>() };
  streams.set(actorOf(op), stream);
  for (const [revision, value] of eventsOf(op)) {
    const { last } = stream;
    const told = `${actorOf(op)} was told ${showEvent(revision, value)} at ${returnTime(op)}`;
    if (last !== undefined && revision <= last) {
      const kind = stream.told.has(revision) ? 'duplicate' : 'step-back';
      const why = kind === 'duplicate' ? `${told}, once more.` : `${told}, after revision ${last}.`;
      violations.push({ kind, op: op.id, revision, why });
    } else if (last !== undefined) {
      const left = between(revisions, last, revision);
      const [first] = left;
      const known = first === undefined ? undefined : log.get(first);
      if (first !== undefined && known !== undefined) {
        const many = left.length === 1 ? '' : ` and ${left.length - 1} more`;
        const why =
          `${told}, after revision ${last}, and never of ` +
          `${showEvent(first, known.value)}${many}, which ${actorOf(known.op)} knows.`;
        violations.push({ kind: 'gap', op: op.id, revision: first, why });
      }
    }
    stream.told.add(revision);
    stream.last = Math.max(revision, last ?? revision);
  }
}

const startOf = ({ input }: Op): number | undefined =>
  typeof input === 'number' ? input : undefined;

/** Known revisions strictly between two. */
function between(revisions: readonly number[], from: number, to: number): readonly number[] {
  return revisions.slice(firstAfter(revisions, from), firstAfter(revisions, to - 1));
}

/** The place of the first revision above one. */
function firstAfter(revisions: readonly number[], revision: number): number {
  let low = 0;
  let high = revisions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((revisions[middle] ?? Infinity) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}

function resultOf(violations: readonly WatchViolation[], events: number, steps: number) {
  const [first] = violations;
  const because = violations.map(({ kind, why }) => `${kind}: ${why}`);
  const base = { check: 'watch', steps, violations, events, because };
  if (first === undefined) {
    if (events > 0) return { ...base, verdict: 'pass' as const };
    return { ...base, verdict: 'unknown' as const, reason: 'no watcher was told of an event' };
  }
  const window = [...new Set(violations.map(({ op }) => op))];
  const explanation: Explanation = {
    culprit: first.op,
    statesBefore: [],
    maximalPaths: [],
    window,
    because,
  };
  return { ...base, verdict: 'fail' as const, explanation };
}
