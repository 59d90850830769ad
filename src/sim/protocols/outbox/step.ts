/**
 * A service that keeps orders in a database and tells a broker of each: through a table of events
 * that a relay empties, or by writing to both itself.
 *
 * Invariants (with all rules, through the table): an order is answered once its row and its event
 * are on disk; an event leaves the table once the broker has confirmed it, so each reaches the
 * broker at least once; first copies of one key's events reach it in the order of their commits.
 *
 * Source: Richardson, Microservices Patterns, section 3.3: transactional outbox, polling publisher
 * Differs: events that are published are marked by being deleted; there is one relay, in the
 * service's own process.
 */
import type { QueuedMessage } from '../../contracts/queue.ts';
import type { OutboxRules } from './rules.ts';

/** `after-commit` and `before-commit` are dual writes. */
export type PublishMode = 'outbox' | 'after-commit' | 'before-commit';

export interface OutboxConfig {
  readonly publish: PublishMode;
  /** The relay looks into the table at each tick only; otherwise at each commit, too. */
  readonly isPolled: boolean;
  readonly rules: OutboxRules;
}

export interface OrderRow {
  readonly seq: number;
  readonly message: QueuedMessage;
}
/** A transaction: whatever a record says is on disk at once, or not at all. */
export type OutboxRecord =
  | { readonly type: 'order'; readonly row: OrderRow; readonly hasEvent: boolean }
  | { readonly type: 'event'; readonly row: OrderRow }
  | { readonly type: 'mark'; readonly seq: number };

interface Event extends OrderRow {
  /** Handed to the broker, or waiting to be handed to it again. */
  isUnderWay: boolean;
}

export interface OutboxState {
  nextSeq: number;
  /** Rows of orders, by the value of the order. */
  readonly orders: Map<number, OrderRow>;
  /** Rows of events that are not marked, in the order of their commits. */
  readonly events: Map<number, Event>;
  /** Orders that are being handled: nothing of them, or not all, is on disk. */
  readonly underWay: Map<number, OrderRow>;
}

export type OutboxInput =
  | { readonly type: 'order'; readonly message: QueuedMessage }
  | { readonly type: 'durable'; readonly record: OutboxRecord }
  | { readonly type: 'published'; readonly seq: number; readonly isOk: boolean }
  /** What lies between the two writes of a dual write is over. */
  | { readonly type: 'gap'; readonly seq: number }
  | { readonly type: 'retry'; readonly seq: number }
  | { readonly type: 'tick' };

export type OutboxEffect =
  | { readonly type: 'persist'; readonly record: OutboxRecord }
  | { readonly type: 'publish'; readonly row: OrderRow }
  | { readonly type: 'gap'; readonly seq: number }
  | { readonly type: 'retry'; readonly seq: number }
  | { readonly type: 'answer'; readonly value: number }
  | { readonly type: 'refuse'; readonly value: number }
  /** Of a dual write: nobody will publish it. */
  | { readonly type: 'not-published'; readonly value: number };

export interface OutboxDisk {
  readonly orders: Map<number, OrderRow>;
  readonly events: Map<number, OrderRow>;
}

export function applyOutbox({ orders, events }: OutboxDisk, record: OutboxRecord): void {
  if (record.type === 'mark') {
    events.delete(record.seq);
    return;
  }
  const { row } = record;
  if (record.type === 'order') orders.set(row.message.value, row);
  if (record.type === 'event' || record.hasEvent) events.set(row.seq, row);
}

/** As its disk has it. */
export function startOutbox({ orders, events }: OutboxDisk): OutboxState {
  let nextSeq = 1;
  for (const { seq } of orders.values()) nextSeq = Math.max(nextSeq, seq + 1);
  return {
    nextSeq,
    orders: new Map(orders),
    events: new Map([...events].map(([seq, row]) => [seq, { ...row, isUnderWay: false }])),
    underWay: new Map(),
  };
}

export function step(
  config: OutboxConfig,
  state: OutboxState,
  input: OutboxInput,
  effects: OutboxEffect[],
): void {
  switch (input.type) {
    case 'order':
      return order(config, state, input.message, effects);
    case 'durable':
      return durable(config, state, input.record, effects);
    case 'published':
      return config.publish === 'outbox'
        ? relayed(config, state, input.seq, input.isOk, effects)
        : published(config, state, input.seq, input.isOk, effects);
    case 'gap':
      return gapOver(config, state, input.seq, effects);
    case 'retry':
      return retry(state, input.seq, effects);
    case 'tick':
      return relay(config, state, effects);
  }
}

