/**
 * Session guarantees: what each client may expect of its own reads and writes, whatever the others
 * see. The store is a register per key.
 *
 *  - read your writes: a client that wrote a value does not read an older one of that key;
 *  - monotonic reads: a client that read a value does not read an older one of that key later;
 *  - monotonic writes: who reads the second write of a client does not then miss the first;
 *  - writes follow reads: who reads a write does not then miss what its writer had read before it.
 *
 * Invariants
 *  - Values are unique among the writes of one key (refused otherwise), so a read names its write.
 *  - "Older" is known or it is not claimed: by the store's own version order where the caller has
 *    it, else only the initial value is older than a write, and a write completed before another's
 *    call is older than that. A violation reported is certain under that order; concurrent writes
 *    are never compared.
 *  - A session is the logical client, across the processes that it went through.
 *  - A write of unknown outcome counts for others once somebody reads it, and never for its own
 *    client, which does not know.
 * Linear in operations; each write carries what its client had written and read, one entry a key.
 *
 * Source: Terry et al., "Session guarantees for weakly consistent replicated data", 1994.
 */
import type { Op } from '../../observe/history.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { NOT_FEWEST, dropChunks, dropEach, dropGroups } from './fewest.ts';
import { actorOf, callTime, returnTime, showValue, valueKey } from './result.ts';
import type { Explanation, Result, Value } from './result.ts';

export type Guarantee =
  'read-your-writes' | 'monotonic-reads' | 'monotonic-writes' | 'writes-follow-reads';

export const SESSION_GUARANTEES: readonly Guarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

export interface SessionOptions {
  /** Default: all four. */
  readonly guarantees?: readonly Guarantee[];
  /** The value that a key holds before any write. Default: null. */
  readonly initial?: Value;
  /** The place of a written value in its key's version order, where the store knows it. */
  readonly version?: (key: string, value: Value) => number | undefined;
  /** Names of reads and writes. Default: read and get, write and put. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

export interface SessionViolation {
  readonly guarantee: Guarantee | 'unwritten-value';
  /** The operation that came too early or was missed, and the read that shows it. */
  readonly earlier: number;
  readonly later: number;
  readonly why: string;
}

export interface SessionResult extends Result {
  readonly violations: readonly SessionViolation[];
  readonly because: readonly string[];
}

/** A write that a client must not fall behind, and the operation from which that follows. */
interface Floor {
  readonly write: Op;
  readonly evidence: Op;
}

type Floors = Map<string, Floor>;

/** What one client has learnt, by guarantee and key. */
type Session = Map<Guarantee, Floors>;

/** What the writer of a write had done before it: both transitive guarantees come from here. */
interface Context {
  readonly wrote: Floors;
  readonly read: Floors;
}

export function checkSession(ops: readonly Op[], options: SessionOptions = {}): SessionResult {
  const scan = (some: readonly Op[]): SessionViolation[] => new SessionScan(options).run(some);
  const violations = scan(ops);
  const [first] = violations;
  return {
    verdict: first === undefined ? 'pass' : 'fail',
    check: 'session',
    steps: ops.length,
    violations,
    because: violations.map((violation) => violation.why),
    ...(first === undefined ? {} : { explanation: explanationOf(first, ops, scan, options) }),
  };
}

const TRIALS_OPS_MAX = 2_000_000;

/** The least of the history up to a violation that still has it: no operation of it can go. */
function explanationOf(
  violation: SessionViolation,
  all: readonly Op[],
  scan: (ops: readonly Op[]) => readonly SessionViolation[],
  { writes }: SessionOptions,
): Explanation {
  const { guarantee, later } = violation;
  const isIt = (one: SessionViolation): boolean =>
    one.guarantee === guarantee && one.later === later;
  const culprit = all.find(({ id }) => id === later);
  const until = culprit?.outcome === 'ok' ? culprit.ret : Infinity;
  let opsLeft = TRIALS_OPS_MAX;
  const keeps = (rest: readonly Op[]): boolean | undefined => {
    opsLeft -= rest.length;
    if (opsLeft < 0) return undefined;
    return scan(rest).some(isIt);
  };
  let kept: readonly Op[] = all.filter(({ call }) => call <= until);
  kept = dropGroups(kept, keyOf, keeps);
  kept = dropGroups(kept, actorOf, keeps);
  const few = dropEach(dropChunks(kept, keeps), keeps);
  const shown = [...few.kept].sort((a, b) => a.call - b.call || a.id - b.id);
  const { earlier, why } = scan(shown).find(isIt) ?? violation;
  const because = [why];
  for (const op of shown) {
    if (op.id === earlier || op.id === later) continue;
    const end = op.outcome === 'ok' ? `answered at ${returnTime(op)}` : 'and never heard of it';
    because.push(`${tellOp(op, writesOf(writes))}, called at ${callTime(op)}, ${end}.`);
  }
  if (!few.isFewest) because.push(NOT_FEWEST);
  const window = shown.map(({ id }) => id);
  return { culprit: later, statesBefore: [], maximalPaths: [], window, because };
}

