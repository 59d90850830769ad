/**
 * The event queue: a hierarchical timing wheel over one typed-array slab.
 *
 * Six levels of 1024 slots cover 53 bits of integer microseconds. An event lies on the level of the
 * highest ten-bit digit in which its time differs from the cursor, in the slot of that digit, at
 * the tail of the slot's list. The earliest slot of the lowest level that has any holds the next
 * event: on level 0 it is the first of the list; above, a short list is searched for its earliest,
 * and a long one is spread, in order, over the lower levels, which are empty at that moment. So
 * every list is in the order of scheduling, and events come out in exact (time, sequence) order
 * though no sequence number is kept.
 *
 * Invariants. cursor <= now <= every pending time. The cursor moves only into a slot that is
 * spread, never beyond a run limit: an event scheduled between now and such a cursor would land on
 * the wrong level. A handle's generation never repeats: a slot whose generations are used up is
 * retired.
 *
 * Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987. The wheel was
 * chosen by measurement against heaps and calendar queues, and so were the ten-bit digits and the
 * short lists that stay together: with five-bit digits an event is linked twice as often.
 */
import { InvariantError } from './errors.ts';
import type { SimMicros } from './time.ts';
import { type Handle, NO_HANDLE } from './handle.ts';
import { WheelSlab } from './wheel-slab.ts';

export { type Handle, NO_HANDLE } from './handle.ts';

/**
 * Everything the wheel knows, as plain data. The slab is a copy of the used part only. It is not
 * canonical: the same run in other chunks pops the same events by the same handles, but may leave
 * the cursor elsewhere. So an image does not belong into a state hash.
 */
export interface WheelImage {
  readonly slab: Int32Array;
  readonly now: number;
  readonly time: number;
  readonly kind: number;
  readonly target: number;
  readonly payload: number;
  readonly size: number;
}

export class TimingWheel extends WheelSlab {
  constructor(initialCapacity = 1024) {
    super(initialCapacity);
  }

  /** Adds an event behind all that are due at the same time. The three words are 32-bit. */
  schedule(at: SimMicros, kind: number, target: number, payload: number): Handle {
    if (!(at >= this.now && at <= Number.MAX_SAFE_INTEGER && Math.floor(at) === at)) {
      throw this.refusal(at);
    }
    return this.add(at, kind, target, payload);
  }

  /** Removes a pending event. False when it ran, was cancelled, or never was. */
  cancel(handle: Handle): boolean {
    const node = this.nodeOf(handle);
    if (node === 0) return false;
    this.detach(node);
    this.release(node);
    return true;
  }

  /**
   * Moves a pending event to another time, behind all that are due then: what cancelling it and
   * scheduling it again gives, to the handle. NO_HANDLE, and nothing moved, where it is stale.
   */
  rearm(handle: Handle, at: SimMicros): Handle {
    if (!(at >= this.now && at <= Number.MAX_SAFE_INTEGER && Math.floor(at) === at)) {
      throw this.refusal(at);
    }
    const node = this.nodeOf(handle);
    if (node === 0) return NO_HANDLE;
    this.detach(node);
    return this.relink(node, at);
  }

  isPending(handle: Handle): boolean {
    return this.nodeOf(handle) !== 0;
  }

  /**
   * Takes the next event due at or before `limit` into the public fields and moves `now` to its
   * time. When there is none, returns false and moves `now` to `limit`.
   */
  popUntil(limit: SimMicros): boolean {
    this.limit = limit;
    const node = this.unlinkDue();
    if (node === 0) return false;
    this.take(node);
    return true;
  }

  /** Earliest pending time, or Infinity. Walks one slot's list at most; moves nothing. */
  nextTime(): number {
    return this.earliestTime();
  }

  save(): WheelImage {
    return {
      slab: this.slab.slice(0, this.usedWords),
      now: this.now,
      time: this.time,
      kind: this.kind,
      target: this.target,
      payload: this.payload,
      size: this.size,
    };
  }

  /** Goes back to an image: from here the same calls give the same events and handles. */
  restore(image: WheelImage): void {
    const words = image.slab.length;
    if (this.slab.length < words) this.slab = new Int32Array(words);
    this.slab.set(image.slab);
    this.usedWords = words;
    this.now = image.now as SimMicros;
    this.time = image.time as SimMicros;
    this.kind = image.kind;
    this.target = image.target;
    this.payload = image.payload;
    this.size = image.size;
  }

  /** Takes a pending node out of whatever holds it. */
  protected detach(node: number): void {
    this.unlink(node);
  }

  private refusal(at: number): InvariantError {
    return new InvariantError(
      Number.isSafeInteger(at)
        ? `an event at ${at} us lies in the past: it is ${this.now} us`
        : `${at} is not a time: it must be a safe integer of microseconds`,
    );
  }
}