/** The value of an order is its primary key: the same order once more changes nothing. */
function order(
  { publish, rules }: OutboxConfig,
  state: OutboxState,
  message: QueuedMessage,
  effects: OutboxEffect[],
): void {
  const { value } = message;
  if (state.orders.has(value)) {
    // One that is being handled is answered when that is done.
    if (!isHandled(state, value)) effects.push({ type: 'answer', value });
    return;
  }
  if (isHandled(state, value)) return;
  const row: OrderRow = { seq: state.nextSeq++, message };
  state.underWay.set(row.seq, row);
  if (publish === 'before-commit') {
    effects.push({ type: 'publish', row });
    return;
  }
  const hasEvent = publish === 'outbox' && rules.oneTransaction;
  effects.push({ type: 'persist', record: { type: 'order', row, hasEvent } });
}

function isHandled({ underWay }: OutboxState, value: number): boolean {
  for (const { message } of underWay.values()) if (message.value === value) return true;
  return false;
}

function durable(
  config: OutboxConfig,
  state: OutboxState,
  record: OutboxRecord,
  effects: OutboxEffect[],
): void {
  if (record.type === 'mark') return;
  const { row } = record;
  if (record.type === 'order') state.orders.set(row.message.value, row);
  if (config.publish === 'after-commit') {
    effects.push({ type: 'gap', seq: row.seq });
    return;
  }
  if (config.publish === 'outbox') {
    if (record.type === 'order' && !record.hasEvent) {
      effects.push({ type: 'persist', record: { type: 'event', row } });
      return;
    }
    state.events.set(row.seq, { ...row, isUnderWay: false });
  }
  finish(state, row, effects);
  if (config.publish === 'outbox' && !config.isPolled) relay(config, state, effects);
}

function finish(state: OutboxState, row: OrderRow, effects: OutboxEffect[]): void {
  state.underWay.delete(row.seq);
  effects.push({ type: 'answer', value: row.message.value });
}

/** Publishes what may be published now. */
function relay({ rules }: OutboxConfig, state: OutboxState, effects: OutboxEffect[]): void {
  const keys = new Set<string>();
  for (const event of [...state.events.values()]) {
    const { seq, message } = event;
    const isBehind = rules.keyOrder && keys.has(message.group);
    if (rules.markAfterConfirm) keys.add(message.group);
    if (isBehind || event.isUnderWay) continue;
    effects.push({ type: 'publish', row: { seq, message } });
    if (rules.markAfterConfirm) event.isUnderWay = true;
    else mark(state, seq, effects);
  }
}

function mark(state: OutboxState, seq: number, effects: OutboxEffect[]): void {
  state.events.delete(seq);
  effects.push({ type: 'persist', record: { type: 'mark', seq } });
}

function relayed(
  config: OutboxConfig,
  state: OutboxState,
  seq: number,
  isOk: boolean,
  effects: OutboxEffect[],
): void {
  if (!state.events.has(seq)) return;
  if (!isOk) {
    effects.push({ type: 'retry', seq });
    return;
  }
  mark(state, seq, effects);
  if (config.rules.keyOrder) relay(config, state, effects);
}

function retry(state: OutboxState, seq: number, effects: OutboxEffect[]): void {
  const event = state.events.get(seq);
  if (event !== undefined) effects.push({ type: 'publish', row: { seq, message: event.message } });
}

/** Of a dual write. */
function published(
  { publish }: OutboxConfig,
  state: OutboxState,
  seq: number,
  isOk: boolean,
  effects: OutboxEffect[],
): void {
  const row = state.underWay.get(seq);
  if (row === undefined) return;
  const { value } = row.message;
  if (publish === 'after-commit') {
    if (!isOk) effects.push({ type: 'not-published', value });
    return finish(state, row, effects);
  }
  if (isOk) {
    effects.push({ type: 'gap', seq });
    return;
  }
  // Rolled back, whether or not the broker has taken it.
  state.underWay.delete(seq);
  effects.push({ type: 'refuse', value });
}

function gapOver(
  { publish }: OutboxConfig,
  state: OutboxState,
  seq: number,
  effects: OutboxEffect[],
): void {
  const row = state.underWay.get(seq);
  if (row === undefined) return;
  if (publish === 'after-commit') effects.push({ type: 'publish', row });
  else effects.push({ type: 'persist', record: { type: 'order', row, hasEvent: false } });
}
