/**
 * A store of events on one node: it appends to streams, lets them be read, and hands all events in
 * their order to whoever asks for the next ones.
 *
 * Invariants: an append is answered once its event is on disk; nobody reads one that is not.
 */
import { eventStore as contract } from '../../contracts/event-store.ts';
import type {
  EventsAppend,
  EventsAppended,
  EventsLoad,
  EventsLoaded,
  EventsNext,
  EventsPage,
  EventsSnapshot,
  StoredEvent,
} from '../../contracts/event-store.ts';
import type { FactTable } from '../../contracts/facts.ts';
import { Type } from '../../contracts/schema.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { storeRules } from '../../protocols/event-store/rules.ts';
import type { StoreRules } from '../../protocols/event-store/rules.ts';
import {
  append,
  applyEventStore,
  eventsAfter,
  load,
  startEventStore,
  takeSnapshot,
} from '../../protocols/event-store/store.ts';
import type {
  EventStoreDisk,
  EventStoreRecord,
  EventStoreState as StoreState,
} from '../../protocols/event-store/store.ts';

const config = Type.Object({}, { additionalProperties: false });
type Ctx = Context;

/** Who asked for events that are not there yet. */
interface Reader {
  readonly call: CallRef;
  readonly after: number;
  readonly max: number;
  /** Then nobody waits for the answer any more. */
  readonly untilMicros: number;
}

export interface EventStoreState {
  readonly rules: StoreRules;
  readonly store: StoreState;
  /** Who waits for an event to be on disk, in the order of their positions. */
  appending: { readonly call: CallRef; readonly event: StoredEvent }[];
  readers: Reader[];
  readonly counts: { conflicts: number; known: number };
}

interface StreamHead {
  readonly stream: string;
  readonly revision: number;
  /** Of its snapshot; -1: it has none. */
  readonly snapshot: number;
}

export interface EventStoreView extends View {
  readonly component: 'event-store';
  readonly head: number;
  /** The streams that were appended to last, the newest first. */
  readonly streams: readonly StreamHead[];
  /** The newest events, the newest last. */
  readonly tail: readonly { readonly stream: string; readonly isDurable: boolean }[];
}

export type EventStoreFact =
  | {
      readonly type: 'events.conflict';
      readonly stream: string;
      readonly expected: number;
      readonly revision: number;
    }
  | { readonly type: 'events.known'; readonly stream: string; readonly revision: number }
  | { readonly type: 'events.snapshot-kept'; readonly stream: string; readonly revision: number };

const facts: FactTable<EventStoreFact> = {
  'events.conflict': {
    weight: 'major',
    sentence: (f) =>
      `refuses an event of ${f.stream}: it was decided on ${f.expected}, ` +
      `and the stream is at ${f.revision}`,
  },
  'events.known': {
    weight: 'minor',
    sentence: (f) => `has the event already that comes again: ${f.stream}, revision ${f.revision}`,
  },
  'events.snapshot-kept': {
    weight: 'minor',
    sentence: (f) => `keeps a snapshot of ${f.stream} at revision ${f.revision}`,
  },
};

/** Of streams that are shown. */
const STREAMS_MAX = 6;
const TAIL_MAX = 8;
/** Of snapshots, which nobody waits for. */
const NO_TICKET = 0;

function onAppend(state: EventStoreState, ctx: Ctx, asked: EventsAppend, call: CallRef): void {
  const { stream, expectedRevision } = asked;
  const result = append(state.rules, state.store, stream, expectedRevision, asked.event);
  if (result.event === null) {
    const { revision } = result;
    state.counts.conflicts += 1;
    const expected = expectedRevision;
    ctx.tell<EventStoreFact>({ type: 'events.conflict', stream, expected, revision });
    return ctx.refuse(call, 'wrong-expected-version', { revision });
  }
  const { event } = result;
  if (result.isNew) {
    ctx.write({ type: 'event', event } satisfies EventStoreRecord);
    ctx.sync(event.position);
  } else {
    state.counts.known += 1;
    ctx.tell<EventStoreFact>({ type: 'events.known', stream, revision: event.revision });
    if (event.position <= state.store.durable) return answer(ctx, call, event);
  }
  state.appending.push({ call, event });
}

const answer = (ctx: Ctx, call: CallRef, { revision, position }: StoredEvent): void =>
  ctx.reply<EventsAppended>(call, { type: 'events.appended', revision, position });

function onSynced(state: EventStoreState, ctx: Ctx, position: number): void {
  const { store } = state;
  if (position <= store.durable) return;
  store.durable = position;
  const { appending } = state;
  state.appending = appending.filter(({ event }) => event.position > position);
  for (const { call, event } of appending) {
    if (event.position <= position) answer(ctx, call, event);
  }
  const now = ctx.mono();
  const readers = state.readers.filter(({ untilMicros }) => untilMicros >= now);
  state.readers = readers.filter(({ after }) => after >= position);
  for (const reader of readers) if (reader.after < position) handOut(state, ctx, reader);
}

