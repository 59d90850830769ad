/**
 * A store of events: streams to which one appends, and the order of all of them.
 *
 * Invariants (with all rules): the revisions of a stream are 0, 1, 2 and so on, the positions of
 * all 1, 2, 3; an event lies right behind the one on which it was decided; an id is there once;
 * whoever reads sees a prefix of what is on disk.
 *
 * Source: KurrentDB (EventStoreDB): appending events, reading streams
 * Differs: an event that is known is recognised wherever it lies in its stream; KurrentDB does so
 * at the place where it is expected, and, with any version, among recent events.
 */
import type { NewEvent, Snapshot, StoredEvent } from '../../contracts/event-store.ts';
import { fold, NO_ACCOUNT } from './account.ts';
import type { StoreRules } from './rules.ts';

export interface EventStoreState {
  /** All, in the order of their positions. */
  readonly all: StoredEvent[];
  readonly streams: Map<string, StoredEvent[]>;
  readonly snapshots: Map<string, Snapshot>;
  /** Up to this position they are on disk: what is behind it nobody reads. */
  durable: number;
}

export interface EventStoreDisk {
  readonly events: StoredEvent[];
  readonly snapshots: Map<string, Snapshot>;
}

export type EventStoreRecord =
  | { readonly type: 'event'; readonly event: StoredEvent }
  | { readonly type: 'snapshot'; readonly stream: string; readonly snapshot: Snapshot };

export function applyEventStore(disk: EventStoreDisk, record: EventStoreRecord): void {
  if (record.type === 'event') disk.events.push(record.event);
  else disk.snapshots.set(record.stream, record.snapshot);
}

export function startEventStore({ events, snapshots }: EventStoreDisk): EventStoreState {
  const state: EventStoreState = {
    all: [],
    streams: new Map(),
    snapshots: new Map(snapshots),
    durable: events.length,
  };
  for (const event of events) keep(state, event);
  return state;
}

function keep({ all, streams }: EventStoreState, event: StoredEvent): void {
  all.push(event);
  const stream = streams.get(event.stream);
  if (stream === undefined) streams.set(event.stream, [event]);
  else stream.push(event);
}

const NONE: readonly StoredEvent[] = Object.freeze([]);

const streamOf = ({ streams }: EventStoreState, name: string): readonly StoredEvent[] =>
  streams.get(name) ?? NONE;

export type Appended =
  /** Answered once it is on disk; `isNew`: it has to be written. */
  | { readonly event: StoredEvent; readonly isNew: boolean }
  | { readonly event: null; readonly revision: number };

/** Decides, and keeps in memory what is then to be written. */
export function append(
  rules: StoreRules,
  state: EventStoreState,
  stream: string,
  expectedRevision: number,
  event: NewEvent,
): Appended {
  const events = streamOf(state, stream);
  const known = rules.once ? events.find(({ id }) => id === event.id) : undefined;
  if (known !== undefined) return { event: known, isNew: false };
  const revision = events.length;
  if (rules.expectedVersion && expectedRevision !== revision - 1) {
    return { event: null, revision: revision - 1 };
  }
  const stored: StoredEvent = Object.freeze({
    ...event,
    stream,
    revision,
    position: state.all.length + 1,
  });
  keep(state, stored);
  return { event: stored, isNew: true };
}

/** The newest event of a stream that is on disk, as its revision. */
export const headOf = (state: EventStoreState, stream: string): number =>
  streamOf(state, stream).findLast(({ position }) => position <= state.durable)?.revision ?? -1;

/** What is to be written; null: a newer one is there. */
export function takeSnapshot(
  rules: StoreRules,
  state: EventStoreState,
  stream: string,
  { revision, balance }: Snapshot,
): Snapshot | null {
  const old = state.snapshots.get(stream) ?? NO_ACCOUNT;
  if (revision <= old.revision) return null;
  const of = rules.snapshotVersion ? revision : Math.max(revision, headOf(state, stream));
  const snapshot: Snapshot = Object.freeze({ revision: of, balance });
  state.snapshots.set(stream, snapshot);
  return snapshot;
}

export interface Loaded {
  readonly snapshot: Snapshot | null;
  readonly events: readonly StoredEvent[];
}

export function load(state: EventStoreState, stream: string): Loaded {
  const snapshot = state.snapshots.get(stream) ?? null;
  const from = snapshot?.revision ?? -1;
  const events = streamOf(state, stream).filter(
    ({ revision, position }) => revision > from && position <= state.durable,
  );
  return { snapshot, events };
}

export const eventsAfter = (
  { all, durable }: EventStoreState,
  after: number,
  max: number,
): readonly StoredEvent[] => all.slice(after, Math.min(durable, after + max));

/** Of all its events on disk, whatever snapshots say. */
export const balanceIn = (state: EventStoreState, stream: string): number =>
  fold(streamOf(state, stream).filter(({ position }) => position <= state.durable)).balance;
