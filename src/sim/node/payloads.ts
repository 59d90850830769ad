/**
 * What pending events carry, in columns: a slot is taken when an event is scheduled and given back
 * when it was handled. No object is made by the engine per event.
 */
const INITIAL_SLOTS = 1_024;

export interface PayloadImage {
  readonly used: number;
  readonly free: Int32Array;
  readonly source: Int32Array;
  readonly epoch: Int32Array;
  readonly role: Uint8Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly ref: readonly unknown[];
}

export class Payloads {
  /** The node that caused the event. */
  source = new Int32Array(INITIAL_SLOTS);
  /** The target's epoch when it was scheduled: an event for an earlier life is stale. */
  epoch = new Int32Array(INITIAL_SLOTS);
  /** Of a message: notice, request, reply or error. */
  role = new Uint8Array(INITIAL_SLOTS);
  /** Two numbers whose meaning depends on the kind of event. */
  a = new Float64Array(INITIAL_SLOTS);
  b = new Float64Array(INITIAL_SLOTS);
  /** A message or other immutable data. */
  ref: unknown[] = [];
  #free = new Int32Array(INITIAL_SLOTS);
  #freeCount = 0;
  #used = 0;

  take(): number {
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      return this.#free[this.#freeCount] as number;
    }
    if (this.#used === this.source.length) this.#grow();
    this.ref.push(null);
    return this.#used++;
  }

  give(slot: number): void {
    this.ref[slot] = null;
    this.#free[this.#freeCount++] = slot;
  }

  #grow(): void {
    const size = this.source.length * 2;
    this.source = copyInto(new Int32Array(size), this.source);
    this.epoch = copyInto(new Int32Array(size), this.epoch);
    this.#free = copyInto(new Int32Array(size), this.#free);
    this.role = copyInto(new Uint8Array(size), this.role);
    this.a = copyInto(new Float64Array(size), this.a);
    this.b = copyInto(new Float64Array(size), this.b);
  }

  save(): PayloadImage {
    const used = this.#used;
    return {
      used,
      free: this.#free.slice(0, this.#freeCount),
      source: this.source.slice(0, used),
      epoch: this.epoch.slice(0, used),
      role: this.role.slice(0, used),
      a: this.a.slice(0, used),
      b: this.b.slice(0, used),
      ref: this.ref.slice(),
    };
  }

  restore(image: PayloadImage): void {
    while (this.source.length < image.used) this.#grow();
    this.#used = image.used;
    this.#freeCount = image.free.length;
    this.#free.set(image.free);
    this.source.set(image.source);
    this.epoch.set(image.epoch);
    this.role.set(image.role);
    this.a.set(image.a);
    this.b.set(image.b);
    this.ref = image.ref.slice();
  }
}

function copyInto<T extends { set(from: T): void }>(target: T, from: T): T {
  target.set(from);
  return target;
}