function handOut({ store }: EventStoreState, ctx: Ctx, { call, after, max }: Reader): void {
  const events = eventsAfter(store, after, max);
  ctx.reply<EventsPage>(call, { type: 'events.page', events, head: store.durable });
}

function onNext(state: EventStoreState, ctx: Ctx, asked: EventsNext, call: CallRef): void {
  const { after, max } = asked;
  const untilMicros = ctx.mono() + (ctx.timeLeft() ?? 0);
  const reader: Reader = { call, after, max, untilMicros };
  if (after < state.store.durable) handOut(state, ctx, reader);
  else state.readers.push(reader);
}

function onSnapshot(state: EventStoreState, ctx: Ctx, { stream, ...asked }: EventsSnapshot): void {
  const snapshot = takeSnapshot(state.rules, state.store, stream, asked.snapshot);
  if (snapshot === null) return;
  ctx.write({ type: 'snapshot', stream, snapshot } satisfies EventStoreRecord);
  ctx.sync(NO_TICKET);
  const { revision } = snapshot;
  ctx.tell<EventStoreFact>({ type: 'events.snapshot-kept', stream, revision });
}

function headsIn({ store }: EventStoreState): readonly StreamHead[] {
  const heads = new Map<string, number>();
  for (let i = store.all.length - 1; i >= 0 && heads.size < STREAMS_MAX; i -= 1) {
    const { stream, revision } = store.all[i] as StoredEvent;
    if (!heads.has(stream)) heads.set(stream, revision);
  }
  return [...heads].map(([stream, revision]) => ({
    stream,
    revision,
    snapshot: store.snapshots.get(stream)?.revision ?? -1,
  }));
}

const cloned = ({ events, snapshots }: EventStoreDisk): EventStoreDisk => ({
  events: events.slice(),
  snapshots: new Map(snapshots),
});

export const eventStore = defineBehaviour<
  EventStoreState,
  object,
  EventsAppend | EventsLoad | EventsNext | EventsSnapshot,
  EventStoreView,
  EventStoreFact,
  EventStoreDisk,
  EventStoreRecord
>({
  component: 'event-store',
  about: 'Keeps streams of events, each event behind the revision that its writer expects.',
  source: 'KurrentDB (EventStoreDB): appending events, reading streams, catch-up subscriptions',
  leavesOut: [
    'Copies of the store on other nodes.',
    'Several events in one append, and streams that end or are cut off in front.',
    'Subscriptions that the store keeps for a group of consumers.',
  ],
  badge: 'ES',
  serves: [contract],
  links: {},
  config,
  facts,
  rules: ['events.expected-version', 'events.once', 'events.snapshot-version'],
  ruleNeeds: [
    {
      rules: ['events.snapshot-version'],
      acts: (_config, { asked }) => asked('snapshot'),
      hint: 'Give snapshotEvery of the command service more than 0.',
    },
  ],
  roleNames: { store: 'Keeps events.' },
  durable: {
    empty: () => ({ events: [], snapshots: new Map() }),
    apply: applyEventStore,
    save: cloned,
    restore: (image) => cloned(image as EventStoreDisk),
  },
  start: (ctx) => ({
    rules: storeRules(ctx.ablations),
    store: startEventStore(ctx.durable as EventStoreDisk),
    appending: [],
    readers: [],
    counts: { conflicts: 0, known: 0 },
  }),
  on: {
    'events.append': (state, ctx, message, _from, call) => onAppend(state, ctx, message, call),
    'events.load': (state, ctx, { stream }, _from, call) =>
      ctx.reply<EventsLoaded>(call, { type: 'events.loaded', ...load(state.store, stream) }),
    'events.next': (state, ctx, message, _from, call) => onNext(state, ctx, message, call),
    'events.snapshot': (state, ctx, message) => onSnapshot(state, ctx, message),
  },
  onSynced,
  gauges: [
    {
      kind: 'level',
      title: 'Events',
      about: 'Events of all streams that are on its disk.',
      of: ({ store }) => store.durable,
    },
    {
      kind: 'count',
      title: 'Conflicts',
      about: 'Events that were refused because the stream was further.',
      of: ({ counts }) => counts.conflicts,
    },
    {
      kind: 'count',
      title: 'Known already',
      about: 'Events that came again and were not appended.',
      of: ({ counts }) => counts.known,
    },
  ],
  roles: () => ['store'],
  view(state) {
    const { store, counts } = state;
    return {
      component: 'event-store',
      head: store.durable,
      streams: headsIn(state),
      tail: store.all
        .slice(-TAIL_MAX)
        .map(({ stream, position }) => ({ stream, isDurable: position <= store.durable })),
      fields: [
        { label: 'Head', value: store.durable },
        { label: 'Streams', value: store.streams.size },
        { label: 'Snapshots', value: store.snapshots.size },
        { label: 'Conflicts', value: counts.conflicts },
        { label: 'Known already', value: counts.known },
      ],
    };
  },
});
