/**
 * What must hold of the replicas of a partition, looked at after every step of any of them.
 *
 * Committed is what some leader's high watermark has passed. What one passes after another has
 * begun to lead, that one must have had by then: afterwards it takes none of an older epoch.
 *
 * Batches are shared, so that two logs agree where they hold the same batch: comparing costs
 * nothing by its length.
 *
 * Source: Vanlightly, kafka-tlaplus: LeaderCompleteness, LogMatching, NoCommittedRecordLost,
 * ConsistentRead; KIP-320
 */
import type { RecordBatch } from '../../contracts/record-batch.ts';
import { endOf } from '../../contracts/record-batch.ts';
import { ChunkedList } from '../chunked-list.ts';
import { isSameBatch } from './compaction.ts';
import { IsrInvariants } from './isr-invariants.ts';
import type { IsrInvariant, IsrInvariantsImage, WatchedRegistration } from './isr-invariants.ts';
import type { BrokerId, PartitionConfig } from './config.ts';
import type { PartitionState } from './state.ts';
import { maximalIsr } from './watermark.ts';

export interface WatchedReplica {
  readonly partition: number;
  readonly name: string;
  readonly config: PartitionConfig;
  readonly state: PartitionState;
}

export interface WatchedRead {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly batch: RecordBatch;
}

/** That a new leader has all that is committed (leader completeness) is the second. */
export type PartitionInvariant =
  'one-leader' | 'no-committed-record-lost' | 'log-matching' | 'consistent-read' | IsrInvariant;

export interface PartitionViolation {
  readonly invariant: PartitionInvariant;
  readonly why: string;
  readonly nodes: readonly BrokerId[];
}

interface Watched {
  readonly name: string;
  /** Without a gap from the first offset on. */
  committed: ChunkedList<RecordBatch>;
  end: number;
  /** Who leads, by epoch. */
  readonly leaders: Map<number, BrokerId>;
  newestEpoch: number;
  /** Where the log of its leader ended as it began. */
  newestStart: number;
  /** By what its newest leader goes: the lists are replaced, never changed. */
  goesBy: Pick<PartitionState, 'leaderEpoch' | 'isr' | 'proposed'> | null;
  /** Up to where each replica's log was compared. */
  readonly compared: Map<BrokerId, number>;
}

export interface PartitionInvariantsImage {
  readonly partitions: readonly (readonly [number, Watched])[];
  readonly isr: IsrInvariantsImage;
  readonly told: readonly string[];
  readonly lost: number;
}

export class PartitionInvariants {
  readonly #partitions = new Map<number, Watched>();
  readonly #isr: IsrInvariants;
  readonly #nameOf: (node: BrokerId) => string;
  readonly #report: (violation: PartitionViolation) => void;
  /** What was found already, by invariant, partition and replica. */
  #told = new Set<string>();
  #lost = 0;

