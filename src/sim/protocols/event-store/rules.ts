/** The rules of event sourcing that can be switched off, to see what each is for. */

export type EventSourcingAblation =
  | 'events.expected-version'
  | 'events.once'
  | 'events.snapshot-version'
  | 'projection.one-transaction'
  | 'projection.rows-first';

export interface EventSourcingRule {
  readonly id: EventSourcingAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

const KURRENT = 'KurrentDB (EventStoreDB), Appending events';
const CHECKPOINTS = 'KurrentDB (EventStoreDB), Catch-up subscriptions: checkpoints';

export const EVENT_SOURCING_RULES: readonly EventSourcingRule[] = [
  {
    id: 'events.expected-version',
    rule: 'An event is appended only behind the revision on which it was decided.',
    breaks: 'Invariants of an aggregate: two decide on one state, and both are kept (lost update).',
    source: `${KURRENT}: handling concurrency`,
  },
  {
    id: 'events.once',
    rule: 'An event whose id is in the stream is not appended again, and answered as it was.',
    breaks: 'Once: a command whose answer is lost is decided again and has two events.',
    source: `${KURRENT}: idempotence`,
  },
  {
    id: 'events.snapshot-version',
    rule: 'A snapshot carries the revision of the last event in it, and the tail begins behind it.',
    breaks: 'Snapshot and tail are the state: events of the time it was made in are in neither.',
    source: 'Young, CQRS Documents (2010), Rolling Snapshots',
  },
  {
    id: 'projection.one-transaction',
    rule: 'The rows of a projection and its checkpoint are written in one transaction.',
    breaks: 'Once: after a crash between two transactions events are in the rows again.',
    source: CHECKPOINTS,
  },
  {
    id: 'projection.rows-first',
    rule: 'No transaction moves the checkpoint past an event whose row is in a later one.',
    breaks: 'Every event has its row: a crash behind the checkpoint and before the row skips it.',
    source: CHECKPOINTS,
  },
];

export interface StoreRules {
  readonly expectedVersion: boolean;
  readonly once: boolean;
  readonly snapshotVersion: boolean;
}

export function storeRules(off: readonly string[]): StoreRules {
  return Object.freeze({
    expectedVersion: !off.includes('events.expected-version'),
    once: !off.includes('events.once'),
    snapshotVersion: !off.includes('events.snapshot-version'),
  });
}

export interface ProjectionRules {
  readonly oneTransaction: boolean;
  readonly rowsFirst: boolean;
}

export function projectionRules(off: readonly string[]): ProjectionRules {
  return Object.freeze({
    oneTransaction: !off.includes('projection.one-transaction'),
    rowsFirst: !off.includes('projection.rows-first'),
  });
}
