/**
 * A consumer with partitions of its own: it fetches ahead, polls, works, and polls again.
 *
 * Invariant: one poll is worked on at a time; the position is that of the next record of a poll.
 */
import { broker } from '../../contracts/broker.ts';
import { group } from '../../contracts/group.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, View, ViewField } from '../../node/behaviour.ts';
import { askMetadata, METADATA_TAG, METADATA_TIMER } from '../../traffic/log-metadata.ts';
import { check } from './check.ts';
import { close, onTerminate } from '../../traffic/log-reader/closing.ts';
import { logConsumerConfig } from './config.ts';
import type { LogConsumerConfig } from './config.ts';
import { onLetterResult, onLetterTimer } from './dead-letters.ts';
import { handle, isBackOff, onBackOff, onPoison } from './failures.ts';
import { copyState, hasLetters, newFailures, READER, readerCtx } from './state.ts';
import type { Ctx, LogConsumerState } from './state.ts';
import { tagInPart, timerInPart } from '../../traffic/log-client.ts';
import { logReaderFacts } from '../../traffic/log-reader/facts.ts';
import type { LogReaderFact } from '../../traffic/log-reader/facts.ts';
import { askAll, onAnswer } from '../../traffic/log-reader/fetcher.ts';
import { attend, beat, leave, onRetry } from '../../traffic/log-reader/member.ts';
import type { Membership } from '../../traffic/log-reader/membership.ts';
import { poll } from '../../traffic/log-reader/poll.ts';
import {
  isRebalancing,
  lagOfAll,
  learnMetadata,
  memberViewOf,
  newReader,
  plainReader,
  point,
  tracksOf,
} from '../../traffic/log-reader/reader.ts';
import type { MemberView, TrackView } from '../../traffic/log-reader/reader.ts';
import { newTrack } from '../../traffic/log-reader/state.ts';
import { onWorked, take } from '../../traffic/log-reader/work.ts';

export interface LogConsumerView extends View {
  readonly component: 'log-consumer';
  readonly records: number;
  readonly lag: number;
  readonly tracks: readonly TrackView[];
  /** Null: it is in no group. */
  readonly member: MemberView | null;
  /** The record that it tries, and how often it has in vain; null: none. */
  readonly failing: FailingView | null;
}

export interface FailingView {
  readonly partition: number;
  readonly offset: number;
  readonly attempts: number;
}

function start(ctx: Ctx): LogConsumerState {
  const rctx = readerCtx(ctx);
  const state = { ...newReader(rctx), failures: newFailures(), letters: null };
  askMetadata(state.meta, rctx);
  return state;
}

function advance(state: LogConsumerState, ctx: Ctx): void {
  const { membership: member } = state;
  if (member !== null) advanceMember(state, ctx, member);
  else if (!state.isBusy) {
    const runs = poll(state, ctx);
    if (runs !== null) {
      const count = runs.reduce((sum, { from, to }) => sum + to - from, 0);
      state.isBusy = true;
      ctx.work(ms(ctx.config.processMs * count), 0);
    }
  }
  askAll(state, readerCtx(ctx));
}

function advanceMember(state: LogConsumerState, ctx: Ctx, member: Membership): void {
  const { handling } = state.failures;
  if (handling !== null) handle(state, ctx, member, handling);
  if (state.isBusy) return;
  const rctx = readerCtx(ctx);
  if (member.isClosing) {
    if (!member.isCommitting) close(state, rctx, member);
    return;
  }
  if (!attend(state, rctx, member)) return;
  point(state);
  const runs = poll(state, rctx);
  if (runs !== null) take(state, rctx, member, runs);
}

/** Who leads is known anew. */
function learn(state: LogConsumerState, ctx: Ctx): void {
  if (state.membership === null && state.tracks.length === 0) assign(state, ctx);
  point(state);
}

