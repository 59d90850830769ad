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
import { InvariantError, invariant } from '../kernel/errors.ts';

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
}

export interface HistoryImage {
  readonly events: number;
}

const OUTCOMES: readonly Outcome[] = ['ok', 'fail', 'unknown'];
const UNKNOWN = 2;
const NO_OPERATION = -1;
const NO_NODE = -1;
const NO_CLIENT = -1;
/** A log entry is `operation * 4 + kind`. */
const INVOKE = 0;
const INVOKE_NEW_PROCESS = 1;
const COMPLETE = 2;

/** Operations are kept by the thousand, so that growing copies nothing. */
const CHUNK_BITS = 12;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

/** The columns of 4,096 operations. An operation's row is the low bits of its id. */
class Chunk {
  readonly client = new Int32Array(CHUNK_SIZE);
  readonly process = new Int32Array(CHUNK_SIZE);
  /** The operation of the same client before this one. */
  readonly previous = new Int32Array(CHUNK_SIZE);
  readonly node = new Int32Array(CHUNK_SIZE);
  readonly callEvent = new Int32Array(CHUNK_SIZE);
  readonly retEvent = new Int32Array(CHUNK_SIZE);
  readonly done = new Uint8Array(CHUNK_SIZE);
  readonly outcome = new Uint8Array(CHUNK_SIZE);
  readonly callPosition = new Float64Array(CHUNK_SIZE);
  readonly retPosition = new Float64Array(CHUNK_SIZE);
  readonly callMicros = new Float64Array(CHUNK_SIZE);
  readonly retMicros = new Float64Array(CHUNK_SIZE);
  readonly f: string[] = [];
  readonly key: (string | undefined)[] = [];
  readonly input: unknown[] = [];
  readonly output: unknown[] = [];
}

export class History {
  /** Events in force. `#log` may hold more: the future that was rewound. */
  #events = 0;
  #written = 0;
  #length = 0;
  #processCount = 0;
  #log = new Int32Array(128);

  readonly #clientIds = new Map<string, number>();
  /** An open loop calls many times in a row. */
  #lastName = '';
  #lastClient = NO_CLIENT;
  readonly #clients: string[] = [];
  /** Per client: its latest operation. */
  readonly #latest: number[] = [];

  readonly #chunks: Chunk[] = [];

  /** How many operations were invoked. */
  get length(): number {
    return this.#length;
  }

  /** How many events (invocations and completions) are in force. */
  get events(): number {
    return this.#events;
  }

