/**
 * What a member of a group does about a record that it cannot work on: it goes back to it and tries
 * again, and when it has done so often enough it writes the record to another topic, or passes over
 * it; or it ends.
 *
 * Invariant: what was worked on before the record is committed first, and nothing behind it in its
 * partition is worked on before it is dealt with; other partitions go on between two tries.
 *
 * Source: Spring for Apache Kafka, DefaultErrorHandler, SeekUtils, FailedRecordTracker: of each
 * partition the offset that failed last, for as long as the process lives;
 * CommonContainerStoppingErrorHandler
 * Leaves out: exceptions that are not tried again, back-offs that grow, seekAfterError = false.
 */
import { recordAt } from '../../contracts/record-batch.ts';
import { ms } from '../../kernel/time.ts';
import { close } from '../../traffic/log-reader/closing.ts';
import type { LogReaderFact } from '../../traffic/log-reader/facts.ts';
import type { Membership } from '../../traffic/log-reader/membership.ts';
import type { ReadRun } from '../../traffic/log-reader/read-run.ts';
import { seek } from '../../traffic/log-reader/state.ts';
import { commitWorked } from '../../traffic/log-reader/work.ts';
import { letterOutcome, writeLetter } from './dead-letters.ts';
import { hasLetters, readerCtx } from './state.ts';
import type { Ctx, Handling, LogConsumerState } from './state.ts';

const BACK_OFF = 'back-off';

/** A try has failed: its partition goes back to the record, the others to what is left of them. */
export function onPoison(
  state: LogConsumerState,
  ctx: Ctx,
  member: Membership,
  run: ReadRun,
  offset: number,
): void {
  const { failures } = state;
  const { partition } = run;
  const before = failures.last.get(partition);
  const attempts = before?.offset === offset ? before.attempts + 1 : 1;
  failures.last.set(partition, { offset, attempts });
  failures.attempts += 1;
  const { groupId: group } = ctx.config;
  ctx.tell<LogReaderFact>({ type: 'consumer.record-failed', group, partition, offset, attempts });
  goBack(state, member, partition, offset);
  const key = recordAt(run.batch, offset)?.key ?? null;
  failures.handling = { partition, offset, key, step: 'committing' };
  commitWorked(state, readerCtx(ctx), member);
}

function goBack(
  state: LogConsumerState,
  member: Membership,
  partition: number,
  offset: number,
): void {
  const { work } = member;
  const first = new Map([[partition, offset]]);
  for (const run of work?.runs.slice(work.run + 1) ?? []) {
    if (!first.has(run.partition)) first.set(run.partition, run.from);
  }
  for (const [one, to] of first) seek(state, one, to);
  member.work = null;
}

/** Whatever has happened: what follows for the record that failed. */
export function handle(
  state: LogConsumerState,
  ctx: Ctx,
  member: Membership,
  handling: Handling,
): void {
  switch (handling.step) {
    case 'committing':
      if (!member.isCommitting) decide(state, ctx, member, handling);
      return;
    case 'pausing':
      // Its end ends the pause, too.
      if (member.isClosing) goOn(state, ctx);
      return;
    case 'writing': {
      const outcome = letterOutcome(state);
      if (outcome === 'ok') lettered(state, ctx, member, handling);
      else if (outcome === 'failed') {
        state.failures.last.delete(handling.partition);
        goOn(state, ctx);
      }
    }
  }
}

function decide(state: LogConsumerState, ctx: Ctx, member: Membership, handling: Handling): void {
  const { partition, offset } = handling;
  const { groupId: group, errorHandler, restartMs } = ctx.config;
  if (errorHandler === 'container-stopping') {
    ctx.tell<LogReaderFact>({ type: 'consumer.stopped', group, partition, offset });
    const restartAfter = restartMs > 0 ? ms(restartMs) : null;
    return close(state, readerCtx(ctx), member, { restartAfter });
  }
  const { backOffIntervalMs, backOffMaxAttempts: most } = ctx.config;
  const { attempts } = state.failures.last.get(partition) ?? { attempts: 1 };
  if (most < 0 || attempts <= most) {
    handling.step = 'pausing';
    return readerCtx(ctx).setTimer(BACK_OFF, 0, ms(backOffIntervalMs));
  }
  if (hasLetters(ctx)) {
    handling.step = 'writing';
    return writeLetter(state, ctx, handling);
  }
  const all = { group, partition, offset, attempts };
  ctx.tell<LogReaderFact>({ type: 'consumer.record-passed-over', ...all });
  pass(state, ctx, member, handling);
}

function lettered(state: LogConsumerState, ctx: Ctx, member: Membership, handling: Handling): void {
  const { partition, offset } = handling;
  const { groupId: group, deadLetterTopic: topic } = ctx.config;
  state.failures.deadLetters += 1;
  ctx.tell<LogReaderFact>({ type: 'consumer.dead-lettered', group, partition, offset, topic });
  pass(state, ctx, member, handling);
}

/** It goes on behind the record, if the partition is still its. */
function pass(
  state: LogConsumerState,
  ctx: Ctx,
  member: Membership,
  { partition, offset }: Handling,
): void {
  state.failures.last.delete(partition);
  const track = state.tracks.find((one) => one.partition === partition);
  if (track?.position === offset) track.position = offset + 1;
  commitWorked(state, readerCtx(ctx), member);
  goOn(state, ctx);
}

/** The pause is over. */
export function onBackOff(state: LogConsumerState, ctx: Ctx): void {
  if (state.failures.handling?.step === 'pausing') goOn(state, ctx);
}

export const isBackOff = (kind: string): boolean => kind === BACK_OFF;

function goOn(state: LogConsumerState, ctx: Ctx): void {
  readerCtx(ctx).cancelTimer(BACK_OFF, 0);
  state.failures.handling = null;
  state.isBusy = false;
  state.pollSinceMicros = ctx.mono();
}
