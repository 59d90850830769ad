/**
 * What a client of a log knows of its topic: asked of any broker, in turn, at the start, after
 * errors that say that it is old, and every metadata.max.age.ms.
 *
 * Source: Apache Kafka, Metadata, NetworkClient.DefaultMetadataUpdater
 */
import type { BrokerMetadata, BrokerMetadataReply, PartitionPlace } from '../contracts/broker.ts';
import { micros, ms } from '../kernel/time.ts';
import type { CallResult } from '../node/behaviour.ts';
import type { ClientContext } from './log-client.ts';

export interface LogMetadata {
  /** Of the topic, by index; nobody has told yet: empty. */
  places: readonly PartitionPlace[];
  isAsking: boolean;
  /** When it was asked last: the next question waits for the backoff. */
  askedMicros: number;
  nextBroker: number;
}

export interface MetadataWords {
  readonly topic: string;
  readonly metadataMaxAgeMs: number;
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
}

/** The tag of its calls, and the timer of its next question. */
export const METADATA_TAG = 0;
export const METADATA_TIMER = 'metadata';

export const newMetadata = (): LogMetadata => ({
  places: [],
  isAsking: false,
  askedMicros: -Infinity,
  nextBroker: 0,
});

/** Asks soon: at once, if the last question is long enough ago. */
export function refresh(meta: LogMetadata, ctx: ClientContext<MetadataWords>): void {
  if (meta.isAsking) return;
  const wait = meta.askedMicros + ms(ctx.config.retryBackoffMs) - ctx.mono();
  if (wait > 0) ctx.setTimer(METADATA_TIMER, 0, micros(wait));
  else askMetadata(meta, ctx);
}

export function askMetadata(meta: LogMetadata, ctx: ClientContext<MetadataWords>): void {
  const brokers = ctx.members('brokers');
  const broker = brokers[(ctx.self + meta.nextBroker) % Math.max(1, brokers.length)];
  if (meta.isAsking || broker === undefined) return;
  meta.nextBroker += 1;
  meta.isAsking = true;
  meta.askedMicros = ctx.mono();
  const timeout = ms(Math.min(ctx.config.requestTimeoutMs, METADATA_WAIT_MS));
  ctx.call<BrokerMetadata>(broker, { type: 'broker.metadata' }, { timeout, tag: METADATA_TAG });
}

/** A broker whose machine is gone is left for the next one sooner than a write would be. */
const METADATA_WAIT_MS = 10_000;

/** Whether there is something new to know. */
export function onMetadata(
  meta: LogMetadata,
  ctx: ClientContext<MetadataWords>,
  result: CallResult,
): boolean {
  meta.isAsking = false;
  const { topic, metadataMaxAgeMs, retryBackoffMs } = ctx.config;
  const topics = result.outcome === 'ok' ? (result.value as BrokerMetadataReply).topics : [];
  const places = topics.find((one) => topic === '' || one.topic === topic)?.partitions ?? [];
  const isUsable = places.length > 0 && places.every((place) => place !== undefined);
  ctx.setTimer(METADATA_TIMER, 0, ms(isUsable ? metadataMaxAgeMs : retryBackoffMs));
  if (isUsable) meta.places = newest(meta.places, places);
  return isUsable;
}

/** A broker that lags does not take back what another has told of a later epoch. */
const newest = (
  known: readonly PartitionPlace[],
  told: readonly PartitionPlace[],
): readonly PartitionPlace[] =>
  told.map((place, at) => {
    const before = known[at];
    return before !== undefined && before.leaderEpoch > place.leaderEpoch ? before : place;
  });
