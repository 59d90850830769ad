/**
 * Causal consistency of registers, one per key, whose written values are unique: the patterns that
 * no causally consistent store can show.
 *
 *  - causal (CC): ThinAirRead, CyclicCO, WriteCOInitRead, WriteCORead: nobody sees an effect
 *    without its cause;
 *  - convergent (CCv) also forbids CyclicCF: all processes could agree on one order of the writes;
 *  - memory (CM) also forbids WriteHBInitRead and CyclicHB: each process could order what it knows
 *    so that all its own reads are right. Neither of the two implies the other.
 *
 * PRAM (FIFO consistency) is judged here as well: each process could order all writes, those of one
 * process as it did them, so that its own reads are right. Of what others read nothing follows. It
 * follows from CM and from sequential consistency, not from CC, which explains each read by itself.
 *
 * Invariants
 *  - Exact for these histories: no pattern, no violation. Not compositional over keys.
 *  - A write of unknown fate takes part once a read saw it; a failed one is thin air.
 *  - A session is a process; time plays no part.
 *
 * Sources: Bouajjani, Enea, Guerraoui, Hamza, "On verifying causal consistency", POPL 2017; Lipton
 * and Sandberg, PRAM (1988); Wei et al., "Verifying pipelined-RAM consistency over read/write
 * traces of data replicas", TPDS 2016.
 */
import { ScenarioError } from '../../kernel/errors.ts';
import type { Op } from '../../observe/history.ts';
import { actorOf, showValue, valueKey } from '../history/result.ts';
import type { Explanation, Value } from '../history/result.ts';
import { CausalOrder } from './causal-order.ts';
import { fewestOf } from './fewest-of.ts';
import type { CausalLevel, CausalOptions, CausalPattern, CausalResult } from './result.ts';

/** Bit sets of so many operations take 50 MB. */
const OPERATIONS_MAX = 20_000;

type AnyLevel = Omit<CausalOptions, 'level'> & { readonly level?: CausalLevel | 'pram' };

export function checkCausal(ops: readonly Op[], options: CausalOptions = {}): CausalResult {
  return checkLevel(ops, options);
}

/** Each process by itself: what it read, and the writes of every process in their order. */
export function checkPram(ops: readonly Op[], options: Omit<CausalOptions, 'level'> = {}) {
  return checkLevel(ops, { ...options, level: 'pram' });
}

function checkLevel(ops: readonly Op[], options: AnyLevel): CausalResult {
  const whole = new CausalCheck(ops, options).run();
  return whole.verdict === 'fail'
    ? fewestOf(whole, ops, (rest) => new CausalCheck(rest, options).run())
    : whole;
}

interface Found {
  readonly pattern: CausalPattern;
  readonly ops: readonly Op[];
  readonly because: readonly string[];
}

/** A read with a value; `from` is its write, or undefined where it saw the initial value. */
interface Read {
  readonly place: number;
  readonly key: string;
  readonly from: number | undefined;
}

class CausalCheck {
  readonly #level: CausalLevel | 'pram';
  readonly #check: string;
  readonly #initial: Value;
  readonly #reads: ReadonlySet<string>;
  readonly #writes: ReadonlySet<string>;
  readonly #all: readonly Op[];
  readonly #ops: Op[] = [];
  readonly #writesOf = new Map<string, number[]>();
  readonly #readsSeen: Read[] = [];
  #order = new CausalOrder(0);
  #steps = 0;

  constructor(ops: readonly Op[], options: AnyLevel) {
    this.#level = options.level ?? 'causal';
    this.#check = this.#level === 'pram' ? 'pram' : 'causal';
    this.#initial = options.initial ?? null;
    this.#reads = new Set(options.reads ?? ['read', 'get']);
    this.#writes = new Set(options.writes ?? ['write', 'put']);
    this.#all = [...ops].sort((a, b) => a.call - b.call || a.id - b.id);
  }