class SessionScan {
  readonly #guarantees: readonly Guarantee[];
  readonly #initial: Value;
  readonly #version: SessionOptions['version'];
  readonly #reads: ReadonlySet<string>;
  readonly #writes: ReadonlySet<string>;
  readonly #writeOf = new Map<string, Map<string | number, Op>>();
  readonly #sessions = new Map<string, Session>();
  /** What each client itself wrote and read, by key. */
  readonly #own = new Map<string, Context>();
  readonly #context = new Map<Op, Context>();
  /** What a read's client knew of its key when it called. */
  readonly #known = new Map<Op, Map<Guarantee, Floor>>();
  readonly #violations: SessionViolation[] = [];

  constructor(options: SessionOptions) {
    this.#guarantees = options.guarantees ?? SESSION_GUARANTEES;
    this.#initial = options.initial ?? null;
    this.#version = options.version;
    this.#reads = new Set(options.reads ?? ['read', 'get']);
    this.#writes = writesOf(options.writes);
  }

  run(ops: readonly Op[]): SessionViolation[] {
    const events: { readonly op: Op; readonly at: number; readonly isReturn: boolean }[] = [];
    for (const op of ops) {
      const isWrite = this.#writes.has(op.f);
      if (op.outcome === 'fail' || !(isWrite || this.#reads.has(op.f))) continue;
      if (isWrite) this.#indexWrite(op);
      events.push({ op, at: op.call, isReturn: false });
      if (op.outcome === 'ok') events.push({ op, at: op.ret, isReturn: true });
    }
    events.sort(
      (a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn) || a.op.id - b.op.id,
    );
    for (const { op, isReturn } of events) {
      if (this.#writes.has(op.f)) {
        if (isReturn) this.#learnWrite(op);
        else this.#context.set(op, this.#copyOwn(op));
      } else if (isReturn) this.#judgeRead(op);
      else this.#known.set(op, this.#floorsNow(op));
    }
    if (this.#version !== undefined)
      for (const { op, isReturn } of events) {
        if (!isReturn && this.#writes.has(op.f)) this.#judgeOrder(op);
      }
    return this.#violations;
  }

  #indexWrite(op: Op): void {
    const key = keyOf(op);
    let byValue = this.#writeOf.get(key);
    if (byValue === undefined) {
      byValue = new Map<string | number, Op>();
      this.#writeOf.set(key, byValue);
    }
    const value = op.input as Value;
    if (byValue.has(valueKey(value)) || value === this.#initial) {
      throw new ScenarioError(
        `the session check needs unique values, but ${showValue(value)} is not unique in "${key}"`,
        { path: 'checks', hint: 'let the workload write a new value each time' },
      );
    }
    byValue.set(valueKey(value), op);
  }

  #learnWrite(op: Op): void {
    this.#raise(this.#floors(op, 'read-your-writes'), op, op);
    this.#raise(this.#ownOf(op).wrote, op, op);
  }

  /** A read against what its client knew when it called; then what the client learns from it. */
  #judgeRead(op: Op): void {
    if (op.output === undefined) return;
    const value = op.output as Value;
    const write = this.#writeOf.get(keyOf(op))?.get(valueKey(value));
    if (write === undefined && value !== this.#initial) {
      const why = `${this.#tell(op)}, which nobody wrote.`;
      this.#violations.push({ guarantee: 'unwritten-value', earlier: op.id, later: op.id, why });
      return;
    }
    for (const [guarantee, floor] of this.#known.get(op) ?? []) {
      if (this.#isOlder(write, floor.write)) this.#reportRead(guarantee, floor, op);
    }
    if (write === undefined) return;
    this.#raise(this.#floors(op, 'monotonic-reads'), write, op);
    this.#raise(this.#ownOf(op).read, write, op);
    const context = this.#context.get(write);
    if (context === undefined) return;
    for (const floor of context.wrote.values()) {
      this.#raise(this.#floors(op, 'monotonic-writes'), floor.write, op);
    }
    for (const floor of context.read.values()) {
      this.#raise(this.#floors(op, 'writes-follow-reads'), floor.write, op);
    }
  }

  /** Where the version order is known, a write must not lie before what its client did first. */
  #judgeOrder(op: Op): void {
    const context = this.#context.get(op);
    const wrote = context?.wrote.get(keyOf(op));
    const read = context?.read.get(keyOf(op));
    if (wrote !== undefined) this.#judgePair('monotonic-writes', wrote, op);
    if (read !== undefined) this.#judgePair('writes-follow-reads', read, op);
  }

  #judgePair(guarantee: Guarantee, floor: Floor, op: Op): void {
    if (!this.#guarantees.includes(guarantee) || !this.#isOlder(op, floor.write)) return;
    const before = floor.write.input as Value;
    const why =
      `${guarantee}: ${this.#tell(op)} after ${showValue(before)}, ` +
      'and the store put it before that.';
    this.#violations.push({ guarantee, earlier: floor.evidence.id, later: op.id, why });
  }

  #reportRead(guarantee: Guarantee, floor: Floor, op: Op): void {
    const newer = showValue(floor.write.input as Value);
    const why =
      `${guarantee}: ${this.#tell(op)} at ${returnTime(op)}, older than ${newer}, which follows ` +
      `from ${this.#tell(floor.evidence)} at ${returnTime(floor.evidence)}.`;
    this.#violations.push({ guarantee, earlier: floor.evidence.id, later: op.id, why });
  }

