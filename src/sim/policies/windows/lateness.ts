/**
 * When a window gives its result, and when it is over: records that come later are dropped.
 *
 * The clock is Flink's watermark or Kafka Streams' stream time.
 */
import type { TimeWindow } from './window.ts';

export interface WindowRule {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Which clock it reads. */
  readonly clock: 'watermark' | 'stream-time';
  /** Whether each record changes a result that is already out, and the new one is given as well. */
  readonly updates: 'never' | 'after-result' | 'always';
  /** The clock at which a window gives its result; NEVER: records alone bring results. */
  dueAt(window: TimeWindow, lateness: number, isSession: boolean): number;
  /**
   * The clock at which it is over.
   *
   * @param lateness allowedLateness or grace
   */
  closesAt(window: TimeWindow, lateness: number, isSession: boolean): number;
}

export const NEVER = Number.MAX_SAFE_INTEGER;

export const flinkRule: WindowRule = {
  name: 'flink',
  about: 'A result at the watermark, again for each record that comes within the lateness.',
  source: 'Flink, EventTimeTrigger and WindowOperator',
  clock: 'watermark',
  updates: 'after-result',
  dueAt: ({ end }) => end - 1,
  closesAt: ({ end }, lateness) => end - 1 + lateness,
};

/** A session's gap belongs to it, so that it is over one unit later than a window of that end. */
const endOfGrace: WindowRule['closesAt'] = ({ end }, grace, isSession) =>
  end + grace + (isSession ? 1 : 0);

export const streamsUpdateRule: WindowRule = {
  name: 'kafka-streams-update',
  about: 'A new result for each record, until the grace period is over.',
  source: 'Kafka Streams, EmitStrategy.onWindowUpdate',
  clock: 'stream-time',
  updates: 'always',
  dueAt: () => NEVER,
  closesAt: endOfGrace,
};

export const streamsCloseRule: WindowRule = {
  name: 'kafka-streams-close',
  about: 'One result for each window, when its grace period is over.',
  source: 'Kafka Streams, EmitStrategy.onWindowClose; KIP-825',
  clock: 'stream-time',
  updates: 'never',
  dueAt: endOfGrace,
  closesAt: endOfGrace,
};
