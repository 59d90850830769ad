/**
 * Dead letters of a consumer: a record that it has tried often enough is written to another topic,
 * with the key that it had and a value of its own, and can be worked on by whoever reads it there.
 *
 * Invariant: it goes on behind a record only when the letter is acknowledged; if that fails, or
 * nobody knows, the record is tried anew from the first attempt (resetStateOnRecoveryFailure).
 *
 * Source: Spring for Apache Kafka, DeadLetterPublishingRecoverer: same partition, failIfSendResult-
 * IsError; it waits for longer than delivery.timeout.ms
 * Leaves out: headers with the cause; that it asks whether the topic has the partition.
 */
import type { CallResult } from '../../node/behaviour.ts';
import { isOfPart, tagInPart, timerInPart } from '../../traffic/log-client.ts';
import { askMetadata } from '../../traffic/log-metadata.ts';
import { accept } from '../../traffic/log-writer/accumulator.ts';
import { advance } from '../../traffic/log-writer/transactions.ts';
import {
  initProducer,
  newWriter,
  onWriterResult,
  onWriterTimer,
} from '../../traffic/log-writer/writer.ts';
import { writerWordsOf } from './config.ts';
import { hasLetters, WRITER, writerCtx } from './state.ts';
import type { Ctx, Handling, Letters, LogConsumerState } from './state.ts';

/** The channel of what was written for which record. */
export const RECORD_DEAD_LETTERED = 'record.dead-lettered';

/** A record of a partition, and the value of the letter that was written for it. */
export interface DeadLetter {
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: number;
}

/** Its producer is made when the first letter is written (DefaultKafkaProducerFactory). */
function lettersOf(state: LogConsumerState, ctx: Ctx): Letters {
  if (state.letters !== null) return state.letters;
  const words = writerWordsOf(ctx.config);
  const made = { words } as Letters;
  const wctx = writerCtx(made, ctx);
  const letters: Letters = { words, writer: newWriter(wctx, null) };
  state.letters = letters;
  askMetadata(letters.writer.meta, wctx);
  initProducer(wctx);
  return letters;
}

export function writeLetter(
  state: LogConsumerState,
  ctx: Ctx,
  { partition, offset, key }: Handling,
): void {
  const letters = lettersOf(state, ctx);
  const value = ctx.unique();
  const { groupId: group } = ctx.config;
  ctx.probe(RECORD_DEAD_LETTERED, { group, partition, offset, value } satisfies DeadLetter);
  const lane = state.meta.places.findIndex((place) => place.partition === partition);
  const wctx = writerCtx(letters, ctx);
  if (accept(letters.writer, wctx, { key, value }, value, lane)) advance(letters.writer, wctx);
}

/** What became of the letter that is under way; null: nothing yet. */
export function letterOutcome({ letters, failures }: LogConsumerState): 'ok' | 'failed' | null {
  if (letters === null) return null;
  const { records, ok, fail, unknown } = letters.writer.counts;
  if (ok > failures.deadLetters) return 'ok';
  return ok + fail + unknown === records ? 'failed' : null;
}

/** Whether the timer is one of its producer. */
export function onLetterTimer(state: LogConsumerState, ctx: Ctx, kind: string): boolean {
  const own = hasLetters(ctx) ? timerInPart(WRITER, kind) : null;
  if (own === null || state.letters === null) return false;
  onWriterTimer(state.letters.writer, writerCtx(state.letters, ctx), own);
  return true;
}

/** Whether the answer is one to its producer. */
export function onLetterResult(
  state: LogConsumerState,
  ctx: Ctx,
  tag: number,
  result: CallResult,
): boolean {
  if (!hasLetters(ctx) || !isOfPart(WRITER, tag) || state.letters === null) return false;
  onWriterResult(
    state.letters.writer,
    writerCtx(state.letters, ctx),
    tagInPart(WRITER, tag),
    result,
  );
  return true;
}
