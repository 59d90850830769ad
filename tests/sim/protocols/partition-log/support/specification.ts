/**
 * The abstraction of hachikuji/kafka-specification, played by our own `step`.
 *
 * There a replica is its log, its high watermark and what it last heard of leader, epoch and ISR;
 * leaders see their followers' logs at once, and the controller and its registry are one. A state
 * here is just that. Each action makes replicas of it, gives them the inputs that the action stands
 * for, until they agree, and keeps of the outcome what the abstraction knows. What an action of
 * the specification demands beyond what our replicas demand is written where it is.
 *
 * Source: KafkaReplication.tla and its five extensions, at d68782b5
 */
import type { Model } from '../../../../../src/sim/protocols/explore.ts';
import type { PartitionConfig } from '../../../../../src/sim/protocols/partition-log/config.ts';
import type {
  PartitionEffect,
  PartitionInput,
} from '../../../../../src/sim/protocols/partition-log/effects.ts';
import { fetchOf, lookupOf } from '../../../../../src/sim/protocols/partition-log/follower.ts';
import { PartitionLog } from '../../../../../src/sim/protocols/partition-log/log.ts';
import { newProgress } from '../../../../../src/sim/protocols/partition-log/progress.ts';
import { partitionRules } from '../../../../../src/sim/protocols/partition-log/rules.ts';
import { createPartition } from '../../../../../src/sim/protocols/partition-log/state.ts';
import type { PartitionState } from '../../../../../src/sim/protocols/partition-log/state.ts';
import { step } from '../../../../../src/sim/protocols/partition-log/step.ts';
import { batchOf } from './replicas.ts';

export type Specification =
  'KafkaTruncateToHighWatermark' | 'Kip101' | 'Kip279' | 'Kip320FirstTry' | 'Kip320';

export interface Bounds {
  readonly replicas: number;
  readonly LogSize: number;
  readonly MaxRecords: number;
  readonly MaxLeaderEpoch: number;
}

interface Entry {
  readonly id: number;
  readonly epoch: number;
}

/** What the controller has written, and sends to the replicas. */
interface Registry {
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
}

interface Replica extends Registry {
  readonly log: readonly Entry[];
  readonly hw: number;
}

export interface SpecState {
  readonly replicas: readonly Replica[];
  readonly nextRecordId: number;
  readonly nextLeaderEpoch: number;
  readonly requests: readonly Registry[];
  readonly quorum: Registry;
}

const NONE = -1;
/** Long after every fetch, so that whoever is not at the end counts as late. */
const LATE_MICROS = 10 ** 12;

/** Which of our rules each of the specifications lives by. */
const OFF: Readonly<Record<Specification, readonly string[]>> = {
  KafkaTruncateToHighWatermark: [
    'partition.epoch-truncation',
    'partition.epoch-fencing',
    'partition.epoch-start',
  ],
  Kip101: ['partition.epoch-lookup', 'partition.epoch-fencing', 'partition.epoch-start'],
  Kip279: ['partition.epoch-fencing', 'partition.epoch-start'],
  Kip320FirstTry: ['partition.epoch-fencing', 'partition.epoch-start'],
  Kip320: [],
};

const isSame = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a !== undefined && b !== undefined && a.id === b.id && a.epoch === b.epoch;
const without = (ids: readonly number[], id: number): readonly number[] =>
  ids.filter((one) => one !== id);
type Visit = (action: string, next: SpecState) => void;

export class KafkaSpecification implements Model<SpecState, string> {
  readonly #spec: Specification;
  readonly #bounds: Bounds;
  readonly #ids: readonly number[];
  readonly #configs: readonly PartitionConfig[];
  readonly #invariants: readonly string[];

