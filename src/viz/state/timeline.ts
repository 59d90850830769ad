/**
 * The timeline of one branch: its chunks in order, without gaps, under a memory budget.
 *
 * When the budget is full, chunks far from the viewer give up their contents and keep their
 * bounds: a husk. A husk is filled again by asking the engine to go over that stretch once more.
 * Invariant: slots touch, in time and in event numbers; the last one is never a husk.
 */
import type { Chunk } from '../../sim/index.ts';
import { cutChunk, indexOf } from './chunk.ts';
import type { Position } from './position.ts';
import { comparePositions, countUpTo } from './position.ts';

export const TIMELINE_BYTES_MAX = 64 * 1024 * 1024;

export interface Slot {
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly fromEvent: number;
  readonly toEvent: number;
  /** Null: given up to save memory. */
  readonly chunk: Chunk | null;
}

const slotOf = (chunk: Chunk): Slot => ({
  fromMicros: chunk.fromMicros,
  toMicros: chunk.toMicros,
  fromEvent: chunk.fromEvent,
  toEvent: chunk.toEvent,
  chunk,
});

export class Timeline {
  #slots: Slot[] = [];
  #bytes = 0;
  /** Grows with each change: a picture made before is out of date. */
  version = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number = TIMELINE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get slots(): readonly Slot[] {
    return this.#slots;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** How far the run is known. */
  get head(): Position {
    const last = this.#slots.at(-1);
    return last === undefined
      ? { micros: 0, event: 0 }
      : { micros: last.toMicros, event: last.toEvent };
  }
  /** Why the run ended, once it is known to its end. */
  get ended(): string | null {
    return this.#slots.at(-1)?.chunk?.ended ?? null;
  }
  get traceHash(): string {
    return this.#slots.at(-1)?.chunk?.traceHash ?? '';
  }

  /** Adds what comes next, or fills a husk; what fits nowhere is dropped. */
  add(chunk: Chunk, near: Position): 'next' | 'filled' | 'dropped' {
    this.version += 1;
    const head = this.head;
    const next = chunk.fromEvent === head.event && chunk.fromMicros === head.micros;
    if (this.#slots.length === 0 || next) {
      this.#slots.push(slotOf(chunk));
    } else if (!this.#fill(chunk)) {
      return 'dropped';
    }
    this.#bytes += indexOf(chunk).bytes;
    this.#evict(near);
    return next || this.#slots.length === 1 ? 'next' : 'filled';
  }

  #fill(chunk: Chunk): boolean {
    const at = this.#slots.findIndex(
      (slot) =>
        slot.chunk === null &&
        slot.fromEvent === chunk.fromEvent &&
        slot.fromMicros === chunk.fromMicros &&
        slot.toEvent === chunk.toEvent &&
        slot.toMicros === chunk.toMicros,
    );
    if (at < 0) return false;
    this.#slots[at] = slotOf(chunk);
    return true;
  }

  /** Gives up the chunks that are furthest from the viewer, the future ones last. */
  #evict(near: Position): void {
    while (this.#bytes > this.#bytesMax) {
      let worst = -1;
      let worstDistance = 0;
      for (let i = 0; i < this.#slots.length - 1; i++) {
        const slot = this.#slots[i]!;
        if (slot.chunk === null || slot.toMicros === slot.fromMicros) continue;
        const behind = near.micros - slot.toMicros;
        const ahead = (slot.fromMicros - near.micros) / 4;
        const distance = Math.max(behind, ahead, 0);
        if (distance > worstDistance) {
          worst = i;
          worstDistance = distance;
        }
      }
      const slot = this.#slots[worst];
      if (slot === undefined || slot.chunk === null) return;
      this.#bytes -= indexOf(slot.chunk).bytes;
      this.#slots[worst] = { ...slot, chunk: null };
    }
  }

  /**
   * Index of the slot in which `position` lies, or -1 beyond what is known. Where two slots touch
   * it is the later one: what an act did at that moment is in it.
   */
  slotAt(position: Position): number {
    if (comparePositions(position, this.head) > 0) return -1;
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const slot = this.#slots[middle]!;
      const from = { micros: slot.fromMicros, event: slot.fromEvent };
      if (comparePositions(from, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The first husk that a picture at `position` needs, or null. */
  huskAt(position: Position): Slot | null {
    const slot = this.#slots[this.slotAt(position)];
    return slot !== undefined && slot.chunk === null ? slot : null;
  }

  /** Where someone stands at `micros`, all events of that microsecond done; clamped to the head. */
  positionAt(micros: number): Position | null {
    const head = this.head;
    if (micros >= head.micros) return head;
    const wanted = Math.max(0, micros);
    let at = 0;
    // The last slot that begins at or before the time: simultaneous events may span two chunks.
    let high = this.#slots.length;
    while (at < high) {
      const middle = (at + high) >>> 1;
      if (this.#slots[middle]!.fromMicros <= wanted) at = middle + 1;
      else high = middle;
    }
    const slot = this.#slots[at - 1];
    if (slot === undefined) return { micros: wanted, event: 0 };
    if (slot.chunk === null) return null;
    return { micros: wanted, event: slot.fromEvent + countUpTo(slot.chunk.eventMicros, wanted) };
  }

  /** Where someone stands right after event number `event`; null in a husk or beyond the head. */
  positionOf(event: number): Position | null {
    if (event <= 0) return { micros: 0, event: 0 };
    for (let low = 0, high = this.#slots.length; low < high;) {
      const middle = (low + high) >>> 1;
      const slot = this.#slots[middle]!;
      if (event <= slot.fromEvent) high = middle;
      else if (event > slot.toEvent) low = middle + 1;
      else if (slot.chunk === null) return null;
      else return { micros: slot.chunk.eventMicros[event - slot.fromEvent - 1]!, event };
    }
    return null;
  }

  /** Forgets what comes after `position`. */
  cut(position: Position): void {
    this.version += 1;
    const at = this.slotAt(position);
    if (at < 0) return;
    const slot = this.#slots[at]!;
    for (const dropped of this.#slots.slice(at)) {
      if (dropped.chunk !== null) this.#bytes -= indexOf(dropped.chunk).bytes;
    }
    this.#slots.length = at;
    if (slot.chunk === null) return;
    const kept = cutChunk(slot.chunk, position);
    this.#slots.push(slotOf(kept));
    this.#bytes += indexOf(kept).bytes;
  }

  /**
   * Forgets the slot in which `moment` happened and all after it: what is left ends where nothing
   * of that moment is in it yet. For taking back an act.
   */
  cutBefore(moment: Position): void {
    this.version += 1;
    const at = this.#slots.findIndex((slot) => {
      const to = { micros: slot.toMicros, event: slot.toEvent };
      return comparePositions(to, moment) >= 0;
    });
    if (at < 0) return;
    for (const dropped of this.#slots.slice(at)) {
      if (dropped.chunk !== null) this.#bytes -= indexOf(dropped.chunk).bytes;
    }
    this.#slots.length = at;
  }

  /** Becomes again what `copy` gave before. */
  restore(earlier: Timeline): void {
    this.version += 1;
    this.#slots = [...earlier.#slots];
    this.#bytes = earlier.#bytes;
  }

  /** Another timeline with the same past: chunks are immutable, so they are shared. */
  copy(): Timeline {
    const other = new Timeline(this.#bytesMax);
    other.#slots = [...this.#slots];
    other.#bytes = this.#bytes;
    return other;
  }
}
