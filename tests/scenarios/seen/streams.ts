/** Where the rules of stream jobs are seen to matter. */
import { inRun } from './sight.ts';
import type { Sights } from './sight.ts';

const CHECKPOINTS = 'realtime/checkpoints';
const SINK = 'realtime/transactional-sink';

export const STREAMS: Sights = {
  'stream.watermark-minimum': inRun(CHECKPOINTS, 'in-time'),
  'stream.idle-excluded': inRun('realtime/idle-partition', 'all-counted'),
  'stream.align-barriers': inRun(CHECKPOINTS, 'once'),
  'stream.in-flight-in-snapshot': inRun('realtime/backpressured-checkpoint', 'counted'),
  'stream.restore-offsets-with-state': inRun(CHECKPOINTS, 'once'),
  'stream.commit-on-complete': inRun(SINK, 'no-row-again'),
  'stream.commit-on-restore': inRun(SINK, 'counted'),
};
