/** What people see of a shard of a transactional store. */
import type { Gauge, NameOf, View } from '../../node/behaviour.ts';
import type { TxnValue } from '../../contracts/txn.ts';
import type { Vote } from '../../contracts/txn-commit.ts';
import type { CommitPhase, Participating } from '../../protocols/commit/state.ts';
import { NOBODY } from '../../protocols/isolation/state.ts';
import type { TxnStoreState } from './state.ts';

export interface TxnStoreView extends View {
  readonly component: 'txn-store';
  readonly rows: readonly {
    readonly key: string;
    readonly value: TxnValue;
    /** How many versions are kept. */
    readonly versions: number;
    /** Who has written it last, committed or not; null: nobody. */
    readonly writer: number | null;
    readonly isCommitted: boolean;
  }[];
  readonly locks: readonly {
    readonly txn: number;
    /** A row, or what the keys of all rows begin with that it covers. */
    readonly on: string;
    readonly isPrefix: boolean;
    readonly mode: string;
    readonly isWaiting: boolean;
  }[];
  readonly prepared: readonly number[];
  /** The same, oldest first: whose word each waits for, and how far it has come. */
  readonly inDoubt: readonly {
    readonly txn: number;
    readonly coordinator: string;
    readonly phase: Participating['phase'];
  }[];
  /** Commits that this shard coordinates, oldest first. */
  readonly coordinating: readonly {
    readonly txn: number;
    readonly phase: CommitPhase;
    readonly shards: readonly {
      readonly name: string;
      readonly vote: 'yes' | 'no' | null;
      /** It knows the fate. */
      readonly isTold: boolean;
    }[];
  }[];
  /** Statements that wait for a lock, or for the fate of a prepared transaction. */
  readonly waiting: number;
  readonly committed: number;
  readonly aborted: number;
}

const activeOf = ({ engine }: TxnStoreState): number =>
  [...engine.txns.values()].filter(({ status }) => status === 'active').length;

const LISTED_MAX = 40;

export function viewOf(state: TxnStoreState, nameOf: NameOf): TxnStoreView {
  const { engine, commit, counts } = state;
  return {
    component: 'txn-store',
    ...versionsOf(engine),
    ...commitsOf(commit, nameOf),
    waiting: engine.waits.size,
    committed: counts.committed,
    aborted: counts.aborted,
    fields: [
      { label: 'Rows', value: engine.rows.size },
      { label: 'Active', value: activeOf(state) },
      { label: 'Prepared', value: commit.participating.size },
      { label: 'Locks', value: engine.locks.granted.length },
      { label: 'Waiting', value: engine.waits.size },
      { label: 'Committed', value: counts.committed },
      { label: 'Aborted', value: counts.aborted },
    ],
  };
}

function versionsOf(engine: TxnStoreState['engine']): Pick<TxnStoreView, 'rows' | 'locks'> {
  const rows = [...engine.rows].slice(0, LISTED_MAX).map(([key, versions]) => {
    const newest = versions.at(-1);
    const writer = newest?.writer ?? NOBODY;
    return {
      key,
      value: newest?.value ?? null,
      versions: versions.length,
      writer: writer === NOBODY ? null : writer,
      isCommitted: newest !== undefined && newest.at !== null,
    };
  });
  const { granted, waiting } = engine.locks;
  const locks = [
    ...granted.map((lock) => ({ ...lock, isWaiting: false })),
    ...waiting.map((lock) => ({ ...lock, isWaiting: true })),
  ]
    .slice(0, LISTED_MAX)
    .map(({ txn, target, mode, isWaiting }) => ({
      txn,
      on: target.name,
      isPrefix: target.kind === 'prefix',
      mode,
      isWaiting,
    }));
  return { rows, locks };
}

function commitsOf(
  { participating, coordinated }: TxnStoreState['commit'],
  nameOf: NameOf,
): Pick<TxnStoreView, 'prepared' | 'inDoubt' | 'coordinating'> {
  const voteOf = (vote: Vote | undefined) => (vote === undefined ? null : vote.yes ? 'yes' : 'no');
  return {
    prepared: [...participating.keys()],
    inDoubt: [...participating].slice(0, LISTED_MAX).map(([txn, { coordinator, phase }]) => ({
      txn,
      coordinator: nameOf(coordinator),
      phase,
    })),
    coordinating: [...coordinated].slice(0, LISTED_MAX).map(([txn, one]) => ({
      txn,
      phase: one.phase,
      shards: one.participants.map((shard) => ({
        name: nameOf(shard),
        vote: voteOf(one.votes.get(shard)),
        isTold: one.acknowledged.has(shard),
      })),
    })),
  };
}

export const GAUGES: readonly Gauge<TxnStoreState>[] = [
  {
    title: 'Committed',
    about: 'Transactions of its clients that committed.',
    kind: 'count',
    of: ({ counts }) => counts.committed,
  },
  {
    title: 'Aborted',
    about: 'Transactions of its clients that aborted.',
    kind: 'count',
    of: ({ counts }) => counts.aborted,
  },
  {
    title: 'Serialization failures',
    about: 'Those of them that ended with 40001.',
    kind: 'count',
    of: ({ counts }) => counts.serialization,
  },
  {
    title: 'Waiting',
    about: 'Statements that wait for a lock, or for the fate of a prepared transaction.',
    kind: 'level',
    of: ({ engine }) => engine.waits.size,
  },
  {
    title: 'Locks',
    about: 'Locks held here.',
    kind: 'level',
    of: ({ engine }) => engine.locks.granted.length,
  },
  {
    title: 'In doubt',
    about: 'Transactions that have voted yes here and do not know their fate.',
    kind: 'level',
    of: ({ commit }) => commit.participating.size,
  },
];
