/**
 * A pool of connections: those that are open and idle wait here; one that is taken is the try's.
 *
 * Invariant: open = idle + taken (+ those being opened), and never more than `maxOpen`, which the
 * upstream keeps by its places.
 *
 * Source: Go database/sql (DB.conn, DB.putConn, connectionCleaner): the connection that was used
 * last is taken first; a returned one beyond maxIdle, or older than its lifetime, is closed.
 */
import type { NodeIndex } from '../node/behaviour.ts';
import type { CallPolicy } from './call-policy.ts';

export interface Connection {
  readonly node: NodeIndex;
  readonly openedMicros: number;
}

export interface Pool {
  /** 0: no connections at all. */
  readonly maxOpen: number;
  readonly maxIdle: number;
  /** Infinity: connections do not age. */
  readonly maxLifetimeMicros: number;
  /** The one that was used last is last. */
  readonly idle: Connection[];
  opened: number;
  closed: number;
}

export const newPool = ({ maxOpen, maxIdle, maxLifetimeMs }: CallPolicy['pool']): Pool => ({
  maxOpen,
  maxIdle: Math.min(maxIdle, maxOpen),
  maxLifetimeMicros: maxLifetimeMs === 0 ? Infinity : maxLifetimeMs * 1_000,
  idle: [],
  opened: 0,
  closed: 0,
});

/** Connections that are open, or being opened. */
export const openCount = (pool: Pool): number => pool.opened - pool.closed;

/** Takes an idle connection that is not too old, or null; `close` gets those that are. */
export function takeIdle(
  pool: Pool,
  nowMicros: number,
  close: (node: NodeIndex) => void,
): Connection | null {
  for (;;) {
    const connection = pool.idle.pop();
    if (connection === undefined) return null;
    if (nowMicros - connection.openedMicros < pool.maxLifetimeMicros) return connection;
    pool.closed += 1;
    close(connection.node);
  }
}

/** Gives one back. False: it is to be closed. */
export function giveBack(pool: Pool, connection: Connection, nowMicros: number): boolean {
  const isOld = nowMicros - connection.openedMicros >= pool.maxLifetimeMicros;
  if (!isOld && pool.idle.length < pool.maxIdle) {
    pool.idle.push(connection);
    return true;
  }
  pool.closed += 1;
  return false;
}

/** Connections to those who are gone are lost. */
export function dropIdle(pool: Pool, isGone: (node: NodeIndex) => boolean): void {
  const kept = pool.idle.filter(({ node }) => !isGone(node));
  pool.closed += pool.idle.length - kept.length;
  pool.idle.splice(0, pool.idle.length, ...kept);
}
