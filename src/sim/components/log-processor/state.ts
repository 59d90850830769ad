/** The state of a processor: a reader, a writer, and what it has done since it last committed. */
import type { Membership as GroupMember } from '../../contracts/group.ts';
import type { CommittedOffset } from '../../contracts/group.ts';
import type { Context } from '../../node/behaviour.ts';
import { partOf } from '../../traffic/log-client.ts';
import type { Part } from '../../traffic/log-client.ts';
import { copyReader, plainReader } from '../../traffic/log-reader/reader.ts';
import type { Ctx as ReaderCtx, LogReader } from '../../traffic/log-reader/state.ts';
import type { ReaderWords } from '../../traffic/log-reader/words.ts';
import { copyWriter } from '../../traffic/log-writer/state.ts';
import type { Ctx as WriterCtx, LogWriter } from '../../traffic/log-writer/state.ts';
import type { WriterWords } from '../../traffic/log-writer/words.ts';
import type { LogProcessorConfig } from './config.ts';

export type Ctx = Context<LogProcessorConfig>;

export const READER: Part = { name: 'reader', place: 0, count: 2 };
export const WRITER: Part = { name: 'writer', place: 1, count: 2 };

export interface LogProcessorState {
  /** They follow from the configuration: shared by every checkpoint. */
  readonly readerWords: ReaderWords;
  readonly writerWords: WriterWords;
  readonly reader: LogReader;
  /** Null: of a producer for each partition, and it has none. */
  writer: LogWriter | null;
  /** What is being committed; null: it reads. */
  commit: readonly CommittedOffset[] | null;
  /** Records that it has worked on since it last committed; none if it commits first. */
  pending: number;
  commitDueMicros: number;
  /** As which member of the group it was given what it works on. */
  member: GroupMember | null;
  /** Of the writer, when it last committed. */
  failedBefore: number;
  committedBefore: number;
  /** Records that it wrote, transactions that were committed, and those that were not. */
  outputs: number;
  committed: number;
  aborted: number;
  /** It was told that another one speaks for its transactional id. */
  fenced: number;
}

export const readerCtx = ({ readerWords }: LogProcessorState, ctx: Ctx): ReaderCtx =>
  partOf(ctx, READER, readerWords);
export const writerCtx = ({ writerWords }: LogProcessorState, ctx: Ctx): WriterCtx =>
  partOf(ctx, WRITER, writerWords);

export const copyState = (state: LogProcessorState): LogProcessorState => ({
  ...state,
  reader: copyReader(state.reader),
  writer: state.writer === null ? null : copyWriter(state.writer),
});

export function plainState(state: LogProcessorState): unknown {
  const { readerWords: _reader, writerWords: _writer, reader, ...rest } = state;
  return { ...rest, reader: plainReader(reader) };
}
