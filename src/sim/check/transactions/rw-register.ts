/**
 * Transactions that write and read registers. Values are new for their key, so a read names its
 * write; the order of versions must be inferred, and each way to do so is an assumption.
 *
 *  - Always: the initial state (null) comes before every written value.
 *  - `wfrKeys`: a transaction that read one value of a key and wrote another did it in that order.
 *  - `sequentialKeys`, `linearizableKeys`: each key alone follows the order of each process, or of
 *    real time.
 *
 * Invariants
 *  - An assumption whose versions of a key contradict each other is a finding (cyclic-versions) and
 *    is not used for that key.
 *  - One value per key that nobody wrote may be its initial one; a second is a garbage read.
 *
 * Source: Kingsbury and Alvaro, VLDB 2020, section 5 (registers).
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { showValue, valueKey } from '../history/result.ts';
import type { Value } from '../history/result.ts';
import { AnomalyLog, ByValue, nameOf } from './anomalies.ts';
import type { VersionRead, Versions } from './definition.ts';
import { DependencyGraph, RW, WR, WW } from './graph.ts';
import { describeMicro } from './history.ts';
import type { Txn, Txns } from './history.ts';
import { reportLostUpdate, wrongWorkload } from './list-append.ts';
import type { Dependencies } from './list-append.ts';
import { byCall, eachRealtimePair, intervalOf } from './order.ts';
import { VersionOrders } from './version-orders.ts';

export interface Assumptions {
  readonly sequentialKeys?: boolean;
  readonly linearizableKeys?: boolean;
  /**
   * False, and not just absent: nobody may take it for granted, not even a definition of a level.
   * Then the graph of what is certain has the last word.
   */
  readonly wfrKeys?: boolean;
}

/** What the world outside can see of a transaction and one key. */
interface Touch {
  readonly txn: Txn;
  readonly key: string;
  /** The first value read before any write of its own. */
  readonly read: Value | undefined;
  /** The last value written. */
  readonly written: Value | undefined;
}

export function rwRegisterDependencies(txns: Txns, assume: Assumptions): Dependencies {
  return new RwRegister(txns, assume).run();
}

class RwRegister {
  readonly #txns: Txns;
  readonly #assume: Assumptions;
  readonly #log = new AnomalyLog();
  readonly #graph: DependencyGraph;
  readonly #touches = new Map<string, Touch[]>();
  readonly #writers = new ByValue<Txn>();
  readonly #aborted = new ByValue<Txn>();
  readonly #intermediate = new ByValue<Txn>();
  /** By whom it was written again. */
  readonly #ambiguous = new ByValue<Txn>();
  readonly #readers = new ByValue<Txn[]>();

  constructor(txns: Txns, assume: Assumptions) {
    this.#txns = txns;
    this.#assume = assume;
    this.#graph = new DependencyGraph(txns.possible.length);
  }

