/**
 * Checkpoints of a run: evenly spaced in events; when the budget, in number or in bytes, is full
 * every other one is dropped and the spacing doubles. So a seek re-executes at most one spacing,
 * whatever the run's length.
 */
import { imageBytes } from './image-bytes.ts';
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
export const CHECKPOINT_BYTES_MAX = 64 * 1_048_576;
/** Fewer are kept only where there are not more: the start and the latest. */
const CHECKPOINTS_MIN = 2;
const FIRST_SPACING_EVENTS = 4_096;

export class Checkpoints {
  #list: Checkpoint[] = [];
  /** Estimated, of each in the list. */
  #bytes: number[] = [];
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

  /** Estimated bytes that all of them take. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes) sum += bytes;
    return sum;
  }

  add(checkpoint: Checkpoint): void {
    this.#list.push(checkpoint);
    this.#bytes.push(imageBytes(checkpoint));
    while (this.#isFull()) {
      this.#list = this.#list.filter((_, i) => i % 2 === 0);
      this.#bytes = this.#bytes.filter((_, i) => i % 2 === 0);
      this.#spacing *= 2;
    }
  }

  #isFull(): boolean {
    if (this.#list.length <= CHECKPOINTS_MIN) return false;
    return this.#list.length > CHECKPOINTS_MAX || this.bytes > CHECKPOINT_BYTES_MAX;
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
    this.#bytes.length = this.#list.length;
  }
}
