/** The settings of a task as its protocol wants them. */
import { ms } from '../../kernel/time.ts';
import { WINDOW_ASSIGNERS, WINDOW_RULES } from '../../policies/windows/index.ts';
import type { WindowAssigner, WindowRule } from '../../policies/windows/index.ts';
import type { SinkConfig } from '../../protocols/stream-job/sink.ts';
import type { SplitsConfig } from '../../protocols/stream-job/splits.ts';
import { windowingOf } from '../../protocols/stream-job/windowing.ts';
import type { WindowingConfig } from '../../protocols/stream-job/windowing.ts';
import type { Ctx, StreamTaskState } from './state.ts';

export function splitsConfigOf({ rules }: StreamTaskState, { config }: Ctx): SplitsConfig {
  const { maxOutOfOrdernessMs, withIdlenessMs, startingOffsets } = config;
  return { maxOutOfOrdernessMs, withIdlenessMicros: ms(withIdlenessMs), startingOffsets, rules };
}

export function windowingConfigOf({ rules }: StreamTaskState, { config }: Ctx): WindowingConfig {
  const { windows, sizeMs, slideMs, gapMs, allowedLatenessMs, lateRecords } = config;
  const panes = {
    assigner: WINDOW_ASSIGNERS.find(({ name }) => name === windows) as WindowAssigner,
    settings: { size: sizeMs, advance: slideMs, gap: gapMs, offset: 0 },
    rule: WINDOW_RULES.find(({ name }) => name === 'flink') as WindowRule,
    lateness: allowedLatenessMs,
  };
  return windowingOf(panes, lateRecords === 'side-output', rules);
}

export function sinkConfigOf({ rules }: StreamTaskState, { config }: Ctx): SinkConfig {
  const { delivery: mode, transactionTimeoutMs } = config;
  return { mode, transactionTimeoutMs, rules };
}
