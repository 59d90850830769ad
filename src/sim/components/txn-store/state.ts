/** The state of a shard: versions and locks, commits under way, and who talks to it. */
import { HYBRID_ZERO } from '../../policies/clocks/index.ts';
import { ms } from '../../kernel/time.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import { commitRules } from '../../protocols/commit/rules.ts';
import type { TxnDisk } from '../../protocols/commit/disk.ts';
import type { CommitConfig, CommitMachine } from '../../protocols/commit/state.ts';
import { recoverCommitMachine } from '../../protocols/commit/step.ts';
import { lockingRules } from '../../protocols/isolation/locking-rules.ts';
import { restoreRow, revive } from '../../protocols/isolation/finish.ts';
import { levelRules } from '../../protocols/isolation/levels.ts';
import { mvccRules } from '../../protocols/isolation/mvcc-rules.ts';
import type { Engine, EngineEffect, EngineState } from '../../protocols/isolation/state.ts';
import { NOBODY, createEngine } from '../../protocols/isolation/state.ts';
import type { TxnStoreConfig } from './config.ts';

export type Ctx = Context<TxnStoreConfig>;

/** A transaction of a client that talks to this shard. */
export interface Session {
  readonly txn: number;
  readonly snapshot: { readonly l: number; readonly c: number };
  readonly sinceMicros: number;
  readonly readOnly: boolean;
  /** Shards that have a part in it. */
  readonly shards: NodeIndex[];
  hasWrites: boolean;
  seq: number;
  isCommitting: boolean;
  /** Of the client, who waits. */
  call: CallRef | null;
  /** A shard has aborted it: what the client will be told. */
  struck: { readonly code: string; readonly why: string } | null;
}

/** Who waits for a statement that is done here. */
export interface Asking {
  readonly txn: number;
  /** Of another shard; null: the client talks to this one. */
  readonly call: CallRef | null;
}

export interface TxnStoreState {
  readonly engine: EngineState;
  readonly commit: CommitMachine;
  readonly sessions: Map<number, Session>;
  readonly asking: Map<number, Asking>;
  /** Statements that other shards do for this one, by tag: of which transaction. */
  readonly away: Map<number, number>;
  nextTag: number;
  readonly counts: {
    committed: number;
    aborted: number;
    /** Of those aborted: could not be serialized. */
    serialization: number;
    deadlocks: number;
    waits: number;
  };
}

/** The shard of a key: everything before the first slash decides, so that a search has one. */
export function shardOf(ctx: Ctx, key: string): NodeIndex {
  const members = ctx.members('peers');
  const slash = key.indexOf('/');
  const part = slash < 0 ? key : key.slice(0, slash);
  return members[(hashText(part) >>> 0) % members.length] ?? ctx.self;
}

export function engineAt(state: { readonly engine: EngineState }, ctx: Ctx): Engine {
  const { config, ablations } = ctx;
  const out: EngineEffect[] = [];
  return {
    config: {
      isolation: config.isolation,
      deadlocks: config.deadlocks,
      uncertaintyMicros: ms(config.clockUncertaintyMs),
      keepMicros: ms(config.keepVersionsMs),
      rules: { ...mvccRules(ablations), ...lockingRules(ablations) },
    },
    state: state.engine,
    wallMicros: ctx.wall(),
    out,
  };
}

export function commitConfig(ctx: Ctx): CommitConfig {
  const { config, ablations } = ctx;
  const mvcc = mvccRules(ablations);
  const epsilon = mvcc['mvcc.commit-wait'] ? ms(config.clockUncertaintyMs) : 0;
  return {
    id: ctx.self,
    protocol: config.commitProtocol,
    acceptors: ctx.members('peers').slice(0, 2 * config.faultsTolerated + 1),
    voteTimeoutMicros: ms(config.voteTimeoutMs),
    inquireMicros: ms(config.inquireMs),
    resendMicros: ms(config.voteTimeoutMs),
    // TT.after(s): the earliest that it may be now is later than s.
    commitWaitMicros: (at) => (epsilon === 0 ? 0 : at.l + epsilon - ctx.wall() + 1),
    refusesPivots: levelRules(config.isolation).ssi && mvcc['mvcc.ssi-pivot'],
    rules: commitRules(ablations),
  };
}

export function startState(ctx: Ctx): TxnStoreState {
  const disk = ctx.durable as TxnDisk;
  const state: TxnStoreState = {
    engine: createEngine(),
    commit: recoverCommitMachine(disk),
    sessions: new Map(),
    asking: new Map(),
    away: new Map(),
    nextTag: 1,
    counts: { committed: 0, aborted: 0, serialization: 0, deadlocks: 0, waits: 0 },
  };
  const at = engineAt(state, ctx);
  for (const { key, value } of ctx.config.rows) {
    if (shardOf(ctx, key) !== ctx.self || disk.rows.has(key)) continue;
    restoreRow(at, key, { value, at: HYBRID_ZERO, writer: NOBODY });
  }
  for (const [key, row] of disk.rows) restoreRow(at, key, row);
  for (const [txn, { vote, writes }] of disk.prepared) {
    if (vote.yes) revive(at, txn, { at: vote.at, writes });
  }
  return state;
}