  /** Records a call and returns the operation's id. `position`: the simulator's event number. */
  invoke(invocation: Invocation, position: number, atMicros: number, node = NO_NODE): number {
    const id = this.#length;
    const row = id & CHUNK_MASK;
    if (id >> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new Chunk());
    const chunk = this.#chunkOf(id);
    const client = this.#clientOf(invocation.client);
    const previous = this.#latest[client] ?? NO_OPERATION;
    const isFresh = previous === NO_OPERATION || !this.#isFree(previous);
    chunk.client[row] = client;
    chunk.process[row] = isFresh ? this.#processCount++ : this.#processOf(previous);
    chunk.previous[row] = previous;
    chunk.node[row] = node;
    chunk.callEvent[row] = this.#events;
    chunk.callPosition[row] = position;
    chunk.callMicros[row] = atMicros;
    chunk.done[row] = 0;
    chunk.f[row] = invocation.f;
    chunk.key[row] = invocation.key;
    chunk.input[row] = invocation.input;
    // What it returned before a rewind stays: a later checkpoint may be restored from here.
    if (row === chunk.output.length) chunk.output.push(undefined);
    this.#latest[client] = id;
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
    if (!(id >= 0 && id < this.#length)) {
      throw new InvariantError(`operation ${id} was never invoked`);
    }
    const chunk = this.#chunkOf(id);
    const row = id & CHUNK_MASK;
    if (chunk.done[row] !== 0) throw new InvariantError(`operation ${id} is complete already`);
    chunk.done[row] = 1;
    chunk.outcome[row] = outcome === 'ok' ? 0 : outcome === 'fail' ? 1 : UNKNOWN;
    chunk.retEvent[row] = this.#events;
    chunk.retPosition[row] = position;
    chunk.retMicros[row] = atMicros;
    chunk.output[row] = output;
    this.#append(id * 4 + COMPLETE);
  }

  /** One operation as a value. */
  op(id: number): Op {
    invariant(id >= 0 && id < this.#length, `operation ${id} was never invoked`);
    const chunk = this.#chunkOf(id);
    const row = id & CHUNK_MASK;
    const done = chunk.done[row] === 1;
    const outcome = done ? (OUTCOMES[chunk.outcome[row] ?? UNKNOWN] ?? 'unknown') : 'unknown';
    const callPosition = chunk.callPosition[row] ?? 0;
    const op: Writable<Op> = {
      id,
      process: chunk.process[row] ?? 0,
      client: this.#clients[chunk.client[row] ?? 0] ?? '',
      f: chunk.f[row] ?? '',
      input: chunk.input[row],
      outcome,
      call: chunk.callEvent[row] ?? 0,
      ret: outcome === 'unknown' ? Infinity : (chunk.retEvent[row] ?? Infinity),
      callMicros: chunk.callMicros[row] ?? 0,
      trace: done ? [callPosition, chunk.retPosition[row] ?? 0] : [callPosition],
    };
    const key = chunk.key[row];
    const node = chunk.node[row] ?? NO_NODE;
    const output = chunk.output[row];
    if (key !== undefined) op.key = key;
    if (node !== NO_NODE) op.node = node;
    if (done) op.retMicros = chunk.retMicros[row] ?? 0;
    if (done && output !== undefined) op.output = output;
    return op;
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
    const chunk = this.#chunkOf(id);
    const row = id & CHUNK_MASK;
    if (kind === COMPLETE) {
      chunk.done[row] = 0;
      return;
    }
    this.#length = id;
    this.#latest[chunk.client[row] ?? 0] = chunk.previous[row] ?? NO_OPERATION;
    if (kind === INVOKE_NEW_PROCESS) this.#processCount--;
  }

  #redo(entry: number): void {
    const id = entry >> 2;
    const kind = entry & 3;
    const chunk = this.#chunkOf(id);
    const row = id & CHUNK_MASK;
    if (kind === COMPLETE) {
      chunk.done[row] = 1;
      return;
    }
    this.#length = id + 1;
    this.#latest[chunk.client[row] ?? 0] = id;
    if (kind === INVOKE_NEW_PROCESS) this.#processCount++;
  }

  /** True when the process of operation `id` may call again. */
  #isFree(id: number): boolean {
    const chunk = this.#chunkOf(id);
    const row = id & CHUNK_MASK;
    return chunk.done[row] === 1 && chunk.outcome[row] !== UNKNOWN;
  }

  #processOf(id: number): number {
    return this.#chunkOf(id).process[id & CHUNK_MASK] ?? 0;
  }

  #chunkOf(id: number): Chunk {
    return this.#chunks[id >> CHUNK_BITS] as Chunk;
  }

  #clientOf(name: string): number {
    if (name === this.#lastName && this.#lastClient !== NO_CLIENT) return this.#lastClient;
    const client = this.#clientIds.get(name) ?? this.#addClient(name);
    this.#lastName = name;
    this.#lastClient = client;
    return client;
  }

  #addClient(name: string): number {
    const client = this.#clients.length;
    this.#clientIds.set(name, client);
    this.#clients.push(name);
    this.#latest.push(NO_OPERATION);
    return client;
  }

  #append(entry: number): void {
    if (this.#events === this.#log.length) {
      const larger = new Int32Array(this.#log.length * 2);
      larger.set(this.#log);
      this.#log = larger;
    }
    // Another event than the one rewound: this is a branch, and the old future is gone.
    if (this.#events < this.#written && this.#log[this.#events] !== entry) {
      this.#written = this.#events;
    }
    this.#log[this.#events++] = entry;
    if (this.#events > this.#written) this.#written = this.#events;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
