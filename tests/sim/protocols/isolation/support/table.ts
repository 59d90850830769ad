/** One shard of a store by itself: transactions ask it statement by statement, and it answers. */
import type { Stamp, Statement, TxnValue } from '../../../../../src/sim/contracts/txn.ts';
import {
  abort,
  ask,
  enlist,
  giveUpWaiting,
} from '../../../../../src/sim/protocols/isolation/engine.ts';
import { commit, prepare, restoreRow } from '../../../../../src/sim/protocols/isolation/finish.ts';
import type { Isolation } from '../../../../../src/sim/protocols/isolation/levels.ts';
import { lockingRules } from '../../../../../src/sim/protocols/isolation/locking-rules.ts';
import { mvccRules } from '../../../../../src/sim/protocols/isolation/mvcc-rules.ts';
import { createEngine } from '../../../../../src/sim/protocols/isolation/state.ts';
import type {
  DeadlockPolicy,
  Engine,
  EngineConfig,
  EngineEffect,
} from '../../../../../src/sim/protocols/isolation/state.ts';

export interface TableOptions {
  readonly deadlocks?: DeadlockPolicy;
  readonly keepMicros?: number;
  readonly uncertaintyMicros?: number;
  readonly off?: readonly string[];
  readonly rows?: Readonly<Record<string, TxnValue>>;
}

export const GATEWAY = 1;

export class Table {
  readonly config: EngineConfig;
  readonly state = createEngine();
  /** All effects so far. */
  readonly effects: EngineEffect[] = [];
  nowMicros = 1_000;
  #nextTag = 1;
  #nextTxn = 1;

  constructor(isolation: Isolation, options: TableOptions = {}) {
    const { deadlocks = 'detect', keepMicros = 1e9, uncertaintyMicros = 0, off = [] } = options;
    const rules = { ...mvccRules(off), ...lockingRules(off) };
    this.config = { isolation, deadlocks, uncertaintyMicros, keepMicros, rules };
    for (const [key, value] of Object.entries(options.rows ?? {})) {
      restoreRow(this.engine, key, { value, at: { l: 1, c: 0 }, writer: -1 });
    }
  }

  get engine(): Engine {
    const { config, state, nowMicros, effects } = this;
    return { config, state, wallMicros: nowMicros, out: effects };
  }

  /** Time passes with every call, so that no two transactions begin at once. */
  begin(readOnly = false): Session {
    this.nowMicros += 10;
    const txn = this.#nextTxn++;
    const snapshot: Stamp = { l: this.nowMicros, c: 0 };
    const sinceMicros = this.nowMicros;
    enlist(this.engine, { txn, gateway: GATEWAY, snapshot, sinceMicros, readOnly });
    return new Session(this, txn);
  }

  tag(): number {
    return this.#nextTag++;
  }

  /** What came of a statement: its value, its rows, a code; or null while it waits. */
  answerOf(tag: number): unknown {
    const found = this.effects.find((one) => one.type === 'answered' && one.tag === tag);
    if (found?.type !== 'answered') return 'waits';
    const { outcome } = found;
    if (outcome.type === 'refused') return outcome.code;
    const { rows } = outcome;
    if (rows === undefined) return outcome.value;
    return rows.map(({ key, value }) => `${key}=${String(value)}`).join(' ');
  }

  answers(tag: number): number {
    return this.effects.filter((one) => one.type === 'answered' && one.tag === tag).length;
  }
}

export class Session {
  readonly table: Table;
  readonly txn: number;
  last = 0;

  constructor(table: Table, txn: number) {
    this.table = table;
    this.txn = txn;
  }

  #ask(statement: Statement): unknown {
    this.table.nowMicros += 10;
    this.last = this.table.tag();
    ask(this.table.engine, this.txn, statement, this.last);
    return this.table.answerOf(this.last);
  }

  read = (key: string): unknown => this.#ask({ do: 'read', key });
  lock = (key: string): unknown => this.#ask({ do: 'read-for-update', key });
  scan = (prefix: string): unknown => this.#ask({ do: 'scan', prefix });
  write = (key: string, value: TxnValue): unknown => this.#ask({ do: 'write', key, value });
  append = (key: string, value: number): unknown => this.#ask({ do: 'append', key, value });
  add = (key: string, by: number): unknown => this.#ask({ do: 'add', key, by });

  /** What the last statement came to by now. */
  now(): unknown {
    return this.table.answerOf(this.last);
  }

  giveUp(): void {
    giveUpWaiting(this.table.engine, this.last);
  }

  prepare(alone = true): ReturnType<typeof prepare> {
    this.table.nowMicros += 10;
    return prepare(this.table.engine, this.txn, alone);
  }

  /** Alone: prepared and committed at once; a code where it cannot. */
  commit(): string {
    const prepared = this.prepare();
    if (prepared.type !== 'prepared') {
      return prepared.type === 'refused' ? prepared.code : prepared.type;
    }
    commit(this.table.engine, this.txn, prepared.at, null);
    return 'committed';
  }

  abort(): void {
    abort(this.table.engine, this.txn, '25P01', 'it has aborted');
  }
}
