/**
 * A log of events that happen: partitions that can be read from any offset, again and again. What
 * it holds is the truth that the results of a stream job are measured by.
 *
 * Invariants: an event is read once it is on disk; its offset never changes; the event times of a
 * partition need not rise, because events are late by as much as they like.
 *
 * Source: Apache Kafka as a source of stream jobs (Flink, KafkaSource)
 * Differs: it makes the events itself, where producers hand them in; its replicas are left out.
 */
import { eventLog as contract } from '../../contracts/event-log.ts';
import type {
  EventLogDescription,
  EventLogFetch,
  EventLogMessage,
  EventLogPage,
} from '../../contracts/event-log.ts';
import type { StreamEvent } from '../../contracts/stream.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NodeIndex, View } from '../../node/behaviour.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import { armArrival, keyName, startLoad } from '../../traffic/open-load.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';
import { checkEventLog, eventLogConfig } from './config.ts';
import type { EventLogConfig, PartitionConfig } from './config.ts';

type Ctx = Context<EventLogConfig>;

interface Reader {
  readonly from: NodeIndex;
  readonly call: CallRef;
  readonly fetch: EventLogFetch;
}

interface Disk {
  readonly partitions: Map<number, readonly StreamEvent[]>;
}
interface Append {
  readonly partition: number;
  readonly event: StreamEvent;
}

export interface EventLogState {
  readonly loads: readonly OpenLoad[];
  /** As they are on disk. */
  readonly partitions: Map<number, readonly StreamEvent[]>;
  /** Events that are made, by partition. */
  readonly made: number[];
  readonly hasEnded: boolean[];
  readonly writing: Map<number, Append>;
  readers: readonly Reader[];
}

export interface EventLogView extends View {
  readonly component: 'event-log';
  readonly events: number;
  readonly partitions: readonly { readonly events: number; readonly latest: number | null }[];
}

const ONE_KEY = { kind: 'uniform', keys: 1, moveEveryMs: 0, stepMs: 0 } as const;

/** Events of a partition are numbered one after the other. */
const IDS_PER_PARTITION = 1_000_000;

const purposeOf = (partition: number): string => `arrivals/${partition}`;

function start(ctx: Ctx): EventLogState {
  const { partitions } = ctx.config;
  const kept = (ctx.durable as Disk).partitions;
  const state: EventLogState = {
    loads: partitions.map(({ arrivals }, i) =>
      startLoad(arrivals, ONE_KEY, ctx.stream(purposeOf(i))),
    ),
    partitions: new Map(kept),
    made: partitions.map(() => 0),
    hasEnded: partitions.map(() => false),
    writing: new Map(),
    readers: [],
  };
  partitions.forEach((_, partition) => {
    const count = kept.get(partition)?.length ?? 0;
    // What should have come while it was down comes now.
    for (let i = 0; i <= count; i++) arm(state, ctx, partition);
    state.made[partition] = count;
  });
  return state;
}

function arm(state: EventLogState, ctx: Ctx, partition: number): void {
  const load = state.loads[partition];
  const settings = ctx.config.partitions[partition];
  if (load === undefined || settings === undefined) return;
  armArrival(load, settings.arrivals, ctx, { key: partition, purpose: purposeOf(partition) });
  if (load.nextArrivalMicros === Infinity) state.hasEnded[partition] = true;
}

function eventOf(state: EventLogState, ctx: Ctx, partition: number): StreamEvent {
  const settings = ctx.config.partitions[partition] as PartitionConfig;
  const offset = state.made[partition] ?? 0;
  const { eventTimesMs, delay, keys, values } = settings;
  const madeMicros = state.loads[partition]?.nextArrivalMicros ?? 0;
  const late = delay === undefined ? 0 : sampleMicros(delay, ctx.stream(`delay/${partition}`));
  return {
    id: partition * IDS_PER_PARTITION + offset + 1,
    key: keyName(offset % keys),
    at: eventTimesMs?.[offset] ?? Math.floor((madeMicros - late) / 1_000),
    value: values[offset % values.length] ?? 1,
  };
}

