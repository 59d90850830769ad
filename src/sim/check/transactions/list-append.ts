/**
 * Transactions that append to lists and read whole lists: the order of versions can be read off.
 *
 *  - The longest read of a key is its version order; an append that no read saw comes after it.
 *  - wr: who wrote the last element of a read. ww: neighbours in the version order. rw: who read up
 *    to an element, and who wrote the next one.
 *
 * Invariants
 *  - Only what is provable: no edge crosses an element that nobody known to be possible wrote.
 *  - A transaction of unknown fate takes part by its appends. If it never happened nothing read
 *    them, and then nothing comes after it: it makes no cycle.
 *
 * Source: Kingsbury and Alvaro, "Elle: Inferring isolation anomalies from experimental
 * observations", VLDB 2020, section 4.
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { showValue, valueKey } from '../history/result.ts';
import type { Value } from '../history/result.ts';
import { listText } from '../linearizable/models/words.ts';
import { AnomalyLog, ByValue, nameOf } from './anomalies.ts';
import type { VersionRead, Versions } from './definition.ts';
import { DependencyGraph, RW, WR, WW } from './graph.ts';
import { describeMicro, isList, showMicroValue } from './history.ts';
import type { MicroOp, Txn, Txns } from './history.ts';

interface Append {
  readonly txn: Txn;
  /** False: the same transaction appended to the same list again. */
  readonly isLast: boolean;
}

interface ListRead {
  readonly txn: Txn;
  readonly key: string;
  readonly list: readonly Value[];
}

export interface Dependencies {
  readonly graph: DependencyGraph;
  readonly anomalies: AnomalyLog;
  /** Who touched which version. */
  readonly versions: Versions;
}

const EMPTY: readonly Value[] = Object.freeze([]);

export function listAppendDependencies(txns: Txns): Dependencies {
  return new ListAppend(txns).run();
}

class ListAppend {
  readonly #txns: Txns;
  readonly #log = new AnomalyLog();
  readonly #graph: DependencyGraph;
  readonly #appends = new ByValue<Append>();
  readonly #aborted = new ByValue<Txn>();
  readonly #reads: ListRead[] = [];
  readonly #longest = new Map<string, ListRead>();
  readonly #seen = new ByValue<true>();

  constructor(txns: Txns) {
    this.#txns = txns;
    this.#graph = new DependencyGraph(txns.possible.length);
  }

