/**
 * The steps of a service as a flat program: an instruction knows which comes after it and which
 * one handles its failure. Made once when a node starts; frozen, so checkpoints share it.
 */
import { hashText } from '../../kernel/trace-hash.ts';
import type { Distribution } from '../../policies/distribution.ts';
import type { Step } from './steps.ts';

/** The instruction that ends a thread. */
export const END = 0;
/** No handler: a failure ends the thread. */
const NOWHERE = -1;

type Body =
  | { readonly op: 'end' }
  | { readonly op: 'work'; readonly time: Distribution }
  | { readonly op: 'wait'; readonly time: Distribution }
  | { readonly op: 'call'; readonly role: string; readonly route: string | null }
  | {
      readonly op: 'query';
      readonly role: string;
      readonly statement: string;
      readonly write: boolean | null;
    }
  | {
      readonly op: 'cached';
      readonly role: string;
      /** Makes the object and puts it into the cache; -1: the cache itself reads it. */
      readonly miss: number;
      readonly singleFlight: boolean;
      readonly background: boolean;
      readonly nearCapacity: number;
      readonly nearTtlMicros: number;
    }
  /** After a miss was made: sets it. */
  | {
      readonly op: 'fill';
      readonly role: string;
      readonly of: number;
      readonly negative: boolean;
      readonly background: boolean;
    }
  | { readonly op: 'put'; readonly role: string }
  /** Changes the object through a cache. */
  | { readonly op: 'write'; readonly role: string }
  | {
      readonly op: 'invalidate';
      readonly role: string;
      readonly by: 'delete' | 'version' | 'event';
    }
  | { readonly op: 'fork'; readonly branches: readonly number[]; readonly need: number }
  /** One branch for each member of the group. */
  | {
      readonly op: 'every';
      readonly role: string;
      readonly branch: number;
      readonly need: number;
    }
  /** The objects of a page are at hand: one after the other, each in a branch, or together. */
  | {
      readonly op: 'list';
      readonly size: number;
      readonly of: number;
      readonly how: 'one-by-one' | 'at-once' | 'together';
      readonly steps: number;
    }
  /** The steps of a list have run: for its next object, or it is over. */
  | { readonly op: 'listed'; readonly steps: number }
  | { readonly op: 'either'; readonly share: number; readonly then: number; readonly other: number }
  | { readonly op: 'fail'; readonly share: number; readonly code: string }
  | { readonly op: 'degrade' }
  | {
      readonly op: 'gather';
      readonly maxSize: number;
      readonly maxDelayMicros: number;
      readonly steps: number;
      /** Where its steps end. */
      readonly scatter: number;
    }
  /** A batch is done: its followers go on. */
  | { readonly op: 'scatter' };

export type Instruction = Body & {
  readonly next: number;
  readonly handler: number;
  /** What its draws are told apart by. */
  readonly purpose: number;
};

export interface Program {
  readonly code: readonly Instruction[];
  /** The entry of each route; '*' for all others, which fail where there are no common steps. */
  readonly entries: ReadonlyMap<string, number>;
}

class Compiler {
  readonly code: Instruction[] = [
    Object.freeze({ op: 'end', next: END, handler: NOWHERE, purpose: 0 }),
  ];

  /** The entry of a list; after its last step comes `next`. */
  list(steps: readonly Step[], next: number, handler: number): number {
    let entry = next;
    for (let i = steps.length - 1; i >= 0; i--) {
      entry = this.#step(steps[i] as Step, entry, handler);
    }
    return entry;
  }

  #emit(body: Body, next: number, handler: number): number {
    const at = this.code.length;
    this.code.push(Object.freeze({ ...body, next, handler, purpose: this.#purposeOf(body.op) }));
    return at;
  }

  /** By kind and place among its kind, so that a step more elsewhere shifts no other's draws. */
  #purposeOf(op: Body['op']): number {
    const nth = this.#seen.get(op) ?? 0;
    this.#seen.set(op, nth + 1);
    return hashText(`${op}/${nth}`);
  }
  readonly #seen = new Map<string, number>();
  readonly #hasFallback: boolean;

  constructor(hasFallback: boolean) {
    this.#hasFallback = hasFallback;
  }

  /** Where a failure of the step goes: its own `otherwise`, then on behind it, degraded. */
  #handlerOf(otherwise: readonly Step[] | undefined, next: number, handler: number): number {
    if (otherwise === undefined) return handler;
    const entry = this.#emit({ op: 'degrade' }, this.list(otherwise, next, handler), handler);
    // Without the rule it is there all the same, so that no other step draws otherwise.
    return this.#hasFallback ? entry : handler;
  }

