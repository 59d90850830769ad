/**
 * A history as checks of registers need it: every write known by its value, every read by the one
 * write that it can have seen. What cannot be brought into that form is left out, and counted: less
 * is found than is true, and nothing that is not.
 *
 *  - A cas that took effect is a write of its new value, one that did not is nothing; what it saw
 *    is left out. An assignment is a write.
 *  - Of a value that was written again, or of nothing, which a delete writes, every later write is
 *    told apart by its number. A read of it counts if only one of its writes had begun when the
 *    read returned: nobody reads from the future.
 *  - A key that is changed relative to what it held (incremented, added to, removed from) is no
 *    register: what is read there is nobody's value.
 *
 * Without some of its operations that nobody depends on, or without a whole key, a history is as
 * consistent as before, in every model that is judged by it.
 */
import { plural } from '../kernel/plural.ts';
import type { Op } from '../observe/history.ts';
import { showValue, valueKey } from './history/result.ts';
import type { Result, Value } from './history/result.ts';

/** Changes that depend on what was there. */
const RELATIVE: readonly string[] = ['increment', 'add', 'remove'];

/** What clients do with registers, and with what is none, so that it is known to be left out. */
export const REGISTER_OPERATIONS: readonly string[] = Object.freeze([
  'get',
  'put',
  'cas',
  'assign',
  ...RELATIVE,
]);

export interface Registers {
  /** Of keys that are registers; an assignment is a put. */
  readonly ops: readonly Op[];
  /** Names of the operations by which keys are no registers, and how many operations of those. */
  readonly relative: readonly string[];
  readonly ofRelative: number;
}

export function registersOf(ops: readonly Op[]): Registers {
  const changed = ops.filter(({ f }) => RELATIVE.includes(f));
  const keys = new Set(changed.map(keyOf));
  const kept = ops.filter((op) => !keys.has(keyOf(op)));
  return {
    ops: kept.map((op) => (op.f === 'assign' ? { ...op, f: 'put' } : op)),
    relative: RELATIVE.filter((name) => changed.some(({ f }) => f === name)),
    ofRelative: ops.length - kept.length,
  };
}

/** What a verdict is not about; empty: it is about everything. */
export function relativeNote({ relative, ofRelative }: Registers): string {
  if (relative.length === 0) return '';
  return `${ofRelative} of keys with ${relative.join(' or ')}, which are no registers`;
}

/**
 * A verdict on the registers of a history, which says what it is not about. `doubt`: what is done
 * with a read that may have seen one of several writes. Where each read is judged by itself, the
 * write that returned last is the kindest of them; where one read bears on others, none is.
 */
export function judgeRegisters<R extends Result>(
  all: readonly Op[],
  judge: (ops: readonly Op[]) => R,
  doubt: 'left-out' | 'kindest' = 'left-out',
): R | Result {
  const registers = registersOf(all);
  const writes = asWrites(registers.ops);
  const ops = toldApart(writes, doubt);
  const ambiguous = writes.length - ops.length;
  const reads = plural(ambiguous, 'read');
  const notes = [
    relativeNote(registers),
    ambiguous === 0 ? '' : `${reads} that may have seen one of several writes`,
  ].filter((note) => note !== '');
  const leftOut = notes.length === 0 ? '' : `left out: ${notes.join('; ')}`;
  if (ops.length === 0 && leftOut !== '') {
    const reason = `nothing to judge, ${leftOut}`;
    return { verdict: 'unknown', check: 'registers', steps: all.length, reason };
  }
  const result = judge(ops);
  if (leftOut === '' || result.verdict === 'fail') return result;
  return { ...result, reason: `${result.reason ?? plural(ops.length, 'operation')}; ${leftOut}` };
}

function asWrites(ops: readonly Op[]): Op[] {
  const writes: Op[] = [];
  for (const op of ops) {
    if (op.f !== 'cas') writes.push(op);
    else if (op.output !== false) {
      const { value } = op.input as { readonly value: unknown };
      writes.push({ ...op, f: 'put', input: value });
    }
  }
  return writes;
}

/** A write of a value, or the start, which is one of nothing; and the value under which it goes. */
interface Source {
  readonly call: number;
  readonly ret: number;
  readonly value: Value;
}

function toldApart(ops: readonly Op[], doubt: 'left-out' | 'kindest'): Op[] {
  const sources = new Map<string, Source[]>();
  const nameOf = (op: Op, value: Value): string => `${valueKey(value)} ${keyOf(op)}`;
  const sourcesOf = (op: Op, value: Value): Source[] => {
    const name = nameOf(op, value);
    const known = sources.get(name);
    if (known !== undefined) return known;
    const made: Source[] = value === null ? [{ call: -1, ret: -1, value }] : [];
    sources.set(name, made);
    return made;
  };
  const writes = ops.map((op) => {
    if (op.f !== 'put' || op.outcome === 'fail') return op;
    const before = op.input as Value;
    const same = sourcesOf(op, before);
    const value = same.length === 0 ? before : `${showValue(before)} (${same.length})`;
    same.push({ call: op.call, ret: op.ret, value });
    return value === before ? op : { ...op, input: value };
  });
  return writes.flatMap((op) => {
    if (op.f !== 'get' || op.outcome !== 'ok' || op.output === undefined) return [op];
    const same = sources.get(nameOf(op, op.output as Value)) ?? [];
    const [first, ...others] = same.filter(({ call }) => call < op.ret);
    if (first === undefined) return [op];
    if (others.length > 0 && doubt === 'left-out') return [];
    const { value } = others.reduce((a, b) => (b.ret >= a.ret ? b : a), first);
    return value === op.output ? [op] : [{ ...op, output: value }];
  });
}

const keyOf = ({ key = '' }: Op): string => key;