  run(): Dependencies {
    for (const txn of this.#txns.aborted) this.#indexAppends(txn);
    for (const txn of this.#txns.possible) this.#indexAppends(txn);
    for (const txn of this.#txns.possible) this.#indexReads(txn);
    for (const txn of this.#txns.possible) if (txn.isCommitted) this.#judgeInside(txn);
    for (const read of this.#reads) this.#judgeRead(read);
    this.#judgeLostUpdates();
    this.#link();
    return { graph: this.#graph, anomalies: this.#log, versions: this.#versions() };
  }

  /** Of each transaction and key the first read, where it is before its own appends. */
  #versions(): Versions {
    const writers = new Map<string, number[]>();
    const reads: VersionRead[] = [];
    for (const { node, micro } of this.#txns.possible) {
      const touched = new Set<string>();
      const written = new Set<string>();
      for (const [f, key, value] of micro) {
        if (f === 'append' && !written.has(key)) {
          written.add(key);
          const ofKey = writers.get(key);
          if (ofKey === undefined) writers.set(key, [node]);
          else ofKey.push(node);
        } else if (f === 'r' && value !== undefined && !touched.has(key)) {
          const from = this.#writerOf(key, isList(value) ? value.at(-1) : undefined);
          if (from !== undefined) reads.push({ node, key, from });
        }
        touched.add(key);
      }
    }
    return { writers, reads, below: this.#writersSeen() };
  }

  /** Whose version ends with an element; -1: nobody's. Undefined: that is no version. */
  #writerOf(key: string, last: Value | undefined): number | undefined {
    if (last === undefined) return -1;
    const writer = this.#appends.get(key, last);
    return writer?.isLast === true ? writer.txn.node : undefined;
  }

  #writersSeen(): ReadonlySet<number> {
    const nodes = new Set<number>();
    for (const [key, { list }] of this.#longest) {
      for (const element of list) {
        const writer = this.#appends.get(key, element)?.txn;
        if (writer !== undefined) nodes.add(writer.node);
      }
    }
    return nodes;
  }

  #indexAppends(txn: Txn): void {
    const last = new Map<string, Value>();
    for (const [f, key, value] of txn.micro) {
      if (f === 'w') throw wrongWorkload(txn, 'w', 'append and r');
      if (f !== 'append') continue;
      const element = value as Value;
      if (this.#appends.get(key, element) ?? this.#aborted.get(key, element)) {
        throw new ScenarioError(`${showValue(element)} is appended to ${key} twice.`, {
          path: `history/${txn.op.id}`,
          hint: 'The check tells appends apart by their values: each must be new for its key.',
        });
      }
      if (txn.node < 0) {
        this.#aborted.set(key, element, txn);
        continue;
      }
      const before = last.get(key);
      if (before !== undefined) this.#appends.set(key, before, { txn, isLast: false });
      this.#appends.set(key, element, { txn, isLast: true });
      last.set(key, element);
    }
  }

  #indexReads(txn: Txn): void {
    for (const [f, key, value] of txn.micro) {
      if (f !== 'r' || value === undefined) continue;
      const list = value === null ? EMPTY : value;
      if (!isList(list)) {
        throw new ScenarioError(`${nameOf(txn)} read ${key} = ${showMicroValue(value)}.`, {
          path: `history/${txn.op.id}`,
          hint: 'A read of list-append returns a list. Registers are the workload rw-register.',
        });
      }
      const read = { txn, key, list };
      this.#reads.push(read);
      this.#compareOrder(read);
    }
  }

  /** Of any two reads of a key one must be the beginning of the other. */
  #compareOrder(read: ListRead): void {
    const longest = this.#longest.get(read.key);
    if (longest === undefined) {
      this.#longest.set(read.key, read);
      return;
    }
    const isLonger = read.list.length > longest.list.length;
    if (isLonger) this.#longest.set(read.key, read);
    if (isPrefix(isLonger ? longest.list : read.list, isLonger ? read.list : longest.list)) return;
    const one = `${nameOf(longest.txn)} read ${read.key} = ${showMicroValue(longest.list)}`;
    const why = `${one}, ${nameOf(read.txn)} read ${showMicroValue(read.list)}: no order has both.`;
    this.#log.add('incompatible-order', [read.txn, longest.txn], why, read.key);
  }

  /** What a transaction sees of its own work. */
  #judgeInside(txn: Txn): void {
    const own = new ByValue<number>();
    for (let place = 0; place < txn.micro.length; place++) {
      const [f, key, value] = txn.micro[place] as MicroOp;
      if (f === 'append') own.set(key, value as Value, place);
    }
    const expected = new Map<string, { list: Value[]; isWhole: boolean }>();
    for (let place = 0; place < txn.micro.length; place++) {
      const micro = txn.micro[place] as MicroOp;
      const [f, key, value] = micro;
      const known = expected.get(key);
      if (f === 'append') {
        if (known === undefined) expected.set(key, { list: [value as Value], isWhole: false });
        else known.list.push(value as Value);
        continue;
      }
      if (value === undefined) continue;
      const list = isList(value) ? value : EMPTY;
      const early = list.find((element) => (own.get(key, element) ?? -1) > place);
      if (early !== undefined) {
        const what = `its own append of ${showValue(early)} to ${key} before making it.`;
        const why = `${nameOf(txn)} read ${what}`;
        this.#log.add('future-read', [txn], why, key);
      }
      if (known !== undefined && !fits(list, known.list, known.isWhole)) {
        const wanted = `${known.isWhole ? '' : '..., '}${known.list.map(showValue).join(', ')}`;
        const after = `after its own steps said [${wanted}].`;
        const why = `${nameOf(txn)}: ${describeMicro(micro)}, ${after}`;
        this.#log.add('internal', [txn], why, key);
        return;
      }
      expected.set(key, { list: [...list], isWhole: true });
    }
  }

  #judgeRead({ txn, key, list }: ListRead): void {
    const tell = (type: string, other: Txn[], why: string): void =>
      this.#log.add(type, [txn, ...other], `${nameOf(txn)} read ${key} ${why}`, key);
    const seen = new Set<number | string>();
    for (const element of list) {
      const name = valueKey(element);
      if (seen.has(name)) {
        tell('duplicate-elements', [], `= ${showMicroValue(list)}: ${showValue(element)} twice.`);
      }
      seen.add(name);
      this.#seen.set(key, element, true);
      if (this.#appends.get(key, element) !== undefined) continue;
      const writer = this.#aborted.get(key, element);
      const what = showValue(element);
      if (writer === undefined) tell('garbage-read', [], `with ${what}, which nobody appended.`);
      else if (txn.isCommitted)
        tell('G1a', [writer], `with ${what} of ${nameOf(writer)}, which aborted.`);
    }
    const last = list.at(-1);
    const writer = last === undefined ? undefined : this.#appends.get(key, last);
    if (writer === undefined || writer.isLast || writer.txn === txn) return;
    const what = `ending with ${showValue(last)}, an intermediate state of ${nameOf(writer.txn)}.`;
    tell('G1b', [writer.txn], what);
  }

  /** Two committed transactions read the same list first and both appended to it. */
  #judgeLostUpdates(): void {
    const updates = new Map<string, Map<string, Txn[]>>();
    for (const txn of this.#txns.possible) {
      if (!txn.isCommitted) continue;
      const first = new Map<string, string>();
      const written = new Set<string>();
      for (const [f, key, value] of txn.micro) {
        const read = first.get(key);
        if (f === 'r' && read === undefined && value !== undefined && !written.has(key)) {
          first.set(key, listText(isList(value) ? value.map(valueKey) : []));
        } else if (f === 'append' && !written.has(key)) {
          written.add(key);
          if (read === undefined) continue;
          const ofKey = updates.get(key) ?? new Map<string, Txn[]>();
          updates.set(key, ofKey);
          into(ofKey, read, txn);
        }
      }
    }
    for (const [key, ofKey] of updates) {
      for (const txns of ofKey.values()) reportLostUpdate(this.#log, key, txns);
    }
  }

