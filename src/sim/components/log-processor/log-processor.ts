/**
 * A processor: it reads a topic as a member of a group, writes to another one a record for each
 * that it has read, and commits how far it is.
 *
 * Invariant: it reads on only when what it has read is committed, or is not due; what it could not
 * commit it reads again.
 */
import { broker } from '../../contracts/broker.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { group } from '../../contracts/group.ts';
import { logTransaction } from '../../contracts/log-transaction.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, View } from '../../node/behaviour.ts';
import { isOfPart, tagInPart, timerInPart } from '../../traffic/log-client.ts';
import { askMetadata, METADATA_TAG, METADATA_TIMER } from '../../traffic/log-metadata.ts';
import { close } from '../../traffic/log-reader/closing.ts';
import { logReaderFacts } from '../../traffic/log-reader/facts.ts';
import type { LogReaderFact } from '../../traffic/log-reader/facts.ts';
import { askAll, onAnswer } from '../../traffic/log-reader/fetcher.ts';
import { attend, beat, leave, onRetry } from '../../traffic/log-reader/member.ts';
import { poll } from '../../traffic/log-reader/poll.ts';
import {
  isRebalancing,
  lagOfAll,
  learnMetadata,
  memberViewOf,
  newReader,
  point,
  tracksOf,
} from '../../traffic/log-reader/reader.ts';
import type { MemberView, TrackView } from '../../traffic/log-reader/reader.ts';
import type { LogReader } from '../../traffic/log-reader/state.ts';
import { onWorked, take } from '../../traffic/log-reader/work.ts';
import type { LogWriter } from '../../traffic/log-writer/state.ts';
import { onWriterResult, onWriterTimer } from '../../traffic/log-writer/writer.ts';
import { check } from './check.ts';
import {
  beginCommit,
  leaveFenced,
  memberOf,
  mustCommit,
  noteMember,
  settle,
} from './committing.ts';
import {
  commitEveryMs,
  isExactlyOnce,
  logProcessorConfig,
  readerWordsOf,
  writerWordsOf,
} from './config.ts';
import type { LogProcessorConfig } from './config.ts';
import { copyState, plainState, READER, readerCtx, WRITER, writerCtx } from './state.ts';
import type { Ctx, LogProcessorState } from './state.ts';
import { derive, followPartitions, isReady, renewWriter } from './writing.ts';

export interface LogProcessorView extends View {
  readonly component: 'log-processor';
  readonly lag: number;
  readonly outputs: number;
  readonly tracks: readonly TrackView[];
  readonly member: MemberView | null;
  /** Records that are worked on and not committed. */
  readonly pending: number;
  readonly isCommitting: boolean;
  readonly committed: number;
  readonly aborted: number;
}

function start(ctx: Ctx): LogProcessorState {
  const readerWords = readerWordsOf(ctx.config);
  const blank = { readerWords } as LogProcessorState;
  const state: LogProcessorState = {
    readerWords,
    writerWords: writerWordsOf(ctx.config),
    reader: newReader(readerCtx(blank, ctx)),
    writer: null,
    commit: null,
    pending: 0,
    commitDueMicros: ctx.mono() + ms(commitEveryMs(ctx.config)),
    member: null,
    failedBefore: 0,
    committedBefore: 0,
    outputs: 0,
    committed: 0,
    aborted: 0,
    fenced: 0,
  };
  askMetadata(state.reader.meta, readerCtx(state, ctx));
  renewWriter(state, ctx);
  return state;
}

/** What follows from whatever has happened. */
function advance(state: LogProcessorState, ctx: Ctx): void {
  const { writer, reader } = state;
  if (writer?.transaction?.phase === 'fatal') leaveFenced(state, ctx, writer);
  settle(state, ctx);
  followPartitions(state, ctx);
  if (!reader.isBusy && state.commit === null) read(state, ctx, reader);
  askAll(reader, readerCtx(state, ctx));
}

function read(state: LogProcessorState, ctx: Ctx, reader: LogReader): void {
  if (state.writer !== null && mustCommit(state, ctx)) {
    return beginCommit(state, ctx, state.writer);
  }
  const member = memberOf(state);
  const rctx = readerCtx(state, ctx);
  if (member.isClosing) {
    // internal.leave.group.on.close = false: it is expected back within its session.
    if (!member.isCommitting) close(reader, rctx, member, { leaves: false });
    return;
  }
  if (!attend(reader, rctx, member)) return;
  point(reader);
  followPartitions(state, ctx);
  const { writer, pending, commitDueMicros } = state;
  if (pending > 0) ctx.setTimer('commit', 0, micros(Math.max(0, commitDueMicros - ctx.mono())));
  if (writer === null || !isReady(state, ctx, writer)) return;
  const runs = poll(reader, rctx);
  if (runs === null) return;
  noteMember(state, ctx);
  take(reader, rctx, member, runs);
}

function onTimer(state: LogProcessorState, ctx: Ctx, kind: string): void {
  const ofReader = timerInPart(READER, kind);
  const ofWriter = timerInPart(WRITER, kind);
  if (ofReader !== null) onReaderTimer(state, ctx, ofReader);
  else if (ofWriter !== null && state.writer !== null) {
    onWriterTimer(state.writer, writerCtx(state, ctx), ofWriter);
  }
  advance(state, ctx);
}

