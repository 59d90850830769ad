/**
 * The event queue: a hierarchical timing wheel over one typed-array slab.
 *
 * Eleven levels of 32 slots cover 55 bits of integer microseconds. An event lies on the level of
 * the highest five-bit digit in which its time differs from the cursor, in the slot of that digit,
 * at the tail of the slot's list. Going to a slot moves the cursor and spreads its list, in order,
 * over lower levels, all of which are empty at that moment. So a list is always in the order of
 * scheduling, and events come out in exact (time, sequence) order without a comparison.
 *
 * Invariants. cursor <= now <= every pending time. The cursor moves only to a popped time or to a
 * run limit below every pending time, never to a slot base beyond the limit: an event scheduled
 * between now and that base would land on the wrong level. A handle's generation never repeats:
 * a slot whose generations are used up is retired.
 *
 * Source: Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987; chosen by
 * measurement against heaps and calendar queues.
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
  readonly cursorLow: number;
  readonly cursorHigh: number;
  readonly levels: number;
  readonly freeNode: number;
}

// A node is eight 32-bit words; links hold word offsets, so that they index without a shift. The
// first 352 nodes are the list heads of the slots: the lists are circular through their heads, so
// that linking and unlinking never ask whether an end is reached.
const STRIDE = 8;
const NEXT = 0;
const PREVIOUS = 1;
/** Low 30 bits of the time: six levels, so that no digit straddles the two words. */
const LOW = 2;
/** The rest of the time: five levels. In the head of a level's slot 0, LOW is the level's bitmap. */
const HIGH = 3;
const GENERATION = 4;
const KIND = 5;
const TARGET = 6;
const PAYLOAD = 7;

const LEVEL_COUNT = 11;
const HEAD_WORDS = LEVEL_COUNT * 32 * STRIDE;
const LEVEL_WORDS = 32 * STRIDE;
const LOW_LEVEL_COUNT = 6;
const LOW_SPAN = 0x40000000;
const LOW_MASK = LOW_SPAN - 1;
const HIGH_SCALE = 1 / LOW_SPAN;

/** 2^24 slots of 32 bytes fill half a gigabyte; 2^29 generations each. */
const SLOT_SPAN = 0x1000000;
const GENERATION_END = 0x1fffffff;
const CAPACITY_MAX = SLOT_SPAN - LEVEL_COUNT * 32;

/** Word 0 is a list head, so no event has it. */
const NO_NODE = 0;

export class TimingWheel {
  /** The time reached: of the last popped event, or the last limit at which nothing was due. */
  now: SimMicros = 0 as SimMicros;
  /** The popped event. */
  time: SimMicros = 0 as SimMicros;
  kind = 0;
  target = 0;
  payload = 0;
  /** Events pending. */
  size = 0;

  protected slab: Int32Array;
  /** One bit for each level that has an event. */
  private levels = 0;
  private cursorLow = 0;
  private cursorHigh = 0;
  /** First node of the free list, linked through NEXT. */
  private freeNode = NO_NODE;
  /** Nodes from this word on were never used. */
  private usedWords = HEAD_WORDS;

  constructor(initialCapacity = 1024) {
    this.slab = new Int32Array(HEAD_WORDS + Math.max(1, initialCapacity) * STRIDE);
    for (let head = 0; head < HEAD_WORDS; head += STRIDE) {
      this.slab[head + NEXT] = head;
      this.slab[head + PREVIOUS] = head;
    }
  }

