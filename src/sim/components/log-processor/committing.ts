/**
 * How a processor commits: what it wrote and how far it has read, in which order, or at once.
 *
 * Invariant: with exactly once both are in one transaction, so that whoever goes on begins behind
 * what counts; when that is aborted, or what was written is not certain, it goes back to what is
 * committed.
 *
 * Source: Apache Kafka 4.0 Streams, TaskExecutor.commitOffsetsOrTransaction, StreamsProducer,
 * StreamThread (TaskMigratedException, TaskCorruptedException)
 * Differs: Streams commits between two records when the time has come, here when a poll is done.
 */
import { ms } from '../../kernel/time.ts';
import { commitPositions, positionsOf } from '../../traffic/log-reader/commits.ts';
import type { LogReaderFact } from '../../traffic/log-reader/facts.ts';
import { instanceOf } from '../../traffic/log-reader/asking.ts';
import { depart, giveUp } from '../../traffic/log-reader/member.ts';
import type { Membership } from '../../traffic/log-reader/membership.ts';
import { seek } from '../../traffic/log-reader/state.ts';
import type { LogWriter, Transactional } from '../../traffic/log-writer/state.ts';
import { advance } from '../../traffic/log-writer/transactions.ts';
import { commitEveryMs } from './config.ts';
import { readerCtx, writerCtx } from './state.ts';
import type { Ctx, LogProcessorState } from './state.ts';
import { renewWriter } from './writing.ts';

export const memberOf = ({ reader }: LogProcessorState): Membership =>
  reader.membership as Membership;

const failedOf = ({ counts: { fail, unknown } }: LogWriter): number => fail + unknown;

const isFlushed = ({ lanes, early }: LogWriter): boolean =>
  early.length === 0 &&
  lanes.every(({ queue, inFlight }) => queue.length === 0 && inFlight.length === 0);

/** The interval is over, or the group wants its partitions back, or it has lost them. */
export function mustCommit(state: LogProcessorState, ctx: Ctx): boolean {
  if (state.pending === 0) return false;
  const { mustRejoin, assigned, generation, isClosing } = memberOf(state);
  const isDue = ctx.mono() >= state.commitDueMicros;
  return isDue || mustRejoin || assigned !== null || generation < 0 || isClosing;
}

/** What it is a member of now, or was when it was given the records. */
export function noteMember(state: LogProcessorState, ctx: Ctx): void {
  const { generation, memberId } = memberOf(state);
  if (generation < 0) return;
  const rctx = readerCtx(state, ctx);
  const group = ctx.config.applicationId;
  state.member = { group, generation, memberId, groupInstanceId: instanceOf(rctx) };
}

export function beginCommit(state: LogProcessorState, ctx: Ctx, writer: LogWriter): void {
  const offsets = positionsOf(state.reader, memberOf(state));
  const { transaction } = writer;
  if (transaction === null) {
    state.commit = offsets;
    return;
  }
  // Its epoch comes first, and what it holds has to be in the transaction.
  if (transaction.phase !== 'ready' || transaction.held.length > 0) return;
  state.commit = offsets;
  noteMember(state, ctx);
  const { processingGuarantee, groupMetadata, applicationId } = ctx.config;
  const isSaid = processingGuarantee === 'exactly_once_v2' && groupMetadata;
  const nobody = { generation: -1, memberId: '', groupInstanceId: null };
  const group =
    isSaid && state.member !== null ? state.member : { group: applicationId, ...nobody };
  transaction.refusal = null;
  if (offsets.length > 0) {
    transaction.offsets = { group, offsets, coordinator: -1, isAdded: false, isTaken: false };
  }
  transaction.outcome = 'commit';
  transaction.phase = 'ending';
  advance(writer, writerCtx(state, ctx));
}

/** Whether the commit that is under way has come to its end. */
export function settle(state: LogProcessorState, ctx: Ctx): void {
  const { writer, commit } = state;
  if (writer === null || commit === null) return;
  if (writer.transaction !== null) return settleTransaction(state, ctx, writer.transaction);
  if (!isFlushed(writer)) return;
  const hasFailed = failedOf(writer) > state.failedBefore;
  over(state, ctx, writer);
  if (hasFailed) return goBack(state);
  const member = memberOf(state);
  const mayCommit = member.generation >= 0 || ctx.ablations.includes('group.generation-check');
  if (mayCommit) commitPositions(state.reader, readerCtx(state, ctx), member, 'poll');
  else member.failedCommits += 1;
}

function settleTransaction(state: LogProcessorState, ctx: Ctx, of: Transactional): void {
  if (of.phase === 'ending' || of.phase === 'fatal') return;
  const member = memberOf(state);
  const { commit, writer } = state;
  const isCommitted = of.committed > state.committedBefore;
  if (writer !== null) over(state, ctx, writer);
  if (isCommitted) {
    state.committed += 1;
    member.commits += 1;
    for (const { partition, offset } of commit ?? []) member.committed.set(partition, offset);
    return;
  }
  state.aborted += 1;
  if (of.refusal === null) return goBack(state);
  member.failedCommits += 1;
  ctx.tell<LogReaderFact>({ type: 'consumer.commit-failed', error: of.refusal });
  migrate(state, ctx);
}

function over(state: LogProcessorState, ctx: Ctx, writer: LogWriter): void {
  state.commit = null;
  state.pending = 0;
  state.failedBefore = failedOf(writer);
  state.committedBefore = writer.transaction?.committed ?? 0;
  state.commitDueMicros = ctx.mono() + ms(commitEveryMs(ctx.config));
}

/** What it has read since it last committed does not count: it reads that again. */
function goBack({ reader }: LogProcessorState): void {
  const member = reader.membership as Membership;
  for (const { partition } of [...reader.tracks]) {
    seek(reader, partition, -1);
    member.committed.delete(partition);
  }
  for (const track of reader.tracks) track.needsCommitted = true;
  member.work = null;
}

/** Another one has its partitions: it joins the group anew. */
function migrate(state: LogProcessorState, ctx: Ctx): void {
  const { reader } = state;
  const member = memberOf(state);
  const rctx = readerCtx(state, ctx);
  giveUp(reader, rctx, member, false);
  depart(reader, rctx, member);
  member.work = null;
}

/** Another one speaks for its transactional id: it goes on with a new producer, as a new member. */
export function leaveFenced(state: LogProcessorState, ctx: Ctx, writer: LogWriter): void {
  state.fenced += 1;
  state.aborted += 1;
  over(state, ctx, writer);
  migrate(state, ctx);
  renewWriter(state, ctx);
}
