/**
 * The slab of the timing wheel: its nodes, the lists that they stand in, and the bitmaps that find
 * the next one. What the wheel promises and why it is built like this is said in wheel.ts.
 *
 * The slab is one Int32Array, so that a checkpoint is a copy. It begins with the heads of the
 * slots' lists, two words each; then come the bitmaps that say which slots have events, a few
 * single words, and the nodes, eight words each. Lists are circular through their heads, so that
 * linking and unlinking never ask whether an end is reached, and links hold word offsets, so that
 * they index without a shift.
 *
 * `insert` and `unlinkDue` are long on purpose: what is this long is not inlined by V8, which
 * leaves its callers room to inline the methods that take or return a double, and a double that
 * passes through a call that is not inlined is allocated.
 */
import { InvariantError } from './errors.ts';
import type { Handle } from './handle.ts';
import type { SimMicros } from './time.ts';

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

/** 2^24 nodes of 32 bytes fill half a gigabyte; each lives through 2^29 generations. */
const HANDLE_SPAN = 0x1000000;
const HANDLE_MASK = HANDLE_SPAN - 1;
const HANDLE_SCALE = 1 / HANDLE_SPAN;
const GENERATION_END = 0x1fffffff;

/** A list of at most so many is searched, not spread. */
const SHORT_LIST = 8;

export class WheelSlab {
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
  protected usedWords = NODES;
  /** The limit of the call under way: a field for the same reason as above. */
  protected limit = 0.5 as SimMicros;
  /** While a list is spread: for each slot, the last node that came from the front. */
  private readonly seams = new Int32Array(SLOT_COUNT);

  constructor(capacity: number) {
    // The times begin with a fraction, so that engines keep the fields as doubles from the start,
    // rather than finding out, and compiling everything again, when the time passes 2^31.
    this.now = 0 as SimMicros;
    this.time = 0 as SimMicros;
    this.limit = 0 as SimMicros;
    this.slab = new Int32Array(NODES + Math.max(1, capacity) * NODE_WORDS);
    for (let head = 0; head < BITMAPS; head += HEAD_WORDS) {
      this.slab[head + NEXT] = head;
      this.slab[head + PREVIOUS] = head;
    }
  }

  protected add(at: SimMicros, kind: number, target: number, payload: number): Handle {
    const node = this.insert(at & LOW_MASK, (at * HIGH_SCALE) | 0, kind, target, payload);
    return (this.slab[node + GENERATION]! * HANDLE_SPAN + ((node - NODES) >>> 3)) as Handle;
  }

  /** Links a detached node at another time under a new generation: the old handle is stale. */
  protected relink(node: number, at: SimMicros): Handle {
    const slab = this.slab;
    const generation = slab[node + GENERATION]! + 1;
    if (generation > GENERATION_END) return this.replace(node, at);
    slab[node + GENERATION] = generation;
    const low = at & LOW_MASK;
    const high = (at * HIGH_SCALE) | 0;
    const slot = this.slotOf(low, high);
    const head = slot * HEAD_WORDS;
    const tail = slab[head + PREVIOUS]!;
    slab[node + NEXT] = head;
    slab[node + PREVIOUS] = tail;
    slab[node + LOW] = low;
    slab[node + HIGH] = high;
    slab[tail + NEXT] = node;
    slab[head + PREVIOUS] = node;
    if (tail === head) this.markUsed(slot);
    return (generation * HANDLE_SPAN + ((node - NODES) >>> 3)) as Handle;
  }

  /** Its generations are used up: the event goes on in another node. */
  private replace(node: number, at: SimMicros): Handle {
    const slab = this.slab;
    this.release(node);
    return this.add(at, slab[node + KIND]!, slab[node + TARGET]!, slab[node + PAYLOAD]!);
  }

  /** The node that a handle names, or 0 when the handle is stale. */
  protected nodeOf(handle: Handle): number {
    const slot = handle & HANDLE_MASK;
    const node = NODES + slot * NODE_WORDS;
    if (node >= this.usedWords) return NO_NODE;
    return this.slab[node + GENERATION]! === (handle - slot) * HANDLE_SCALE ? node : NO_NODE;
  }

