/**
 * A trace of each request: what happened to its calls, kept in the order in which it happened, and
 * the tree of spans that is built from that.
 *
 * Invariant: the log only grows, and a checkpoint is its length. Going back keeps what came later,
 * and running again writes the same over it. The tree is a function of the log alone.
 *
 * Source: Sigelman et al., Dapper (Google, 2010): spans, their parents, and four moments of a call.
 * Differs: nothing is sampled and no message carries an id: the run knows who calls for whom.
 */
import type { FlightKind, Message, MessageTable } from '../contracts/contract.ts';
import type { ClientCompleted, ClientInvoked } from '../contracts/facts.ts';
import { FIRST_TRY, flightOfTry } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { Behalf, CallRef, CallResult, NodeIndex } from '../node/behaviour.ts';
import type { CallTap } from '../node/taps.ts';

/** How a call ended for its caller; `abandoned`: it gave it up; `open`: it has not ended. */
export type SpanOutcome = 'ok' | 'fail' | 'unknown' | 'abandoned' | 'open';

/** One line of the log. */
export type SpanRecord = { readonly micros: number } & (
  | {
      readonly what: 'opened';
      readonly call: CallRef;
      readonly from: NodeIndex;
      readonly to: NodeIndex;
      readonly name: string;
      readonly kind: FlightKind;
      readonly behalf: Behalf | null;
    }
  | { readonly what: 'received'; readonly call: CallRef }
  | { readonly what: 'answered'; readonly call: CallRef; readonly words: string }
  | {
      readonly what: 'ended';
      readonly call: CallRef;
      readonly outcome: SpanOutcome;
      readonly code: string;
    }
  | {
      readonly what: 'invoked';
      readonly op: number;
      readonly node: NodeIndex;
      readonly name: string;
    }
  | {
      readonly what: 'completed';
      readonly op: number;
      readonly outcome: SpanOutcome;
      readonly code: string;
    }
);
type Of<W extends SpanRecord['what']> = Extract<SpanRecord, { readonly what: W }>;

/** One piece of work: the operation of a client, or one call that was made for it. */
export interface Span {
  /** What is asked for, in a few words. */
  readonly name: string;
  readonly kind: FlightKind;
  /** Who asks whom; of an operation both are the client. */
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly startMicros: number;
  /** When a process began to handle it, and when its first answer left; null where none did. */
  readonly receivedMicros: number | null;
  readonly answeredMicros: number | null;
  /** When its caller had the result, or gave up. */
  readonly endMicros: number | null;
  readonly outcome: SpanOutcome;
  /** What was answered, or the code of the error. */
  readonly result: string;
  /** Calls that were made for it, in the order in which they were made. */
  readonly children: readonly Span[];
}

/** An operation of a client, as the log knows it. */
export interface Asked {
  readonly op: number;
  /** Which one of the run, from 1. */
  readonly number: number;
  readonly atMicros: number;
  /** Null while it is open. */
  readonly tookMicros: number | null;
}

export class SpanLog implements CallTap {
  readonly #table: MessageTable;
  readonly #now: () => number;
  readonly #records: SpanRecord[] = [];
  /** Those in force: behind them is the future that was rewound. */
  #length = 0;

  constructor(table: MessageTable, now: () => number) {
    this.#table = table;
    this.#now = now;
  }

  get records(): readonly SpanRecord[] {
    return this.#records.slice(0, this.#length);
  }

  opened(
    call: CallRef,
    from: NodeIndex,
    to: NodeIndex,
    request: Message,
    mark: TryMark,
    behalf: Behalf | null,
  ): void {
    const spec = this.#table.get(request.type)?.spec;
    const flight = spec?.flight ?? 'request';
    const told = typeof flight === 'function' ? flight(request) : flight;
    const kind = told === 'request' && mark !== FIRST_TRY ? flightOfTry(mark) : told;
    const name = this.#words(request);
    this.#add({ micros: this.#now(), what: 'opened', call, from, to, name, kind, behalf });
  }

  received(call: CallRef): void {
    this.#add({ micros: this.#now(), what: 'received', call });
  }

  answered(call: CallRef, answer: Message): void {
    this.#add({
      micros: this.#now(),
      what: 'answered',
      call,
      words: this.#words(answer),
    });
  }

  ended(call: CallRef, result: CallResult | null): void {
    const outcome = result === null ? 'abandoned' : result.outcome;
    const code = result === null || result.outcome === 'ok' ? '' : result.error.code;
    this.#add({ micros: this.#now(), what: 'ended', call, outcome, code });
  }

  invoked(node: NodeIndex, { op, f, key }: ClientInvoked): void {
    const name = key === undefined ? f : `${f} of ${key}`;
    this.#add({ micros: this.#now(), what: 'invoked', op, node, name });
  }

  completed({ op, outcome, error }: ClientCompleted): void {
    this.#add({
      micros: this.#now(),
      what: 'completed',
      op,
      outcome,
      code: error ?? '',
    });
  }

  save(): number {
    return this.#length;
  }

  /** Back or forth: what comes later stays for a later checkpoint of the same run. */
  restore(length: number): void {
    this.#length = length;
  }

  #add(record: SpanRecord): void {
    this.#records[this.#length++] = record;
  }

  #words(message: Message): string {
    const entry = this.#table.get(message.type);
    if (entry !== undefined) return entry.spec.label(message);
    return (message as { readonly code?: string }).code ?? message.type;
  }
}

