/**
 * Connections of clients: each belongs to one life of a client's process, and is open until that
 * closes it, or its machine does, or nothing is heard of that machine for long enough.
 *
 * Invariant: `connected` is the sum over all clients, and never more than max_connections.
 *
 * Source: PostgreSQL 17, 19.3.2 (tcp_keepalives_idle, _interval, _count).
 * Differs: a keepalive is sent once in each interval of idleness, whether or not the connection is
 * idle, since one that is in use answers anyway; all connections of a client share it. A statement
 * that runs for a client that is gone does not keep its connection.
 */
import type { SqlClose, SqlConnect } from '../../contracts/sql.ts';
import type { TcpClosed, TcpKeepalive } from '../../contracts/tcp.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import type { DatabaseConfig } from './config.ts';
import type { DatabaseFact } from './facts.ts';
import type { DatabaseState } from './state.ts';

type Ctx = Context<DatabaseConfig>;

/** A client is one life of a node's process. */
const NODES_MAX = 65_536;
const clientOf = (node: NodeIndex, life: number): number => life * NODES_MAX + node;
const nodeOf = (client: number): NodeIndex => client % NODES_MAX;
const lifeOf = (client: number): number => Math.floor(client / NODES_MAX);

/** A connection is asked for. */
export function connect(
  state: DatabaseState,
  ctx: Ctx,
  { life }: SqlConnect,
  from: NodeIndex,
  call: CallRef,
): void {
  const { maxConnections, tcpKeepalivesIdleMs } = ctx.config;
  if (state.connected >= maxConnections) {
    state.refused += 1;
    if (!state.isFull) {
      ctx.tell<DatabaseFact>({ type: 'database.full', connections: state.connected });
    }
    state.isFull = true;
    return ctx.refuse(call, 'too-many-connections');
  }
  const client = clientOf(from, life);
  const open = state.connections.get(client) ?? 0;
  if (open === 0) ctx.setTimer('keepalive', client, ms(tcpKeepalivesIdleMs));
  state.connected += 1;
  state.connections.set(client, open + 1);
  ctx.reply(call, { type: 'sql.connected' });
}

export function close(state: DatabaseState, ctx: Ctx, { life }: SqlClose, from: NodeIndex): void {
  const client = clientOf(from, life);
  const open = state.connections.get(client) ?? 0;
  // It was open before a restart of this database: it is gone already.
  if (open === 0) return;
  if (state.connected < 1) throw new InvariantError('fewer connections than none');
  if (open === 1) return forget(state, ctx, client, 1);
  state.connected -= 1;
  state.isFull = false;
  state.connections.set(client, open - 1);
}

/** The client has no connections any more. */
function forget(state: DatabaseState, ctx: Ctx, client: number, open: number): void {
  state.connected -= open;
  state.isFull = false;
  state.connections.delete(client);
  state.silent.delete(client);
  ctx.cancelTimer('keepalive', client);
}

/** The client is gone: whatever it had open is closed. */
function drop(state: DatabaseState, ctx: Ctx, client: number): void {
  const open = state.connections.get(client);
  if (open === undefined) return;
  forget(state, ctx, client, open);
  const connections = open;
  ctx.tell<DatabaseFact>({ type: 'database.dropped', client: nodeOf(client), connections });
}

/** The machine of a client tells that its process has ended. */
export const onClosed = (
  state: DatabaseState,
  ctx: Ctx,
  { life }: TcpClosed,
  from: NodeIndex,
): void => drop(state, ctx, clientOf(from, life));

export function askAlive(state: DatabaseState, ctx: Ctx, client: number): void {
  if (!state.connections.has(client)) return;
  const timeout = ms(ctx.config.tcpKeepalivesIntervalMs);
  const message: TcpKeepalive = { type: 'tcp.keepalive', life: lifeOf(client) };
  ctx.call(nodeOf(client), message, { timeout, tag: client });
}

/** What came of it: an answer, a refusal of the machine, or nothing. */
export function onAlive(state: DatabaseState, ctx: Ctx, client: number, result: CallResult): void {
  if (!state.connections.has(client)) return;
  if (result.outcome === 'ok') {
    state.silent.delete(client);
    ctx.setTimer('keepalive', client, ms(ctx.config.tcpKeepalivesIdleMs));
    return;
  }
  if (result.error.code !== 'timeout') return drop(state, ctx, client);
  const times = (state.silent.get(client) ?? 0) + 1;
  if (times >= ctx.config.tcpKeepalivesCount) return drop(state, ctx, client);
  state.silent.set(client, times);
  askAlive(state, ctx, client);
}