  /**
   * Unlinks the next node due at or before the limit and moves `now` to its time, without ending
   * its event. 0, and `now` at the limit, when there is none.
   */
  protected unlinkDue(): number {
    for (;;) {
      const slab = this.slab;
      const levels = slab[LEVELS]!;
      if (levels === 0) return this.reachLimit();
      // By branches where they are easily foretold: all else waits for the chain of these loads.
      let level = 0;
      if ((levels & 1) === 0) level = (levels & 2) !== 0 ? 1 : 31 - Math.clz32(levels & -levels);
      const summary = slab[SUMMARIES + level]!;
      const word = (level << 5) + 31 - Math.clz32(summary & -summary);
      const bits = slab[BITMAPS + word]!;
      const head = ((word << 5) + 31 - Math.clz32(bits & -bits)) * HEAD_WORDS;
      let node = slab[head + NEXT]!;
      let next = slab[node + NEXT]!;
      if (level !== 0 && next !== head) {
        // On the upper levels the times of a slot may differ in the HIGH word too: always spread.
        let length = level < LOW_LEVEL_COUNT ? 2 : SHORT_LIST + 1;
        let other = next;
        while (length <= SHORT_LIST && other !== head) {
          if (slab[other + LOW]! < slab[node + LOW]!) node = other;
          other = slab[other + NEXT]!;
          length++;
        }
        if (other !== head) {
          if (this.spread(head)) continue;
          return this.reachLimit();
        }
        next = slab[node + NEXT]!;
      }
      const time = (slab[node + HIGH]! * LOW_SPAN + slab[node + LOW]!) as SimMicros;
      if (!(time <= this.limit)) return this.reachLimit();
      const previous = slab[node + PREVIOUS]!;
      slab[previous + NEXT] = next;
      slab[next + PREVIOUS] = previous;
      if (next === previous) {
        const rest = bits & (bits - 1);
        slab[BITMAPS + word] = rest;
        if (rest === 0) {
          slab[SUMMARIES + level] = summary & (summary - 1);
          if ((summary & (summary - 1)) === 0) slab[LEVELS] = levels & (levels - 1);
        }
      }
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

  /** The earliest time of all, or Infinity. */
  protected earliestTime(): number {
    const slab = this.slab;
    const levels = slab[LEVELS]!;
    if (levels === 0) return Infinity;
    const level = 31 - Math.clz32(levels & -levels);
    const summary = slab[SUMMARIES + level]!;
    const word = (level << 5) + 31 - Math.clz32(summary & -summary);
    const bits = slab[BITMAPS + word]!;
    const head = ((word << 5) + 31 - Math.clz32(bits & -bits)) * HEAD_WORDS;
    let earliest = Infinity;
    for (let node = slab[head + NEXT]!; node !== head; node = slab[node + NEXT]!) {
      earliest = Math.min(earliest, slab[node + HIGH]! * LOW_SPAN + slab[node + LOW]!);
    }
    return earliest;
  }

  /** Links a free node at the tail of the slot that its time has, seen from the cursor. */
  private insert(low: number, high: number, kind: number, target: number, payload: number): number {
    let slab = this.slab;
    let node = slab[FREE]!;
    if (node === NO_NODE) {
      node = this.usedWords;
      this.usedWords = node + NODE_WORDS;
      if (node === slab.length) slab = this.grow();
      // Written here, not only once at birth: after a restore to a time before this node was first
      // used, the run from there must give out the same handles again.
      slab[node + GENERATION] = 1;
    } else {
      slab[FREE] = slab[node + NEXT]!;
    }
    let level: number;
    let slot: number;
    const difference = low ^ slab[CURSOR_LOW]!;
    if (high !== slab[CURSOR_HIGH]) {
      // n * 205 >> 11 is n / 10 for the bit numbers 0..29.
      const step = ((31 - Math.clz32(high ^ slab[CURSOR_HIGH]!)) * 205) >> 11;
      level = LOW_LEVEL_COUNT + step;
      slot = (level << DIGIT_BITS) + ((high >>> (step * DIGIT_BITS)) & DIGIT_MASK);
    } else if (difference > 0xfffff) {
      level = 2;
      slot = 2048 + (low >>> 20);
    } else if (difference > DIGIT_MASK) {
      level = 1;
      slot = 1024 + ((low >>> DIGIT_BITS) & DIGIT_MASK);
    } else {
      level = 0;
      slot = low & DIGIT_MASK;
    }
    const head = slot * HEAD_WORDS;
    const tail = slab[head + PREVIOUS]!;
    slab[node + NEXT] = head;
    slab[node + PREVIOUS] = tail;
    slab[node + LOW] = low;
    slab[node + HIGH] = high;
    slab[node + KIND] = kind;
    slab[node + TARGET] = target;
    slab[node + PAYLOAD] = payload;
    slab[tail + NEXT] = node;
    slab[head + PREVIOUS] = node;
    if (tail === head) {
      const word = slot >>> 5;
      const bits = slab[BITMAPS + word]!;
      slab[BITMAPS + word] = bits | (1 << (slot & 31));
      if (bits === 0) {
        slab[SUMMARIES + level] = slab[SUMMARIES + level]! | (1 << (word & 31));
        slab[LEVELS] = slab[LEVELS]! | (1 << level);
      }
    }
    this.size++;
    return node;
  }

  /** The slot of a time, seen from the cursor. */
  private slotOf(low: number, high: number): number {
    const slab = this.slab;
    // n * 205 >> 11 is n / 10 for the bit numbers 0..29.
    if (high === slab[CURSOR_HIGH]) {
      const level = ((31 - Math.clz32((low ^ slab[CURSOR_LOW]!) | 1)) * 205) >> 11;
      return (level << DIGIT_BITS) + ((low >>> (level * DIGIT_BITS)) & DIGIT_MASK);
    }
    const step = ((31 - Math.clz32(high ^ slab[CURSOR_HIGH]!)) * 205) >> 11;
    return ((LOW_LEVEL_COUNT + step) << DIGIT_BITS) + ((high >>> (step * DIGIT_BITS)) & DIGIT_MASK);
  }

  private markUsed(slot: number): void {
    const slab = this.slab;
    const level = slot >>> DIGIT_BITS;
    const word = slot >>> 5;
    const bits = slab[BITMAPS + word]!;
    slab[BITMAPS + word] = bits | (1 << (slot & 31));
    if (bits !== 0) return;
    slab[SUMMARIES + level] = slab[SUMMARIES + level]! | (1 << (word & 31));
    slab[LEVELS] = slab[LEVELS]! | (1 << level);
  }

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

  /**
   * Moves the cursor into a slot and its events to the slots that they have from there. False, and
   * nothing moved, when the slot begins after the limit.
   */
  private spread(head: number): boolean {
    const slab = this.slab;
    let front = slab[head + NEXT]!;
    let back = slab[head + PREVIOUS]!;
    const shift = (head >>> (DIGIT_BITS + 1)) * DIGIT_BITS;
    const low = shift < 30 ? slab[front + LOW]! & (-1 << shift) : 0;
    const high = shift < 30 ? slab[front + HIGH]! : slab[front + HIGH]! & (-1 << (shift - 30));
    const base = high * LOW_SPAN + low;
    if (!(base <= this.limit)) return false;
    // Nothing is due before now: from there, events land lower than from the slot's beginning.
    const cursor = base < this.now ? this.now : base;
    slab[CURSOR_LOW] = cursor & LOW_MASK;
    slab[CURSOR_HIGH] = (cursor * HIGH_SCALE) | 0;
    slab[head + NEXT] = head;
    slab[head + PREVIOUS] = head;
    this.markEmpty(head);
    // From both ends at once: a long list lies all over the memory, and two chains of pointers can
    // be waited for together.
    for (;;) {
      const nextFront = slab[front + NEXT]!;
      const nextBack = slab[back + PREVIOUS]!;
      this.place(front, true);
      if (front === back) return true;
      this.place(back, false);
      if (nextFront === back) return true;
      front = nextFront;
      back = nextBack;
    }
  }

  /**
   * Links a node of a list that is spread from both ends: those from the front keep their order
   * before the seam of their new list, those from the back, which come latest first, behind it.
   */
  private place(node: number, fromFront: boolean): void {
    const slab = this.slab;
    const slot = this.slotOf(slab[node + LOW]!, slab[node + HIGH]!);
    const head = slot * HEAD_WORDS;
    let before = this.seams[slot]!;
    if (slab[head + NEXT] === head) {
      this.markUsed(slot);
      this.seams[slot] = head;
      before = head;
    }
    const after = slab[before + NEXT]!;
    slab[node + NEXT] = after;
    slab[node + PREVIOUS] = before;
    slab[before + NEXT] = node;
    slab[after + PREVIOUS] = node;
    if (fromFront) this.seams[slot] = node;
  }

  private reachLimit(): number {
    const limit = this.limit;
    if (!Number.isSafeInteger(limit)) {
      throw new InvariantError(`${limit} is no limit: it must be a safe integer of microseconds`);
    }
    if (limit > this.now) this.now = limit;
    return NO_NODE;
  }

  /** Doubles the slab. */
  private grow(): Int32Array {
    const capacity = (this.slab.length - NODES) / NODE_WORDS;
    if (capacity >= HANDLE_SPAN) {
      throw new InvariantError(`the event queue is full: ${capacity} events pending`);
    }
    const grown = Math.min(Math.max(capacity * 2, 16), HANDLE_SPAN);
    const slab = new Int32Array(NODES + grown * NODE_WORDS);
    slab.set(this.slab);
    this.slab = slab;
    return slab;
  }
}