  run(): Dependencies {
    for (const txn of this.#txns.aborted) this.#indexWrites(txn);
    for (const txn of this.#txns.possible) this.#indexWrites(txn);
    for (const txn of this.#txns.possible) this.#indexTouches(txn);
    for (const txn of this.#txns.possible) if (txn.isCommitted) this.#judge(txn);
    this.#judgeGarbage();
    this.#judgeLostUpdates();
    this.#linkReads();
    this.#linkVersions();
    return { graph: this.#graph, anomalies: this.#log, versions: this.#versions() };
  }

  #indexWrites(txn: Txn): void {
    const last = new Map<string, Value>();
    for (const [f, key, given] of txn.micro) {
      if (f === 'append') throw wrongWorkload(txn, 'append', 'w and r');
      if (f !== 'w') continue;
      const value = given as Value;
      const table = txn.node < 0 ? this.#aborted : this.#writers;
      const other = this.#writers.get(key, value) ?? this.#aborted.get(key, value);
      if (other !== undefined && other !== txn) this.#ambiguous.set(key, value, txn);
      const before = last.get(key);
      if (before !== undefined) this.#intermediate.set(key, before, txn);
      table.set(key, value, txn);
      last.set(key, value);
    }
  }

  #indexTouches(txn: Txn): void {
    const keys = new Map<string, { read?: Value; written?: Value }>();
    for (const [f, key, value] of txn.micro) {
      let touch = keys.get(key);
      if (touch === undefined) keys.set(key, (touch = {}));
      if (f === 'w') touch.written = value as Value;
      else if (value !== undefined && touch.written === undefined && touch.read === undefined) {
        touch.read = value as Value;
      }
    }
    for (const [key, { read, written }] of keys) {
      const list = this.#touches.get(key);
      const touch: Touch = { txn, key, read, written };
      if (list === undefined) this.#touches.set(key, [touch]);
      else list.push(touch);
      if (read === undefined) continue;
      const readers = this.#readers.get(key, read);
      if (readers === undefined) this.#readers.set(key, read, [txn]);
      else readers.push(txn);
    }
  }

  #judge(txn: Txn): void {
    const known = new Map<string, Value>();
    let isConsistent = true;
    for (let place = 0; place < txn.micro.length; place++) {
      const micro = txn.micro[place];
      if (micro === undefined) continue;
      const [f, key, given] = micro;
      const value = given as Value;
      if (f === 'r' && given !== undefined) {
        this.#judgeRead(txn, key, value, place);
        const expected = known.get(key);
        if (isConsistent && expected !== undefined && expected !== value) {
          isConsistent = false;
          const after = `after its own steps said ${showValue(expected)}.`;
          const why = `${nameOf(txn)}: ${describeMicro(micro)}, ${after}`;
          this.#log.add('internal', [txn], why, key);
        }
      }
      if (given !== undefined) known.set(key, value);
    }
  }

  #judgeRead(txn: Txn, key: string, value: Value, place: number): void {
    const tell = (type: string, other: Txn[], why: string): void =>
      this.#log.add(
        type,
        [txn, ...other],
        `${nameOf(txn)} read ${key} = ${showValue(value)} ${why}`,
        key,
      );
    const again = this.#ambiguous.get(key, value);
    if (again !== undefined) {
      throw new ScenarioError(
        `${showValue(value)} is written to ${key} by more than one transaction.`,
        {
          path: `history/${again.op.id}`,
          hint: 'The check tells writes apart by their values: each must be new for its key.',
        },
      );
    }
    const aborted = this.#aborted.get(key, value);
    if (aborted !== undefined) tell('G1a', [aborted], `of ${nameOf(aborted)}, which aborted.`);
    const between = this.#intermediate.get(key, value);
    if (between !== undefined && between !== txn) {
      tell('G1b', [between], `, an intermediate state of ${nameOf(between)}.`);
    }
    if (this.#writers.get(key, value) !== txn) return;
    const isEarlier = txn.micro
      .slice(0, place)
      .some(([f, k, v]) => f === 'w' && k === key && v === value);
    if (!isEarlier) tell('future-read', [], 'before writing it.');
  }

  /** At most one value of a key can have been there before anybody wrote. */
  #judgeGarbage(): void {
    for (const [key, touches] of this.#touches) {
      let initial: Touch | undefined;
      for (const touch of touches) {
        const { read, txn } = touch;
        if (read === undefined || this.#writers.get(key, read) || this.#aborted.get(key, read))
          continue;
        if (initial === undefined || initial.read === read) {
          initial = touch;
          continue;
        }
        const one = `${nameOf(txn)} read ${key} = ${showValue(read)}`;
        const other = `${nameOf(initial.txn)} ${showValue(initial.read)}`;
        const why = `${one} and ${other}; nobody wrote either.`;
        this.#log.add('garbage-read', [txn, initial.txn], why, key);
      }
    }
  }

  #judgeLostUpdates(): void {
    for (const [key, touches] of this.#touches) {
      const updates = new Map<number | string, Txn[]>();
      for (const { txn, read, written } of touches) {
        if (!txn.isCommitted || read === undefined || written === undefined) continue;
        const list = updates.get(valueKey(read));
        if (list === undefined) updates.set(valueKey(read), [txn]);
        else list.push(txn);
      }
      for (const txns of updates.values()) reportLostUpdate(this.#log, key, txns);
    }
  }

  #linkReads(): void {
    for (const [key, touches] of this.#touches) {
      for (const { txn, read } of touches) {
        if (read === undefined || this.#intermediate.get(key, read) !== undefined) continue;
        const writer = this.#writers.get(key, read);
        if (writer !== undefined) this.#graph.add(writer.node, txn.node, WR, { key, value: read });
      }
    }
  }

  /** What was read and nobody wrote is the initial state. */
  #versions(): Versions {
    const writers = new Map<string, number[]>();
    const reads: VersionRead[] = [];
    for (const [key, touches] of this.#touches) {
      const ofKey = touches.filter(({ written }) => written !== undefined);
      writers.set(
        key,
        ofKey.map(({ txn }) => txn.node),
      );
      for (const { txn, read } of touches) {
        if (read === undefined || this.#intermediate.get(key, read) !== undefined) continue;
        reads.push({ node: txn.node, key, from: this.#writers.get(key, read)?.node ?? -1 });
      }
    }
    return { writers, reads };
  }

  #linkVersions(): void {
    for (const [key, touches] of this.#touches) {
      const orders = new VersionOrders();
      orders.assume('the initial state', initialPairs(touches));
      if (this.#assume.wfrKeys === true) orders.assume('writes follow reads', wfrPairs(touches));
      if (this.#assume.sequentialKeys === true)
        orders.assume('sequential keys', sessionPairs(touches));
      if (this.#assume.linearizableKeys === true) {
        orders.assume('linearizable keys', realtimePairs(touches));
      }
      for (const { source, values } of orders.contradictions) {
        const involved = touches.filter(
          ({ written }) => written !== undefined && values.includes(written),
        );
        const shown = values.map(showValue).join(', ');
        const why = `${key} cannot have taken the values ${shown} in any order (by ${source}).`;
        this.#log.add(
          'cyclic-versions',
          involved.map(({ txn }) => txn),
          why,
          key,
        );
      }
      for (const [before, after] of orders.pairs) this.#linkPair(key, before, after);
    }
  }

  #linkPair(key: string, before: Value, after: Value): void {
    const writer = this.#writers.get(key, after);
    if (writer === undefined || this.#intermediate.get(key, after) !== undefined) return;
    const evidence = { key, value: before === null ? undefined : before, next: after };
    const earlier = this.#writers.get(key, before);
    if (earlier !== undefined) this.#graph.add(earlier.node, writer.node, WW, evidence);
    for (const reader of this.#readers.get(key, before) ?? []) {
      this.#graph.add(reader.node, writer.node, RW, evidence);
    }
  }
}

type Pair = readonly [before: Value, after: Value];

function initialPairs(touches: readonly Touch[]): Pair[] {
  const pairs: Pair[] = [];
  for (const { read, written } of touches) {
    if (written !== undefined && written !== null) pairs.push([null, written]);
    if (read !== undefined && read !== null) pairs.push([null, read]);
  }
  return pairs;
}

function wfrPairs(touches: readonly Touch[]): Pair[] {
  const pairs: Pair[] = [];
  for (const { read, written } of touches) {
    if (read !== undefined && read !== null && written !== undefined) pairs.push([read, written]);
  }
  return pairs;
}

function sessionPairs(touches: readonly Touch[]): Pair[] {
  const pairs: Pair[] = [];
  const last = new Map<number, Touch>();
  const ofTxn = new Map(touches.map((touch) => [touch.txn, touch]));
  for (const txn of byCall(touches.map((touch) => touch.txn))) {
    const touch = ofTxn.get(txn);
    if (touch === undefined || !isKnown(touch)) continue;
    const before = last.get(txn.op.process);
    if (before !== undefined) addPair(pairs, before, touch);
    if (txn.isCommitted) last.set(txn.op.process, touch);
  }
  return pairs;
}

function realtimePairs(touches: readonly Touch[]): Pair[] {
  const pairs: Pair[] = [];
  const known = touches.filter(isKnown);
  eachRealtimePair(
    known.map(({ txn }) => intervalOf(txn)),
    (before, after) => addPair(pairs, known[before] as Touch, known[after] as Touch),
  );
  return pairs;
}

function isKnown({ read, written }: Touch): boolean {
  return read !== undefined || written !== undefined;
}

/** From what the earlier one left to what the later one found. */
function addPair(pairs: Pair[], before: Touch, after: Touch): void {
  const left = before.written ?? before.read ?? null;
  const found = after.read ?? after.written ?? null;
  if (left !== found) pairs.push([left, found]);
}
