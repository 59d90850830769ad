/**
 * A place in a run as a viewer stands in it: a time, and how many events have happened by then.
 *
 * Time alone is not enough: many events may share one microsecond, and stepping goes event by
 * event. Invariant: event `position.event` happened at or before `position.micros`, and event
 * `position.event + 1` at or after it.
 */

export interface Position {
  readonly micros: number;
  readonly event: number;
}

export const START: Position = { micros: 0, event: 0 };

/** Anything that happened during an event, or beside the queue after it. */
export interface Moment {
  readonly micros: number;
  readonly event: number;
}

/** Whether `moment` is in the past of someone who stands at `position`. */
export function happened(moment: Moment, position: Position): boolean {
  if (moment.event !== position.event) return moment.event < position.event;
  return moment.micros <= position.micros;
}

/** Order in the run: negative when `a` comes first. */
export function comparePositions(a: Moment, b: Moment): number {
  return a.event === b.event ? a.micros - b.micros : a.event - b.event;
}

export const furthest = (a: Position, b: Position): Position =>
  comparePositions(a, b) >= 0 ? a : b;

/** How many of `items`, which are in the run's order, are in the past of `position`. */
export function countHappened(items: readonly Moment[], position: Position): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (happened(items[middle]!, position)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many entries of an ascending array are at most `limit`. */
export function countUpTo(ascending: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