  #link(): void {
    const readersOf = this.#readers();
    const orders = new Map<string, readonly Value[]>();
    for (const [key, { list }] of this.#longest) orders.set(key, distinct(list));
    for (const [key, order] of orders) {
      for (let place = 0; place < order.length; place++) {
        const element = order[place] as Value;
        const writer = this.#appends.get(key, element)?.txn;
        if (writer === undefined) continue;
        const before = place === 0 ? undefined : order[place - 1];
        this.#linkVersion(readersOf, key, before, element, writer);
      }
      this.#judgeDirtyUpdates(key, order);
    }
    for (const txn of this.#txns.possible) this.#linkUnseen(readersOf, orders, txn);
  }

  /** By key: who read up to each element; the empty list under undefined. Adds the wr edges. */
  #readers(): Map<string, Map<number | string | undefined, Txn[]>> {
    const readers = new Map<string, Map<number | string | undefined, Txn[]>>();
    for (const { txn, key, list } of this.#reads) {
      let ofKey = readers.get(key);
      if (ofKey === undefined)
        readers.set(key, (ofKey = new Map<number | string | undefined, Txn[]>()));
      const last = list.at(-1);
      into(ofKey, last === undefined ? undefined : valueKey(last), txn);
      if (last === undefined) continue;
      const writer = this.#appends.get(key, last)?.txn;
      if (writer !== undefined) this.#graph.add(writer.node, txn.node, WR, { key, value: last });
    }
    return readers;
  }

  #linkVersion(
    readersOf: ReadonlyMap<string, ReadonlyMap<number | string | undefined, readonly Txn[]>>,
    key: string,
    before: Value | undefined,
    element: Value,
    writer: Txn,
  ): void {
    const evidence = { key, value: before, next: element };
    const earlier = before === undefined ? undefined : this.#appends.get(key, before)?.txn;
    if (earlier !== undefined) this.#graph.add(earlier.node, writer.node, WW, evidence);
    const seen = before === undefined ? undefined : valueKey(before);
    for (const reader of readersOf.get(key)?.get(seen) ?? []) {
      this.#graph.add(reader.node, writer.node, RW, evidence);
    }
  }

  /** An append that no read saw comes after everything that the longest read saw. */
  #linkUnseen(
    readersOf: ReadonlyMap<string, ReadonlyMap<number | string | undefined, readonly Txn[]>>,
    orders: ReadonlyMap<string, readonly Value[]>,
    txn: Txn,
  ): void {
    for (const [f, key, value] of txn.micro) {
      if (f !== 'append') continue;
      if (this.#seen.get(key, value as Value) === true) continue;
      const last = orders.get(key)?.at(-1);
      this.#linkVersion(readersOf, key, last, value as Value, txn);
    }
  }

  /** An aborted append with a committed one after it: the abort was not undone. */
  #judgeDirtyUpdates(key: string, order: readonly Value[]): void {
    let aborted: Txn | undefined;
    for (const element of order) {
      aborted = this.#aborted.get(key, element) ?? aborted;
      const writer = this.#appends.get(key, element)?.txn;
      if (aborted === undefined || writer?.isCommitted !== true) continue;
      const onto = `onto the work of ${nameOf(aborted)}, which aborted.`;
      const why = `${nameOf(writer)} appended ${showValue(element)} to ${key} ${onto}`;
      this.#log.add('dirty-update', [writer, aborted], why, key);
      aborted = undefined;
    }
  }
}

/** True when `list` ends with what is known of it, or is it where all of it is known. */
function fits(list: readonly Value[], known: readonly Value[], isWhole: boolean): boolean {
  const from = list.length - known.length;
  if (isWhole ? from !== 0 : from < 0) return false;
  return known.every((element, place) => element === list[from + place]);
}

function isPrefix(shorter: readonly Value[], longer: readonly Value[]): boolean {
  for (let place = 0; place < shorter.length; place++) {
    if (shorter[place] !== longer[place]) return false;
  }
  return true;
}

function distinct(list: readonly Value[]): readonly Value[] {
  return [...new Set(list)];
}

function into<K>(map: Map<K, Txn[]>, key: K, txn: Txn): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [txn]);
  else list.push(txn);
}

export function reportLostUpdate(log: AnomalyLog, key: string, txns: readonly Txn[]): void {
  if (txns.length < 2) return;
  const names = txns.slice(0, 4).map(nameOf).join(', ');
  const more = txns.length > 4 ? ` and ${txns.length - 4} more` : '';
  const why = `${names}${more} read the same state of ${key} and each wrote over it.`;
  log.add('lost-update', txns, why, key);
}

export function wrongWorkload({ op }: Txn, f: string, known: string): ScenarioError {
  return new ScenarioError(`A transaction of this workload knows no "${f}".`, {
    path: `history/${op.id}`,
    hint: `Its operations are ${known}.`,
  });
}
