/** The state of a consumer: that of a reader, and records that it cannot work on. */
import { clonePlain } from '../../kernel/clone.ts';
import type { Context } from '../../node/behaviour.ts';
import { partOf } from '../../traffic/log-client.ts';
import type { Part } from '../../traffic/log-client.ts';
import { copyReader } from '../../traffic/log-reader/reader.ts';
import type { Ctx as ReaderCtx, LogReader } from '../../traffic/log-reader/state.ts';
import { copyWriter } from '../../traffic/log-writer/state.ts';
import type { Ctx as WriterCtx, LogWriter } from '../../traffic/log-writer/state.ts';
import type { WriterWords } from '../../traffic/log-writer/words.ts';
import type { LogConsumerConfig } from './config.ts';

export type Ctx = Context<LogConsumerConfig>;

/** Of one with dead letters; any other is whole. */
export const READER: Part = { name: 'reader', place: 0, count: 2 };
export const WRITER: Part = { name: 'writer', place: 1, count: 2 };

/** How often the record of a partition was tried in vain that was tried last. */
interface FailedRecord {
  readonly offset: number;
  readonly attempts: number;
}

/** A record that was tried in vain, and what is done about it now: nothing is polled meanwhile. */
export interface Handling {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** What was done before it is committed; the next try is waited for; its letter is under way. */
  step: 'committing' | 'pausing' | 'writing';
}

interface Failures {
  /** By partition. */
  readonly last: Map<number, FailedRecord>;
  handling: Handling | null;
  attempts: number;
  deadLetters: number;
}

/** The producer of dead letters. */
export interface Letters {
  /** They follow from the configuration: shared by every checkpoint. */
  readonly words: WriterWords;
  readonly writer: LogWriter;
}

export interface LogConsumerState extends LogReader {
  readonly failures: Failures;
  /** Null: it has written none. */
  letters: Letters | null;
}

export const newFailures = (): Failures => ({
  last: new Map(),
  handling: null,
  attempts: 0,
  deadLetters: 0,
});

export const hasLetters = ({ config }: Ctx): boolean => config.deadLetterTopic !== '';

export const readerCtx = (ctx: Ctx): ReaderCtx =>
  hasLetters(ctx) ? partOf(ctx, READER, ctx.config) : ctx;
export const writerCtx = ({ words }: Letters, ctx: Ctx): WriterCtx => partOf(ctx, WRITER, words);

/** Batches that were fetched are immutable, and shared. */
export const copyState = ({
  failures,
  letters,
  ...reader
}: LogConsumerState): LogConsumerState => ({
  ...copyReader(reader),
  failures: clonePlain(failures),
  letters: letters === null ? null : { ...letters, writer: copyWriter(letters.writer) },
});