function onReaderTimer(state: LogProcessorState, ctx: Ctx, kind: string): void {
  const { reader } = state;
  const rctx = readerCtx(state, ctx);
  const member = memberOf(state);
  if (kind === METADATA_TIMER) askMetadata(reader.meta, rctx);
  else if (kind === 'beat') beat(reader, rctx, member);
  else if (kind === 'poll-interval') leave(reader, rctx, member);
  else if (kind === 'group-retry') onRetry(reader, rctx, member);
}

function onResult(state: LogProcessorState, ctx: Ctx, tag: number, result: CallResult): void {
  const { reader, writer } = state;
  if (isOfPart(READER, tag)) {
    const own = tagInPart(READER, tag);
    const rctx = readerCtx(state, ctx);
    if (own !== METADATA_TAG) onAnswer(reader, rctx, own, result);
    else if (learnMetadata(reader, rctx, result)) point(reader);
  } else if (writer !== null) {
    onWriterResult(writer, writerCtx(state, ctx), tagInPart(WRITER, tag), result);
  }
  advance(state, ctx);
}

const OF_TRANSACTIONS = ['transaction', 'committed records', 'offsets in transactions'].map(
  (what) => ({ role: 'brokers', what }),
);

const stageOf = ({ commit, pending }: LogProcessorState): string =>
  commit !== null ? 'commits' : pending > 0 ? 'open' : 'none';

const transactionOf = (writer: LogWriter | null): string => writer?.transaction?.id ?? 'none';

export const logProcessor = defineBehaviour<
  LogProcessorState,
  LogProcessorConfig,
  never,
  LogProcessorView,
  ClientFact | LogReaderFact
>({
  component: 'log-processor',
  about:
    'Reads a topic in a group and writes a record for each, at least, at most or exactly once.',
  source: 'Apache Kafka 4.0, Kafka Streams: a stream thread without state; KIP-129, KIP-447',
  leavesOut: [
    'State stores, changelogs and repartition topics; several threads of one process.',
    'The assignor of Streams: partitions are dealt as those of a consumer.',
    'A commit between two records of a poll.',
    'Records that cannot be worked on (processing.exception.handler): it works on each alike.',
  ],
  badge: 'PX',
  serves: [],
  links: {
    brokers: {
      about: 'The cluster that it reads from and writes to.',
      contract: [broker, group, logTransaction],
    },
  },
  config: logProcessorConfig,
  check,
  rules: ['group.generation-check'],
  usage: {
    uses: (config) => [
      { role: 'brokers', what: 'group' },
      { role: 'brokers', what: 'classic-group' },
      { role: 'brokers', what: 'idempotence' },
      ...(isExactlyOnce(config) ? OF_TRANSACTIONS : []),
    ],
  },
  operations: ['poll', 'send', 'transaction'],
  facts: logReaderFacts,
  roleNames: { processor: 'Reads and writes.', assigned: 'Has partitions of its group.' },
  start,
  on: {},
  onTimer,
  onResult,
  onWorked(state, ctx) {
    onWorked(state.reader, readerCtx(state, ctx), memberOf(state), {
      outcome: (run, from, to) => derive(state, ctx, run, from, to),
    });
    advance(state, ctx);
  },
  onTerminate(state, ctx, stage) {
    if (stage !== 'sigterm') return;
    memberOf(state).isClosing = true;
    advance(state, ctx);
  },
  gauges: [
    {
      kind: 'level',
      title: 'Lag',
      about: 'Records below the high watermark that it has not read (records-lag).',
      of: ({ reader }) => lagOfAll(reader),
    },
    {
      kind: 'count',
      title: 'Processed',
      about: 'Records that it has done its work on (process-total).',
      of: ({ reader }) => reader.membership?.processed ?? 0,
    },
    {
      kind: 'count',
      title: 'Commits',
      about: 'Commits that were taken (commit-total).',
      of: ({ reader }) => reader.membership?.commits ?? 0,
    },
    {
      kind: 'count',
      title: 'Aborted',
      about: 'Transactions of it that were aborted.',
      of: ({ aborted }) => aborted,
    },
    {
      kind: 'count',
      title: 'Fenced',
      about: 'How often it was told that another one speaks for its transactional id.',
      of: ({ fenced }) => fenced,
    },
  ],
  roles: ({ reader }) => (reader.tracks.length > 0 ? ['processor', 'assigned'] : ['processor']),
  plain: plainState,
  save: copyState,
  restore: (image) => copyState(image as LogProcessorState),
  view(state) {
    const { reader, writer, pending, outputs, committed, aborted } = state;
    const member = memberOf(state);
    const lag = lagOfAll(reader);
    return {
      component: 'log-processor',
      lag,
      outputs,
      tracks: tracksOf(reader),
      member: memberViewOf(member),
      pending,
      isCommitting: state.commit !== null,
      committed,
      aborted,
      fields: [
        { label: 'Lag', value: lag },
        { label: 'Processed', value: member.processed },
        { label: 'Written', value: outputs },
        { label: 'Not committed', value: pending },
        { label: 'Generation', value: member.generation },
        { label: 'Rebalancing', value: isRebalancing(member) },
        { label: 'Transactional id', value: transactionOf(writer) },
        { label: 'Transaction', value: stageOf(state) },
        { label: 'Committed', value: committed },
        { label: 'Aborted', value: aborted },
        { label: 'Fenced', value: state.fenced },
      ],
    };
  },
});
