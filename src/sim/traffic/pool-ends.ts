/** How connections of a pool are asked for, closed, and lost with the process at the other end. */
import type { SqlClose, SqlConnect } from '../contracts/sql.ts';
import type { Context, NodeIndex } from '../node/behaviour.ts';
import { dropIdle, giveBack } from './pool.ts';
import type { Try, Upstream } from './upstream.ts';

/** A connection belongs to one life of the process that opens it. */
export const connect = (ctx: Context): SqlConnect => ({ type: 'sql.connect', life: ctx.life });
export function close(ctx: Context, node: NodeIndex): void {
  ctx.send<SqlClose>(node, { type: 'sql.close', life: ctx.life });
}

/** The process at the other end is gone, and with it all connections to it. */
export const isClosedBy = (code: string): boolean =>
  code === 'connection-refused' || code === 'connection-reset';

export function loseConnections(up: Upstream, t: Try): void {
  if (t.connectedMicros < 0) return;
  up.pool.closed += 1;
  t.connectedMicros = -1;
  dropIdle(up.pool, (node) => node === t.node);
}

/** A try is over: its connection goes back, or is closed. */
export function leaveConnection(
  up: Upstream,
  ctx: Context,
  t: Try,
  now: number,
  isGood: boolean,
): void {
  const connection = { node: t.node, openedMicros: t.connectedMicros };
  if (t.isConnecting || !isGood) {
    up.pool.closed += 1;
    // One that was refused is none; of one that was not answered nobody knows.
    if (!isGood) close(ctx, t.node);
  } else if (!giveBack(up.pool, connection, now)) {
    close(ctx, t.node);
  }
}
