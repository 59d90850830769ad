/**
 * A consumer with partitions of its own: it fetches ahead, polls, works, and polls again.
 *
 * Invariant: one poll is worked on at a time; the position is that of the next record of a poll.
 */
import { broker } from '../../contracts/broker.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { clonePlain } from '../../kernel/clone.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { GroupSettings, View } from '../../node/behaviour.ts';
import {
  askMetadata,
  METADATA_TAG,
  METADATA_TIMER,
  newMetadata,
  onMetadata,
} from '../../traffic/log-metadata.ts';
import { logConsumerConfig } from './config.ts';
import type { LogConsumerConfig } from './config.ts';
import { logConsumerFacts } from './facts.ts';
import type { LogConsumerFact } from './facts.ts';
import { askAll, onAnswer } from './fetcher.ts';
import { poll } from './poll.ts';
import type { Ctx, LogConsumerState, Track } from './state.ts';

export interface LogConsumerView extends View {
  readonly component: 'log-consumer';
  readonly records: number;
  readonly lag: number;
  readonly tracks: readonly {
    readonly partition: number;
    readonly position: number;
    readonly highWatermark: number;
  }[];
}

function start(ctx: Ctx): LogConsumerState {
  const state: LogConsumerState = {
    meta: newMetadata(),
    tracks: [],
    fetching: new Set(),
    asked: new Map(),
    nextTag: METADATA_TAG + 1,
    nextTrack: 0,
    isBusy: false,
    pollSinceMicros: ctx.mono(),
    polls: 0,
    records: 0,
    resets: 0,
    truncations: 0,
  };
  askMetadata(state.meta, ctx);
  return state;
}

function advance(state: LogConsumerState, ctx: Ctx): void {
  if (!state.isBusy) poll(state, ctx);
  askAll(state, ctx);
}

/** Who leads is known anew. */
function learn(state: LogConsumerState, ctx: Ctx): void {
  const { places } = state.meta;
  if (state.tracks.length === 0) assign(state, ctx);
  for (const track of state.tracks) {
    const place = places.find(({ partition }) => partition === track.partition);
    if (place === undefined || place.leaderEpoch <= track.leaderEpoch) continue;
    track.leader = place.leader;
    track.leaderEpoch = place.leaderEpoch;
    if (track.position >= 0 && track.readEpoch >= 0) track.mustValidate = true;
  }
}

function assign(state: LogConsumerState, ctx: Ctx): void {
  const { partitions } = ctx.config;
  const members = ctx.members('peers');
  const ordinal = members.indexOf(ctx.self);
  state.meta.places.forEach(({ partition }, index) => {
    const isMine =
      partitions.length > 0 ? partitions.includes(index) : index % members.length === ordinal;
    if (!isMine) return;
    state.tracks.push({
      partition,
      leader: -1,
      leaderEpoch: -1,
      position: -1,
      readEpoch: -1,
      mustValidate: false,
      isAsking: false,
      delayedUntilMicros: 0,
      fetched: null,
      highWatermark: -1,
      isLost: false,
    });
  });
}

const lagOf = ({ position, highWatermark }: Track): number =>
  position < 0 || highWatermark < 0 ? 0 : Math.max(0, highWatermark - position);

const lagOfAll = ({ tracks }: LogConsumerState): number =>
  tracks.reduce((sum, track) => sum + lagOf(track), 0);

function check({ partitions }: LogConsumerConfig, group: GroupSettings): void {
  const twice = partitions.findIndex((index, at) => partitions.indexOf(index) < at);
  if (twice < 0) return;
  throw new ScenarioError(`The partition ${partitions[twice]} is assigned twice.`, {
    path: `${group.path}/config/partitions/${twice}`,
    hint: 'Name it once.',
  });
}

export const logConsumer = defineBehaviour<
  LogConsumerState,
  LogConsumerConfig,
  never,
  LogConsumerView,
  ClientFact | LogConsumerFact
>({
  component: 'log-consumer',
  about: 'Reads partitions of a topic from a position on, poll by poll, at its own pace.',
  source: 'Apache Kafka 4.0, KafkaConsumer with assign()',
  leavesOut: [
    'Groups and committed offsets: a consumer that starts again begins where autoOffsetReset says.',
    'Fetch sessions, fetching from followers, and pauses of single partitions.',
  ],
  badge: 'CO',
  serves: [],
  links: { brokers: { about: 'The cluster that it reads from.', contract: broker } },
  config: logConsumerConfig,
  check,
  operations: ['poll'],
  facts: logConsumerFacts,
  roleNames: { consumer: 'Reads.' },
  start,
  on: {},
  onTimer(state, ctx, kind) {
    if (kind === METADATA_TIMER) askMetadata(state.meta, ctx);
    else advance(state, ctx);
  },
  onResult(state, ctx, tag, result) {
    if (tag !== METADATA_TAG) onAnswer(state, ctx, tag, result);
    else if (onMetadata(state.meta, ctx, result)) learn(state, ctx);
    advance(state, ctx);
  },
  onWorked(state, ctx) {
    state.isBusy = false;
    state.pollSinceMicros = ctx.mono();
    advance(state, ctx);
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
  ],
  roles: () => ['consumer'],
  // Batches that were fetched are immutable, and shared.
  save: copyState,
  restore: (image) => copyState(image as LogConsumerState),
  view(state) {
    const lag = lagOfAll(state);
    return {
      component: 'log-consumer',
      records: state.records,
      lag,
      tracks: state.tracks.map(({ partition, position, highWatermark }) => ({
        partition,
        position,
        highWatermark,
      })),
      fields: [
        { label: 'Records', value: state.records },
        { label: 'Lag', value: lag },
        { label: 'Partitions', value: state.tracks.length },
        { label: 'Resets', value: state.resets },
      ],
    };
  },
});

function copyState({ tracks, ...rest }: LogConsumerState): LogConsumerState {
  return { ...clonePlain(rest), tracks: tracks.map((track) => ({ ...track })) };
}