  constructor(spec: Specification, bounds: Bounds, invariants: readonly string[]) {
    this.#spec = spec;
    this.#bounds = bounds;
    this.#invariants = invariants;
    this.#ids = Array.from({ length: bounds.replicas }, (_, id) => id);
    const rules = partitionRules(OFF[spec]);
    this.#configs = this.#ids.map((id) => ({
      id,
      replicas: this.#ids,
      minInsyncReplicas: 1,
      replicaLagTimeMaxMicros: 1,
      replicaFetchMaxBytes: 1,
      truncateOnFetch: spec === 'Kip320FirstTry',
      rules,
    }));
  }

  initial(): readonly SpecState[] {
    const nobody = { leader: NONE, leaderEpoch: NONE };
    const replicas = this.#ids.map(() => ({ ...nobody, isr: [], log: [], hw: 0 }));
    const quorum = { ...nobody, isr: this.#ids };
    return [{ replicas, nextRecordId: 0, nextLeaderEpoch: 0, requests: [], quorum }];
  }

  key(state: SpecState): string {
    return JSON.stringify(state);
  }

  describe(action: string): string {
    return action;
  }

  violation(state: SpecState): string | null {
    if (this.#invariants.includes('WeakIsr') && !this.#holds(state, ({ isr }) => isr)) {
      return 'WeakIsr';
    }
    if (this.#invariants.includes('StrongIsr') && !this.#holds(state, () => state.quorum.isr)) {
      return 'StrongIsr';
    }
    return null;
  }

  /** Whoever takes itself for the leader agrees, below its high watermark, with these. */
  #holds(state: SpecState, isrOf: (leader: Replica) => readonly number[]): boolean {
    return state.replicas.every((leader, id) => {
      if (leader.leader !== id) return true;
      return isrOf(leader).every((other) => {
        const { log } = state.replicas[other]!;
        for (let at = 0; at < leader.hw; at += 1) {
          if (!isSame(leader.log[at], log[at])) return false;
        }
        return true;
      });
    });
  }

  successors(state: SpecState, visit: Visit): void {
    this.#controller(state, visit);
    for (const id of this.#ids) {
      this.#becomes(state, id, visit);
      this.#leads(state, id, visit);
      for (const leader of this.#ids) if (leader !== id) this.#fetches(state, leader, id, visit);
    }
  }

  /** Of the time of ZooKeeper: an epoch for every change that the controller makes. */
  #controller(state: SpecState, visit: Visit): void {
    const { quorum, nextLeaderEpoch } = state;
    if (nextLeaderEpoch > this.#bounds.MaxLeaderEpoch) return;
    const write = (action: string, leader: number, isr: readonly number[]): void => {
      const next = { leader, leaderEpoch: nextLeaderEpoch, isr };
      const requests = [...state.requests, next];
      visit(action, { ...state, quorum: next, requests, nextLeaderEpoch: nextLeaderEpoch + 1 });
    };
    for (const id of quorum.isr) {
      if (id !== quorum.leader) write(`the controller elects ${id}`, id, quorum.isr);
    }
    for (const id of this.#ids) {
      const isAlone = quorum.isr.length === 1 && quorum.isr[0] === id;
      if (quorum.leader === id) {
        const left = isAlone ? quorum.isr : without(quorum.isr, id);
        write(`the leader ${id} fails`, NONE, left);
      } else if (quorum.isr.includes(id)) {
        write(`${id} fails`, quorum.leader, without(quorum.isr, id));
      }
    }
  }

  /** Replicas take the controller's words up in any order; older ones they ignore. */
  #becomes(state: SpecState, id: number, visit: Visit): void {
    for (const request of state.requests) {
      // There nobody takes up that there is no leader.
      if (request.leader === NONE) continue;
      if (request.leaderEpoch <= state.replicas[id]!.leaderEpoch) continue;
      const own = this.#replica(state, id);
      const metadata = { ...request, partitionEpoch: 0 };
      this.#step(own, id, { type: 'metadata', metadata });
      if (request.leader !== id && !this.#truncates(state, own, id, request.leader)) continue;
      const leads = request.leader === id;
      // There a leader commits in actions of their own.
      const hw = leads ? state.replicas[id]!.hw : own.highWatermark;
      const role = leads ? 'leads' : `follows ${request.leader}`;
      visit(`${id} ${role} in epoch ${request.leaderEpoch}`, this.#with(state, id, own, hw));
    }
  }

  /** Asks the leader's log until it has its answer; false: it gets none. */
  #truncates(state: SpecState, own: PartitionState, id: number, leader: number): boolean {
    const before = own.log.end;
    if (this.#spec === 'Kip279' && this.#matches(state, own, id, leader)) return true;
    let wanted = 0;
    for (let lookup = this.#lookup(own, id); lookup !== null; lookup = this.#lookup(own, id)) {
      const peer = this.#replica(state, leader);
      const [effect] = this.#step(peer, leader, { type: 'lookup', tag: 0, lookup });
      if (effect?.type !== 'lookup-reply' || effect.reply.error !== null) return false;
      const { leaderEpoch } = lookup;
      wanted = effect.reply.end.endOffset;
      this.#step(own, id, { type: 'looked-up', leaderEpoch, reply: effect.reply });
    }
    // There the follower of an empty log asks nobody, but its leader must be there all the same.
    if (this.#spec === 'Kip320' && before === 0) {
      const peer = state.replicas[leader]!;
      return peer.leader === leader && peer.leaderEpoch === own.leaderEpoch;
    }
    // There an end beyond the follower's own is no end to truncate to.
    return this.#spec !== 'Kip101' || wanted <= before;
  }

  /**
   * Unfenced, a stale leader may write in its old epoch after records of a later one. Kafka's list
   * of epochs, and ours, forgets the later one then; the specification compares record by record,
   * and so does this. False: no epoch falls in either log, and the replicas see for themselves.
   */
  #matches(state: SpecState, own: PartitionState, id: number, leader: number): boolean {
    const [mine, other] = [state.replicas[id]!.log, state.replicas[leader]!.log];
    const falls = ({ epoch }: Entry, at: number, log: readonly Entry[]): boolean =>
      at > 0 && epoch < log[at - 1]!.epoch;
    if (!mine.some(falls) && !other.some(falls)) return false;
    own.log.truncateTo(mine.findLastIndex((entry, at) => isSame(entry, other[at])) + 1);
    own.highWatermark = Math.min(own.highWatermark, own.log.end);
    return true;
  }

  #lookup(own: PartitionState, id: number): ReturnType<typeof lookupOf> {
    return lookupOf(this.#configs[id]!, own);
  }

  #leads(state: SpecState, id: number, visit: Visit): void {
    const replica = state.replicas[id]!;
    if (replica.leader !== id) return;
    if (state.nextRecordId < this.#bounds.MaxRecords && replica.log.length < this.#bounds.LogSize) {
      const own = this.#replica(state, id);
      const batch = batchOf([state.nextRecordId]);
      this.#step(own, id, { type: 'produce', tag: 0, acks: 1, batch });
      const next = this.#with(state, id, own, replica.hw);
      visit(`${id} writes`, { ...next, nextRecordId: state.nextRecordId + 1 });
    }
    this.#advances(state, id, visit);
    const { quorum } = state;
    if (quorum.leader !== id || quorum.leaderEpoch !== replica.leaderEpoch) return;
    for (const other of this.#ids) {
      if (other === id) continue;
      if (replica.isr.includes(other)) this.#shrinks(state, id, other, visit);
      else this.#expands(state, id, other, visit);
    }
  }

  /** By one offset at a time: each fetch of the followers that it takes has been in between. */
  #advances(state: SpecState, id: number, visit: Visit): void {
    const { hw, isr } = state.replicas[id]!;
    const own = this.#replica(state, id);
    for (const other of isr) {
      if (other !== id && !this.#hasFetched(state, own, id, other, hw + 1)) return;
    }
    this.#step(own, id, { type: 'scan' });
    if (own.highWatermark <= hw) return;
    visit(`${id} commits ${hw}`, this.#with(state, id, own, hw + 1));
  }

  /** Whether the leader has taken a fetch in which the follower had all below `offset`. */
  #hasFetched(
    state: SpecState,
    own: PartitionState,
    id: number,
    other: number,
    offset: number,
  ): boolean {
    const follower = state.replicas[other]!;
    if (follower.leader !== id || follower.log.length < offset || own.log.end < offset)
      return false;
    const peer = this.#replica(state, other);
    peer.log.truncateTo(offset);
    const fetch = fetchOf(this.#configs[other]!, peer, 0);
    if (fetch === null) return false;
    const effects = this.#step(own, id, { type: 'fetch', tag: 0, fetch });
    const reply = effects.find((effect) => effect.type === 'fetch-reply')?.reply;
    return reply !== undefined && reply.error === null && reply.diverging === null;
  }

  #shrinks(state: SpecState, id: number, other: number, visit: Visit): void {
    const own = this.#replica(state, id);
    for (const follower of own.followers) {
      if (follower.id !== other) follower.end = own.log.end;
    }
    this.#hasFetched(state, own, id, other, own.log.end);
    this.#alters(state, id, this.#step(own, id, { type: 'scan' }, LATE_MICROS), visit);
  }

  #expands(state: SpecState, id: number, other: number, visit: Visit): void {
    const own = this.#replica(state, id);
    const { hw, log, leaderEpoch } = state.replicas[id]!;
    if (state.replicas[other]!.log.length < hw) return;
    // There the leader's own high watermark must have come that far, not only the follower.
    const isFenced = this.#spec === 'Kip320' || this.#spec === 'Kip320FirstTry';
    if (isFenced && hw < log.length && log[hw]!.epoch !== leaderEpoch) return;
    const effects: PartitionEffect[] = [];
    this.#hasFetched(state, own, id, other, hw);
    if (own.proposed !== null) effects.push({ type: 'alter', proposed: own.proposed });
    this.#alters(state, id, effects, visit);
  }

  /** The registry and the leader change at once. */
  #alters(state: SpecState, id: number, effects: readonly PartitionEffect[], visit: Visit): void {
    const proposed = effects.find((effect) => effect.type === 'alter')?.proposed;
    if (proposed === undefined) return;
    const { isr } = proposed;
    const replicas = state.replicas.map((one, at) => (at === id ? { ...one, isr } : one));
    visit(`${id} makes the ISR [${isr.join(', ')}]`, {
      ...state,
      replicas,
      quorum: { ...state.quorum, isr },
    });
  }

  #fetches(state: SpecState, leader: number, id: number, visit: Visit): void {
    const follower = state.replicas[id]!;
    if (follower.leader !== leader || state.replicas[leader]!.leader !== leader) return;
    const own = this.#replica(state, id);
    const fetch = fetchOf(this.#configs[id]!, own, 0);
    if (fetch === null) return;
    let didTruncate = false;
    for (;;) {
      const peer = this.#replica(state, leader);
      const now = fetchOf(this.#configs[id]!, own, 0)!;
      const effects = this.#step(peer, leader, { type: 'fetch', tag: 0, fetch: now });
      const reply = effects.find((effect) => effect.type === 'fetch-reply')?.reply;
      if (reply === undefined || reply.error !== null) return;
      if (reply.diverging === null && (didTruncate || reply.batches.length === 0)) break;
      didTruncate = reply.diverging !== null;
      if (didTruncate && this.#matches(state, own, id, leader)) break;
      const { hw } = state.replicas[leader]!;
      const { leaderEpoch } = now;
      const seen = { ...reply, highWatermark: hw, batches: reply.batches.slice(0, 1) };
      this.#step(own, id, { type: 'fetched', leaderEpoch, reply: seen });
      if (!didTruncate) break;
    }
    if (own.log.end === follower.log.length) return;
    const action = didTruncate ? 'drops what is not in the log of' : 'fetches from';
    visit(`${id} ${action} ${leader}`, this.#with(state, id, own));
  }

  #replica(state: SpecState, id: number): PartitionState {
    const { log, hw, leader, leaderEpoch, isr } = state.replicas[id]!;
    const batches = log.map((entry, at) => ({
      ...batchOf([entry.id]),
      baseOffset: at,
      leaderEpoch: entry.epoch,
    }));
    const own = createPartition(PartitionLog.of(batches), hw);
    if (leader === id) {
      // What it knows of its followers it will hear in the action.
      for (const other of without(this.#ids, id)) own.followers.push(newProgress(other, -Infinity));
      const start = log.findIndex(({ epoch }) => epoch === leaderEpoch);
      own.epochStart = start < 0 ? log.length : start;
    }
    Object.assign(own, { leader, leaderEpoch, isr });
    return own;
  }

  #step(
    own: PartitionState,
    id: number,
    input: PartitionInput,
    nowMicros = 0,
  ): readonly PartitionEffect[] {
    const out: PartitionEffect[] = [];
    step(this.#configs[id]!, own, input, nowMicros, out);
    return out;
  }

  #with(state: SpecState, id: number, own: PartitionState, hw = own.highWatermark): SpecState {
    const { leader, leaderEpoch, isr } = own;
    const log = own.log.toArray().map((batch) => ({
      id: batch.records[0]!.value as number,
      epoch: batch.leaderEpoch,
    }));
    const next = { isr, leader, leaderEpoch, log, hw };
    return { ...state, replicas: state.replicas.map((one, at) => (at === id ? next : one)) };
  }
}
