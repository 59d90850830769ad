/**
 * What a server of a replicated store answers to sentinels, and how it obeys them.
 *
 * Source: Redis INFO replication, REPLICAOF
 */
import type {
  ControlDone,
  ControlFollow,
  ControlInfoReply,
} from '../../contracts/replica-control.ts';
import type { CallRef, Context } from '../../node/behaviour.ts';
import type { ReplicaInput } from '../../protocols/primary-replica/effects.ts';
import { linkDownMicros } from '../../protocols/primary-replica/standby.ts';
import type { SqlNodeConfig } from './config.ts';
import type { SqlNodeState } from './state.ts';

type Ctx = Context<SqlNodeConfig>;

/** Redis replica-priority, where none is given. */
const PRIORITY = 100;

export function tellInfo(state: SqlNodeState, ctx: Ctx, call: CallRef): void {
  state.isWatched = true;
  const { config, replica } = state;
  const isPrimary =
    replica.role === 'primary' || (replica.role === 'recovering' && !replica.isStandby);
  const place = config.peers.indexOf(config.id);
  ctx.reply<ControlInfoReply>(call, {
    type: 'control.info-reply',
    role: isPrimary ? 'primary' : 'replica',
    upstream: isPrimary ? null : replica.upstream,
    linkDownMicros: isPrimary ? 0 : linkDownMicros(config, replica, ctx.mono()),
    offset: replica.wal.length,
    priority: ctx.config.replicaPriorities[place] ?? PRIORITY,
  });
}

/** What it is to do; null: it does so already, or cannot be told. */
export function orderOf(state: SqlNodeState, { primary }: ControlFollow): ReplicaInput | null {
  const { config, replica } = state;
  if (primary === null) return { type: 'promote' };
  const isSo = replica.role !== 'primary' && replica.upstream === primary;
  return isSo || primary === config.id ? null : { type: 'follow', primary };
}

export const heard = (ctx: Ctx, call: CallRef): void =>
  ctx.reply<ControlDone>(call, { type: 'control.done' });
