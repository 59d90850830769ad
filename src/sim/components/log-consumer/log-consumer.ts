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
import type { View, ViewField } from '../../node/behaviour.ts';
import { askMetadata, METADATA_TAG, METADATA_TIMER } from '../../traffic/log-metadata.ts';
import { check } from './check.ts';
import { close, onTerminate } from '../../traffic/log-reader/closing.ts';
import { logConsumerConfig } from './config.ts';
import type { LogConsumerConfig } from './config.ts';
import { logReaderFacts } from '../../traffic/log-reader/facts.ts';
import type { LogReaderFact } from '../../traffic/log-reader/facts.ts';
import { askAll, onAnswer } from '../../traffic/log-reader/fetcher.ts';
import { attend, beat, leave, onRetry } from '../../traffic/log-reader/member.ts';
import type { Membership } from '../../traffic/log-reader/membership.ts';
import { poll } from '../../traffic/log-reader/poll.ts';
import {
  copyReader,
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
import type { Ctx, LogReader } from '../../traffic/log-reader/state.ts';
import { onWorked, take } from '../../traffic/log-reader/work.ts';

export interface LogConsumerView extends View {
  readonly component: 'log-consumer';
  readonly records: number;
  readonly lag: number;
  readonly tracks: readonly TrackView[];
  /** Null: it is in no group. */
  readonly member: MemberView | null;
}

function start(ctx: Ctx): LogReader {
  const state = newReader(ctx);
  askMetadata(state.meta, ctx);
  return state;
}

function advance(state: LogReader, ctx: Ctx): void {
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
  askAll(state, ctx);
}

function advanceMember(state: LogReader, ctx: Ctx, member: Membership): void {
  if (state.isBusy) return;
  if (member.isClosing) {
    if (!member.isCommitting) close(state, ctx, member);
    return;
  }
  if (!attend(state, ctx, member)) return;
  point(state);
  const runs = poll(state, ctx);
  if (runs !== null) take(state, ctx, member, runs);
}

/** Who leads is known anew. */
function learn(state: LogReader, ctx: Ctx): void {
  if (state.membership === null && state.tracks.length === 0) assign(state, ctx);
  point(state);
}

function assign(state: LogReader, ctx: Ctx): void {
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

const GROUPS_OF = { classic: 'classic-group', consumer: 'consumer-group' } as const;

export const logConsumer = defineBehaviour<
  LogReader,
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
    'Heartbeats that stay unanswered: it goes on until the coordinator says that it is out.',
    'Fetch sessions, fetching from followers, and pauses of single partitions.',
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
    uses: ({ groupId, groupProtocol, isolationLevel: level }) => {
      const ofGroup = groupId === '' ? [] : ['group', GROUPS_OF[groupProtocol]];
      const ofReads = level === 'read_committed' ? ['committed records'] : [];
      return [...ofGroup, ...ofReads].map((what) => ({ role: 'brokers', what }));
    },
    offers: () => [],
  },
  operations: ['poll'],
  facts: logReaderFacts,
  roleNames: { consumer: 'Reads.' },
  start,
  on: {},
  onTimer(state, ctx, kind) {
    const { membership: member } = state;
    if (kind === METADATA_TIMER) return askMetadata(state.meta, ctx);
    if (member !== null) {
      if (kind === 'beat') beat(state, ctx, member);
      else if (kind === 'poll-interval') leave(state, ctx, member);
      else if (kind === 'group-retry') onRetry(state, ctx, member);
    }
    advance(state, ctx);
  },
  onResult(state, ctx, tag, result) {
    if (tag !== METADATA_TAG) onAnswer(state, ctx, tag, result);
    else if (learnMetadata(state, ctx, result)) learn(state, ctx);
    advance(state, ctx);
  },
  onWorked(state, ctx) {
    const { membership: member } = state;
    if (member !== null) onWorked(state, ctx, member);
    else {
      state.isBusy = false;
      state.pollSinceMicros = ctx.mono();
    }
    advance(state, ctx);
  },
  onTerminate(state, ctx, stage) {
    if (stage === 'sigterm') onTerminate(state, ctx);
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
  ],
  roles: () => ['consumer'],
  plain(state) {
    const { membership, nextTrackId, tracks, ...rest } = plainReader(state);
    if (membership !== null) return { ...rest, membership, nextTrackId, tracks };
    return {
      ...rest,
      tracks: tracks.map(({ id: _id, needsCommitted: _none, ...track }) => track),
    };
  },
  // Batches that were fetched are immutable, and shared.
  save: copyReader,
  restore: (image) => copyReader(image as LogReader),
  view(state) {
    const lag = lagOfAll(state);
    return {
      component: 'log-consumer',
      records: state.records,
      lag,
      tracks: tracksOf(state),
      member: memberViewOf(state.membership),
      fields: [
        { label: 'Records', value: state.records },
        { label: 'Lag', value: lag },
        { label: 'Partitions', value: state.tracks.length },
        { label: 'Resets', value: state.resets },
        ...fieldsOf(state.membership),
      ],
    };
  },
});
