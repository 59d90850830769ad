/**
 * The work of a member on the records of a poll, one after the other.
 *
 * Source: Apache Kafka, the loop of an application around poll() and commitSync()
 */
import { ms } from '../../kernel/time.ts';
import { commitPositions } from './commits.ts';
import { armPollInterval } from './member.ts';
import type { Membership } from './membership.ts';
import type { ReadRun } from './read-run.ts';
import type { Ctx, LogConsumerState } from './state.ts';

/** The channels of what polls gave to members, and what these have done their work on. */
export const GROUP_GIVEN = 'group.given';
export const GROUP_PROCESSED = 'group.processed';

/** Records of one partition, from an offset up to, not including, another one. */
export interface GroupRun {
  readonly group: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** What a poll has returned: committed first, where the application does that. */
export function take(
  state: LogConsumerState,
  ctx: Ctx,
  member: Membership,
  runs: readonly ReadRun[],
): void {
  member.work = { runs, run: 0, at: runs[0]?.from ?? 0 };
  const { groupId: group } = ctx.config;
  for (const { partition, from, to } of runs) {
    ctx.probe(GROUP_GIVEN, { group, partition, from, to } satisfies GroupRun);
  }
  armPollInterval(ctx);
  const { enableAutoCommit, commitWhen } = ctx.config;
  const isFirst = !enableAutoCommit && commitWhen === 'before-work';
  if (!isFirst || !commitPositions(state, ctx, member, 'work')) startWork(state, ctx, member);
}

export function startWork(state: LogConsumerState, ctx: Ctx, { work }: Membership): void {
  if (work === null) return;
  state.isBusy = true;
  ctx.work(ms(ctx.config.processMs), 0);
}

/** A record is done; without work for each all of them are. */
export function onWorked(state: LogConsumerState, ctx: Ctx, member: Membership): void {
  const { work } = member;
  if (work === null) return;
  if (ctx.config.processMs > 0) {
    const { partition, to } = work.runs[work.run] as ReadRun;
    done(ctx, member, partition, work.at, work.at + 1);
    work.at += 1;
    if (work.at >= to) {
      work.run += 1;
      work.at = work.runs[work.run]?.from ?? 0;
    }
    if (work.run < work.runs.length) return startWork(state, ctx, member);
  } else for (const { partition, from, to } of work.runs) done(ctx, member, partition, from, to);
  member.work = null;
  state.isBusy = false;
  state.pollSinceMicros = ctx.mono();
  const { enableAutoCommit, commitWhen } = ctx.config;
  if (!enableAutoCommit && commitWhen === 'after-work') commit(state, ctx, member);
}

function done(ctx: Ctx, member: Membership, partition: number, from: number, to: number): void {
  member.processed += to - from;
  const { groupId: group } = ctx.config;
  ctx.probe(GROUP_PROCESSED, { group, partition, from, to } satisfies GroupRun);
}

/** Whoever has left the group may commit no more; the attempt fails where it is made. */
function commit(state: LogConsumerState, ctx: Ctx, member: Membership): void {
  if (member.generation < 0 && !ctx.ablations.includes('group.generation-check')) {
    member.failedCommits += 1;
    return;
  }
  commitPositions(state, ctx, member, 'poll');
}