/** The operations of all clients, in the order in which they were begun. */
export function askedIn(records: readonly SpanRecord[]): readonly Asked[] {
  const began = new Map<number, Of<'invoked'>>();
  const ended = new Map<number, number>();
  for (const record of records) {
    if (record.what === 'invoked') began.set(record.op, record);
    else if (record.what === 'completed') ended.set(record.op, record.micros);
  }
  return [...began.values()].map(({ op, micros }, at) => ({
    op,
    number: at + 1,
    atMicros: micros,
    tookMicros: ended.has(op) ? (ended.get(op) as number) - micros : null,
  }));
}

/** The operations in which a node had a part: it began them, or was asked on their behalf. */
export function opsThrough(records: readonly SpanRecord[], node: NodeIndex): ReadonlySet<number> {
  const opOf = new Map<CallRef, number>();
  const through = new Set<number>();
  for (const record of records) {
    if (record.what === 'invoked' && record.node === node) through.add(record.op);
    if (record.what !== 'opened' || record.behalf === null) continue;
    const { behalf } = record;
    const op = behalf.of === 'operation' ? behalf.op : opOf.get(behalf.call);
    if (op === undefined) continue;
    opOf.set(record.call, op);
    if (record.to === node) through.add(op);
  }
  return through;
}

/** What the log says of one call. */
interface Known {
  readonly opened: Of<'opened'>;
  received: number | null;
  answered: (Of<'answered'> & { readonly micros: number }) | null;
  ended: (Of<'ended'> & { readonly micros: number }) | null;
  readonly calls: CallRef[];
}

/** The tree of one operation, or null where there is no such one. */
export function spanTree(records: readonly SpanRecord[], op: number): Span | null {
  const known = new Map<CallRef, Known>();
  const roots: CallRef[] = [];
  let invoked: Of<'invoked'> | null = null;
  let completed: Of<'completed'> | null = null;
  for (const record of records) {
    if (record.what === 'invoked') {
      if (record.op === op) invoked = record;
    } else if (record.what === 'completed') {
      if (record.op === op) completed = record;
    } else if (record.what === 'opened') {
      open(record, op, known, roots);
    } else {
      note(record, known.get(record.call));
    }
  }
  if (invoked === null) return null;
  const { micros, node, name } = invoked;
  return {
    name,
    kind: 'request',
    from: node,
    to: node,
    startMicros: micros,
    receivedMicros: null,
    answeredMicros: null,
    endMicros: completed?.micros ?? null,
    outcome: completed?.outcome ?? 'open',
    result: resultOf(completed, ''),
    children: roots.map((call) => spanOf(call, known)),
  };
}

/** Keeps a call that was made for the operation, or for a call that was. */
function open(
  record: Of<'opened'>,
  op: number,
  known: Map<CallRef, Known>,
  roots: CallRef[],
): void {
  const { behalf, call } = record;
  if (behalf === null) return;
  const above = behalf.of === 'call' ? known.get(behalf.call) : undefined;
  const siblings = behalf.of === 'operation' ? (behalf.op === op ? roots : null) : above?.calls;
  if (siblings === null || siblings === undefined) return;
  siblings.push(call);
  known.set(call, { opened: record, received: null, answered: null, ended: null, calls: [] });
}

function note(record: Of<'received' | 'answered' | 'ended'>, known: Known | undefined): void {
  if (known === undefined) return;
  // A packet may come twice, and be answered twice: the first counts.
  if (record.what === 'received') known.received ??= record.micros;
  else if (record.what === 'answered') known.answered ??= record;
  else known.ended ??= record;
}

function spanOf(call: CallRef, known: ReadonlyMap<CallRef, Known>): Span {
  const { opened, received, answered, ended, calls } = known.get(call) as Known;
  return {
    name: opened.name,
    kind: opened.kind,
    from: opened.from,
    to: opened.to,
    startMicros: opened.micros,
    receivedMicros: received,
    answeredMicros: answered?.micros ?? null,
    endMicros: ended?.micros ?? null,
    outcome: ended?.outcome ?? 'open',
    result: resultOf(ended, answered?.words ?? ''),
    children: calls.map((one) => spanOf(one, known)),
  };
}

function resultOf(
  ended: { readonly outcome: SpanOutcome; readonly code: string } | null,
  words: string,
): string {
  if (ended === null) return 'not ended';
  if (ended.outcome === 'abandoned') return 'given up';
  if (ended.outcome !== 'ok') return ended.code === '' ? ended.outcome : ended.code;
  return words === '' ? 'ok' : words;
}
