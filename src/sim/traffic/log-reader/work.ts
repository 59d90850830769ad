/**
 * The work of a member on the records of a poll, one after the other.
 *
 * Source: Apache Kafka, the loop of an application around poll() and commitSync()
 */
import { recordAt } from '../../contracts/record-batch.ts';
import { ms } from '../../kernel/time.ts';
import { commitPositions } from './commits.ts';
import { armPollInterval } from './member.ts';
import type { Membership } from './membership.ts';
import type { ReadRun } from './read-run.ts';
import type { Ctx, LogReader } from './state.ts';

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
  state: LogReader,
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

export function startWork(state: LogReader, ctx: Ctx, { work }: Membership): void {
  if (work === null) return;
  state.isBusy = true;
  ctx.work(ms(ctx.config.processMs), 0);
}

/** What comes of the records of a run from an offset up to, not including, another one. */
export type Outcome = (run: ReadRun, from: number, to: number) => void;

/** What comes of a record that cannot be worked on: the work on the poll ends with it. */
type OnPoison = (run: ReadRun, offset: number) => void;

interface Application {
  readonly outcome?: Outcome;
  /** Left out: nobody notices. */
  readonly onPoison?: OnPoison;
}

/** A record is done; without work for each all of them are. */
export function onWorked(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  { outcome, onPoison }: Application,
): void {
  const { work } = member;
  if (work === null) return;
  if (ctx.config.processMs > 0) {
    const run = work.runs[work.run] as ReadRun;
    const { to } = run;
    if (onPoison !== undefined && firstPoison(run, work.at, work.at + 1) === work.at) {
      return onPoison(run, work.at);
    }
    done(ctx, member, run, work.at, work.at + 1);
    outcome?.(run, work.at, work.at + 1);
    work.at += 1;
    if (work.at >= to) {
      work.run += 1;
      work.at = work.runs[work.run]?.from ?? 0;
    }
    if (work.run < work.runs.length) return startWork(state, ctx, member);
  } else {
    for (const [at, run] of work.runs.entries()) {
      const { from, to } = run;
      const end = onPoison === undefined ? to : firstPoison(run, from, to);
      if (end > from) done(ctx, member, run, from, end);
      if (end > from) outcome?.(run, from, end);
      if (end < to) {
        work.run = at;
        return onPoison?.(run, end);
      }
    }
  }
  member.work = null;
  state.isBusy = false;
  state.pollSinceMicros = ctx.mono();
  commitWorked(state, ctx, member);
}

/** What was worked on, where the application commits that. */
export function commitWorked(state: LogReader, ctx: Ctx, member: Membership): void {
  const { enableAutoCommit, commitWhen } = ctx.config;
  if (!enableAutoCommit && commitWhen === 'after-work') commit(state, ctx, member);
}

/** Its offset; the end, where there is none. */
function firstPoison({ batch }: ReadRun, from: number, to: number): number {
  for (let offset = from; offset < to; offset++) {
    if (recordAt(batch, offset)?.isPoison === true) return offset;
  }
  return to;
}

function done(
  ctx: Ctx,
  member: Membership,
  { partition }: ReadRun,
  from: number,
  to: number,
): void {
  member.processed += to - from;
  const { groupId: group } = ctx.config;
  ctx.probe(GROUP_PROCESSED, { group, partition, from, to } satisfies GroupRun);
}

/** Whoever has left the group may commit no more; the attempt fails where it is made. */
function commit(state: LogReader, ctx: Ctx, member: Membership): void {
  if (member.generation < 0 && !ctx.ablations.includes('group.generation-check')) {
    member.failedCommits += 1;
    return;
  }
  commitPositions(state, ctx, member, 'poll');
}
