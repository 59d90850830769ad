/**
 * Which records that a group could not work on are dead letters in the end: for which record each
 * letter was written is noted, and whether it is there is read from the logs of leaders.
 */
import type { DeadLetter } from '../../components/log-consumer/dead-letters.ts';
import { endOf } from '../../contracts/record-batch.ts';
import type { LeaderLog } from '../log-ends.ts';

type Origin = readonly [partition: number, offset: number];

export type LetterAccountImage = readonly (readonly [value: number, origin: Origin])[];

interface Letters {
  /** Records with a letter at least. */
  readonly records: number;
  /** Letters beyond the first of a record. */
  readonly repeated: number;
  has(partition: number, offset: number): boolean;
}

const keyOf = (partition: number, offset: number): string => `${partition}/${offset}`;

export class LetterAccount {
  /** By the value of the letter. */
  readonly #origins = new Map<number, Origin>();

  note({ value, partition, offset }: DeadLetter): void {
    this.#origins.set(value, [partition, offset]);
  }

  get isEmpty(): boolean {
    return this.#origins.size === 0;
  }

  /** Of those that are committed. */
  in(logs: ReadonlyMap<number, LeaderLog>): Letters {
    const counts = new Map<string, number>();
    for (const { batches, highWatermark } of this.isEmpty ? [] : logs.values()) {
      for (const batch of batches) {
        if (endOf(batch) > highWatermark) break;
        for (const { value } of batch.records) {
          const origin = this.#origins.get(value as number);
          if (origin === undefined) continue;
          const key = keyOf(...origin);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
    }
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return {
      records: counts.size,
      repeated: all - counts.size,
      has: (partition, offset) => counts.has(keyOf(partition, offset)),
    };
  }

  save(): LetterAccountImage {
    return [...this.#origins];
  }

  restore(image: LetterAccountImage): void {
    this.#origins.clear();
    for (const [value, origin] of image) this.#origins.set(value, origin);
  }
}
