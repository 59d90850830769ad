/**
 * A node's disk: writes wait in a cache until an fsync makes them durable.
 *
 * One fsync runs at a time and covers every write made before it began; requests that come while it
 * runs share the next one (group commit). A crash loses what no completed fsync covered: all of it,
 * or, where the disk tears, all but a drawn prefix. With fsync off a sync answers at once and the
 * cache is written back after WRITE_BACK, so a crash loses what was younger. That is a setting of
 * the disk, or a fault while it lasts: what was promised then is durable with the next fsync that
 * is one, or when it is old enough.
 *
 * Source of the vocabulary: the storage faults of TigerBeetle and lazyfs; write-back interval: the
 * default commit interval of ext4 (5 s).
 * Leaves out: read time, bandwidth, corruption, misdirected writes, full disks.
 */
import type { Stream } from '../kernel/random.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Distribution } from '../policies/distribution.ts';
import type { DurableSpec } from './behaviour.ts';

export interface DiskSettings {
  readonly fsync: Distribution;
  readonly fsyncOn: boolean;
  readonly tornTail: boolean;
}

/** A flash drive behind a cloud volume: half a millisecond, sometimes a few. */
export const DEFAULT_DISK: DiskSettings = {
  fsync: { kind: 'exponential', minMs: 0.2, meanMs: 0.5 },
  fsyncOn: true,
  tornTail: false,
};

export const WRITE_BACK_MICROS = 5_000_000;

interface CachedWrite {
  readonly record: unknown;
  readonly atMicros: number;
}

export interface DiskImage {
  readonly durable: unknown;
  readonly cache: readonly CachedWrite[];
  readonly covered: number;
  readonly running: readonly number[];
  readonly waiting: readonly number[];
  readonly factor: number;
  readonly extraMicros: number;
  /** Absent while its syncs are what they seem to be, and all that they promised is true. */
  readonly unsafe?: { readonly isOff: boolean; readonly promised: number };
}

export class Disk {
  readonly settings: DiskSettings;
  readonly #spec: DurableSpec<unknown, unknown>;
  readonly #stream: Stream;
  durable: unknown;
  #cache: CachedWrite[] = [];
  /** How many cached writes the running fsync covers. */
  #covered = 0;
  /** Tickets that the running fsync answers; empty when none runs. */
  #running: number[] = [];
  #waiting: number[] = [];
  #factor = 1;
  #extraMicros = 0;
  /** Whether a fault switched fsync off. */
  #isOff = false;
  /** How many cached writes were acknowledged by a sync that a fault had switched off. */
  #promised = 0;

  constructor(settings: DiskSettings, spec: DurableSpec<unknown, unknown>, stream: Stream) {
    this.settings = settings;
    this.#spec = spec;
    this.#stream = stream;
    this.durable = spec.empty();
  }

  get unsynced(): number {
    return this.#cache.length;
  }

  write(record: unknown, nowMicros: number): void {
    this.#writeBack(nowMicros);
    this.#cache.push({ record, atMicros: nowMicros });
  }

  /** Without fsync a write reaches the disk by itself, when it is old enough. */
  #writeBack(nowMicros: number): void {
    const left = this.settings.fsyncOn ? this.#promised : this.#cache.length;
    const oldest = nowMicros - WRITE_BACK_MICROS;
    let done = 0;
    while (done < left && (this.#cache[done] as CachedWrite).atMicros <= oldest) {
      done += 1;
    }
    this.#apply(done);
  }

  /** The first `count` cached writes become durable. */
  #apply(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#spec.apply(this.durable, (this.#cache[i] as CachedWrite).record);
    }
    if (count === this.#cache.length) this.#cache = [];
    else if (count > 0) this.#cache.splice(0, count);
    this.#covered = Math.max(0, this.#covered - count);
    this.#promised = Math.max(0, this.#promised - count);
  }

  /** Returns how long the fsync that begins now takes, or -1 when one already runs. */
  requestSync(ticket: number): number {
    this.#waiting.push(ticket);
    return this.#running.length > 0 ? -1 : this.#begin();
  }

  #begin(): number {
    this.#running = this.#waiting;
    this.#waiting = [];
    if (!this.settings.fsyncOn) {
      this.#covered = 0;
      return 0;
    }
    if (this.#isOff) {
      this.#covered = 0;
      this.#promised = this.#cache.length;
      return 0;
    }
    this.#covered = this.#cache.length;
    const base = sampleMicros(this.settings.fsync, this.#stream);
    return Math.max(0, Math.round(base * this.#factor + this.#extraMicros));
  }

  /** The running fsync is done: its writes are durable, its tickets are handed out. */
  completeSync(): readonly number[] {
    this.#apply(this.#covered);
    this.#covered = 0;
    const done = this.#running;
    this.#running = [];
    return done;
  }

  /** Begins the next fsync where one is wanted; how long it takes, or -1. */
  beginNext(): number {
    return this.#waiting.length === 0 || this.#running.length > 0 ? -1 : this.#begin();
  }

  /** Power is lost: only what is durable stays. */
  crash(nowMicros: number): void {
    this.#writeBack(nowMicros);
    if (this.settings.tornTail && this.#cache.length > 0) {
      this.#apply(this.#stream.below(this.#cache.length + 1));
    }
    this.#cache = [];
    this.#covered = 0;
    this.#promised = 0;
    this.#running = [];
    this.#waiting = [];
  }

  slow(factor: number, extraMicros: number): void {
    this.#factor = factor;
    this.#extraMicros = extraMicros;
  }

  /** From the next sync on: whether it answers at once, and nothing is durable by it. */
  switchOff(isOff: boolean): void {
    this.#isOff = isOff;
  }

  save(): DiskImage {
    return {
      durable: this.#spec.save(this.durable),
      cache: this.#cache.slice(),
      covered: this.#covered,
      running: this.#running.slice(),
      waiting: this.#waiting.slice(),
      factor: this.#factor,
      extraMicros: this.#extraMicros,
      ...(this.#isOff || this.#promised > 0
        ? { unsafe: { isOff: this.#isOff, promised: this.#promised } }
        : {}),
    };
  }

  restore(image: DiskImage): void {
    this.durable = this.#spec.restore(image.durable);
    this.#cache = image.cache.slice();
    this.#covered = image.covered;
    this.#running = image.running.slice();
    this.#waiting = image.waiting.slice();
    this.#factor = image.factor;
    this.#extraMicros = image.extraMicros;
    this.#isOff = image.unsafe?.isOff ?? false;
    this.#promised = image.unsafe?.promised ?? 0;
  }
}