  #step(step: Step, next: number, handler: number): number {
    switch (step.do) {
      case 'work':
        return this.#emit({ op: 'work', time: freeze(step.time) }, next, handler);
      case 'wait':
        return this.#emit({ op: 'wait', time: freeze(step.time) }, next, handler);
      case 'call':
        return this.#call(step, next, handler);
      case 'query':
        return this.#query(step, next, handler);
      case 'cached':
        return this.#cached(step, next, handler);
      case 'put':
        return this.#emit(
          { op: step.write === true ? 'write' : 'put', role: step.in },
          next,
          handler,
        );
      case 'invalidate':
        return this.#emit(
          { op: 'invalidate', role: step.in, by: step.by ?? 'delete' },
          next,
          handler,
        );
      case 'parallel': {
        const branches = step.branches.map((one) => this.list(one, END, NOWHERE));
        const need = step.need ?? branches.length;
        return this.#emit({ op: 'fork', branches: Object.freeze(branches), need }, next, handler);
      }
      case 'list':
        return this.#list(step, next, handler);
      case 'either': {
        const then = this.list(step.then, next, handler);
        const other = this.list(step.otherwise ?? [], next, handler);
        return this.#emit({ op: 'either', share: step.share, then, other }, next, handler);
      }
      case 'fail':
        return this.#emit(
          { op: 'fail', share: step.share, code: step.code ?? 'internal-error' },
          next,
          handler,
        );
      case 'batch': {
        const scatter = this.#emit({ op: 'scatter' }, next, handler);
        const steps = this.list(step.steps, scatter, handler);
        const maxDelayMicros = Math.round(step.maxDelayMs * 1_000);
        const { maxSize } = step;
        const body: Body = { op: 'gather', maxSize, maxDelayMicros, steps, scatter };
        return this.#emit(body, next, handler);
      }
    }
  }

  #call(step: Extract<Step, { readonly do: 'call' }>, next: number, handler: number): number {
    const after = this.#handlerOf(step.otherwise, next, handler);
    const body: Body = { op: 'call', role: step.to, route: step.route ?? null };
    if (step.every !== true) return this.#emit(body, next, after);
    const branch = this.#emit(body, END, NOWHERE);
    const need = step.need ?? Infinity;
    return this.#emit({ op: 'every', role: step.to, branch, need }, next, after);
  }

  #query(step: Extract<Step, { readonly do: 'query' }>, next: number, handler: number): number {
    const after = this.#handlerOf(step.otherwise, next, handler);
    const statement = step.statement ?? 'row';
    const write = step.write ?? null;
    let entry = next;
    for (let i = 0; i < (step.times ?? 1); i++) {
      entry = this.#emit({ op: 'query', role: step.to, statement, write }, entry, after);
    }
    return entry;
  }

  #list(step: Extract<Step, { readonly do: 'list' }>, next: number, handler: number): number {
    const { size, of, how } = step;
    const end = this.code.length;
    // Its place is taken first: it refers to the steps, which end there.
    this.code.push(this.code[END] as Instruction);
    const isForked = how === 'at-once';
    const steps = this.list(step.steps, isForked ? END : end, isForked ? NOWHERE : handler);
    const purpose = this.#purposeOf('listed');
    this.code[end] = Object.freeze({ op: 'listed', steps, next, handler, purpose });
    return this.#emit({ op: 'list', size, of, how, steps }, end, handler);
  }

  #cached(step: Extract<Step, { readonly do: 'cached' }>, next: number, handler: number): number {
    const at = this.code.length;
    // Its place is taken first: `fill` refers to it.
    this.code.push(this.code[END] as Instruction);
    const fill: Body = {
      op: 'fill',
      role: step.in,
      of: at,
      negative: step.negative ?? false,
      background: step.setInBackground ?? false,
    };
    const miss =
      step.miss === undefined
        ? NOWHERE
        : this.list(step.miss, this.#emit(fill, next, handler), handler);
    const body: Body = {
      op: 'cached',
      role: step.in,
      miss,
      singleFlight: step.singleFlight ?? false,
      background: step.staleWhileRevalidate ?? false,
      nearCapacity: step.near?.capacity ?? 0,
      nearTtlMicros: (step.near?.ttlMs ?? 0) * 1_000,
    };
    const purpose = this.#purposeOf('cached');
    this.code[at] = Object.freeze({ ...body, next, handler, purpose });
    return at;
  }
}

/** Deep: what is frozen is shared. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

const NO_SUCH_ROUTE: Step = { do: 'fail', share: 1, code: 'bad-request' };

export function compile(
  steps: readonly Step[],
  routes: readonly { readonly route: string; readonly steps: readonly Step[] }[],
  hasFallback = true,
): Program {
  const compiler = new Compiler(hasFallback);
  const entries = new Map<string, number>();
  const knowsAll = steps.length > 0 || routes.length === 0;
  if (knowsAll) entries.set('*', compiler.list(steps, END, NOWHERE));
  for (const { route, steps: own } of routes) {
    entries.set(route, compiler.list(own, END, NOWHERE));
  }
  // Last, so that it shifts nobody's draws.
  if (!knowsAll) entries.set('*', compiler.list([NO_SUCH_ROUTE], END, NOWHERE));
  // The list is nobody's to change, but it is not frozen: V8 reads frozen lists by a slow path.
  return Object.freeze({ code: compiler.code, entries: Object.freeze(entries) });
}
