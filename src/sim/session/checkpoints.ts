/**
 * Checkpoints of a run: evenly spaced in events; when the budget is full every other one is dropped
 * and the spacing doubles. So a seek re-executes at most one spacing, whatever the run's length.
 */
import type { ObserversImage } from './observers.ts';
import type { RunImage } from './run.ts';

export interface Checkpoint {
  readonly event: number;
  readonly micros: number;
  readonly traceHash: string;
  /** Events of interventions that had happened are part of the run's image. */
  readonly run: RunImage;
  readonly observers: ObserversImage;
}

export const CHECKPOINTS_MAX = 64;
const FIRST_SPACING_EVENTS = 1_024;

export class Checkpoints {
  #list: Checkpoint[] = [];
  #spacing = FIRST_SPACING_EVENTS;

  get spacing(): number {
    return this.#spacing;
  }
  get count(): number {
    return this.#list.length;
  }

  /** The next event at which one is due, given where the run is. */
  nextDue(event: number): number {
    const last = this.#list[this.#list.length - 1];
    const due = last === undefined ? 0 : last.event + this.#spacing;
    return Math.max(due, event);
  }

  /**
   * Whether one is due at this event. False where the run passes a stretch it has passed before.
   */
  isDue(event: number): boolean {
    const last = this.#list[this.#list.length - 1];
    return last === undefined || event >= last.event + this.#spacing;
  }

  add(checkpoint: Checkpoint): void {
    this.#list.push(checkpoint);
    if (this.#list.length <= CHECKPOINTS_MAX) return;
    this.#list = this.#list.filter((_, i) => i % 2 === 0);
    this.#spacing *= 2;
  }

  /** The latest one at or before the target. There is always one: the start. */
  before(isPast: (checkpoint: Checkpoint) => boolean): Checkpoint | undefined {
    for (let i = this.#list.length - 1; i >= 0; i--) {
      const checkpoint = this.#list[i] as Checkpoint;
      if (!isPast(checkpoint)) return checkpoint;
    }
    return undefined;
  }

  /** The one taken at exactly this event, to compare hashes with. */
  at(event: number): Checkpoint | undefined {
    return this.#list.find((checkpoint) => checkpoint.event === event);
  }

  /** The first one after this event. */
  after(event: number): Checkpoint | undefined {
    return this.#list.find((checkpoint) => checkpoint.event > event);
  }

  /** The future changes: what lies behind this moment is no longer true. */
  dropAfter(event: number, micros: number): void {
    this.#list = this.#list.filter((c) => c.event <= event && c.micros <= micros);
  }
}
