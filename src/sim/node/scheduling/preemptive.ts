/**
 * Preemption with resume: c cores serve the c pieces of work that come first in some order, at full
 * speed; a newcomer that comes before one of them takes its core, and the one that it displaced
 * goes on later from where it was.
 *
 * Invariant: no piece that waits comes before one that is at work, but for pieces whose end is due
 * at this very microsecond: they are done, and are not displaced.
 */
import { JobHeap } from './job-heap.ts';
import type { JobHeapImage } from './job-heap.ts';
import { VirtualTimeCores } from './virtual-time.ts';
import type { VirtualImage } from './virtual-time.ts';

export interface PreemptiveImage extends VirtualImage {
  readonly running: JobHeapImage;
  readonly queue: JobHeapImage;
}

const NONE = -1;

export abstract class PreemptiveCores extends VirtualTimeCores {
  /** At most one for each core, by the virtual time of their ends; the value is the rank. */
  readonly #running = new JobHeap();
  /** By rank; the value is what each still needs. */
  readonly #queue = new JobHeap();

  /** Who has the lesser rank comes first; of two that are equal, the one that came first. */
  protected abstract rank(priority: number, sequence: number): number;

  get busy(): number {
    return this.#running.size;
  }
  get waiting(): number {
    return this.#queue.size;
  }

  protected share(): number {
    return 1;
  }

  protected admit(demandMicros: number, tag: number, priority: number, sequence: number): void {
    const rank = this.rank(priority, sequence);
    if (this.#running.size === this.count) {
      const last = this.#lastAtWork();
      if (last === NONE || !(rank < (this.#running.value[last] as number))) {
        this.#queue.push(rank, sequence, tag, demandMicros);
        return;
      }
      this.#displace(last);
    }
    this.#running.push(this.virtual + demandMicros, sequence, tag, rank);
  }

  /** The place of the last in order among those at work whose end is not due now, or NONE. */
  #lastAtWork(): number {
    const { key, sequence, value, size } = this.#running;
    let last = NONE;
    for (let place = 0; place < size; place++) {
      if (this.endsNow(key[place] as number)) continue;
      if (last !== NONE) {
        const rank = value[place] as number;
        const lastRank = value[last] as number;
        if (rank < lastRank) continue;
        if (rank === lastRank && (sequence[place] as number) < (sequence[last] as number)) continue;
      }
      last = place;
    }
    return last;
  }

  #displace(place: number): void {
    const { key, sequence, tag, value } = this.#running;
    const left = Math.max(0, (key[place] as number) - this.virtual);
    const rank = value[place] as number;
    this.#queue.push(rank, sequence[place] as number, tag[place] as number, left);
    this.#running.removeAt(place);
  }

  protected nextEnd(): number {
    return this.#running.size === 0 ? Infinity : (this.#running.key[0] as number);
  }

  protected endFirst(): number {
    const ended = this.#running.tag[0] as number;
    this.#running.removeAt(0);
    if (this.#queue.size > 0) {
      const { key, sequence, tag, value } = this.#queue;
      const end = this.virtual + (value[0] as number);
      this.#running.push(end, sequence[0] as number, tag[0] as number, key[0] as number);
      this.#queue.removeAt(0);
    }
    return ended;
  }

  protected dropAll(): void {
    this.#running.clear();
    this.#queue.clear();
  }

  override save(): PreemptiveImage {
    return { ...super.save(), running: this.#running.save(), queue: this.#queue.save() };
  }

  override restore(image: PreemptiveImage): void {
    super.restore(image);
    this.#running.restore(image.running);
    this.#queue.restore(image.queue);
  }
}
