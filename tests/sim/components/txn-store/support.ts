/** A store with clients that do what a test says, statement by statement, as in Hermitage. */
import { txn } from 'faultline';
import type { GroupPlan, Message, Statement, TxnRequest, TxnResult, TxnValue } from 'faultline';
import { Bench } from '../support/bench.ts';
import type { BenchPlan } from '../support/bench.ts';
import { askerOf } from '../support/partners.ts';
import type { Ended } from '../support/partners.ts';

export const session = askerOf('session', 'store', txn);

export interface StorePlan {
  readonly config?: GroupPlan['config'];
  readonly count?: number;
  readonly off?: readonly string[];
  readonly group?: Partial<GroupPlan>;
  readonly plan?: Partial<BenchPlan>;
}

const WAITS = 600_000;

export class Store extends Bench {
  constructor({ config, count, off, group, plan }: StorePlan) {
    super({
      groups: [
        {
          name: 's',
          component: 'txn-store',
          count: count ?? 1,
          ...(config === undefined ? {} : { config }),
          ...group,
        },
        { name: 'c', component: 'session', count: 1, links: { store: 's' } },
      ],
      components: [session],
      ablations: off ?? [],
      ...plan,
    });
    this.ms(1);
  }

  /** A transaction, begun at a shard. */
  begin(at = 's1', readOnly = false): Txn {
    const began = this.answer('c1', at, { type: 'txn.begin', readOnly } as TxnRequest);
    if (began.result.outcome !== 'ok') throw new Error(JSON.stringify(began.result));
    return new Txn(this, at, (began.result.value as { readonly txn: number } & Message).txn);
  }
}

/** What became of a request: a value, a code, or nothing yet. */
export type Seen = TxnValue | string | Readonly<Record<string, TxnValue>> | undefined;

/** A transaction under way. A request that is not answered within a second is waiting. */
export class Txn {
  readonly #store: Store;
  readonly #at: string;
  readonly id: number;
  #seq = 0;
  #last = -1;

  constructor(store: Store, at: string, id: number) {
    this.#store = store;
    this.#at = at;
    this.id = id;
  }

  read = (key: string): Seen => this.#do({ do: 'read', key });
  readForUpdate = (key: string): Seen => this.#do({ do: 'read-for-update', key });
  scan = (prefix: string): Seen => this.#do({ do: 'scan', prefix });
  write = (key: string, value: TxnValue): Seen => this.#do({ do: 'write', key, value });
  append = (key: string, value: number): Seen => this.#do({ do: 'append', key, value });
  add = (key: string, by: number): Seen => this.#do({ do: 'add', key, by });
  commit = (): Seen => this.#ask({ type: 'txn.commit', txn: this.id } as TxnRequest);
  abort = (): Seen => this.#ask({ type: 'txn.abort', txn: this.id } as TxnRequest);

  /** How the last request ended meanwhile, if it has. */
  get last(): Seen {
    return seen(this.#store.end('c1', this.#last));
  }

  #do(statement: Statement): Seen {
    this.#seq += 1;
    return this.#ask({
      type: 'txn.statement',
      txn: this.id,
      seq: this.#seq,
      statement,
    } as TxnRequest);
  }

  /** Whoever waits, or has aborted, says nothing more. */
  #ask(request: Message): Seen {
    const before = this.#last < 0 ? null : this.last;
    const isOver = typeof before === 'string';
    if (before === undefined || isOver) return before;
    this.#last = this.#store.ask('c1', this.#at, request, WAITS);
    this.#store.after(1_000);
    return this.last;
  }
}

function seen(ended: Ended | undefined): Seen {
  if (ended === undefined) return undefined;
  const { result } = ended;
  if (result.outcome !== 'ok') return result.error.code;
  const reply = result.value as Message;
  if (reply.type === 'txn.committed') return 'committed';
  if (reply.type === 'txn.aborted') return 'aborted';
  const { value, rows } = reply as TxnResult;
  if (rows === undefined) return value;
  return Object.fromEntries(rows.map((row) => [row.key, row.value]));
}
