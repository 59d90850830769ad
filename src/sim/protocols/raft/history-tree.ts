/**
 * Every entry that any server ever appended, with the term of the entry before it.
 *
 * If no (index, term) is ever seen with two predecessors or two contents, then by induction any
 * two logs that agree at an index agree on everything up to it: LogMatching over the whole past,
 * at the price of one look-up for each appended entry.
 */
import type { RaftEntry } from '../../contracts/raft.ts';
import { ChunkedList } from '../chunked-list.ts';
import { sameEntry } from './invariants-members.ts';

export interface SeenEntry {
  readonly entry: RaftEntry;
  readonly prevTerm: number;
}

/** Terms stay below this, indexes below 2^53 / this: both far beyond any run. */
const TERMS_MAX = 4_194_304;

export interface HistoryTreeImage {
  readonly first: ChunkedList<SeenEntry>;
  readonly others: ReadonlyMap<number, SeenEntry>;
}

export class RaftHistoryTree {
  /** The first entry seen at each index; others at that index are rare and live in a map. */
  readonly #first: ChunkedList<SeenEntry>;
  readonly #others: Map<number, SeenEntry>;

  constructor(first = ChunkedList.empty<SeenEntry>(), others = new Map<number, SeenEntry>()) {
    this.#first = first;
    this.#others = others;
  }

  /** Notes an entry; returns what was seen under the same index and term if that differs. */
  see(entry: RaftEntry, prevTerm: number): SeenEntry | null {
    const position = entry.index - 1;
    const first = this.#first.at(position);
    if (first === undefined) {
      this.#first.push({ entry, prevTerm });
      return null;
    }
    if (first.entry.term === entry.term) return differs(first, entry, prevTerm);
    const key = entry.index * TERMS_MAX + entry.term;
    const other = this.#others.get(key);
    if (other !== undefined) return differs(other, entry, prevTerm);
    this.#others.set(key, { entry, prevTerm });
    return null;
  }

  save(): HistoryTreeImage {
    return { first: this.#first.clone(), others: new Map(this.#others) };
  }

  static restore(image: HistoryTreeImage): RaftHistoryTree {
    return new RaftHistoryTree(image.first.clone(), new Map(image.others));
  }
}

function differs(seen: SeenEntry, entry: RaftEntry, prevTerm: number): SeenEntry | null {
  return seen.prevTerm === prevTerm && sameEntry(seen.entry, entry) ? null : seen;
}
