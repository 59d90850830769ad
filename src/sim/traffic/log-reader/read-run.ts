/** What polls return. */
import type { RecordBatch } from '../../contracts/record-batch.ts';

/** What was read of one batch: from its offset `from` up to, not including, `to`. */
export interface ReadRun {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly batch: RecordBatch;
}
