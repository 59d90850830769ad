/** What a task of a stream job may be told, by the role that it has. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/group-settings.ts';
import { WINDOW_ASSIGNERS } from '../../policies/windows/index.ts';

const source = {
  maxOutOfOrdernessMs: field.millis({
    about: 'Of a source: events come at most so much later than the latest of their partition.',
    default: 0,
    source: 'Flink, WatermarkStrategy.forBoundedOutOfOrderness',
  }),
  withIdlenessMs: field.millis({
    about: 'Of a source: a partition without an event for so long is not waited for; 0: all are.',
    default: 0,
    source: 'Flink, WatermarkStrategy.withIdleness',
  }),
  autoWatermarkIntervalMs: field.millis({
    about: 'Of a source: how often it tells its watermark.',
    default: 200,
    min: 1,
    source: 'Flink, pipeline.auto-watermark-interval',
  }),
  startingOffsets: field.choice(['earliest', 'latest'], {
    about: 'Of a source: where it begins to read where no checkpoint says so.',
    default: 'earliest',
    source: 'Flink, KafkaSource, OffsetsInitializer',
  }),
  bounded: field.flag({
    about: 'Of a source: when all partitions have ended, no event is expected any more.',
    default: false,
    source: 'Flink, KafkaSource.setBounded; Watermark.MAX_WATERMARK',
  }),
  maxPollRecords: field.count({
    about: 'Of a source: how many events it reads at once, at most.',
    default: 500,
    min: 1,
    source: 'Apache Kafka, max.poll.records',
  }),
};

const window = {
  windows: field.choice(WINDOW_ASSIGNERS.map(({ name }) => name) as [string, ...string[]], {
    about: 'Of a window: which windows an event belongs to.',
    default: 'tumbling',
    source: 'Flink, window assigners',
  }),
  sizeMs: field.count({
    about: 'Of a window: how long it is, in event time (ms).',
    default: 1_000,
    min: 1,
    max: 1e9,
  }),
  slideMs: field.count({
    about: 'Of a hopping window: from the start of one to the start of the next (ms).',
    default: 500,
    min: 1,
    max: 1e9,
    source: 'Flink, SlidingEventTimeWindows.of(size, slide)',
  }),
  gapMs: field.count({
    about: 'Of a session: it ends when nothing has happened for longer than this (ms).',
    default: 1_000,
    min: 1,
    max: 1e9,
    source: 'Flink, EventTimeSessionWindows.withGap',
  }),
  allowedLatenessMs: field.count({
    about: 'Of a window: so long after its result events still count, and bring a new one (ms).',
    default: 0,
    max: 1e9,
    source: 'Flink, WindowedStream.allowedLateness',
  }),
  lateRecords: field.choice(['drop', 'side-output'], {
    about: 'Of a window: what becomes of events that come too late.',
    default: 'drop',
    source: 'Flink, WindowedStream.sideOutputLateData',
  }),
  recordMs: field.millis({
    about: 'Of a window: how long an event keeps a core busy.',
    default: 0,
  }),
};

const sink = {
  delivery: field.choice(['plain', 'idempotent', 'transactional'], {
    about:
      'Of a sink: rows are added at once (AT_LEAST_ONCE), put by key and window, or added in ' +
      'transactions that are committed with a checkpoint (EXACTLY_ONCE).',
    default: 'plain',
    source: 'Flink, DeliveryGuarantee of KafkaSink',
  }),
  transactionTimeoutMs: field.millis({
    about: 'Of a sink: the store aborts a transaction that is open for longer.',
    default: 3_600_000,
    min: 1,
    source: 'Flink, KafkaSink: transaction.timeout.ms, one hour',
  }),
};

export const streamTaskConfig = Type.Object(
  {
    role: field.choice(['source', 'window', 'sink'], {
      about: 'What it does: reads events, makes windows of them, or writes the results.',
      default: 'source',
    }),
    ...source,
    ...window,
    ...sink,
    bufferMax: field.count({
      about: 'So many elements wait in an input, or in an output, before the task before it stops.',
      default: 1_000,
      min: 1,
      max: 100_000,
      source: 'Flink, network buffers: backpressure',
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer before it asks again.',
      default: 1_000,
      min: 1,
    }),
    retryMs: field.millis({ about: 'The pause before that.', default: 50, min: 1 }),
  },
  {
    additionalProperties: false,
    needs: [
      { settings: Object.keys(source), any: [word('role', 'source')] },
      { settings: Object.keys(window), any: [word('role', 'window')] },
      { settings: Object.keys(sink), any: [word('role', 'sink')] },
      { settings: ['sizeMs'], any: [word('windows', 'tumbling', 'hopping')] },
      { settings: ['slideMs'], any: [word('windows', 'hopping')] },
      { settings: ['gapMs'], any: [word('windows', 'session')] },
      { settings: ['transactionTimeoutMs'], any: [word('delivery', 'transactional')] },
    ],
  },
);

export type StreamTaskConfig = Static<typeof streamTaskConfig>;
export type StreamRole = StreamTaskConfig['role'];

/** Whom it talks to, by role. */
const PARTNERS = { source: 'log', window: null, sink: 'store' } as const;

export function checkStreamTask({ role }: StreamTaskConfig, group: GroupSettings): void {
  const needed = PARTNERS[role];
  for (const link of ['log', 'store']) {
    const isThere = group.links.has(link);
    if (isThere === (link === needed)) continue;
    throw new ScenarioError(
      isThere ? `A ${role} has no use for the link "${link}".` : `A ${role} needs a "${link}".`,
      {
        path: `${group.path}/links`,
        hint: isThere ? 'Take it away.' : `Add links: { ${link}: GROUP }.`,
      },
    );
  }
}
