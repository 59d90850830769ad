/** A follower whose log goes on in a later epoch, told where the leader's log has left it. */
import type { RecordBatch } from '../../../../../src/sim/contracts/record-batch.ts';
import type { EpochEnd } from '../../../../../src/sim/protocols/partition-log/epochs.ts';
import { PartitionLog } from '../../../../../src/sim/protocols/partition-log/log.ts';
import { createPartition } from '../../../../../src/sim/protocols/partition-log/state.ts';
import { step } from '../../../../../src/sim/protocols/partition-log/step.ts';
import { configOf } from './replicas.ts';

/** Where its log ends then. `ownEnd`: where the epoch, or what it has below it, ends in its own. */
export function followerAfter(diverging: EpochEnd, ownEnd: number): number {
  const at = (baseOffset: number, leaderEpoch: number): RecordBatch => ({
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
    marker: null,
    timestampMicros: 0,
    bytes: 1,
    records: [{ key: null, value: baseOffset }],
    baseOffset,
    leaderEpoch,
  });
  const batches: RecordBatch[] = [];
  for (let offset = 0; offset < ownEnd; offset += 1) batches.push(at(offset, diverging.epoch));
  for (let more = 0; more < 2; more += 1) batches.push(at(ownEnd + more, diverging.epoch + 1));
  const state = createPartition(PartitionLog.of(batches), 0);
  const config = configOf(1, [0, 1]);
  const leaderEpoch = diverging.epoch + 2;
  const metadata = { leader: 0, leaderEpoch, partitionEpoch: 1, isr: [0] };
  step(config, state, { type: 'metadata', metadata }, 0, []);
  const reply = { error: null, highWatermark: 0, logStart: 0, logEnd: 9, diverging, batches: [] };
  step(config, state, { type: 'fetched', leaderEpoch, reply }, 0, []);
  return state.log.end;
}
