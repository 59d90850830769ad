/**
 * Processor sharing: everything is under way at once. n pieces of work on c cores each go on at
 * min(1, c/n) of a core's speed; those beyond c count as waiting.
 *
 * Source: Kleinrock 1967, the limit of round robin with small slices. The mean time in an M/G/1-PS
 * station depends on the mean demand only. Leaves out the cost of switching.
 */
import { JobHeap } from './job-heap.ts';
import type { JobHeapImage } from './job-heap.ts';
import { VirtualTimeCores } from './virtual-time.ts';
import type { VirtualImage } from './virtual-time.ts';

export interface SharingImage extends VirtualImage {
  readonly jobs: JobHeapImage;
}

export class SharingCores extends VirtualTimeCores {
  /** By the virtual time of their ends. */
  readonly #jobs = new JobHeap();

  get busy(): number {
    return Math.min(this.#jobs.size, this.count);
  }
  get waiting(): number {
    return Math.max(0, this.#jobs.size - this.count);
  }

  protected share(): number {
    return Math.min(1, this.count / this.#jobs.size);
  }

  protected admit(demandMicros: number, tag: number, _priority: number, sequence: number): void {
    this.#jobs.push(this.virtual + demandMicros, sequence, tag, 0);
  }

  protected nextEnd(): number {
    return this.#jobs.size === 0 ? Infinity : (this.#jobs.key[0] as number);
  }

  protected endFirst(): number {
    const tag = this.#jobs.tag[0] as number;
    this.#jobs.removeAt(0);
    return tag;
  }

  protected dropAll(): void {
    this.#jobs.clear();
  }

  override save(): SharingImage {
    return { ...super.save(), jobs: this.#jobs.save() };
  }

  override restore(image: SharingImage): void {
    super.restore(image);
    this.#jobs.restore(image.jobs);
  }
}
