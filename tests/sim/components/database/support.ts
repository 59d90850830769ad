/** Databases whose times are known. */
import type { GroupPlan, SqlQuery } from 'faultline';

export const constant = (ms: number) => ({ kind: 'constant', ms }) as const;

/** A database whose reads take 2 ms, whose writes take 4 ms and whose disk takes no time. */
export const db = (config: object = {}, more: Partial<GroupPlan> = {}): GroupPlan => ({
  name: 'db',
  component: 'database',
  count: 1,
  disk: { fsync: constant(0) },
  ...more,
  config: {
    read: { time: constant(2) },
    // A replica refuses writes.
    ...(more.links === undefined ? { write: { time: constant(4) } } : {}),
    ...config,
  },
});

export const read = (key: number, more: Partial<SqlQuery> = {}): SqlQuery => ({
  type: 'sql.query',
  statement: 'row',
  write: false,
  key,
  seed: 7,
  ...more,
});
export const write = (key: number, more: Partial<SqlQuery> = {}): SqlQuery =>
  read(key, { write: true, ...more });
export const rows = (version: number) => ({ type: 'sql.rows', version }) as const;
