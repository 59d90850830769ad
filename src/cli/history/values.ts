/** Values of a log as the values of our models; what does not fit is told with its line. */
import { ScenarioError } from '../../sim/index.ts';
import type { HistoryValue, MicroOp, MicroValue, RegisterStep } from '../../sim/index.ts';
import { isLarge } from './edn.ts';
import type { Form } from './edn.ts';
import { showForm, untagged } from './entries.ts';
import type { RawOp } from './operations.ts';

/** A number, text, boolean or nil. Anything richer stands for itself by its text. */
export function scalar(given: Form): HistoryValue {
  const form = untagged(given);
  return form.value === undefined ? showForm(form) : form.value;
}

export function holdsNaN({ value, items = [] }: Form): boolean {
  return Number.isNaN(value) || items.some(holdsNaN);
}

/** What equals nothing, not even itself, is never what was written. */
export function refuseNaN(form: Form, { f }: RawOp, file: string): void {
  if (!holdsNaN(form)) return;
  throw new ScenarioError(`${file}, line ${form.line}: the value of ${f} holds ##NaN.`, {
    hint: 'NaN equals nothing, not even itself: whether it was read back, nobody can say.',
  });
}

/** What can be added up: a sum of texts or of NaN is within all bounds, or within none. */
export function isAmount(given: Form): boolean {
  const { kind, value } = untagged(given);
  return kind === 'number' && Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER;
}

/** What is added up: a number that the sum can hold. */
export function addend(given: Form, op: RawOp, file: string): HistoryValue {
  if (isAmount(given)) return scalar(given);
  throw unfit(op, file, `a finite number below 2^53, not ${showForm(given)}`);
}

/** Accounts and what they hold; what is no number at all, the bank itself finds wrong. */
export function balances(given: Form, op: RawOp, file: string): [string, HistoryValue][] {
  const pairs = pairsOf(given, op, file);
  (untagged(given).items ?? []).forEach((item, at) => {
    const plain = untagged(item);
    if (at % 2 === 1 && (plain.kind === 'number' || isLarge(plain))) addend(plain, op, file);
  });
  return pairs;
}

export function listOf(given: Form, op: RawOp, file: string): HistoryValue[] {
  const form = untagged(given);
  if (form.kind === 'nil') return [];
  if (form.kind === 'list') return (form.items ?? []).map(scalar);
  throw unfit(op, file, `a list, not ${showForm(form)}`);
}

/** The pairs of a map. */
export function pairsOf(given: Form, op: RawOp, file: string): [string, HistoryValue][] {
  const form = untagged(given);
  if (form.kind !== 'map') throw unfit(op, file, `a map, not ${showForm(form)}`);
  return pairsOfMap(form);
}

export function pairsOfMap({ items = [] }: Form): [string, HistoryValue][] {
  const pairs: [string, HistoryValue][] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    pairs.push([showForm(items[at] as Form), scalar(items[at + 1] as Form)]);
  }
  return pairs;
}

/** Two values: what a cas expects and what it writes. */
export function pairOf(given: Form, op: RawOp, file: string): [HistoryValue, HistoryValue] {
  const items = untagged(given).items ?? [];
  const [expected, value] = items;
  if (items.length === 2 && expected !== undefined && value !== undefined) {
    return [scalar(expected), scalar(value)];
  }
  throw unfit(op, file, `[expected new], not ${showForm(given)}`);
}

/** What a watcher is told: pairs of a revision and a value. */
export function eventsOf(given: Form, op: RawOp, file: string): [number, HistoryValue][] {
  const form = untagged(given);
  if (form.kind === 'nil') return [];
  if (form.kind !== 'list') throw unfit(op, file, `a list of pairs, not ${showForm(form)}`);
  return (form.items ?? []).map((item) => {
    const [revision, value, ...more] = untagged(item).items ?? [];
    const number = revision === undefined ? undefined : scalar(revision);
    if (typeof number !== 'number' || value === undefined || more.length > 0) {
      throw unfit(op, file, `[revision value], not ${showForm(item)}`);
    }
    return [number, scalar(value)];
  });
}

const MICRO_NAMES: ReadonlyMap<string, MicroOp[0]> = new Map([
  ['append', 'append'],
  ['w', 'w'],
  ['write', 'w'],
  ['r', 'r'],
  ['read', 'r'],
]);

/** The micro-operations of a transaction: [[:append x 1] [:r y nil]]. */
export function microOps(given: Form, op: RawOp, file: string, isAnswer: boolean): MicroOp[] {
  return stepsOf(given, op, file).map(([name, key, value]): MicroOp => {
    const f = MICRO_NAMES.get(name);
    if (f === undefined) throw unfit(op, file, `append, w or r in a transaction, not ${name}`);
    if (f === 'r' && !isAnswer) return [f, key];
    return [f, key, microValue(value)];
  });
}

function microValue(form: Form): MicroValue {
  const plain = untagged(form);
  return plain.kind === 'list' ? (plain.items ?? []).map(scalar) : scalar(plain);
}

/** The steps of a multi-register: a read of nil has an unknown result. */
export function registerSteps(
  given: Form,
  op: RawOp,
  file: string,
  isAnswer: boolean,
): RegisterStep[] {
  return stepsOf(given, op, file).map(([name, register, form]): RegisterStep => {
    const f = MICRO_NAMES.get(name);
    if (f === undefined || f === 'append') throw unfit(op, file, `read or write, not ${name}`);
    if (f === 'w') return ['write', register, scalar(form)];
    return !isAnswer || form.kind === 'nil' ? ['read', register] : ['read', register, scalar(form)];
  });
}

function stepsOf(given: Form, op: RawOp, file: string): [string, string, Form][] {
  const form = untagged(given);
  if (form.kind !== 'list') throw unfit(op, file, `a list of operations, not ${showForm(form)}`);
  return (form.items ?? []).map((item) => {
    const [f, key, value] = untagged(item).items ?? [];
    if (f === undefined || key === undefined) {
      throw unfit(op, file, `[f key value], not ${showForm(item)}`);
    }
    return [showForm(f), showForm(key), value ?? { kind: 'nil', line: item.line, value: null }];
  });
}

function unfit(op: RawOp, file: string, wanted: string): ScenarioError {
  return new ScenarioError(`${file}, line ${op.line}: the value of ${op.f} must be ${wanted}.`);
}