function assign(state: LogConsumerState, ctx: Ctx): void {
  const { partitions } = ctx.config;
  const members = ctx.members('peers');
  const ordinal = members.indexOf(ctx.self);
  state.meta.places.forEach(({ partition }, index) => {
    const isMine =
      partitions.length > 0 ? partitions.includes(index) : index % members.length === ordinal;
    if (!isMine) return;
    state.tracks.push(newTrack(state, partition));
  });
}

const fieldsOf = (member: Membership | null): readonly ViewField[] =>
  member === null
    ? []
    : [
        { label: 'Generation', value: member.generation },
        { label: 'Rebalancing', value: isRebalancing(member) },
        { label: 'Rebalances', value: member.rebalances },
        { label: 'Processed', value: member.processed },
      ];

function failingOf({ failures: { handling, last } }: LogConsumerState): FailingView | null {
  if (handling === null) return null;
  const { partition, offset } = handling;
  return { partition, offset, attempts: last.get(partition)?.attempts ?? 0 };
}

const failureFields = ({ failures }: LogConsumerState): readonly ViewField[] =>
  failures.attempts === 0
    ? []
    : [
        { label: 'Failed attempts', value: failures.attempts },
        { label: 'Dead letters', value: failures.deadLetters },
      ];

function onTimer(state: LogConsumerState, ctx: Ctx, kind: string): void {
  if (onLetterTimer(state, ctx, kind)) return advance(state, ctx);
  const { membership: member } = state;
  const rctx = readerCtx(ctx);
  const own = hasLetters(ctx) ? timerInPart(READER, kind) : kind;
  if (own === METADATA_TIMER) return askMetadata(state.meta, rctx);
  if (member !== null && own !== null) {
    if (own === 'beat') beat(state, rctx, member);
    else if (own === 'poll-interval') leave(state, rctx, member);
    else if (own === 'group-retry') onRetry(state, rctx, member);
    else if (isBackOff(own)) onBackOff(state, ctx);
  }
  advance(state, ctx);
}

function onResult(state: LogConsumerState, ctx: Ctx, tag: number, result: CallResult): void {
  if (onLetterResult(state, ctx, tag, result)) return advance(state, ctx);
  const rctx = readerCtx(ctx);
  const own = hasLetters(ctx) ? tagInPart(READER, tag) : tag;
  if (own !== METADATA_TAG) onAnswer(state, rctx, own, result);
  else if (learnMetadata(state, rctx, result)) learn(state, ctx);
  advance(state, ctx);
}

const GROUPS_OF = { classic: 'classic-group', consumer: 'consumer-group' } as const;

export const logConsumer = defineBehaviour<
  LogConsumerState,
  LogConsumerConfig,
  never,
  LogConsumerView,
  ClientFact | LogReaderFact