  /** Adds an event behind all that are due at the same time. The three words are 32-bit. */
  schedule(at: SimMicros, kind: number, target: number, payload: number): Handle {
    if (!(at >= this.now && at <= Number.MAX_SAFE_INTEGER && Math.floor(at) === at)) {
      throw this.refusal(at);
    }
    let node = this.freeNode;
    if (node === NO_NODE) node = this.extend();
    else this.freeNode = this.slab[node + NEXT]!;
    const slab = this.slab;
    slab[node + KIND] = kind;
    slab[node + TARGET] = target;
    slab[node + PAYLOAD] = payload;
    this.append(node, at & LOW_MASK, (at * HIGH_SCALE) | 0);
    this.size++;
    return (slab[node + GENERATION]! * SLOT_SPAN + (node >>> 3)) as Handle;
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
    const levels = this.levels;
    if (levels === 0) return Infinity;
    const level = 31 - Math.clz32(levels & -levels);
    const head = this.firstHead(level);
    const slab = this.slab;
    let earliest = Infinity;
    for (let node = slab[head + NEXT]!; node !== head; node = slab[node + NEXT]!) {
      const time = this.timeOf(node);
      if (level === 0) return time;
      if (time < earliest) earliest = time;
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
      cursorLow: this.cursorLow,
      cursorHigh: this.cursorHigh,
      levels: this.levels,
      freeNode: this.freeNode,
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
    this.cursorLow = image.cursorLow;
    this.cursorHigh = image.cursorHigh;
    this.levels = image.levels;
    this.freeNode = image.freeNode;
  }

  /** The node that a handle names, or NO_NODE when the handle is stale. */
  protected nodeOf(handle: Handle): number {
    const generation = Math.floor(handle / SLOT_SPAN);
    const node = (handle - generation * SLOT_SPAN) * STRIDE;
    if (!(node >= HEAD_WORDS && node < this.usedWords)) return NO_NODE;
    return this.slab[node + GENERATION] === generation ? node : NO_NODE;
  }

  protected timeOf(node: number): SimMicros {
    return (this.slab[node + HIGH]! * LOW_SPAN + this.slab[node + LOW]!) as SimMicros;
  }

  /**
   * Unlinks the next node due at or before `limit`, without ending its event; NO_NODE, and `now`
   * at the limit, when there is none.
   */
  protected unlinkDue(limit: SimMicros): number {
    if ((this.levels & 1) === 0) return this.descend(limit);
    const slab = this.slab;
    const bits = slab[LOW]!;
    const digit = 31 - Math.clz32(bits & -bits);
    const low = (this.cursorLow & ~31) | digit;
    if (!(this.cursorHigh * LOW_SPAN + low <= limit)) return this.reachLimit(limit);
    const head = digit * STRIDE;
    const node = slab[head + NEXT]!;
    const next = slab[node + NEXT]!;
    slab[head + NEXT] = next;
    slab[next + PREVIOUS] = head;
    if (next === head) {
      const rest = bits & (bits - 1);
      slab[LOW] = rest;
      if (rest === 0) this.levels &= ~1;
    }
    this.cursorLow = low;
    return node;
  }

  /** Reads a node that `unlinkDue` gave into the public fields and ends its event. */
  protected take(node: number): void {
    const slab = this.slab;
    const time = this.timeOf(node);
    this.now = time;
    this.time = time;
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
    slab[node + NEXT] = this.freeNode;
    this.freeNode = node;
  }

  protected unlink(node: number): void {
    const slab = this.slab;
    const next = slab[node + NEXT]!;
    const previous = slab[node + PREVIOUS]!;
    slab[previous + NEXT] = next;
    slab[next + PREVIOUS] = previous;
    // Alone in its list, a node has the head on both sides.
    if (next === previous) this.clearBit(next);
  }

  protected reachLimit(limit: SimMicros): number {
    if (!Number.isSafeInteger(limit)) throw this.refusal(limit);
    if (limit > this.now) this.now = limit;
    return NO_NODE;
  }

  /** Links a node at the tail of the slot that its time has, seen from the cursor. */
  private append(node: number, low: number, high: number): void {
    const slab = this.slab;
    let level: number;
    let digit: number;
    if (high === this.cursorHigh) {
      const difference = low ^ this.cursorLow;
      // n * 13 >> 6 is n / 5 for the bit numbers 0..29; `| 1` sends equal times to level 0.
      level = ((31 - Math.clz32(difference | 1)) * 13) >> 6;
      digit = (low >>> (level * 5)) & 31;
    } else {
      const step = ((31 - Math.clz32(high ^ this.cursorHigh)) * 13) >> 6;
      level = LOW_LEVEL_COUNT + step;
      digit = (high >>> (step * 5)) & 31;
    }
    const first = level * LEVEL_WORDS;
    const head = first + digit * STRIDE;
    const tail = slab[head + PREVIOUS]!;
    slab[node + LOW] = low;
    slab[node + HIGH] = high;
    slab[node + NEXT] = head;
    slab[node + PREVIOUS] = tail;
    slab[tail + NEXT] = node;
    slab[head + PREVIOUS] = node;
    slab[first + LOW] = slab[first + LOW]! | (1 << digit);
    this.levels |= 1 << level;
  }

  private clearBit(head: number): void {
    const level = head >>> 8;
    const first = level * LEVEL_WORDS;
    const rest = this.slab[first + LOW]! & ~(1 << ((head - first) >>> 3));
    this.slab[first + LOW] = rest;
    if (rest === 0) this.levels &= ~(1 << level);
  }

  private firstHead(level: number): number {
    const bits = this.slab[level * LEVEL_WORDS + LOW]!;
    return level * LEVEL_WORDS + (31 - Math.clz32(bits & -bits)) * STRIDE;
  }

  /**
   * Goes down to the earliest slot of the lowest level that has events and unlinks its earliest
   * node. The others are spread around that node's time rather than around the base of the slot:
   * they land as low as they can, and the earliest is not linked once more.
   */
  private descend(limit: SimMicros): number {
    const levels = this.levels;
    if (levels === 0) return this.reachLimit(limit);
    const level = 31 - Math.clz32(levels & -levels);
    const head = this.firstHead(level);
    const base = this.baseOf(level, (head & (LEVEL_WORDS - 1)) >>> 3);
    if (!(base <= limit)) return this.reachLimit(limit);
    const slab = this.slab;
    const first = slab[head + NEXT]!;
    let earliest = first;
    let low = slab[first + LOW]!;
    let high = slab[first + HIGH]!;
    let node = slab[first + NEXT]!;
    while (node !== head) {
      const nodeLow = slab[node + LOW]!;
      const nodeHigh = slab[node + HIGH]!;
      if (nodeHigh < high || (nodeHigh === high && nodeLow < low)) {
        earliest = node;
        low = nodeLow;
        high = nodeHigh;
      }
      node = slab[node + NEXT]!;
    }
    const due = high * LOW_SPAN + low <= limit;
    this.cursorLow = due ? low : limit & LOW_MASK;
    this.cursorHigh = due ? high : (limit * HIGH_SCALE) | 0;
    if (due) this.unlink(earliest);
    this.spread(head);
    return due ? earliest : this.reachLimit(limit);
  }

  /** Empties a slot's list, in order, into the slots that its events have from the cursor. */
  private spread(head: number): void {
    const slab = this.slab;
    let node = slab[head + NEXT]!;
    if (node === head) return;
    slab[head + NEXT] = head;
    slab[head + PREVIOUS] = head;
    this.clearBit(head);
    while (node !== head) {
      const next = slab[node + NEXT]!;
      this.append(node, slab[node + LOW]!, slab[node + HIGH]!);
      node = next;
    }
  }

  /** The first time of a slot. */
  private baseOf(level: number, digit: number): number {
    if (level < LOW_LEVEL_COUNT) {
      const shift = level * 5;
      const above = (this.cursorLow >>> (shift + 5)) << (shift + 5);
      return this.cursorHigh * LOW_SPAN + (above | (digit << shift));
    }
    const shift = (level - LOW_LEVEL_COUNT) * 5;
    return (((this.cursorHigh >>> (shift + 5)) << (shift + 5)) | (digit << shift)) * LOW_SPAN;
  }

  /** A node never used before; doubles the slab when it is full. */
  private extend(): number {
    const node = this.usedWords;
    if (node === this.slab.length) {
      const capacity = (node - HEAD_WORDS) / STRIDE;
      if (capacity >= CAPACITY_MAX) {
        throw new InvariantError(`the event queue is full: ${capacity} events pending`);
      }
      const grown = Math.min(Math.max(capacity * 2, 16), CAPACITY_MAX);
      const slab = new Int32Array(HEAD_WORDS + grown * STRIDE);
      slab.set(this.slab);
      this.slab = slab;
    }
    this.usedWords = node + STRIDE;
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
