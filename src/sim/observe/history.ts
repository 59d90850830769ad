/**
 * The history of a run as its clients saw it: every operation with its call, its return and what it
 * returned, kept as columns.
 *
 * Invariants
 *  - Append-only: an event is an invocation or a completion. The place of an event in that log is
 *    its position, so positions are unique and `a.ret < b.call` is exact precedence, also for two
 *    events of one simulator event (a client that gets its answer and asks again at once).
 *  - A process has at most one operation open and ends with its first unknown one: an operation
 *    whose fate is not known may still happen, so the same logical client goes on under a new
 *    process id and nothing of the old one ever returns. A client that calls again before its last
 *    operation returned (an open loop) also goes on under a new process.
 *  - `unknown` operations are pending for ever in the order (`ret` is Infinity), although the
 *    moment at which the client gave up is kept for drawing.
 *  - A checkpoint is a length. Restoring an earlier one rewinds and keeps what came later, so that
 *    a later checkpoint of the same run can be restored too; re-execution writes the same events
 *    over the old ones. Restoring a checkpoint of another branch is the caller's mistake.
 *
 * Source: the operation model of Jepsen and Knossos; Herlihy and Wing 1990 for the order.
 */
import { invariant } from '../kernel/errors.ts';

/** `ok`: happened, result known. `fail`: surely did not happen. `unknown`: may have, or may yet. */
export type Outcome = 'ok' | 'fail' | 'unknown';

/** One operation of one process. `call` and `ret` are positions in one total order of events. */
export interface Op<I = unknown, O = unknown> {
  readonly id: number;
  readonly process: number;
  /** The logical client, which outlives its processes. */
  readonly client?: string;
  readonly f: string;
  readonly key?: string;
  readonly node?: number;
  readonly input: I;
  readonly output?: O;
  readonly outcome: Outcome;
  readonly call: number;
  /** Infinity while the operation is open, and for ever when its outcome is unknown. */
  readonly ret: number;
  readonly callMicros?: number;
  /** When the client had its answer or gave up; absent while open. */
  readonly retMicros?: number;
  /** The simulator's event numbers of the call and of the return. */
  readonly trace?: readonly [call: number, ret?: number];
}

export interface Invocation {
  readonly client: string;
  readonly f: string;
  readonly key?: string;
  readonly input: unknown;
  /** The simulator's event number. */
  readonly position: number;
  readonly atMicros: number;
  readonly node?: number;
}

export interface HistoryImage {
  readonly events: number;
}

const OUTCOMES: readonly Outcome[] = ['ok', 'fail', 'unknown'];
const UNKNOWN = 2;
const NO_OPERATION = -1;
const NO_NODE = -1;
/** A log entry is `operation * 4 + kind`. */
const INVOKE = 0;
const INVOKE_NEW_PROCESS = 1;
const COMPLETE = 2;

type Column = Int32Array | Float64Array | Uint8Array;

export class History {
  /** Events in force. `#log` may hold more: the future that was rewound. */
  #events = 0;
  #written = 0;
  #length = 0;
  #processCount = 0;
  #log = new Int32Array(128);

  readonly #clientIds = new Map<string, number>();
  readonly #clients: string[] = [];
  /** Per client: its latest operation. */
  readonly #latest: number[] = [];

  #client = new Int32Array(64);
  #process = new Int32Array(64);
  /** The operation of the same client before this one. */
  #previous = new Int32Array(64);
  #node = new Int32Array(64);
  #callEvent = new Int32Array(64);
  #retEvent = new Int32Array(64);
  #done = new Uint8Array(64);
  #outcome = new Uint8Array(64);
  #callPosition = new Float64Array(64);
  #retPosition = new Float64Array(64);
  #callMicros = new Float64Array(64);
  #retMicros = new Float64Array(64);
  readonly #f: string[] = [];
  readonly #key: (string | undefined)[] = [];
  readonly #input: unknown[] = [];
  readonly #output: unknown[] = [];

  /** How many operations were invoked. */
  get length(): number {
    return this.#length;
  }

  /** How many events (invocations and completions) are in force. */
  get events(): number {
    return this.#events;
  }