>({
  component: 'log-consumer',
  about: 'Reads partitions of a topic from a position on, poll by poll, at its own pace.',
  source: 'Apache Kafka 4.0, KafkaConsumer with assign() or subscribe(); KIP-848',
  leavesOut: [
    'Members of several topics.',
    'Pauses that grow (retry.backoff.max.ms), and auto.offset.reset by a duration (KIP-1106).',
    'Fetch sessions, fetching from followers, and pauses of single partitions.',
    'Records that cannot be worked on, where it is in no group: it works on them as on any.',
  ],
  badge: 'CO',
  serves: [],
  links: { brokers: { about: 'The cluster that it reads from.', contract: [broker, group] } },
  config: logConsumerConfig,
  check,
  // Of generations it asks itself: it does not even try to commit for one that it is not in.
  rules: ['group.generation-check'],
  ruleNeeds: [
    {
      rules: ['group.generation-check'],
      acts: ({ groupId }) => groupId !== '',
      hint: 'Give it a groupId.',
    },
  ],
  usage: {
    uses: ({ groupId, groupProtocol, isolationLevel: level, deadLetterTopic }) => {
      const ofGroup = groupId === '' ? [] : ['group', GROUPS_OF[groupProtocol]];
      const ofReads = level === 'read_committed' ? ['committed records'] : [];
      const ofLetters = deadLetterTopic === '' ? [] : ['idempotence'];
      return [...ofGroup, ...ofReads, ...ofLetters].map((what) => ({ role: 'brokers', what }));
    },
    offers: () => [],
  },
  operations: ['poll', 'send'],
  operationsOf: ({ deadLetterTopic }) => (deadLetterTopic === '' ? ['poll'] : ['poll', 'send']),
  facts: logReaderFacts,
  roleNames: { consumer: 'Reads.', failing: 'Cannot work on a record, and is still at it.' },
  start,
  on: {},
  onTimer,
  onResult,
  onWorked(state, ctx) {
    const { membership: member } = state;
    if (member !== null) {
      onWorked(state, readerCtx(ctx), member, {
        onPoison: (run, offset) => onPoison(state, ctx, member, run, offset),
      });
    } else {
      state.isBusy = false;
      state.pollSinceMicros = ctx.mono();
    }
    advance(state, ctx);
  },
  onTerminate(state, ctx, stage) {
    if (stage !== 'sigterm') return;
    onTerminate(state, readerCtx(ctx));
    const { membership, failures } = state;
    if (membership !== null && failures.handling !== null) advance(state, ctx);
  },
  gauges: [
    {
      kind: 'level',
      title: 'Lag',
      about: 'Records below the high watermark that it has not read (records-lag).',
      of: lagOfAll,
    },
    {
      kind: 'count',
      title: 'Records read',
      about: 'Records that polls have returned (records-consumed-rate).',
      of: ({ records }) => records,
    },
    {
      kind: 'count',
      title: 'Rebalances',
      about: 'Assignments that it has taken as a member of a group (rebalance-total).',
      of: ({ membership }) => membership?.rebalances ?? 0,
    },
    {
      kind: 'count',
      title: 'Processed',
      about: 'Records that it has done its work on as a member of a group.',
      of: ({ membership }) => membership?.processed ?? 0,
    },
    {
      kind: 'count',
      title: 'Commits',
      about: 'Commits of it that the coordinator took (commit-total).',
      of: ({ membership }) => membership?.commits ?? 0,
    },
    {
      kind: 'count',
      title: 'Partitions given up',
      about: 'How often it had to give up, or lost, a partition of its group.',
      of: ({ membership }) => membership?.givenUp ?? 0,
    },
    {
      kind: 'count',
      title: 'Failed attempts',
      about: 'How often it could not work on a record, as a member of a group.',
      of: ({ failures }) => failures.attempts,
    },
    {
      kind: 'count',
      title: 'Dead letters',
      about: 'Records that it could not work on and has written to another topic.',
      of: ({ failures }) => failures.deadLetters,
    },
  ],
  roles: ({ failures }) => (failures.handling === null ? ['consumer'] : ['consumer', 'failing']),
  plain(state) {
    const { failures, letters, ...reader } = state;
    const { membership, nextTrackId, tracks, ...rest } = plainReader(reader);
    const failed = failures.attempts === 0 ? {} : { failures, letters: letters?.writer ?? null };
    if (membership !== null) return { ...rest, membership, nextTrackId, tracks, ...failed };
    return {
      ...rest,
      tracks: tracks.map(({ id: _id, needsCommitted: _none, ...track }) => track),
    };
  },
  save: copyState,
  restore: (image) => copyState(image as LogConsumerState),
  view(state) {
    const lag = lagOfAll(state);
    return {
      component: 'log-consumer',
      records: state.records,
      lag,
      tracks: tracksOf(state),
      member: memberViewOf(state.membership),
      failing: failingOf(state),
      fields: [
        { label: 'Records', value: state.records },
        { label: 'Lag', value: lag },
        { label: 'Partitions', value: state.tracks.length },
        { label: 'Resets', value: state.resets },
        ...fieldsOf(state.membership),
        ...failureFields(state),
      ],
    };
  },
});
