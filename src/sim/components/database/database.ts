/**
 * An SQL-like database as the request path meets it: connections, statements that cost work, row
 * locks, commits to disk, and replicas to read from.
 *
 * Differs: a transaction is one statement on one row, so there are no deadlocks, and a row is a
 * number that counts its writes. Memory of pages is not modelled: a slow statement is drawn.
 */
import { sql } from '../../contracts/sql.ts';
import type { SqlClose, SqlConnect, SqlFollow } from '../../contracts/sql.ts';
import type { SqlQuery, SqlReplicate } from '../../contracts/sql.ts';
import { tcp } from '../../contracts/tcp.ts';
import type { TcpClosed } from '../../contracts/tcp.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, GroupSettings } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import { flowOf } from '../../traffic/flow.ts';
import { databaseConfig } from './config.ts';
import type { DatabaseConfig } from './config.ts';
import { DATABASE_FACTS } from './facts.ts';
import type { DatabaseFact } from './facts.ts';
import { askAlive, close, connect, onAlive, onClosed } from './connections.ts';
import { commit, flush, onLockTimeout, onQuery, onSynced, onWorked } from './queries.ts';
import { applyDue, onFollow, onReplicate, report } from './replication.ts';
import { GAUGES, view } from './show.ts';
import { copyState, copyStored, newState, newStored, store } from './state.ts';
import type { DatabaseState, Row, Stored } from './state.ts';
import { usage } from './usage.ts';
import type { DatabaseView } from './view.ts';

type Handled = SqlConnect | SqlClose | TcpClosed | SqlQuery | SqlReplicate | SqlFollow;
type Ctx = Context<DatabaseConfig>;

function start(ctx: Ctx): DatabaseState {
  const isReplica = ctx.links.includes('primary');
  const state = newState(ctx.config, ctx.durable as Stored, isReplica, ctx.cores.count);
  if (isReplica) report(state, ctx, true);
  return state;
}

function onTimer(state: DatabaseState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'lock') onLockTimeout(state, ctx, key);
  else if (kind === 'commit') commit(state, ctx, key);
  else if (kind === 'flush') flush(state, ctx);
  else if (kind === 'apply') applyDue(state, ctx);
  else if (kind === 'keepalive') askAlive(state, ctx, key);
  else report(state, ctx, false);
}

function check(config: DatabaseConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  const costs = [
    { at: `${path}/read`, cost: config.read },
    { at: `${path}/write`, cost: config.write },
    ...config.statements.map((cost, i) => ({ at: `${path}/statements/${i}`, cost })),
  ];
  for (const { at, cost } of costs) {
    checkDistribution(cost.time, `${at}/time`, 0);
    checkDistribution(cost.slowTime, `${at}/slowTime`, 0);
  }
  checkDistribution(config.replicationDelay, `${path}/replicationDelay`, 0);
  const names = config.statements.map(({ statement }) => statement);
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twice >= 0) {
    throw new ScenarioError(`The statement "${names[twice]}" is listed twice.`, {
      path: `${path}/statements/${twice}/statement`,
      hint: 'Take one of them away.',
    });
  }
  const primary = group.links.get('primary');
  if (primary !== undefined && primary.count !== 1) {
    throw new ScenarioError(
      `A replica follows one database, but "${primary.group}" has ${primary.count} members.`,
      { path: `${group.path}/links/primary`, hint: 'Give the primary a group of its own.' },
    );
  }
}

export const database = defineBehaviour<
  DatabaseState,
  DatabaseConfig,
  Handled,
  DatabaseView,
  DatabaseFact,
  Stored,
  Row
>({
  component: 'database',
  about: 'An SQL-like database: connections, statements that cost work, row locks, read replicas.',
  source: 'PostgreSQL 17: max_connections, row locks, lock_timeout, WAL, streaming replication',
  leavesOut: [
    'Transactions of several statements, and so deadlocks.',
    'Failover: a replica stays one; that belongs to the models of replication.',
    'Connections of its clients after a crash of its own: those in their pools go on working.',
    'Work of a replica that applies writes: it takes no core.',
  ],
  badge: 'DB',
  serves: [sql, tcp],
  links: {
    primary: {
      about: 'The database that it follows; it is a replica then.',
      contract: sql,
      optional: true,
    },
  },
  config: databaseConfig,
  check,
  usage,
  facts: DATABASE_FACTS,
  roleNames: {
    primary: 'Takes reads and writes.',
    replica: 'Takes reads, and follows another one.',
  },
  durable: {
    empty: newStored,
    apply: store,
    save: copyStored,
    restore: (image) => copyStored(image as Stored),
  },
  start,
  on: {
    'sql.query': onQuery,
    'sql.connect': connect,
    'sql.close': close,
    'tcp.closed': onClosed,
    'sql.follow': onFollow,
    'sql.replicate': onReplicate,
  },
  onTimer,
  onResult: onAlive,
  onWorked,
  onSynced,
  gauges: GAUGES,
  flows: (state) => [
    flowOf('queries', state.flow, state.queries.length - state.freeQueries.length),
    flowOf('lock waits', state.lockFlow, state.lockWaits),
    flowOf('disk log', state.logFlow, state.log.length),
    flowOf('held writes', state.heldFlow, state.held.length),
  ],
  roles: (state) => [state.isReplica ? 'replica' : 'primary'],
  view,
  save: copyState,
  restore: (image) => copyState(image as DatabaseState),
});
