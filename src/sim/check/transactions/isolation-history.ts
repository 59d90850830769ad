/**
 * Sessions of transactions over versioned keys, resolved: who wrote what each read saw.
 *
 * Invariants
 *  - Node 0 is the initial transaction, which wrote version 0 of every key that nobody else writes
 *    as version 0; transactions follow, session by session.
 *  - `flaw` tells the first read that no level from read committed up allows: of a version that
 *    nobody committed, that its writer overwrote, or that the reader itself writes later.
 */
import { showValue, valueKey } from '../history/result.ts';
import type { Value } from '../history/result.ts';

export type VersionOp = readonly [f: 'w' | 'r', key: string, version: Value];

export interface SessionTxn {
  /** Default: true. */
  readonly committed?: boolean;
  readonly ops: readonly VersionOp[];
}

interface ExternalRead {
  readonly key: number;
  /** The transaction that wrote it. */
  readonly from: number;
}

export interface IsolationTxn {
  readonly name: string;
  readonly session: number;
  /** In the order of the transaction: reads of what others wrote. */
  readonly reads: readonly ExternalRead[];
  /** Keys written. */
  readonly writes: ReadonlySet<number>;
}

export interface IsolationHistory {
  readonly txns: readonly IsolationTxn[];
  readonly keys: readonly string[];
  /** Nodes of each session in order, committed ones. */
  readonly sessions: readonly (readonly number[])[];
  readonly flaw: string | undefined;
  /** A read of a key that differs from what the same transaction read or wrote before. */
  readonly unrepeatable: string | undefined;
}

interface Written {
  readonly node: number;
  isLast: boolean;
}

export function resolveSessions(sessions: readonly (readonly SessionTxn[])[]): IsolationHistory {
  return new Resolver(sessions).run();
}

class Resolver {
  readonly #sessions: readonly (readonly SessionTxn[])[];
  readonly #keyIds = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #written = new Map<string, Map<number | string, Written>>();
  readonly #aborted = new Map<string, Set<number | string>>();
  #flaw: string | undefined;
  #unrepeatable: string | undefined;

  constructor(sessions: readonly (readonly SessionTxn[])[]) {
    this.#sessions = sessions;
  }

  run(): IsolationHistory {
    const committed: { txn: SessionTxn; session: number; name: string }[] = [];
    const bySession = this.#sessions.map((session, at) => {
      const nodes: number[] = [];
      for (let place = 0; place < session.length; place++) {
        const txn = session[place] as SessionTxn;
        const node = txn.committed === false ? -1 : committed.length + 1;
        this.#indexWrites(txn, node);
        if (node < 0) continue;
        nodes.push(node);
        committed.push({ txn, session: at, name: `transaction ${place + 1} of session ${at + 1}` });
      }
      return nodes;
    });
    const txns: IsolationTxn[] = committed.map(({ txn, session, name }, index) => ({
      name,
      session,
      reads: this.#readsOf(txn, index + 1, name),
      writes: new Set(txn.ops.filter(([f]) => f === 'w').map(([, key]) => this.#keyOf(key))),
    }));
    const initial: IsolationTxn = {
      name: 'the initial state',
      session: -1,
      reads: [],
      writes: new Set(this.#keys.keys()),
    };
    return {
      txns: [initial, ...txns],
      keys: this.#keys,
      sessions: bySession,
      flaw: this.#flaw,
      unrepeatable: this.#unrepeatable,
    };
  }

  #keyOf(key: string): number {
    const known = this.#keyIds.get(key);
    if (known !== undefined) return known;
    this.#keyIds.set(key, this.#keys.length);
    this.#keys.push(key);
    return this.#keys.length - 1;
  }

  #indexWrites(txn: SessionTxn, node: number): void {
    const last = new Map<string, Written>();
    for (const [f, key, version] of txn.ops) {
      this.#keyOf(key);
      if (f !== 'w') continue;
      if (node < 0) {
        const set = this.#aborted.get(key) ?? new Set<number | string>();
        this.#aborted.set(key, set.add(valueKey(version)));
        continue;
      }
      const before = last.get(key);
      if (before !== undefined) before.isLast = false;
      const written = { node, isLast: true };
      last.set(key, written);
      const versions = this.#written.get(key) ?? new Map<number | string, Written>();
      this.#written.set(key, versions.set(valueKey(version), written));
    }
  }

  #readsOf(txn: SessionTxn, node: number, name: string): ExternalRead[] {
    const reads: ExternalRead[] = [];
    const own = new Map<string, Value>();
    const before = new Map<string, Value>();
    for (const [f, key, version] of txn.ops) {
      const tell = (why: string): string => `${name} read ${key} = ${showValue(version)}, ${why}.`;
      const mine = own.get(key);
      if (f === 'w') {
        own.set(key, version);
        continue;
      }
      if (mine !== undefined && mine === version) continue;
      const expected = mine ?? before.get(key);
      if (expected !== undefined && expected !== version) {
        this.#unrepeatable ??= tell(`after it had ${showValue(expected)}`);
      }
      before.set(key, version);
      const written = this.#written.get(key)?.get(valueKey(version));
      if (written === undefined && version !== 0) {
        const isAborted = this.#aborted.get(key)?.has(valueKey(version)) === true;
        this.#flaw ??= tell(isAborted ? 'which was never committed' : 'which nobody wrote');
      } else if (written?.node === node) {
        this.#flaw ??= tell('its own write of another moment');
      } else if (written?.isLast === false) {
        this.#flaw ??= tell('which its writer overwrote');
      } else {
        reads.push({ key: this.#keyOf(key), from: written?.node ?? 0 });
      }
    }
    return reads;
  }
}
