/**
 * Is there an order of snapshots and commits that explains every read? Depth first over how far
 * each session is.
 *
 * Invariants
 *  - A snapshot is possible when every key read has as its newest committed writer the one read.
 *  - A commit to a key is refused while somebody has yet to take a snapshot of the version that it
 *    would cover: nothing later could bring that back. So how far the sessions are says which
 *    versions that still matter are there, and a position is searched once, whoever wrote last.
 *
 * Source: Biswas and Enea, OOPSLA 2019, section 4.
 */
import type { Result } from '../history/result.ts';
import { WordSet } from '../linearizable/word-set.ts';
import type { IsolationHistory, IsolationTxn } from './isolation-history.ts';

interface SnapshotRules {
  /** Snapshot and commit are one moment. */
  readonly isSerial: boolean;
  /** Nobody else commits to a key between a snapshot and a commit of a transaction that does. */
  readonly forbidsConflicts: boolean;
}

interface SearchOutcome {
  readonly verdict: Result['verdict'];
  readonly steps: number;
  readonly because: string[];
}

export class SnapshotSearch {
  readonly #history: IsolationHistory;
  readonly #isSerial: boolean;
  readonly #forbidsConflicts: boolean;
  readonly #stepsMax: number;
  readonly #seen = new WordSet();
  /** Per session: half steps done; odd: between a snapshot and its commit. */
  readonly #done: Int32Array;
  /** Per key: who committed to it last. */
  readonly #newest: Int32Array;
  /** Per key and version: how many snapshots of it are still to come. */
  readonly #awaited = new Map<number, number>();
  #steps = 0;
  #committed = 0;
  #furthest: readonly number[] = [];
  #furthestCount = -1;

  constructor(history: IsolationHistory, rules: SnapshotRules, stepsMax: number) {
    this.#history = history;
    this.#isSerial = rules.isSerial;
    this.#forbidsConflicts = rules.forbidsConflicts;
    this.#stepsMax = stepsMax;
    this.#done = new Int32Array(history.sessions.length);
    this.#newest = new Int32Array(history.keys.length);
    for (const { reads } of history.txns) {
      for (const { key, from } of reads) this.#await(key, from, 1);
    }
  }

  run(): SearchOutcome {
    const found = this.#go();
    if (found === 'cut') return { verdict: 'unknown', steps: this.#steps, because: [] };
    if (found === 'done') return { verdict: 'pass', steps: this.#steps, because: [] };
    return { verdict: 'fail', steps: this.#steps, because: this.#whyStuck() };
  }

  #go(): 'done' | 'stuck' | 'cut' {
    if (this.#committed === this.#history.txns.length - 1) return 'done';
    if (!this.#isNew()) return 'stuck';
    if (this.#committed > this.#furthestCount) {
      this.#furthestCount = this.#committed;
      this.#furthest = [...this.#done];
    }
    for (let session = 0; session < this.#done.length; session++) {
      if (++this.#steps > this.#stepsMax) return 'cut';
      const found = this.#advance(session);
      if (found !== 'stuck') return found;
    }
    return 'stuck';
  }

  /** Takes the next half step (both halves where the level is serial), goes on, and undoes it. */
  #advance(session: number): 'done' | 'stuck' | 'cut' {
    const done = this.#done[session] ?? 0;
    const node = this.#history.sessions[session]?.[done >> 1];
    const txn = node === undefined ? undefined : this.#history.txns[node];
    if (txn === undefined || node === undefined) return 'stuck';
    const takesSnapshot = (done & 1) === 0;
    if (takesSnapshot && !this.#canRead(txn)) return 'stuck';
    if (takesSnapshot) this.#awaitAll(txn, -1);
    const commits = !takesSnapshot || this.#isSerial;
    const isRefused = commits && !this.#canCommit(txn, session);
    let found: 'done' | 'stuck' | 'cut' = 'stuck';
    if (!isRefused) {
      this.#done[session] = done + (this.#isSerial ? 2 : 1);
      const before = commits ? this.#commit(txn, node) : [];
      found = this.#go();
      if (commits) this.#uncommit(txn, before);
      this.#done[session] = done;
    }
    if (takesSnapshot) this.#awaitAll(txn, 1);
    return found;
  }

  #canRead(txn: IsolationTxn): boolean {
    return txn.reads.every(({ key, from }) => this.#newest[key] === from);
  }

  #canCommit(txn: IsolationTxn, session: number): boolean {
    for (const key of txn.writes) {
      if ((this.#awaited.get(this.#versionOf(key, this.#newest[key] ?? 0)) ?? 0) > 0) return false;
      if (this.#forbidsConflicts && this.#isWrittenElsewhere(key, session)) return false;
    }
    return true;
  }

  /** Somebody else who writes the key has a snapshot and has not committed. */
  #isWrittenElsewhere(key: number, session: number): boolean {
    for (let other = 0; other < this.#done.length; other++) {
      const done = this.#done[other] ?? 0;
      if (other === session || (done & 1) === 0) continue;
      const node = this.#history.sessions[other]?.[done >> 1] ?? 0;
      if (this.#history.txns[node]?.writes.has(key) === true) return true;
    }
    return false;
  }

  #commit(txn: IsolationTxn, node: number): readonly number[] {
    const before: number[] = [];
    for (const key of txn.writes) {
      before.push(this.#newest[key] ?? 0);
      this.#newest[key] = node;
    }
    this.#committed++;
    return before;
  }

  #uncommit(txn: IsolationTxn, before: readonly number[]): void {
    let place = 0;
    for (const key of txn.writes) this.#newest[key] = before[place++] ?? 0;
    this.#committed--;
  }

  #awaitAll(txn: IsolationTxn, change: number): void {
    for (const { key, from } of txn.reads) this.#await(key, from, change);
  }

  #await(key: number, from: number, change: number): void {
    const version = this.#versionOf(key, from);
    this.#awaited.set(version, (this.#awaited.get(version) ?? 0) + change);
  }

  #versionOf(key: number, writer: number): number {
    return key * this.#history.txns.length + writer;
  }

  #isNew(): boolean {
    return this.#seen.add(this.#done, this.#done.length);
  }

  #whyStuck(): string[] {
    const { sessions, txns } = this.#history;
    const next: string[] = [];
    for (let session = 0; session < sessions.length; session++) {
      const node = sessions[session]?.[(this.#furthest[session] ?? 0) >> 1];
      if (node !== undefined) next.push(txns[node]?.name ?? '');
    }
    const count = this.#furthestCount;
    return [
      `At most ${count} of ${txns.length - 1} transactions can be put in order; ` +
        `then none of these fits: ${next.join(', ')}.`,
    ];
  }
}
