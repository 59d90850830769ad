/** The picture of a broker of queues, and the numbers that charts follow. */
import type { Gauge, NameOf, Sight } from '../../node/behaviour.ts';
import { readyCount } from '../../protocols/queue/index.ts';
import type { Hosted, QueueBrokerState } from './state.ts';
import type { ExchangeView, QueueBrokerView } from './view.ts';

/** Copies at those who follow do not count. */
const counts = ({ config, replica }: Hosted): boolean =>
  !config.isReplicated || replica?.isInOffice === true;

/** Over the queues for dead letters, or over the others. */
function sumOf(
  { hosted }: QueueBrokerState,
  isForDead: boolean,
  of: (one: Hosted) => number,
): number {
  let sum = 0;
  for (const one of hosted) if (one.isForDead === isForDead && counts(one)) sum += of(one);
  return sum;
}

const readyIn = (state: QueueBrokerState): number =>
  sumOf(state, false, (one) => readyCount(one.state));
const unackedIn = (state: QueueBrokerState): number =>
  sumOf(state, false, (one) => one.state.unacked.size);
const deadIn = (state: QueueBrokerState): number =>
  sumOf(state, true, (one) => readyCount(one.state) + one.state.unacked.size);

export const GAUGES: readonly Gauge<QueueBrokerState>[] = [
  {
    kind: 'level',
    title: 'Ready',
    about: 'Messages that wait for a consumer, those of dead-letter queues left out.',
    of: readyIn,
  },
  {
    kind: 'level',
    title: 'Unacked',
    about: 'Messages that a consumer has and has not settled.',
    of: unackedIn,
  },
  {
    kind: 'level',
    title: 'Dead letters',
    about: 'Messages in dead-letter queues.',
    of: deadIn,
  },
  {
    kind: 'level',
    title: 'Consumers',
    about: 'Channels of consumers.',
    of: ({ channels }) => channels.size,
  },
  {
    kind: 'count',
    title: 'Published',
    about: 'Messages that it has taken, dead letters among them.',
    of: ({ counts }) => counts.published,
  },
  {
    kind: 'count',
    title: 'Delivered',
    about: 'Deliveries to consumers, all tries.',
    of: ({ counts }) => counts.delivered,
  },
  {
    kind: 'count',
    title: 'Redelivered',
    about: 'Deliveries that may not have been the first.',
    of: ({ counts }) => counts.redelivered,
  },
  {
    kind: 'count',
    title: 'Acknowledged',
    about: 'Messages that a consumer has worked on.',
    of: ({ counts }) => counts.acked,
  },
  {
    kind: 'count',
    title: 'Dead-lettered',
    about: 'Messages that it has moved to a dead-letter queue.',
    of: ({ counts }) => counts.deadLettered,
  },
  {
    kind: 'count',
    title: 'Dropped',
    about: 'Messages that left a queue unworked and had nowhere to go.',
    of: ({ counts }) => counts.dropped,
  },
  {
    kind: 'count',
    title: 'Unroutable',
    about: 'Messages for which no queue was bound: dropped, or returned to who published them.',
    of: ({ counts }) => counts.unroutable,
  },
  {
    kind: 'count',
    title: 'Refused',
    about: 'Messages that a full queue has not taken.',
    of: ({ counts }) => counts.refused,
  },
];

const exchangesOf = (
  { exchanges, hosted }: QueueBrokerState,
  nowMicros: number,
): readonly ExchangeView[] =>
  exchanges.map(({ name, type, bindings }) => ({
    name,
    type,
    bindings: bindings.map(({ queue, routingKey, fromMicros }) => ({
      queue: hosted[queue]?.config.name ?? '',
      routingKey,
      isBound: fromMicros <= nowMicros,
    })),
  }));

export function viewOf(
  state: QueueBrokerState,
  _nameOf: NameOf,
  { monoMicros }: Sight,
): QueueBrokerView {
  const { hosted, counts } = state;
  const queues = hosted.map(({ config, isForDead, replica, state: of }) => ({
    name: config.name,
    ready: readyCount(of),
    unacked: of.unacked.size,
    consumers: of.channels.length,
    isForDead,
    leads: config.isReplicated ? replica?.isInOffice === true : null,
    term: replica?.raft.term ?? null,
  }));
  return {
    component: 'queue-broker',
    queues,
    exchanges: exchangesOf(state, monoMicros),
    ready: readyIn(state),
    unacked: unackedIn(state),
    dead: deadIn(state),
    deadLettered: counts.deadLettered,
    dropped: counts.dropped,
    unroutable: counts.unroutable,
    fields: [
      { label: 'Ready', value: readyIn(state) },
      { label: 'Unacked', value: unackedIn(state) },
      { label: 'Dead letters', value: deadIn(state) },
      { label: 'Dead-lettered', value: counts.deadLettered },
      { label: 'Dropped', value: counts.dropped },
      ...(state.exchanges.length === 0 ? [] : [{ label: 'Unroutable', value: counts.unroutable }]),
      { label: 'Redelivered', value: counts.redelivered },
      { label: 'Consumers', value: state.channels.size },
    ],
  };
}
