/**
 * Windows over event time: which ones a record belongs to.
 *
 * Times are integers of one unit, whichever the caller likes. A window is [start, end).
 *
 * Source: Akidau et al., The Dataflow Model (VLDB 2015); Apache Flink's window assigners; Kafka
 * Streams' TimeWindows and SessionWindows.
 */

export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

export interface WindowSettings {
  /** How long a window is. A session has no such length. */
  readonly size: number;
  /** From the start of a hopping window to the start of the next. */
  readonly advance: number;
  /** A session ends when nothing has come for longer than this. */
  readonly gap: number;
  /** Where windows start, from 0 on. Flink; Kafka Streams has none. */
  readonly offset: number;
}

export interface WindowAssigner {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Whether windows of a key that touch become one. */
  readonly merges: boolean;
  /** Ascending by their starts. */
  windowsOf(at: number, settings: WindowSettings): TimeWindow[];
}

/** The last start at or before a time; starts are `every` apart. Times may be negative. */
export function startBefore(at: number, offset: number, every: number): number {
  return offset + Math.floor((at - offset) / every) * every;
}
