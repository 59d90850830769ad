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

declare const handleBrand: unique symbol;

/** Names one scheduled event: slot index and generation in a safe integer. Stale once it ran. */
export type Handle = number & { readonly [handleBrand]: 'Handle' };

/** Never names an event. */
export const NO_HANDLE = -1 as Handle;

/** Everything the wheel knows, as plain data. The slab is a copy of the used part only. */
export interface WheelImage {
  readonly slab: Int32Array;
  readonly now: number;
  readonly time: number;
  readonly kind: number;
  readonly target: number;
  readonly payload: number;
  readonly size: number;
}

// The slab begins with the heads of the slots' lists, two words each; then come the bitmaps that
// say which slots have events, a few single words, and the nodes, eight words each. Lists are
// circular through their heads, so that linking and unlinking never ask whether an end is reached,
// and links hold word offsets, so that they index without a shift.
const NEXT = 0;
const PREVIOUS = 1;
/** Low 30 bits of the time: three levels, so that no digit straddles two words. */
const LOW = 2;
/** The other 23 bits: three levels. */
const HIGH = 3;
const GENERATION = 4;
const KIND = 5;
const TARGET = 6;
const PAYLOAD = 7;
const NODE_WORDS = 8;

const HEAD_WORDS = 2;
const DIGIT_BITS = 10;
const DIGIT_MASK = 1023;
const LEVEL_COUNT = 6;
/** Levels whose digits lie in the LOW word. */
const LOW_LEVEL_COUNT = 3;
/** Five full levels; the last has the three bits that are left. */
const SLOT_COUNT = 5 * 1024 + 8;

/** One bit for each slot, 32 words a level. */
const BITMAPS = SLOT_COUNT * HEAD_WORDS;
/** One word for each level: which words of its bitmap are not zero. */
const SUMMARIES = BITMAPS + LEVEL_COUNT * 32;
/** One bit for each level that has an event. */
const LEVELS = SUMMARIES + LEVEL_COUNT;
const CURSOR_LOW = LEVELS + 1;
const CURSOR_HIGH = LEVELS + 2;
/** First node of the free list, linked through NEXT. */
const FREE = LEVELS + 3;
/** Where the nodes begin: the next multiple of their size. */
const NODES = (FREE + NODE_WORDS) & -NODE_WORDS;
/** Word 0 is a head, so no node has it. */
const NO_NODE = 0;

const LOW_SPAN = 0x40000000;
const LOW_MASK = LOW_SPAN - 1;
const HIGH_SCALE = 1 / LOW_SPAN;

/** 2^24 slots of 32 bytes fill half a gigabyte; each lives through 2^29 generations. */
const HANDLE_SPAN = 0x1000000;
const HANDLE_MASK = HANDLE_SPAN - 1;
const HANDLE_SCALE = 1 / HANDLE_SPAN;
const GENERATION_END = 0x1fffffff;

/** A list of at most so many is searched, not spread. */
const SHORT_LIST = 8;

export class TimingWheel {
  /** The time reached: of the last popped event, or the last limit at which nothing was due. */
  now = 0.5 as SimMicros;
  /** The popped event. */
  time = 0.5 as SimMicros;
  kind = 0;
  target = 0;
  payload = 0;
  /** Events pending. */
  size = 0;

  protected slab: Int32Array;
  /** Nodes from this word on were never used. */
  private usedWords = NODES;

  constructor(initialCapacity = 1024) {
    // The fields begin with a fraction, so that engines keep them as doubles from the start, rather
    // than finding out, and compiling everything again, when the time passes 2^31.
    this.now = 0 as SimMicros;
    this.time = 0 as SimMicros;
    this.slab = new Int32Array(NODES + Math.max(1, initialCapacity) * NODE_WORDS);
    for (let head = 0; head < BITMAPS; head += HEAD_WORDS) {
      this.slab[head + NEXT] = head;
      this.slab[head + PREVIOUS] = head;
    }
  }

  /** Adds an event behind all that are due at the same time. The three words are 32-bit. */
  schedule(at: SimMicros, kind: number, target: number, payload: number): Handle {
    if (!(at >= this.now && at <= Number.MAX_SAFE_INTEGER && Math.floor(at) === at)) {
      throw this.refusal(at);
    }
    let node = this.slab[FREE]!;
    if (node === NO_NODE) node = this.extend();
    else this.slab[FREE] = this.slab[node + NEXT]!;
    const slab = this.slab;
    slab[node + KIND] = kind;
    slab[node + TARGET] = target;
    slab[node + PAYLOAD] = payload;
    this.append(node, at & LOW_MASK, (at * HIGH_SCALE) | 0);
    this.size++;
    return (slab[node + GENERATION]! * HANDLE_SPAN + ((node - NODES) >>> 3)) as Handle;
  }

