/**
 * Entries of a log as operations: each invocation with its completion.
 *
 * Invariants
 *  - The position of an entry is its line where each has a line of its own, else its place.
 *  - After an operation of unknown fate nothing of its process returns: where a log goes on under
 *    the same number, it goes on under a new process here.
 *  - A process has at most one operation open, and ends what it began: anything else is a mistake
 *    of the log and told with its lines.
 *  - An operation and its answer are of one key, and where every value has one, none is without.
 *  - A log without invocations is `untimed`: its operations follow each other in no known order.
 */
import { ScenarioError } from '../../sim/index.ts';
import type { Outcome } from '../../sim/index.ts';
import type { Form } from './edn.ts';
import { hintOfName, showForm, untagged } from './entries.ts';
import type { Entry, Log } from './entries.ts';

/** An operation as the log has it: values are not yet those of a model. */
export interface RawOp {
  readonly id: number;
  readonly line: number;
  readonly process: number;
  readonly client: string;
  readonly isNamed: boolean;
  readonly f: string;
  readonly key?: string;
  readonly asked: Form;
  /** What came back; of an operation of unknown fate nothing. */
  readonly answered?: Form;
  readonly outcome: Outcome;
  readonly call: number;
  readonly ret: number;
}

export interface RawHistory {
  readonly ops: readonly RawOp[];
  readonly isTimed: boolean;
}

interface Open {
  readonly entry: Entry;
  readonly position: number;
  readonly process: number;
}

interface How {
  readonly file: string;
  /** Every value is [key value], as `jepsen.independent` writes it. */
  readonly isKeyed: boolean;
}

export function operationsOf({ entries, isNameless }: Log, how: How): RawHistory {
  const { file } = how;
  const isTimed = entries.some(({ type }) => type === 'invoke');
  const ops: RawOp[] = [];
  const open = new Map<string, Open>();
  const processes = new Map<string, number>();
  let fresh = 0;
  const hasLines = entries.every(
    (entry, at) => at === 0 || entry.line > (entries[at - 1]?.line ?? 0),
  );
  entries.forEach((entry, place) => {
    const position = hasLines ? entry.line : place + 1;
    const { process, type } = entry;
    const number = processes.get(process) ?? fresh++;
    processes.set(process, number);
    const begun = open.get(process);
    if (type === 'invoke') {
      if (begun !== undefined) throw stillOpen(entry, begun.entry, file, isNameless);
      open.set(process, { entry, position, process: number });
      return;
    }
    if (begun === undefined && isTimed) throw neverBegan(entry, file);
    const start = begun ?? { entry, position, process: number };
    if (start.entry.f !== entry.f) throw otherOperation(entry, start.entry, file);
    open.delete(process);
    ops.push(opOf(start, entry, position, how));
    if (type === 'info') processes.delete(process);
  });
  for (const start of open.values()) ops.push(opOf(start, undefined, Infinity, how));
  ops.sort((a, b) => a.call - b.call);
  return { ops: ops.map((op, id) => ({ ...op, id })), isTimed };
}

function opOf(start: Open, end: Entry | undefined, at: number, how: How): RawOp {
  const outcome = end?.type === 'ok' ? 'ok' : end?.type === 'fail' ? 'fail' : 'unknown';
  const asked = parted(start.entry.value, how);
  const answered = outcome === 'ok' && end !== undefined ? parted(end.value, how) : undefined;
  const [key, other] = new Set(
    [start.entry.key, asked.key, end?.key, answered?.key].filter((each) => each !== undefined),
  );
  if (end !== undefined && other !== undefined) {
    throw new ScenarioError(
      `${how.file}, line ${end.line}: process ${end.process} ends ${end.f} of the key ${other}, ` +
        `but began that of ${key} in line ${start.entry.line}.`,
    );
  }
  return {
    id: 0,
    line: start.entry.line,
    process: start.process,
    client: `process ${start.entry.process}`,
    isNamed: start.entry.isNamed,
    f: start.entry.f,
    ...(key === undefined ? {} : { key }),
    asked: asked.value,
    ...(answered === undefined ? {} : { answered: answered.value }),
    outcome,
    call: start.position,
    // Without an invocation it has no beginning either: half a place is as good as any.
    ret: outcome === 'unknown' ? Infinity : Math.max(at, start.position + 0.5),
  };
}

/** Takes the key off a value where values carry one: all of them, or those tagged as tuples. */
function parted(value: Form, { file, isKeyed }: How): { key?: string; value: Form } {
  const isTuple = value.kind === 'tagged' && /independent/i.test(value.tag ?? '');
  if (!isTuple && !isKeyed) return { value };
  const { kind, items } = untagged(value);
  const [key, rest, ...more] = items ?? [];
  if (kind !== 'list' || key === undefined || rest === undefined || more.length > 0) {
    const why = isTuple ? 'an independent tuple is' : 'with --keyed every value is';
    throw new ScenarioError(
      `${file}, line ${value.line}: ${why} [key value], not ${showForm(value)}.`,
    );
  }
  return { key: showForm(key), value: rest };
}

function stillOpen(entry: Entry, begun: Entry, file: string, isNameless: boolean): ScenarioError {
  return new ScenarioError(
    `${file}, line ${entry.line}: process ${entry.process} invokes ${entry.f}, ` +
      `but its ${begun.f} of line ${begun.line} has not ended.`,
    {
      hint: isNameless
        ? 'No entry has a :process, so all are of one; say who does what.'
        : 'A process does one thing at a time; end what is unknown with :info.',
    },
  );
}

function neverBegan(entry: Entry, file: string): ScenarioError {
  return new ScenarioError(
    `${file}, line ${entry.line}: process ${entry.process} ends ${entry.f} ` +
      'without having begun it.',
    { hint: hintOfName(`process ${entry.process}`, entry.isNamed) },
  );
}

function otherOperation(entry: Entry, begun: Entry, file: string): ScenarioError {
  return new ScenarioError(
    `${file}, line ${entry.line}: process ${entry.process} ends ${entry.f}, ` +
      `but began ${begun.f} in line ${begun.line}.`,
  );
}