  /** True when `a` (undefined: the initial value) is known to be an older version than `b`. */
  #isOlder(a: Op | undefined, b: Op): boolean {
    if (a === b) return false;
    if (a === undefined) return true;
    const left = this.#version?.(keyOf(a), a.input as Value);
    const right = this.#version?.(keyOf(b), b.input as Value);
    if (left !== undefined && right !== undefined) return left < right;
    return a.outcome === 'ok' && a.ret < b.call;
  }

  /** Lifts the floor of the write's key, unless that is known to be newer already. */
  #raise(floors: Floors, write: Op, evidence: Op): void {
    const key = keyOf(write);
    const floor = floors.get(key);
    if (floor !== undefined && (floor.write === write || this.#isOlder(write, floor.write))) return;
    floors.set(key, { write, evidence });
  }

  #floors(op: Op, guarantee: Guarantee): Floors {
    const session = entry(this.#sessions, actorOf(op), () => new Map<Guarantee, Floors>());
    return entry(session, guarantee, () => new Map<string, Floor>());
  }

  #floorsNow(op: Op): Map<Guarantee, Floor> {
    const now = new Map<Guarantee, Floor>();
    for (const guarantee of this.#guarantees) {
      const floor = this.#floors(op, guarantee).get(keyOf(op));
      if (floor !== undefined) now.set(guarantee, floor);
    }
    return now;
  }

  #tell(op: Op): string {
    return tellOp(op, this.#writes);
  }

  #ownOf(op: Op): Context {
    return entry(this.#own, actorOf(op), () => ({
      wrote: new Map<string, Floor>(),
      read: new Map<string, Floor>(),
    }));
  }

  #copyOwn(op: Op): Context {
    const { wrote, read } = this.#ownOf(op);
    return { wrote: new Map(wrote), read: new Map(read) };
  }
}

const writesOf = (names: readonly string[] = ['write', 'put']): ReadonlySet<string> =>
  new Set(names);

function tellOp(op: Op, writes: ReadonlySet<string>): string {
  const isWrite = writes.has(op.f);
  const value = showValue((isWrite ? op.input : op.output) as Value);
  const where = op.key === undefined ? '' : `${op.key} = `;
  return `${actorOf(op)} ${isWrite ? 'wrote' : 'read'} ${where}${value}`;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const keyOf = (op: Op): string => op.key ?? '';