function onArrival(state: EventLogState, ctx: Ctx, partition: number): void {
  const event = eventOf(state, ctx, partition);
  state.made[partition] = (state.made[partition] ?? 0) + 1;
  const append: Append = { partition, event };
  state.writing.set(event.id, append);
  ctx.write(append);
  ctx.sync(event.id);
  arm(state, ctx, partition);
}

const eventsOf = ({ partitions }: EventLogState, partition: number): readonly StreamEvent[] =>
  partitions.get(partition) ?? [];

function onSynced(state: EventLogState, ctx: Ctx, ticket: number): void {
  const append = state.writing.get(ticket);
  if (append === undefined) return;
  state.writing.delete(ticket);
  applyAppend(state, append);
  const waiting = state.readers;
  state.readers = [];
  for (const reader of waiting) serve(state, ctx, reader);
}

const applyAppend = ({ partitions }: Disk, { partition, event }: Append): void =>
  void partitions.set(partition, [...(partitions.get(partition) ?? []), event]);

/** Answers, or keeps the question until there is something to say. */
function serve(state: EventLogState, ctx: Ctx, reader: Reader): void {
  const { fetch, from, call } = reader;
  const { partition, max, isBounded } = fetch;
  const all = eventsOf(state, partition);
  const offset = fetch.offset < 0 ? all.length : fetch.offset;
  const events = all.slice(offset, offset + max);
  const next = offset + events.length;
  const isEnd =
    isBounded && state.hasEnded[partition] === true && next === (state.made[partition] ?? 0);
  // The end is told at once, where it begins: what comes afterwards is behind it.
  if (events.length === 0 && !isEnd && fetch.offset >= 0) {
    const others = state.readers.filter(
      (one) => one.from !== from || one.fetch.partition !== partition,
    );
    state.readers = [...others, reader];
    return;
  }
  ctx.reply<EventLogPage>(call, { type: 'event-log.page', events, next, isEnd });
}

const cloned = ({ partitions }: Disk): Disk => ({ partitions: new Map(partitions) });

export const eventLog = defineBehaviour<
  EventLogState,
  EventLogConfig,
  Extract<EventLogMessage, { readonly type: 'event-log.fetch' | 'event-log.describe' }>,
  EventLogView,
  never,
  Disk,
  Append
>({
  component: 'event-log',
  about: 'Events that happen, in partitions that can be read again and again.',
  source: 'Apache Kafka as a source of stream jobs (Flink, KafkaSource)',
  leavesOut: [
    'Producers and replicas: it makes its events itself, and there is one copy.',
    'Retention: nothing is ever deleted.',
  ],
  badge: 'EL',
  countMax: 1,
  serves: [contract],
  links: {},
  config: eventLogConfig,
  facts: {},
  roleNames: { log: 'Keeps events.' },
  durable: {
    empty: () => ({ partitions: new Map() }),
    apply: applyAppend,
    save: cloned,
    restore: (image) => cloned(image as Disk),
  },
  check: checkEventLog,
  start,
  on: {
    'event-log.fetch'(state, ctx, fetch, from, call) {
      if (fetch.partition >= ctx.config.partitions.length) {
        return ctx.refuse(call, 'no-such-partition');
      }
      serve(state, ctx, { from, call, fetch });
    },
    'event-log.describe'(_state, ctx, _message, _from, call) {
      const { length: partitions } = ctx.config.partitions;
      ctx.reply<EventLogDescription>(call, { type: 'event-log.description', partitions });
    },
  },
  onTimer: (state, ctx, _kind, partition) => onArrival(state, ctx, partition),
  onSynced,
  gauges: [
    {
      kind: 'count',
      title: 'Events',
      about: 'Events on its disk.',
      of: (state) => countOf(state),
    },
  ],
  roles: () => ['log'],
  view(state) {
    const events = countOf(state);
    const partitions = state.made.map((_, partition) => {
      const all = eventsOf(state, partition);
      return { events: all.length, latest: all.at(-1)?.at ?? null };
    });
    return {
      component: 'event-log',
      events,
      partitions,
      fields: [
        { label: 'Events', value: events },
        { label: 'Partitions', value: partitions.length },
        { label: 'Waiting readers', value: state.readers.length },
      ],
    };
  },
});

function countOf({ partitions }: EventLogState): number {
  let count = 0;
  for (const all of partitions.values()) count += all.length;
  return count;
}
