/**
 * A poll: records that were fetched ahead, of the partitions in turn, up to max.poll.records.
 *
 * Invariant: offsets of a partition are returned in their order, each once, unless the position is
 * set anew; markers and, for who reads committed records, aborted ones are passed over.
 *
 * Source: Apache Kafka, FetchCollector, CompletedFetch
 */
import type { ClientFact } from '../../contracts/facts.ts';
import { recordsIn, endOf } from '../../contracts/record-batch.ts';
import type { RecordBatch } from '../../contracts/record-batch.ts';
import type { ReadRun } from './read-run.ts';
import type { Ctx, Fetched, LogReader, Track } from './state.ts';

/** The channel of what was read, run by run. */
export const PARTITION_READ = 'partition.read';

/** What it returns; null: there is nothing. */
export function poll(state: LogReader, ctx: Ctx): readonly ReadRun[] | null {
  const runs: ReadRun[] = [];
  let left = ctx.config.maxPollRecords;
  const { tracks } = state;
  for (let i = 0; i < tracks.length && left > 0; i++) {
    const track = tracks[(state.nextTrack + i) % tracks.length] as Track;
    left -= take(track, left, runs);
  }
  if (runs.length === 0) return null;
  state.nextTrack = (state.nextTrack + 1) % tracks.length;
  const count = ctx.config.maxPollRecords - left;
  state.polls += 1;
  state.records += count;
  tell(state, ctx, runs);
  return runs;
}

function take(track: Track, most: number, runs: ReadRun[]): number {
  const { fetched } = track;
  if (fetched === null || track.mustValidate) return 0;
  let count = 0;
  for (const batch of fetched.batches) {
    const end = endOf(batch);
    if (end <= track.position) continue;
    if (batch.marker !== null || isAborted(fetched, batch)) {
      track.position = end;
      continue;
    }
    if (count === most) return count;
    const from = Math.max(track.position, batch.baseOffset);
    const to = Math.min(end, from + most - count);
    const records = recordsIn(batch, from, to);
    if (records > 0) runs.push({ partition: track.partition, from, to, batch });
    track.position = to;
    track.readEpoch = batch.leaderEpoch;
    count += records;
    if (to < end) return count;
  }
  track.fetched = null;
  return count;
}

const isAborted = (
  { aborted }: Fetched,
  { isTransactional, producerId, baseOffset }: RecordBatch,
) =>
  isTransactional &&
  aborted.some(
    (txn) =>
      txn.producerId === producerId && txn.firstOffset <= baseOffset && baseOffset < txn.lastOffset,
  );

/** One operation of the history for each poll that returned something. */
function tell(state: LogReader, ctx: Ctx, runs: readonly ReadRun[]): void {
  for (const run of runs) ctx.probe(PARTITION_READ, run);
  const [op, client, f] = [ctx.unique(), ctx.id, 'poll'];
  const input = { life: ctx.life };
  ctx.tell<ClientFact>({ type: 'client.invoked', op, client, f, input });
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op,
    client,
    f,
    outcome: 'ok',
    output: runs,
    retries: 0,
    latencyMicros: ctx.mono() - state.pollSinceMicros,
  });
}