  /** Records a call and returns the operation's id. */
  invoke(invocation: Invocation): number {
    const id = this.#length;
    if (id === this.#process.length) this.#growOps();
    let client = this.#clientIds.get(invocation.client);
    if (client === undefined) client = this.#addClient(invocation.client);
    const previous = this.#latest[client] ?? NO_OPERATION;
    const isFresh = previous === NO_OPERATION || !this.#isFree(previous);
    this.#client[id] = client;
    this.#process[id] = isFresh ? this.#processCount++ : (this.#process[previous] ?? 0);
    this.#previous[id] = previous;
    this.#latest[client] = id;
    this.#node[id] = invocation.node ?? NO_NODE;
    this.#callEvent[id] = this.#events;
    this.#callPosition[id] = invocation.position;
    this.#callMicros[id] = invocation.atMicros;
    this.#done[id] = 0;
    this.#f[id] = invocation.f;
    this.#key[id] = invocation.key;
    this.#input[id] = invocation.input;
    this.#output[id] = undefined;
    this.#length = id + 1;
    this.#append(id * 4 + (isFresh ? INVOKE_NEW_PROCESS : INVOKE));
    return id;
  }

  /** Records what the client learnt about operation `id`: exactly once for each. */
  complete(
    id: number,
    outcome: Outcome,
    output: unknown,
    position: number,
    atMicros: number,
  ): void {
    invariant(id >= 0 && id < this.#length, `operation ${id} was never invoked`);
    invariant(this.#done[id] === 0, `operation ${id} is complete already`);
    const code = outcome === 'ok' ? 0 : outcome === 'fail' ? 1 : UNKNOWN;
    this.#done[id] = 1;
    this.#outcome[id] = code;
    this.#retEvent[id] = this.#events;
    this.#retPosition[id] = position;
    this.#retMicros[id] = atMicros;
    this.#output[id] = output;
    this.#append(id * 4 + COMPLETE);
  }

  /** One operation as a value. */
  op(id: number): Op {
    invariant(id >= 0 && id < this.#length, `operation ${id} was never invoked`);
    const done = this.#done[id] === 1;
    const outcome = done ? (OUTCOMES[this.#outcome[id] ?? UNKNOWN] ?? 'unknown') : 'unknown';
    const key = this.#key[id];
    const node = this.#node[id] ?? NO_NODE;
    const output = done ? this.#output[id] : undefined;
    const callPosition = this.#callPosition[id] ?? 0;
    return {
      id,
      process: this.#process[id] ?? 0,
      client: this.#clients[this.#client[id] ?? 0] ?? '',
      f: this.#f[id] ?? '',
      ...(key === undefined ? {} : { key }),
      ...(node === NO_NODE ? {} : { node }),
      input: this.#input[id],
      ...(output === undefined ? {} : { output }),
      outcome,
      call: this.#callEvent[id] ?? 0,
      ret: outcome === 'unknown' ? Infinity : (this.#retEvent[id] ?? Infinity),
      callMicros: this.#callMicros[id] ?? 0,
      ...(done ? { retMicros: this.#retMicros[id] ?? 0 } : {}),
      trace: done ? [callPosition, this.#retPosition[id] ?? 0] : [callPosition],
    };
  }

  /** All operations in the order of their calls. */
  ops(): Op[] {
    const ops: Op[] = [];
    for (let id = 0; id < this.#length; id++) ops.push(this.op(id));
    return ops;
  }

  save(): HistoryImage {
    return { events: this.#events };
  }

  /** Rewinds or replays to the moment of `image`. Cost: the events between here and there. */
  restore(image: HistoryImage): void {
    invariant(
      image.events >= 0 && image.events <= this.#written,
      `the history holds ${this.#written} events and cannot go to event ${image.events}`,
    );
    while (this.#events > image.events) this.#undo(this.#log[--this.#events] ?? 0);
    while (this.#events < image.events) this.#redo(this.#log[this.#events++] ?? 0);
  }

  #undo(entry: number): void {
    const id = entry >> 2;
    const kind = entry & 3;
    if (kind === COMPLETE) {
      this.#done[id] = 0;
      return;
    }
    this.#length = id;
    this.#latest[this.#client[id] ?? 0] = this.#previous[id] ?? NO_OPERATION;
    if (kind === INVOKE_NEW_PROCESS) this.#processCount--;
  }

  #redo(entry: number): void {
    const id = entry >> 2;
    const kind = entry & 3;
    if (kind === COMPLETE) {
      this.#done[id] = 1;
      return;
    }
    this.#length = id + 1;
    this.#latest[this.#client[id] ?? 0] = id;
    if (kind === INVOKE_NEW_PROCESS) this.#processCount++;
  }

  /** True when the process of operation `id` may call again. */
  #isFree(id: number): boolean {
    return this.#done[id] === 1 && this.#outcome[id] !== UNKNOWN;
  }

  #addClient(name: string): number {
    const client = this.#clients.length;
    this.#clientIds.set(name, client);
    this.#clients.push(name);
    this.#latest.push(NO_OPERATION);
    return client;
  }

  #append(entry: number): void {
    if (this.#events === this.#log.length) this.#log = grown(this.#log);
    // Another event than the one rewound: this is a branch, and the old future is gone.
    if (this.#events < this.#written && this.#log[this.#events] !== entry) {
      this.#written = this.#events;
    }
    this.#log[this.#events++] = entry;
    if (this.#events > this.#written) this.#written = this.#events;
  }

  #growOps(): void {
    this.#client = grown(this.#client);
    this.#process = grown(this.#process);
    this.#previous = grown(this.#previous);
    this.#node = grown(this.#node);
    this.#callEvent = grown(this.#callEvent);
    this.#retEvent = grown(this.#retEvent);
    this.#done = grown(this.#done);
    this.#outcome = grown(this.#outcome);
    this.#callPosition = grown(this.#callPosition);
    this.#retPosition = grown(this.#retPosition);
    this.#callMicros = grown(this.#callMicros);
    this.#retMicros = grown(this.#retMicros);
  }
}

function grown<T extends Column>(column: T): T {
  const size = column.length * 2;
  const larger =
    column instanceof Int32Array
      ? new Int32Array(size)
      : column instanceof Float64Array
        ? new Float64Array(size)
        : new Uint8Array(size);
  larger.set(column);
  return larger as T;
}
