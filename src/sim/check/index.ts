/** The checks of the catalogue: an explicit list. */
import { acknowledged } from './acknowledged.ts';
import { answers } from './answers.ts';
import { causal } from './causal.ts';
import type { CheckDefinition } from './check.ts';
import { conservation } from './conservation.ts';
import { cutIsolation } from './cut-isolation.ts';
import { derivedRecords } from './derived-records.ts';
import { effects } from './effects.ts';
import { eventStreams } from './event-streams.ts';
import { factCount } from './fact-count.ts';
import { failureDetection } from './failure-detection.ts';
import { gauge } from './gauge.ts';
import { groupDeliveries } from './group-deliveries.ts';
import { idsInOrder } from './ids-in-order.ts';
import { linearizable } from './linearizable.ts';
import { logHistory } from './log-history.ts';
import { logTables } from './log-tables.ts';
import { longFork } from './long-fork.ts';
import { paxosSafety } from './paxos-safety.ts';
import { pram } from './pram.ts';
import { projections } from './projections.ts';
import { streamTotals } from './stream-totals.ts';
import { queueTotal } from './queue-total.ts';
import { raftSafety } from './raft-safety.ts';
import { records } from './records.ts';
import { replicaSafety } from './replica-safety.ts';
import { replicatedLog } from './replicated-log.ts';
import { sagas } from './sagas.ts';
import { sequential } from './sequential.ts';
import { session } from './session.ts';
import { setFull } from './set-full.ts';
import { slo } from './slo.ts';
import { staleReads } from './stale-reads.ts';
import { staleness } from './staleness.ts';
import { always, eventually, sometimes } from './temporal.ts';
import { transactions } from './transactions.ts';
import { uniqueIds } from './unique-ids.ts';
import { watch } from './watch.ts';

export const CHECKS: readonly CheckDefinition[] = [
  always,
  sometimes,
  eventually,
  slo,
  answers,
  factCount,
  gauge,
  failureDetection,
  conservation,
  staleReads,
  linearizable,
  sequential,
  causal,
  pram,
  session,
  staleness,
  acknowledged,
  cutIsolation,
  setFull,
  watch,
  uniqueIds,
  idsInOrder,
  transactions,
  longFork,
  raftSafety,
  replicaSafety,
  replicatedLog,
  records,
  groupDeliveries,
  derivedRecords,
  logHistory,
  logTables,
  queueTotal,
  effects,
  sagas,
  eventStreams,
  projections,
  streamTotals,
  paxosSafety,
];