  /** Removes a pending event. False when it ran, was cancelled, or never was. */
  cancel(handle: Handle): boolean {
    const node = this.nodeOf(handle);
    if (node === NO_NODE) return false;
    this.unlink(node);
    this.release(node);
    return true;
  }

  isPending(handle: Handle): boolean {
    return this.nodeOf(handle) !== NO_NODE;
  }

  /**
   * Takes the next event due at or before `limit` into the public fields and moves `now` to its
   * time. When there is none, returns false and moves `now` to `limit`.
   */
  popUntil(limit: SimMicros): boolean {
    const node = this.unlinkDue(limit);
    if (node === NO_NODE) return false;
    this.take(node);
    return true;
  }

  /** Earliest pending time, or Infinity. Walks one slot's list at most; moves nothing. */
  nextTime(): number {
    if (this.slab[LEVELS] === 0) return Infinity;
    const head = this.firstHead();
    const slab = this.slab;
    let earliest = Infinity;
    for (let node = slab[head + NEXT]!; node !== head; node = slab[node + NEXT]!) {
      earliest = Math.min(earliest, this.timeOf(node));
      if (head <= DIGIT_MASK * HEAD_WORDS) break;
    }
    return earliest;
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

  /** The node that a handle names, or NO_NODE when the handle is stale. */
  protected nodeOf(handle: Handle): number {
    const slot = handle & HANDLE_MASK;
    const node = NODES + slot * NODE_WORDS;
    if (node >= this.usedWords) return NO_NODE;
    return this.slab[node + GENERATION]! === (handle - slot) * HANDLE_SCALE ? node : NO_NODE;
  }

  /**
   * Unlinks the next node due at or before `limit` and moves `now` to its time, without ending its
   * event. NO_NODE, and `now` at the limit, when there is none.
   */
  protected unlinkDue(limit: SimMicros): number {
    for (;;) {
      const slab = this.slab;
      if (slab[LEVELS] === 0) return this.reachLimit(limit);
      const head = this.firstHead();
      let node = slab[head + NEXT]!;
      if (head > DIGIT_MASK * HEAD_WORDS && slab[node + NEXT] !== head) {
        node = this.earliestOf(head);
        if (node === NO_NODE) {
          if (!this.spread(head, limit)) return this.reachLimit(limit);
          continue;
        }
      }
      const time = this.timeOf(node);
      if (!(time <= limit)) return this.reachLimit(limit);
      this.unlink(node);
      this.now = time;
      return node;
    }
  }

  /** Reads the node that `unlinkDue` gave into the public fields and ends its event. */
  protected take(node: number): void {
    const slab = this.slab;
    this.time = this.now;
    this.kind = slab[node + KIND]!;
    this.target = slab[node + TARGET]!;
    this.payload = slab[node + PAYLOAD]!;
    this.release(node);
  }

  /** Ends an unlinked node's event: its handle is stale from here, its slot free. */
  protected release(node: number): void {
    const slab = this.slab;
    const generation = slab[node + GENERATION]! + 1;
    slab[node + GENERATION] = generation;
    this.size--;
    if (generation > GENERATION_END) return;
    slab[node + NEXT] = slab[FREE]!;
    slab[FREE] = node;
  }

  protected unlink(node: number): void {
    const slab = this.slab;
    const next = slab[node + NEXT]!;
    const previous = slab[node + PREVIOUS]!;
    slab[previous + NEXT] = next;
    slab[next + PREVIOUS] = previous;
    // Alone in its list, a node has the head on both sides.
    if (next === previous) this.markEmpty(next);
  }

  private reachLimit(limit: SimMicros): number {
    if (!Number.isSafeInteger(limit)) throw this.refusal(limit);
    if (limit > this.now) this.now = limit;
    return NO_NODE;
  }

  private timeOf(node: number): SimMicros {
    return (this.slab[node + HIGH]! * LOW_SPAN + this.slab[node + LOW]!) as SimMicros;
  }

  /** Links a node at the tail of the slot that its time has, seen from the cursor. */
  private append(node: number, low: number, high: number): void {
    const slab = this.slab;
    let level: number;
    let digit: number;
    if (high === slab[CURSOR_HIGH]) {
      // n * 205 >> 11 is n / 10 for the bit numbers 0..29; `| 1` sends equal times to level 0.
      level = ((31 - Math.clz32((low ^ slab[CURSOR_LOW]!) | 1)) * 205) >> 11;
      digit = (low >>> (level * DIGIT_BITS)) & DIGIT_MASK;
    } else {
      const step = ((31 - Math.clz32(high ^ slab[CURSOR_HIGH]!)) * 205) >> 11;
      level = LOW_LEVEL_COUNT + step;
      digit = (high >>> (step * DIGIT_BITS)) & DIGIT_MASK;
    }
    const slot = (level << DIGIT_BITS) + digit;
    const head = slot * HEAD_WORDS;
    const tail = slab[head + PREVIOUS]!;
    slab[node + NEXT] = head;
    slab[node + PREVIOUS] = tail;
    slab[node + LOW] = low;
    slab[node + HIGH] = high;
    slab[tail + NEXT] = node;
    slab[head + PREVIOUS] = node;
    if (tail === head) {
      const word = slot >>> 5;
      slab[BITMAPS + word] = slab[BITMAPS + word]! | (1 << (slot & 31));
      slab[SUMMARIES + level] = slab[SUMMARIES + level]! | (1 << (word & 31));
      slab[LEVELS] = slab[LEVELS]! | (1 << level);
    }
  }

  /** Notes that the list of this head has no node left. */
  private markEmpty(head: number): void {
    const slab = this.slab;
    const slot = head >>> 1;
    const word = slot >>> 5;
    const bits = slab[BITMAPS + word]! & ~(1 << (slot & 31));
    slab[BITMAPS + word] = bits;
    if (bits !== 0) return;
    const level = word >>> 5;
    const summary = slab[SUMMARIES + level]! & ~(1 << (word & 31));
    slab[SUMMARIES + level] = summary;
    if (summary === 0) slab[LEVELS] = slab[LEVELS]! & ~(1 << level);
  }

  /** The head of the earliest slot of the lowest level that has events. */
  private firstHead(): number {
    const slab = this.slab;
    const levels = slab[LEVELS]!;
    const level = 31 - Math.clz32(levels & -levels);
    const summary = slab[SUMMARIES + level]!;
    const word = (level << 5) + 31 - Math.clz32(summary & -summary);
    const bits = slab[BITMAPS + word]!;
    return ((word << 5) + 31 - Math.clz32(bits & -bits)) * HEAD_WORDS;
  }

  /** The earliest node of a short list, the first of equals; NO_NODE when the list is long. */
  private earliestOf(head: number): number {
    const slab = this.slab;
    let earliest = slab[head + NEXT]!;
    // Below the levels of the HIGH word, the events of one slot have that word in common.
    if (head >= LOW_LEVEL_COUNT << (DIGIT_BITS + 1)) return NO_NODE;
    let low = slab[earliest + LOW]!;
    let node = slab[earliest + NEXT]!;
    for (let count = 1; node !== head; count++) {
      if (count === SHORT_LIST) return NO_NODE;
      const nodeLow = slab[node + LOW]!;
      if (nodeLow < low) {
        earliest = node;
        low = nodeLow;
      }
      node = slab[node + NEXT]!;
    }
    return earliest;
  }

  /**
   * Moves the cursor into a slot and its events to the slots that they have from there. False, and
   * nothing moved, when the slot begins after the limit.
   */
  private spread(head: number, limit: SimMicros): boolean {
    const slab = this.slab;
    let node = slab[head + NEXT]!;
    const shift = (head >>> (DIGIT_BITS + 1)) * DIGIT_BITS;
    const mask = shift < 30 ? -1 << shift : 0;
    const highMask = shift < 30 ? -1 : -1 << (shift - 30);
    const low = slab[node + LOW]! & mask;
    const high = slab[node + HIGH]! & highMask;
    const base = high * LOW_SPAN + low;
    if (!(base <= limit)) return false;
    // Nothing is due before now: from there, events land lower than from the slot's beginning.
    const cursor = base < this.now ? this.now : base;
    slab[CURSOR_LOW] = cursor & LOW_MASK;
    slab[CURSOR_HIGH] = (cursor * HIGH_SCALE) | 0;
    slab[head + NEXT] = head;
    slab[head + PREVIOUS] = head;
    this.markEmpty(head);
    while (node !== head) {
      const next = slab[node + NEXT]!;
      this.append(node, slab[node + LOW]!, slab[node + HIGH]!);
      node = next;
    }
    return true;
  }

  /** A node never used before; doubles the slab when it is full. */
  private extend(): number {
    const node = this.usedWords;
    if (node === this.slab.length) {
      const capacity = (node - NODES) / NODE_WORDS;
      if (capacity >= HANDLE_SPAN) {
        throw new InvariantError(`the event queue is full: ${capacity} events pending`);
      }
      const grown = Math.min(Math.max(capacity * 2, 16), HANDLE_SPAN);
      const slab = new Int32Array(NODES + grown * NODE_WORDS);
      slab.set(this.slab);
      this.slab = slab;
    }
    this.usedWords = node + NODE_WORDS;
    // Written here, not only once at birth: after a restore to a time before this node was first
    // used, the run from there must give out the same handles again.
    this.slab[node + GENERATION] = 1;
    return node;
  }

  private refusal(at: number): InvariantError {
    return new InvariantError(
      Number.isSafeInteger(at)
        ? `an event at ${at} us lies in the past: it is ${this.now} us`
        : `${at} is not a time: it must be a safe integer of microseconds`,
    );
  }
}
