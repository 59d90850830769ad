/**
 * Free list for the slots of typed-array tables, such as the payloads of events.
 *
 * It hands out slot numbers; the tables belong to the caller, who is told when they must grow.
 * Invariant: the next slot is a function of the calls so far alone (last freed, first reused), so
 * that a run that is restored gives out the same slots again.
 */
import { InvariantError } from '../src/sim/kernel/errors.ts';

export interface SlotImage {
  /** For each slot ever used: the next free slot, FREE_END, or IN_USE. */
  readonly links: Int32Array;
  readonly firstFree: number;
  readonly size: number;
}

const FREE_END = -1;
const IN_USE = -2;

export class SlotAllocator {
  /** Slots in use. */
  size = 0;
  private links: Int32Array;
  private firstFree = FREE_END;
  /** Slots from this one on were never used. */
  private usedCount = 0;
  private readonly grow: (capacity: number) => void;

  /** `grow` gets each new capacity, the first one too; tables keep their contents. */
  constructor(grow: (capacity: number) => void, initialCapacity = 1024) {
    const capacity = Math.max(1, initialCapacity);
    this.links = new Int32Array(capacity);
    this.grow = grow;
    grow(capacity);
  }

  get capacity(): number {
    return this.links.length;
  }

  allocate(): number {
    let slot = this.firstFree;
    if (slot === FREE_END) {
      slot = this.usedCount;
      if (slot === this.links.length) this.growTo(slot * 2);
      this.usedCount = slot + 1;
    } else {
      this.firstFree = this.links[slot]!;
    }
    this.links[slot] = IN_USE;
    this.size++;
    return slot;
  }

  free(slot: number): void {
    if (!(slot < this.usedCount) || this.links[slot] !== IN_USE) {
      throw new InvariantError(`slot ${slot} is freed, but it is not in use`);
    }
    this.links[slot] = this.firstFree;
    this.firstFree = slot;
    this.size--;
  }

  /** How many slots were ever in use: the part of a table that a copy must hold. */
  get usedSlots(): number {
    return this.usedCount;
  }

  save(): SlotImage {
    return {
      links: this.links.slice(0, this.usedCount),
      firstFree: this.firstFree,
      size: this.size,
    };
  }

  restore(image: SlotImage): void {
    const count = image.links.length;
    if (this.links.length < count) this.growTo(count);
    this.links.set(image.links);
    this.usedCount = count;
    this.firstFree = image.firstFree;
    this.size = image.size;
  }

  private growTo(capacity: number): void {
    const links = new Int32Array(capacity);
    links.set(this.links);
    this.links = links;
    this.grow(capacity);
  }
}
