/**
 * A set that only grows, element by element: from when on is each seen by whoever reads, and is one
 * that was seen or acknowledged missing in the end?
 *
 * Operations: `add` (input the element) and `read` (output the whole set).
 *
 * An element is known from the first of: its acknowledgement, a read that has it. It is
 *  - lost: known, and missing from a read that began after it was known and after every read that
 *    has it began;
 *  - stable: every read that began after some time has it. It was stale for as long as reads that
 *    began after it was known missed it;
 *  - never read: neither, because nobody looked afterwards.
 * Nothing stable and nothing lost says nothing: unknown.
 *
 * Differs from the source in one point: an element that nobody tried to add is a failure here.
 * Time: reads times elements.
 *
 * Source: the `set-full` checker of Jepsen.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, callTime, returnTime, showValue, valueKey } from './result.ts';
import type { Result, Value } from './result.ts';

export interface SetFullOptions {
  /** True: an element that is known must be in every read that begins afterwards. */
  readonly linearizable?: boolean;
}

export interface SeenElement {
  readonly value: Value;
  /** How long it was missed after it was known: in microseconds, or in positions without times. */
  readonly latency: number;
}

export interface SetFullResult extends Result {
  readonly attempts: number;
  readonly stable: readonly SeenElement[];
  readonly lost: readonly SeenElement[];
  /** Of the stable ones, those that a read missed after they were known. */
  readonly stale: readonly SeenElement[];
  readonly neverRead: readonly Value[];
  readonly duplicated: readonly Value[];
  readonly unexpected: readonly Value[];
  readonly because: readonly string[];
  /** Operations that show what is wrong. */
  readonly window: readonly number[];
}

/** What the history tells of one element; reads are remembered by when they began. */
interface Element {
  readonly value: Value;
  known: Op | undefined;
  present: Op | undefined;
  absent: Op | undefined;
}

export function checkSetFull(ops: readonly Op[], options: SetFullOptions = {}): SetFullResult {
  const elements = new Map<string | number, Element>();
  for (const op of ops) {
    if (op.f !== 'add') continue;
    const value = op.input as Value;
    const element = elements.get(valueKey(value));
    const fresh = { value, known: undefined, present: undefined, absent: undefined };
    if (element === undefined && op.outcome !== 'fail') elements.set(valueKey(value), fresh);
  }
  const ends = ops.filter(({ outcome }) => outcome === 'ok').sort((a, b) => a.ret - b.ret);
  const begun = begunBy(ops);
  const duplicated = new Map<string | number, Value>();
  const unexpected = new Map<string | number, Value>();
  let steps = 0;
  for (const op of ends) {
    if (op.f === 'add') {
      const element = elements.get(valueKey(op.input as Value));
      if (element !== undefined) element.known ??= op;
    } else if (op.f === 'read') {
      const seen = new Set<string | number>();
      for (const value of (op.output ?? []) as readonly Value[]) {
        const key = valueKey(value);
        if (seen.has(key)) duplicated.set(key, value);
        if (!elements.has(key)) unexpected.set(key, value);
        seen.add(key);
      }
      for (const [key, element] of elements) {
        steps++;
        if ((begun.get(key) ?? Infinity) < op.ret) look(element, op, seen.has(key));
      }
    }
  }
  const all = [...elements.values()];
  return judge(
    all,
    [...duplicated.values()],
    [...unexpected.values()],
    options,
    ops.length + steps,
  );
}

/** When somebody first tried to add it: reads that ended before say nothing of it. */
function begunBy(ops: readonly Op[]): Map<string | number, number> {
  const begun = new Map<string | number, number>();
  for (const op of ops) {
    if (op.f !== 'add' || op.outcome === 'fail') continue;
    const key = valueKey(op.input as Value);
    begun.set(key, Math.min(begun.get(key) ?? Infinity, op.call));
  }
  return begun;
}

function look(element: Element, read: Op, isThere: boolean): void {
  if (isThere) {
    element.known ??= read;
    if (element.present === undefined || element.present.call < read.call) element.present = read;
  } else if (element.absent === undefined || element.absent.call < read.call) {
    element.absent = read;
  }
}

const isStable = ({ present, absent }: Element): boolean =>
  present !== undefined && (absent === undefined || absent.call < present.call);

function isLost({ known, present, absent }: Element): boolean {
  if (known === undefined || absent === undefined) return false;
  return known.ret < absent.call && (present === undefined || present.call < absent.call);
}

/** From when it was known until the last read that shows the opposite began. */
function latencyOf({ known }: Element, until: Op | undefined): number {
  if (known === undefined || until === undefined) return 0;
  const isTimed = known.retMicros !== undefined && until.callMicros !== undefined;
  const from = isTimed ? (known.retMicros ?? 0) : known.ret;
  const to = isTimed ? (until.callMicros ?? 0) : until.call;
  return Math.max(0, to - from);
}

function judge(
  elements: readonly Element[],
  duplicated: readonly Value[],
  unexpected: readonly Value[],
  { linearizable = false }: SetFullOptions,
  steps: number,
): SetFullResult {
  const lostOnes = elements.filter(isLost);
  const stableOnes = elements.filter(isStable);
  const staleOnes = stableOnes.filter(
    ({ known, absent }) => known !== undefined && absent !== undefined && known.ret < absent.call,
  );
  const because = [
    ...lostOnes.map((one) => lossOf(one)),
    ...unexpected.map((value) => `${showValue(value)} was read and nobody tried to add it.`),
    ...duplicated.map((value) => `${showValue(value)} is in one read more than once.`),
  ];
  if (linearizable) because.push(...staleOnes.map((one) => `${missed(one)} It was seen later.`));
  const shown = linearizable ? [...lostOnes, ...staleOnes] : lostOnes;
  const ids = shown.flatMap(({ known, present, absent }) => [known?.id, present?.id, absent?.id]);
  const isUnknown = because.length === 0 && stableOnes.length === 0;
  const never = elements.filter((one) => !isLost(one) && !isStable(one));
  return {
    verdict: because.length > 0 ? 'fail' : isUnknown ? 'unknown' : 'pass',
    check: 'set-full',
    steps,
    ...(isUnknown ? { reason: 'no read had an element for good' } : {}),
    attempts: elements.length,
    stable: stableOnes.map((one) => ({ value: one.value, latency: latencyOf(one, one.absent) })),
    lost: lostOnes.map((one) => ({ value: one.value, latency: latencyOf(one, one.present) })),
    stale: staleOnes.map((one) => ({ value: one.value, latency: latencyOf(one, one.absent) })),
    neverRead: never.map(({ value }) => value),
    duplicated,
    unexpected,
    because,
    window: [...new Set(ids.flatMap((id) => id ?? []))],
  };
}

function missed({ value, known, absent }: Element): string {
  if (known === undefined || absent === undefined) return '';
  const how =
    known.f === 'add'
      ? `acknowledged to ${actorOf(known)} at ${returnTime(known)}`
      : `read by ${actorOf(known)} at ${returnTime(known)}`;
  return `${showValue(value)} was ${how}, and ${actorOf(absent)} missed it at ${callTime(absent)}.`;
}

function lossOf(element: Element): string {
  const { present } = element;
  const last =
    present === undefined
      ? 'Nobody ever read it.'
      : `The last read that has it began at ${callTime(present)}.`;
  return `${missed(element)} ${last}`;
}
