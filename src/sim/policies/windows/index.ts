/** The windows, and the rules of when they give results: explicit lists. */
import { hoppingWindows } from './hopping.ts';
import { flinkRule, streamsCloseRule, streamsUpdateRule } from './lateness.ts';
import { sessionWindows } from './session.ts';
import { tumblingWindows } from './tumbling.ts';
import type { WindowRule } from './lateness.ts';
import type { WindowAssigner } from './window.ts';

export { collectAll, countAll, sumAll } from './aggregate.ts';
export type { Aggregate } from './aggregate.ts';
export type { WindowRule } from './lateness.ts';
export { addToPanes, advancePanes, startPanes } from './panes.ts';
export type { Added, PaneRules, Panes, WindowResult } from './panes.ts';
export { NO_TIME, boundedWatermark, combinedWatermark, latestOf } from './watermark.ts';
export type { WatermarkInput } from './watermark.ts';
export type { TimeWindow, WindowAssigner, WindowSettings } from './window.ts';

export const WINDOW_ASSIGNERS: readonly WindowAssigner[] = [
  tumblingWindows,
  hoppingWindows,
  sessionWindows,
];

export const WINDOW_RULES: readonly WindowRule[] = [flinkRule, streamsUpdateRule, streamsCloseRule];
