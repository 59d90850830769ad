/**
 * Of which records something else was written: for which record each value was written is noted as
 * it happens, and whether it is there, and how often, is read from the logs of leaders.
 */
import type { Isolation } from '../../contracts/broker.ts';
import { forEachRecord } from '../log-ends.ts';
import type { LeaderLog } from '../log-ends.ts';

interface Written {
  readonly group: string;
  /** Of the record that it was written for. */
  readonly partition: number;
  readonly offset: number;
  readonly value: number;
}

type Origin = readonly [partition: number, offset: number];

export type OriginAccountImage = readonly (readonly [value: number, origin: Origin])[];

interface Tally {
  /** What is there of all that was written, and for how many records. */
  readonly written: number;
  readonly records: number;
  /** Times that something was written for a record beyond the first. */
  readonly repeated: number;
  has(partition: number, offset: number): boolean;
}

const keyOf = (partition: number, offset: number): string => `${partition}/${offset}`;

export class OriginAccount {
  /** By the value that was written. */
  readonly #origins = new Map<number, Origin>();

  note({ value, partition, offset }: Written): void {
    this.#origins.set(value, [partition, offset]);
  }

  get isEmpty(): boolean {
    return this.#origins.size === 0;
  }

  /** As a reader of that isolation finds it, below the high watermarks. */
  in(logs: ReadonlyMap<number, LeaderLog>, isolation: Isolation): Tally {
    const times = new Map<string, number>();
    let written = 0;
    for (const log of this.isEmpty ? [] : logs.values()) {
      forEachRecord(log, isolation, log.start, log.highWatermark, (_offset, value) => {
        const origin = this.#origins.get(value as number);
        if (origin === undefined) return;
        const key = keyOf(...origin);
        times.set(key, (times.get(key) ?? 0) + 1);
        written += 1;
      });
    }
    return {
      written,
      records: times.size,
      repeated: written - times.size,
      has: (partition, offset) => times.has(keyOf(partition, offset)),
    };
  }

  save(): OriginAccountImage {
    return [...this.#origins];
  }

  restore(image: OriginAccountImage): void {
    this.#origins.clear();
    for (const [value, origin] of image) this.#origins.set(value, origin);
  }
}
