/** The state of a broker of queues, and what it keeps on its disk. */
import type { CallId, CallRef, Context, DurableSpec, NodeIndex } from '../../node/behaviour.ts';
import { newQueue, queueRules, recovered } from '../../protocols/queue/index.ts';
import type {
  Exchange,
  Held,
  QueueConfig,
  QueueInput,
  QueueState,
} from '../../protocols/queue/index.ts';
import { clonePlain } from '../../kernel/clone.ts';
import { ms } from '../../kernel/time.ts';
import type { RaftConfig } from '../../protocols/raft/config.ts';
import type { PersistEffect, RaftEffect, RaftInput } from '../../protocols/raft/effects.ts';
import {
  applyPersist,
  cloneRaft,
  cloneRaftDisk,
  createRaftDisk,
} from '../../protocols/raft/state.ts';
import type { RaftDisk, RaftState } from '../../protocols/raft/state.ts';
import type { HostedRaft } from '../raft-hosting.ts';
import type { QueueBrokerConfig } from './config.ts';

export type Ctx = Context<QueueBrokerConfig>;

/** Nobody is to be told. */
export const NOBODY = -1;

/** What the log of a quorum queue holds: an input to the queue, and when its leader had it. */
export interface QueueCommand {
  readonly input: QueueInput;
  /** By the wall clock of the leader: members have no other clock in common. */
  readonly atMicros: number;
}

/** This broker's part in a quorum queue. */
export interface Replica extends HostedRaft {
  readonly part: number;
  readonly config: RaftConfig;
  readonly raft: RaftState;
  effects: readonly RaftEffect[];
  /** It leads, and has applied all that was committed before it did. */
  isInOffice: boolean;
  /** The numbers of publishes whose commands are with the protocol, by tag. */
  readonly proposing: Map<number, number>;
  /** The same by index in the log, and the term in which that was given. */
  readonly deciding: Map<number, { readonly publish: number; readonly term: number }>;
  /** The index up to which a snapshot is to be taken; -1 but within an event. */
  snapshotDue: number;
}

/** A queue of the brokers of this group. */
export interface Hosted {
  readonly config: QueueConfig;
  /** Where its dead letters go, by place; -1: nowhere. */
  readonly deadLetters: number;
  /** Dead letters of others come here. */
  readonly isForDead: boolean;
  /** Who keeps it: one for a classic queue. */
  readonly members: readonly NodeIndex[];
  /** Null: it is classic, or this broker does not keep it. */
  readonly replica: Replica | null;
  state: QueueState;
  /** When its timer looks at what has expired; -1: it is not set. */
  tickMicros: number;
}

interface OpenChannel {
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

/** A message of a classic queue, or the writes of a replica up to one. */
type Stored =
  | { readonly queue: number; readonly seq: number }
  | { readonly queue: number; readonly upTo: number };

/** A message that goes to several queues: what each of them has said. */
export interface Copies {
  readonly count: number;
  /** By place: whether it was taken. */
  readonly answers: Map<number, boolean>;
}

export interface QueueBrokerState {
  readonly hosted: readonly Hosted[];
  readonly exchanges: readonly Exchange[];
  readonly channels: Map<number, OpenChannel>;
  readonly asked: Map<number, Asked>;
  /** Publishes that are not confirmed yet. */
  readonly publishes: Map<number, CallRef>;
  /** Of those that go to several queues. */
  readonly copies: Map<number, Copies>;
  /** What a running fsync makes safe, by ticket. */
  readonly tickets: Map<number, Stored>;
  /** Inputs to replicas, one after the other; empty but within an event. */
  readonly todo: (readonly [queue: number, input: RaftInput])[];
  isStepping: boolean;
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
    unroutable: number;
  };
}

export type QueueRecord =
  | { readonly type: 'put'; readonly queue: number; readonly held: Held }
  | { readonly type: 'take'; readonly queue: number; readonly seq: number }
  | { readonly type: 'found'; readonly queue: number; readonly members: readonly NodeIndex[] }
  | { readonly type: 'raft'; readonly queue: number; readonly write: PersistEffect };

interface ReplicaDisk extends RaftDisk {
  /** Who began together; null before the first start. */
  members: readonly NodeIndex[] | null;
}

export interface QueueDisk {
  /** Messages by place, of each classic queue. */
  readonly kept: Map<number, Map<number, Held>>;
  /** By queue. */
  readonly replicas: Map<number, ReplicaDisk>;
}

const newReplicaDisk = (): ReplicaDisk => ({ ...createRaftDisk(), members: null });

const cloned = ({ kept, replicas }: QueueDisk): QueueDisk => ({
  kept: new Map([...kept].map(([queue, messages]) => [queue, new Map(messages)])),
  replicas: new Map(
    [...replicas].map(([queue, disk]) => [
      queue,
      { ...cloneRaftDisk(disk), members: disk.members },
    ]),
  ),
});

function entryOf<V>(map: Map<number, V>, queue: number, make: () => V): V {
  let found = map.get(queue);
  if (found === undefined) map.set(queue, (found = make()));
  return found;
}

