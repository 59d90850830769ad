/**
 * The conversation with a store of events: append one to a stream, read a stream, read all behind a
 * position.
 *
 * Source: KurrentDB (EventStoreDB): expectedRevision, WrongExpectedVersion, catch-up subscriptions
 * Differs: a subscriber asks for the next events and is answered once there are some, where
 * KurrentDB sends them of its own accord; a stream is loaded together with its snapshot, which
 * there is a stream of its own.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';

export interface NewEvent {
  /** Of the command: no other event has it. */
  readonly id: number;
  /** What it adds to the balance; less than 0: takes from it. */
  readonly amount: number;
  /** The revision of the stream on which it was decided; -1: there was no event. */
  readonly decidedOn: number;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Its place in its stream, from 0. */
  readonly revision: number;
  /** Its place among all, from 1. */
  readonly position: number;
}

export interface Snapshot {
  /** Of the last event that is folded into it. */
  readonly revision: number;
  readonly balance: number;
}

export interface EventsAppend {
  readonly type: 'events.append';
  readonly stream: string;
  /** That of the newest event of the stream; -1: there is none. */
  readonly expectedRevision: number;
  readonly event: NewEvent;
}
export interface EventsAppended {
  readonly type: 'events.appended';
  readonly revision: number;
  readonly position: number;
}
export interface EventsLoad {
  readonly type: 'events.load';
  readonly stream: string;
}
export interface EventsLoaded {
  readonly type: 'events.loaded';
  readonly snapshot: Snapshot | null;
  /** Those behind the snapshot. */
  readonly events: readonly StoredEvent[];
}
export interface EventsSnapshot {
  readonly type: 'events.snapshot';
  readonly stream: string;
  readonly snapshot: Snapshot;
}
export interface EventsNext {
  readonly type: 'events.next';
  /** The position of the last event that is known. */
  readonly after: number;
  readonly max: number;
}
export interface EventsPage {
  readonly type: 'events.page';
  readonly events: readonly StoredEvent[];
  /** The position of the newest event of all. */
  readonly head: number;
}
export type EventStoreMessage =
  | EventsAppend
  | EventsAppended
  | EventsLoad
  | EventsLoaded
  | EventsSnapshot
  | EventsNext
  | EventsPage;

export const eventStore = defineContract<EventStoreMessage>({
  name: 'event-store',
  about: 'Events are appended to streams and read from them.',
  source: 'KurrentDB (EventStoreDB): appending events, catch-up subscriptions',
  overConnections: true,
  messages: {
    'events.append': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(hashText(m.stream), 31) + m.event.id) | 0,
      label: (m) => `append to ${m.stream} behind ${m.expectedRevision}`,
    },
    'events.appended': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.position,
      label: (m) => `appended at ${m.position}`,
    },
    'events.load': {
      role: 'request',
      flight: 'request',
      digest: (m) => hashText(m.stream),
      label: (m) => `load ${m.stream}`,
    },
    'events.loaded': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (Math.imul(m.snapshot?.revision ?? -1, 31) + m.events.length) | 0,
      label: (m) =>
        `${m.snapshot === null ? '' : `snapshot ${m.snapshot.revision} and `}` +
        `${plural(m.events.length, 'event')}`,
    },
    'events.snapshot': {
      role: 'notice',
      flight: 'control',
      digest: (m) => (Math.imul(hashText(m.stream), 31) + m.snapshot.revision) | 0,
      label: (m) => `snapshot ${m.snapshot.revision} of ${m.stream}`,
    },
    'events.next': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.after,
      label: (m) => `events behind ${m.after}`,
    },
    'events.page': {
      role: 'reply',
      flight: 'replication',
      digest: (m) => (Math.imul(m.head, 31) + m.events.length) | 0,
      label: (m) => `${plural(m.events.length, 'event')}, head ${m.head}`,
    },
  },
  errors: [
    {
      code: 'wrong-expected-version',
      definite: true,
      means: 'the stream is further than the writer knew: nothing was appended',
    },
  ],
});