  constructor(nameOf: (node: BrokerId) => string, report: (violation: PartitionViolation) => void) {
    this.#nameOf = nameOf;
    this.#report = report;
    this.#isr = new IsrInvariants(nameOf, (found) =>
      this.#tell(found.invariant, found, found.why, found.nodes),
    );
  }

  get violations(): number {
    return this.#told.size;
  }

  /** Committed records that a later leader did not have. */
  get lost(): number {
    return this.#lost;
  }

  onStep(node: BrokerId, { partition, name, config, state }: WatchedReplica): void {
    const at = this.#of(partition, name);
    if (state.leader === node) {
      this.#onLeader(at, node, state);
      this.#lookAtIsr(at, partition, node, config, state);
    }
    this.#compare(at, node, state);
  }

  /** A controller has applied a change of a partition. */
  onRegistered(registered: WatchedRegistration): void {
    this.#isr.onRegistered(registered);
  }

  #lookAtIsr(
    at: Watched,
    partition: number,
    leader: BrokerId,
    config: PartitionConfig,
    state: PartitionState,
  ): void {
    const { goesBy } = at;
    const { leaderEpoch, isr, proposed } = state;
    const isKnown = goesBy?.isr === isr && goesBy.proposed === proposed;
    if (leaderEpoch < at.newestEpoch || (isKnown && goesBy.leaderEpoch === leaderEpoch)) return;
    at.goesBy = { leaderEpoch, isr, proposed };
    const members = maximalIsr({ config, state });
    this.#isr.onLeader(partition, { leader, leaderEpoch, maximalIsr: members });
  }

  /** Its log is that of its disk now, which may be shorter. */
  onStart(node: BrokerId): void {
    for (const { compared } of this.#partitions.values()) compared.delete(node);
  }

  onRead(node: BrokerId, { partition, from, to, batch }: WatchedRead): void {
    const at = this.#partitions.get(partition);
    if (at === undefined) return;
    const committed = at.committed.at(placeOf(at.committed, from));
    if (to <= at.end && committed !== undefined && isSameBatch(batch, committed)) return;
    const reader = this.#nameOf(node);
    const why = `${reader} has read ${from} to ${to - 1} of ${at.name}: that is not committed.`;
    this.#tell('consistent-read', at, why, [node]);
  }

  #onLeader(at: Watched, node: BrokerId, state: PartitionState): void {
    const { leaderEpoch, log, highWatermark } = state;
    const other = at.leaders.get(leaderEpoch);
    if (other === undefined) {
      at.leaders.set(leaderEpoch, node);
      if (leaderEpoch > at.newestEpoch) {
        at.newestEpoch = leaderEpoch;
        at.newestStart = log.end;
        this.#onNewLeader(at, node, state);
      }
    } else if (other !== node) {
      const names = `${this.#nameOf(other)} and ${this.#nameOf(node)}`;
      this.#tell('one-leader', at, `${names} both lead ${at.name} in epoch ${leaderEpoch}.`, [
        other,
        node,
      ]);
    }
    if (leaderEpoch < at.newestEpoch && highWatermark > at.newestStart) {
      return this.#onDeposed(at, node, state);
    }
    if (highWatermark <= at.end) return;
    for (const batch of log.read(at.end, highWatermark, Infinity)) {
      // The log of another time: `compare` says so.
      if (batch.baseOffset !== at.end) return;
      at.committed.push(batch);
      at.end = endOf(batch);
    }
  }

  /** What it commits is lost already. */
  #onDeposed(at: Watched, node: BrokerId, { leaderEpoch, highWatermark }: PartitionState): void {
    const { newestEpoch, newestStart, name } = at;
    const why =
      `${this.#nameOf(node)} commits ${name} up to ${highWatermark} in epoch ${leaderEpoch}, but ` +
      `who leads in epoch ${newestEpoch} has begun at ${newestStart} without that.`;
    this.#tell('no-committed-record-lost', at, why, [node], `deposed ${leaderEpoch}`);
  }

  /** Whoever leads now decides what there is. */
  #onNewLeader(at: Watched, node: BrokerId, { leaderEpoch, log }: PartitionState): void {
    const { committed } = at;
    let keep = committed.length;
    while (keep > 0) {
      const batch = committed.at(keep - 1) as RecordBatch;
      const held = log.batchAt(batch.baseOffset);
      if (held !== undefined && isSameBatch(held, batch)) break;
      // Retention has deleted it.
      if (batch.baseOffset < log.start) break;
      keep -= 1;
    }
    if (keep === committed.length) return;
    const end = keep === 0 ? 0 : endOf(committed.at(keep - 1) as RecordBatch);
    const lost = at.end - end;
    this.#lost += lost;
    const records = lost === 1 ? '1 committed record is' : `${lost} committed records are`;
    const why =
      `${records} lost: ${this.#nameOf(node)} leads ${at.name} in epoch ${leaderEpoch} and ` +
      `lacks what was committed from offset ${end} on.`;
    this.#tell('no-committed-record-lost', at, why, [node], `epoch ${leaderEpoch}`);
    committed.truncate(keep);
    at.end = end;
    for (const [id, compared] of at.compared) at.compared.set(id, Math.min(compared, end));
  }

  #compare(at: Watched, node: BrokerId, { log, highWatermark }: PartitionState): void {
    const upTo = Math.min(highWatermark, at.end, log.end);
    const from = Math.max(Math.min(at.compared.get(node) ?? 0, log.end), log.start);
    if (from !== upTo || !at.compared.has(node)) at.compared.set(node, Math.max(from, upTo));
    if (from >= upTo) return;
    let place = placeOf(at.committed, from);
    for (const batch of log.read(from, upTo, Infinity)) {
      const expected = at.committed.at(place);
      place += 1;
      if (batch === expected || (expected && isSameBatch(batch, expected))) continue;
      const who = this.#nameOf(node);
      const why = `${who} holds another record at ${batch.baseOffset} of ${at.name}.`;
      return this.#tell('log-matching', at, why, [node], who);
    }
  }

  #tell(
    invariant: PartitionInvariant,
    { name }: { readonly name: string },
    why: string,
    nodes: readonly BrokerId[],
    which = '',
  ): void {
    const key = `${invariant} ${name} ${which}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#report({ invariant, why: `${invariant}: ${why}`, nodes });
  }

  #of(partition: number, name: string): Watched {
    let at = this.#partitions.get(partition);
    if (at === undefined) {
      const committed = ChunkedList.empty<RecordBatch>();
      const [leaders, compared] = [new Map<number, BrokerId>(), new Map<BrokerId, number>()];
      const newest = { newestEpoch: -1, newestStart: 0, goesBy: null };
      at = { name, committed, end: 0, leaders, ...newest, compared };
      this.#partitions.set(partition, at);
    }
    return at;
  }

  save(): PartitionInvariantsImage {
    const partitions = [...this.#partitions].map(([id, at]) => [id, copy(at)] as const);
    return { partitions, isr: this.#isr.save(), told: [...this.#told], lost: this.#lost };
  }

  restore({ partitions, isr, told, lost }: PartitionInvariantsImage): void {
    this.#partitions.clear();
    for (const [id, at] of partitions) this.#partitions.set(id, copy(at));
    this.#isr.restore(isr);
    this.#told = new Set(told);
    this.#lost = lost;
  }
}

const copy = (at: Watched): Watched => ({
  ...at,
  committed: at.committed.clone(),
  leaders: new Map(at.leaders),
  compared: new Map(at.compared),
});

/** Of the batch that holds the offset; beyond the end: their number. */
function placeOf(batches: ChunkedList<RecordBatch>, offset: number): number {
  let [low, high] = [0, batches.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(batches.at(middle) as RecordBatch) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
