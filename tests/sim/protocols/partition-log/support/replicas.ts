/** Replicas of one partition that talk through function calls: no network, one clock. */
import type {
  Marker,
  ProducedBatch,
  RecordBatch,
  RecordValue,
} from '../../../../../src/sim/contracts/record-batch.ts';
import type { PartitionConfig } from '../../../../../src/sim/protocols/partition-log/config.ts';
import type {
  PartitionEffect,
  PartitionInput,
  PartitionMetadata,
} from '../../../../../src/sim/protocols/partition-log/effects.ts';
import { fetchOf, lookupOf } from '../../../../../src/sim/protocols/partition-log/follower.ts';
import { partitionRules } from '../../../../../src/sim/protocols/partition-log/rules.ts';
import { emptyPartition } from '../../../../../src/sim/protocols/partition-log/state.ts';
import type { PartitionState } from '../../../../../src/sim/protocols/partition-log/state.ts';
import { step } from '../../../../../src/sim/protocols/partition-log/step.ts';

export interface Options {
  readonly off?: readonly string[];
  readonly minInsyncReplicas?: number;
  readonly truncateOnFetch?: boolean;
}

export function configOf(
  id: number,
  replicas: readonly number[],
  { off = [], minInsyncReplicas = 1, truncateOnFetch = true }: Options = {},
): PartitionConfig {
  return {
    id,
    replicas,
    minInsyncReplicas,
    replicaLagTimeMaxMicros: 30_000_000,
    replicaFetchMaxBytes: 1_048_576,
    truncateOnFetch,
    rules: partitionRules(off),
  };
}

export interface BatchOptions {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly marker?: Marker | null;
}

export const batchOf = (
  values: readonly RecordValue[],
  { producerId = -1, producerEpoch = -1, baseSequence = -1, ...rest }: BatchOptions = {},
): ProducedBatch => ({
  producerId,
  producerEpoch,
  baseSequence,
  isTransactional: rest.isTransactional ?? false,
  marker: rest.marker ?? null,
  timestampMicros: 0,
  bytes: values.length,
  records: values.map((value) => ({ key: null, value })),
});

export const valuesOf = ({ log }: PartitionState): readonly unknown[] =>
  log.toArray().flatMap((batch: RecordBatch) => batch.records.map(({ value }) => value));

export class Replicas {
  readonly ids: readonly number[];
  readonly states: PartitionState[];
  readonly #configs: PartitionConfig[];
  nowMicros = 0;

  constructor(count: number, options: Options = {}) {
    this.ids = Array.from({ length: count }, (_, id) => id);
    this.#configs = this.ids.map((id) => configOf(id, this.ids, options));
    this.states = this.ids.map(() => emptyPartition());
  }

  at(id: number): PartitionState {
    return this.states[id]!;
  }

  config(id: number): PartitionConfig {
    return this.#configs[id]!;
  }

  step(id: number, input: PartitionInput): readonly PartitionEffect[] {
    const out: PartitionEffect[] = [];
    step(this.#configs[id]!, this.at(id), input, this.nowMicros, out);
    return out;
  }

  /** The controller's word reaches these, or all. */
  metadata(metadata: PartitionMetadata, ids = this.ids): void {
    for (const id of ids) this.step(id, { type: 'metadata', metadata });
  }

  produce(id: number, batch: ProducedBatch, acks: 0 | 1 | -1 = -1): readonly PartitionEffect[] {
    return this.step(id, { type: 'produce', tag: 1, batch, acks });
  }

  /** One round trip of a follower to a leader; what the leader did besides is returned. */
  fetch(id: number, leader: number): readonly PartitionEffect[] {
    const lookup = lookupOf(this.#configs[id]!, this.at(id));
    if (lookup !== null) {
      const effects = this.step(leader, { type: 'lookup', tag: 0, lookup });
      const reply = effects.find((effect) => effect.type === 'lookup-reply')!.reply;
      this.step(id, { type: 'looked-up', leaderEpoch: lookup.leaderEpoch, reply });
      return effects;
    }
    const fetch = fetchOf(this.#configs[id]!, this.at(id), 0);
    if (fetch === null) return [];
    const effects = this.step(leader, { type: 'fetch', tag: 0, fetch });
    const reply = effects.find((effect) => effect.type === 'fetch-reply')!.reply;
    this.step(id, { type: 'fetched', leaderEpoch: fetch.leaderEpoch, reply });
    return effects;
  }
}