  run(): CausalResult {
    const thin = this.#prepare();
    if (this.#ops.length > OPERATIONS_MAX) {
      const reason = `${this.#ops.length} operations are more than ${OPERATIONS_MAX}`;
      return { verdict: 'unknown', check: this.#check, steps: 0, reason, because: [] };
    }
    const found = thin ?? this.#judge();
    const steps = this.#ops.length + this.#steps;
    if (found === undefined) return { verdict: 'pass', check: this.#check, steps, because: [] };
    const { pattern, because } = found;
    const lastRead = found.ops.findLast((op) => this.#reads.has(op.f));
    const explanation: Explanation = {
      culprit: (lastRead ?? found.ops.at(-1))?.id ?? 0,
      statesBefore: [],
      maximalPaths: [],
      window: found.ops.map(({ id }) => id),
      because,
    };
    return { verdict: 'fail', check: this.#check, steps, pattern, because, explanation };
  }

  /** Chooses the operations that take part and says who read from whom. */
  #prepare(): Found | undefined {
    const writers = this.#writers();
    const isRead = new Set<Op>();
    const reads: { op: Op; from: Op | undefined }[] = [];
    for (const op of this.#all) {
      if (!this.#reads.has(op.f) || op.outcome !== 'ok' || op.output === undefined) continue;
      const value = op.output as Value;
      const from = writers.get(keyOf(op))?.get(valueKey(value));
      if (from === undefined && value !== this.#initial) {
        const why = `${this.#tell(op)}, which nobody wrote.`;
        return { pattern: 'ThinAirRead', ops: [op], because: [why] };
      }
      if (from !== undefined) isRead.add(from);
      reads.push({ op, from });
    }
    const fromOf = new Map(reads.map(({ op, from }) => [op, from]));
    const placeOf = new Map<Op, number>();
    for (const op of this.#all) {
      const isWrite = this.#writes.has(op.f) && (op.outcome === 'ok' || isRead.has(op));
      if (!isWrite && !fromOf.has(op)) continue;
      placeOf.set(op, this.#ops.length);
      if (isWrite) listAt(this.#writesOf, keyOf(op)).push(this.#ops.length);
      this.#ops.push(op);
    }
    for (const { op, from } of reads) {
      const place = placeOf.get(op) ?? 0;
      const source = from === undefined ? undefined : placeOf.get(from);
      this.#readsSeen.push({ place, key: keyOf(op), from: source });
    }
    return undefined;
  }

  #writers(): Map<string, Map<number | string, Op>> {
    const writers = new Map<string, Map<number | string, Op>>();
    for (const op of this.#all) {
      if (!this.#writes.has(op.f) || op.outcome === 'fail') continue;
      const value = op.input as Value;
      const ofKey = writers.get(keyOf(op)) ?? new Map<number | string, Op>();
      writers.set(keyOf(op), ofKey);
      if (ofKey.has(valueKey(value)) || value === this.#initial) {
        const what = `${showValue(value)} is not unique in "${keyOf(op)}"`;
        throw new ScenarioError(`the ${this.#check} check needs unique values, but ${what}`, {
          path: 'checks',
          hint: 'let the workload write a new value each time',
        });
      }
      ofKey.set(valueKey(value), op);
    }
    return writers;
  }

  #judge(): Found | undefined {
    if (this.#level === 'pram') return this.#memory();
    this.#order = this.#causalOrder();
    const circle = this.#order.close();
    if (circle !== undefined) {
      const because = circle.map((place, at) =>
        this.#step(place, circle[(at + 1) % circle.length] ?? 0),
      );
      return { pattern: 'CyclicCO', ops: this.#pick(circle), because };
    }
    const level = this.#level;
    const found = this.#coveredRead(this.#order, this.#readsSeen, 'CO');
    if (found !== undefined || level === 'causal') return found;
    return level === 'convergent' ? this.#cyclicConflicts() : this.#memory();
  }

  #causalOrder(): CausalOrder {
    const order = new CausalOrder(this.#ops.length);
    const last = new Map<number, number>();
    for (let place = 0; place < this.#ops.length; place++) {
      const process = this.#ops[place]?.process ?? 0;
      const before = last.get(process);
      if (before !== undefined) order.add(before, place);
      last.set(process, place);
    }
    for (const { place, from } of this.#readsSeen) if (from !== undefined) order.add(from, place);
    return order;
  }

  /** A read of a value that a write known to the reader had covered. */
  #coveredRead(order: CausalOrder, reads: readonly Read[], name: 'CO' | 'HB'): Found | undefined {
    for (const { place, key, from } of reads) {
      for (const write of this.#writesOf.get(key) ?? []) {
        this.#steps++;
        if (write === from || !order.before(write, place)) continue;
        if (from !== undefined && !order.before(from, write)) continue;
        const pattern = from === undefined ? (`Write${name}InitRead` as const) : 'WriteCORead';
        const newer = showValue(this.#ops[write]?.input as Value);
        const head = `${this.#tellAt(place)}, although what it knew held the newer ${newer}.`;
        const way = this.#order.before(write, place)
          ? this.#order.path(write, place)
          : [write, place];
        const because = [head, ...this.#way(way)];
        if (from !== undefined && this.#order.before(from, write)) {
          because.push(...this.#way(this.#order.path(from, write)));
        }
        const shown = from === undefined ? way : [from, ...way];
        return { pattern, ops: this.#pick(shown), because };
      }
    }
    return undefined;
  }

  /** Reads order the writes of a key; together with causality that order must have no circle. */
  #cyclicConflicts(): Found | undefined {
    const order = this.#causalOrder();
    const conflicts = new Map<string, number>();
    for (const { place, key, from } of this.#readsSeen) {
      if (from === undefined) continue;
      for (const write of this.#writesOf.get(key) ?? []) {
        this.#steps++;
        if (write === from || !this.#order.before(write, place)) continue;
        order.add(write, from);
        conflicts.set(`${write} ${from}`, place);
      }
    }
    const circle = order.close();
    return circle === undefined ? undefined : this.#circular('CyclicCF', circle, conflicts);
  }

  /** For each process: what its reads say about the order of writes, until nothing new follows. */
  #memory(): Found | undefined {
    const lasts = new Map<number, number>();
    for (let place = 0; place < this.#ops.length; place++) {
      lasts.set(this.#ops[place]?.process ?? 0, place);
    }
    for (const [process, last] of lasts) {
      const reads = this.#readsSeen.filter(({ place }) => this.#ops[place]?.process === process);
      const isPram = this.#level === 'pram';
      const known = isPram ? this.#pipelined(reads, process) : this.#knownTo(last);
      if (isPram) {
        // What explains a finding, without what follows from other reads.
        this.#order = this.#pipelined(reads, process);
        this.#order.close();
      }
      const found = this.#memoryOf(reads, known);
      if (found === undefined) continue;
      const who = actorOf(this.#ops[last] as Op);
      const head = `No order of the writes gives ${who} all that it read.`;
      return { ...found, because: [head, ...found.because] };
    }
    return undefined;
  }

  /** What the last operation of a process can depend on. */
  #knownTo(last: number): CausalOrder {
    const isKnown = (place: number): boolean => place === last || this.#order.before(place, last);
    const known = new CausalOrder(this.#ops.length);
    for (let place = 0; place < this.#ops.length; place++) {
      if (isKnown(place))
        for (const other of this.#order.direct[place] ?? []) known.add(other, place);
    }
    return known;
  }

  /** Its own operations, the writes of each other process in their order, and what it read. */
  #pipelined(reads: readonly Read[], process: number): CausalOrder {
    const order = new CausalOrder(this.#ops.length);
    const last = new Map<number, number>();
    this.#ops.forEach((op, place) => {
      if (op.process !== process && !this.#writes.has(op.f)) return;
      const before = last.get(op.process);
      if (before !== undefined) order.add(before, place);
      last.set(op.process, place);
    });
    for (const { place, from } of reads) if (from !== undefined) order.add(from, place);
    return order;
  }

  #memoryOf(reads: readonly Read[], known: CausalOrder): Found | undefined {
    const conflicts = new Map<string, number>();
    for (let isNew = true; isNew;) {
      isNew = false;
      const circle = known.close();
      if (circle !== undefined) return this.#circular('CyclicHB', circle, conflicts);
      for (const { place, key, from } of reads) {
        if (from === undefined) continue;
        for (const write of this.#writesOf.get(key) ?? []) {
          this.#steps++;
          const name = `${write} ${from}`;
          if (write === from || !known.before(write, place) || conflicts.has(name)) continue;
          // What is known anyway explains more than what follows from a read.
          if (known.before(write, from)) continue;
          conflicts.set(name, place);
          known.add(write, from);
          isNew = true;
        }
      }
    }
    const initial = reads.filter(({ from }) => from === undefined);
    return this.#coveredRead(known, initial, 'HB');
  }

  /** A circle, with the reads from which some of its steps follow and how these knew. */
  #circular(
    pattern: CausalPattern,
    circle: readonly number[],
    conflicts: ReadonlyMap<string, number>,
  ): Found {
    const because: string[] = [];
    const shown = new Set(circle);
    for (let at = 0; at < circle.length; at++) {
      const [place, next] = [circle[at] ?? 0, circle[(at + 1) % circle.length] ?? 0];
      const read = conflicts.get(`${place} ${next}`);
      if (read === undefined) {
        because.push(this.#step(place, next));
        continue;
      }
      const way = this.#order.before(place, read) ? this.#order.path(place, read) : [read];
      because.push(this.#conflict(place, next, read), ...this.#way(way));
      for (const other of way) shown.add(other);
    }
    return { pattern, ops: this.#pick([...shown]), because: [...new Set(because)] };
  }

  #conflict(before: number, after: number, read: number): string {
    const covered = showValue(this.#ops[before]?.input as Value);
    const seen = showValue(this.#ops[after]?.input as Value);
    return `${this.#tellAt(read)} knowing of ${covered}, so ${seen} is the newer of the two.`;
  }

  #way(path: readonly number[]): string[] {
    return path.slice(1).map((place, at) => this.#step(path[at] ?? 0, place));
  }

  #step(before: number, after: number): string {
    const [one, other] = [this.#ops[before], this.#ops[after]];
    if (one === undefined || other === undefined) return '';
    if (one.process === other.process) return `${this.#tell(one)}, and then ${this.#did(other)}.`;
    return `${this.#tell(other)}, which ${actorOf(one)} wrote.`;
  }

  #tellAt(place: number): string {
    const op = this.#ops[place];
    return op === undefined ? '' : this.#tell(op);
  }

  #tell(op: Op): string {
    return `${actorOf(op)} ${this.#did(op)}`;
  }

  #did(op: Op): string {
    const isWrite = this.#writes.has(op.f);
    const where = op.key === undefined ? '' : `${op.key} = `;
    const value = (isWrite ? op.input : op.output) as Value;
    return `${isWrite ? 'wrote' : 'read'} ${where}${showValue(value)}`;
  }

  #pick(places: readonly number[]): Op[] {
    return places.flatMap((place) => this.#ops[place] ?? []);
  }
}

const keyOf = (op: Op): string => op.key ?? '';

function listAt(map: Map<string, number[]>, key: string): number[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made: number[] = [];
  map.set(key, made);
  return made;
}