export const queueDurable: DurableSpec<QueueDisk, QueueRecord> = {
  empty: () => ({ kept: new Map(), replicas: new Map() }),
  apply({ kept, replicas }, record) {
    switch (record.type) {
      case 'put':
        return void entryOf(kept, record.queue, newKept).set(record.held.seq, record.held);
      case 'take':
        return void entryOf(kept, record.queue, newKept).delete(record.seq);
      case 'found':
        entryOf(replicas, record.queue, newReplicaDisk).members = record.members;
        return;
      case 'raft':
        return applyPersist(entryOf(replicas, record.queue, newReplicaDisk), record.write);
    }
  },
  save: cloned,
  restore: (image) => cloned(image as QueueDisk),
  plain({ kept, replicas }) {
    if (replicas.size === 0) return kept;
    const plainReplica = ([queue, { log, ...rest }]: readonly [number, ReplicaDisk]): unknown => ({
      queue,
      ...rest,
      log: log.toArray(),
      from: log.compactedIndex,
    });
    return { kept, replicas: [...replicas].map(plainReplica) };
  },
};

const newKept = (): Map<number, Held> => new Map();

/** Without its replicas: these begin once it is there. */
export function newBroker(
  ctx: Ctx,
  replicaOf: (place: number) => { readonly members: readonly NodeIndex[]; replica: Replica | null },
): QueueBrokerState {
  const { queues, exchanges } = ctx.config;
  const { kept } = ctx.durable as QueueDisk;
  const rules = queueRules(ctx.ablations);
  const placeOf = (name: string): number => queues.findIndex((one) => one.name === name);
  return {
    exchanges: exchanges.map(({ name, type, bindings }) => ({
      name,
      type,
      bindings: bindings.map(({ queue, routingKey, fromMs }) => ({
        queue: placeOf(queue),
        routingKey,
        fromMicros: ms(fromMs),
      })),
    })),
    hosted: queues.map((one, place) => ({
      config: Object.freeze({
        name: one.name,
        deliveryLimit: one.queueType === 'quorum' ? one.deliveryLimit : -1,
        returnsToBack: one.queueType === 'quorum' && one.deliveryLimit < 0,
        maxLength: one.maxLength,
        overflow: one.overflow,
        messageTtlMicros: ms(one.messageTtlMs),
        isDurable: one.durable,
        isReplicated: one.queueType === 'quorum',
        rules,
      }),
      deadLetters: one.deadLetterQueue === '' ? -1 : placeOf(one.deadLetterQueue),
      isForDead: queues.some(
        ({ deadLetterQueue, deadLetterExchange }) =>
          deadLetterQueue === one.name || isBound(ctx.config, one.name, deadLetterExchange),
      ),
      ...replicaOf(place),
      state: one.queueType === 'quorum' ? newQueue() : recovered(kept.get(place)?.values() ?? []),
      tickMicros: -1,
    })),
    channels: new Map(),
    asked: new Map(),
    publishes: new Map(),
    copies: new Map(),
    tickets: new Map(),
    todo: [],
    isStepping: false,
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
      unroutable: 0,
    },
  };
}

const isBound = ({ exchanges }: QueueBrokerConfig, queue: string, exchange: string): boolean =>
  exchanges.some(
    ({ name, bindings }) => name === exchange && bindings.some((one) => one.queue === queue),
  );

function copyReplica(replica: Replica | null): Replica | null {
  if (replica === null) return null;
  const { raft, proposing, deciding, ...rest } = replica;
  return {
    ...rest,
    raft: cloneRaft(raft),
    effects: [],
    proposing: new Map(proposing),
    deciding: new Map(deciding),
  };
}

/** Logs are shared as far as they cannot change. */
export function copyState({ hosted, ...rest }: QueueBrokerState): QueueBrokerState {
  return {
    ...clonePlain(rest),
    hosted: hosted.map(({ replica, ...one }) => ({
      ...clonePlain(one),
      replica: copyReplica(replica),
    })),
  };
}

/**
 * Everything that tells two brokers apart, without what is empty between two events. Of one without
 * exchanges there is nothing to tell of them.
 */
export function plainState({
  hosted,
  exchanges,
  copies,
  counts: { unroutable, ...counts },
  todo: _t,
  isStepping: _s,
  ...rest
}: QueueBrokerState): unknown {
  const ofExchanges = exchanges.length === 0 ? {} : { copies, unroutable };
  return { ...rest, ...ofExchanges, counts, hosted: hosted.map(plainHosted) };
}

/** What only quorum queues have is told of them alone. */
function plainHosted({ replica, config, members, ...rest }: Hosted): unknown {
  const { isDurable, isReplicated, rules, ...settings } = config;
  const { confirmAllCopies: _a, ...own } = rules;
  const { confirmAfterMajority: _c, returnOnFailover: _r, ...ofClassic } = own;
  if (!isReplicated) {
    const durability = isDurable ? {} : { isDurable };
    return { ...rest, config: { ...settings, ...durability, rules: ofClassic } };
  }
  const plain = replica === null ? null : plainReplica(replica);
  return { ...rest, config: { ...config, rules: own }, members, replica: plain };
}

function plainReplica({ config: _c, effects: _e, raft, ...more }: Replica): unknown {
  const { log, ...others } = raft;
  return { ...more, raft: { ...others, log: log.toArray(), from: log.compactedIndex } };
}
