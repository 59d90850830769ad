/** The state of a broker of queues, and what it keeps on its disk. */
import type { CallId, CallRef, Context, DurableSpec, NodeIndex } from '../../node/behaviour.ts';
import { queueRules, recovered } from '../../protocols/queue/index.ts';
import type { Held, QueueConfig, QueueState } from '../../protocols/queue/index.ts';
import { ms } from '../../kernel/time.ts';
import type { QueueBrokerConfig } from './config.ts';

export type Ctx = Context<QueueBrokerConfig>;

/** A queue of this broker. */
export interface Hosted {
  readonly config: QueueConfig;
  /** Where its dead letters go, by place; -1: nowhere. */
  readonly deadLetters: number;
  /** Dead letters of others come here. */
  readonly isForDead: boolean;
  readonly state: QueueState;
  /** When its timer looks at what has expired; -1: it is not set. */
  tickMicros: number;
}

export interface OpenChannel {
  readonly id: number;
  readonly consumer: NodeIndex;
  /** By place. */
  readonly queue: number;
  readonly heartbeatMicros: number;
  /** The heartbeat that is not answered yet. */
  beat: CallRef | null;
  /** Deliveries under way: by tag, the tag of the call, and its name. */
  readonly calls: Map<number, readonly [tag: number, call: CallId]>;
}

/** What a call of its own was about. */
export interface Asked {
  readonly channel: number;
  readonly tag: number;
}

export interface QueueBrokerState {
  readonly hosted: readonly Hosted[];
  readonly channels: Map<number, OpenChannel>;
  readonly asked: Map<number, Asked>;
  /** Publishes that are not confirmed yet. */
  readonly publishes: Map<number, CallRef>;
  /** What a running fsync makes safe, by ticket. */
  readonly tickets: Map<number, { readonly queue: number; readonly seq: number }>;
  nextTag: number;
  readonly counts: {
    published: number;
    refused: number;
    delivered: number;
    redelivered: number;
    acked: number;
    returned: number;
    deadLettered: number;
    dropped: number;
  };
}

export type QueueRecord =
  | { readonly type: 'put'; readonly queue: number; readonly held: Held }
  | { readonly type: 'take'; readonly queue: number; readonly seq: number };

/** Messages by place, of each queue. */
export type QueueDisk = Map<number, Map<number, Held>>;

const cloned = (disk: QueueDisk): QueueDisk =>
  new Map([...disk].map(([queue, kept]) => [queue, new Map(kept)]));

export const queueDurable: DurableSpec<QueueDisk, QueueRecord> = {
  empty: () => new Map(),
  apply(disk, record) {
    let kept = disk.get(record.queue);
    if (kept === undefined) disk.set(record.queue, (kept = new Map()));
    if (record.type === 'put') kept.set(record.held.seq, record.held);
    else kept.delete(record.seq);
  },
  save: cloned,
  restore: (image) => cloned(image as QueueDisk),
};

export function newBroker(ctx: Ctx): QueueBrokerState {
  const { queues } = ctx.config;
  const disk = ctx.durable as QueueDisk;
  const rules = queueRules(ctx.ablations);
  const placeOf = (name: string): number => queues.findIndex((one) => one.name === name);
  return {
    hosted: queues.map((one, place) => ({
      config: Object.freeze({
        name: one.name,
        deliveryLimit: one.deliveryLimit,
        maxLength: one.maxLength,
        overflow: one.overflow,
        messageTtlMicros: ms(one.messageTtlMs),
        rules,
      }),
      deadLetters: one.deadLetterQueue === '' ? -1 : placeOf(one.deadLetterQueue),
      isForDead: queues.some(({ deadLetterQueue }) => deadLetterQueue === one.name),
      state: recovered(disk.get(place)?.values() ?? []),
      tickMicros: -1,
    })),
    channels: new Map(),
    asked: new Map(),
    publishes: new Map(),
    tickets: new Map(),
    nextTag: 1,
    counts: {
      published: 0,
      refused: 0,
      delivered: 0,
      redelivered: 0,
      acked: 0,
      returned: 0,
      deadLettered: 0,
      dropped: 0,
    },
  };
}
