/**
 * Where the replicas of a new topic go: racks in turn, and within each rack brokers in turn, from
 * places that are drawn; each partition begins one place further on, which gives the stripes.
 *
 * Invariant: no broker has two replicas of a partition; a leader is never fenced; replicas are in
 * as many racks as there are, as far as they go; fenced brokers are taken only where a rack has no
 * other left. Once every unfenced broker has led a partition, racks and brokers are shuffled.
 *
 * Source: Kafka's StripedReplicaPlacer.
 * Differs: partitions added later begin at drawn places, not where those before them ended.
 */
import { compareText } from '../../kernel/canonical.ts';
import type { Stream } from '../../kernel/random.ts';

export interface PlacedBroker {
  readonly id: number;
  /** broker.rack; null: all without one count as one rack. */
  readonly rack: string | null;
  readonly isFenced: boolean;
}

export type Placement =
  | {
      readonly ok: true;
      /** For each partition its replicas, the preferred leader first. */
      readonly replicas: readonly (readonly number[])[];
    }
  | { readonly ok: false; readonly error: 'INVALID_REPLICATION_FACTOR'; readonly why: string };

/** Brokers that are taken in turn, each once in a round. */
class Ring {
  readonly brokers: number[];
  #first: number;
  #taken = 0;
  #round = 0;

  constructor(brokers: number[], draw: Stream) {
    this.brokers = brokers.sort((a, b) => a - b);
    this.#first = brokers.length > 0 ? draw.below(brokers.length) : 0;
  }

  /** @returns -1 if all have been taken in this round */
  take(round: number): number {
    const { length } = this.brokers;
    if (round !== this.#round) {
      this.#round = round;
      this.#taken = 0;
      this.#first += 1;
    }
    if (this.#taken >= length) return -1;
    const broker = this.brokers[(this.#first + this.#taken) % length]!;
    this.#taken += 1;
    return broker;
  }
}

interface Rack {
  readonly unfenced: Ring;
  readonly fenced: Ring;
}

function shuffle<T>(list: T[], draw: Stream): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = draw.below(last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
}

function racksOf(brokers: readonly PlacedBroker[], draw: Stream): Rack[] {
  // A name that no rack has sorts first: as Kafka has it, brokers without a rack come first.
  const names = [...new Set(brokers.map(({ rack }) => rack ?? ''))].sort(compareText);
  return names.map((name) => {
    const here = brokers.filter(({ rack }) => (rack ?? '') === name);
    const ids = (fenced: boolean) =>
      here.filter(({ isFenced }) => isFenced === fenced).map(({ id }) => id);
    return { fenced: new Ring(ids(true), draw), unfenced: new Ring(ids(false), draw) };
  });
}

/** The replicas of one partition. There are enough brokers, and one of them is not fenced. */
function placeOne(racks: readonly Rack[], first: number, round: number, factor: number): number[] {
  const after = (place: number) => (place + 1) % racks.length;
  let leaderRack = first;
  let leader = racks[leaderRack]!.unfenced.take(round);
  while (leader < 0) {
    leaderRack = after(leaderRack);
    leader = racks[leaderRack]!.unfenced.take(round);
  }
  const replicas = [leader];
  let hasPassed = false;
  for (let place = first; replicas.length < factor; place = after(place)) {
    if (place === leaderRack && !hasPassed) {
      hasPassed = true;
      continue;
    }
    const { unfenced, fenced } = racks[place]!;
    const broker = unfenced.take(round);
    const replica = broker >= 0 ? broker : fenced.take(round);
    if (replica >= 0) replicas.push(replica);
  }
  return replicas;
}

const refused = (why: string): Placement => ({
  ok: false,
  error: 'INVALID_REPLICATION_FACTOR',
  why,
});

/** @param factor replication.factor */
export function placeReplicas(
  brokers: readonly PlacedBroker[],
  partitions: number,
  factor: number,
  draw: Stream,
): Placement {
  if (factor < 1) return refused(`A replication factor of ${factor} leaves no replica.`);
  const unfenced = brokers.filter(({ isFenced }) => !isFenced).length;
  if (unfenced === 0) return refused('All brokers are currently fenced.');
  if (factor > brokers.length) {
    return refused(
      `${factor} replicas need as many brokers, but ${brokers.length} are registered.`,
    );
  }
  const racks = racksOf(brokers, draw);
  let first = draw.below(racks.length);
  let round = 0;
  const replicas = Array.from({ length: partitions }, () => {
    if (round === unfenced && unfenced > 1) {
      shuffle(racks, draw);
      for (const rack of racks) {
        shuffle(rack.fenced.brokers, draw);
        shuffle(rack.unfenced.brokers, draw);
      }
      round = 0;
    }
    const placed = placeOne(racks, first, round, factor);
    round += 1;
    first = (first + 1) % racks.length;
    return placed;
  });
  return { ok: true, replicas };
}
