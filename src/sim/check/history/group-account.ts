/**
 * What became of the records that a consumer group was given: worked on, again, or never, although
 * it has committed that it is beyond them.
 *
 * Keeps: nobody knows where a group began to read, so that what comes before the first record that
 * any member was given is not its.
 */

/** Offsets of a partition from `from` up to, not including, `to`. */
export interface OffsetSpan {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Whether a record that nobody was given should have been: null where that is not known. */
export type IsOwed = (partition: number, offset: number) => boolean;

const NOT_GIVEN = -1;

export type GroupAccountImage = readonly (readonly [number, readonly number[]])[];

export class GroupAccount {
  /** By partition and offset: how often it was worked on, and -1 where nobody was given it. */
  readonly #times = new Map<number, number[]>();

  given(span: OffsetSpan): void {
    const times = this.#upTo(span);
    for (let at = span.from; at < span.to; at++) if (times[at] === NOT_GIVEN) times[at] = 0;
  }

  worked(span: OffsetSpan): void {
    const times = this.#upTo(span);
    for (let at = span.from; at < span.to; at++) times[at] = Math.max(0, times[at] ?? 0) + 1;
  }

  totals(): { readonly given: number; readonly worked: number; readonly repeated: number } {
    const totals = { given: 0, worked: 0, repeated: 0 };
    for (const times of this.#times.values()) {
      for (const count of times) {
        if (count > NOT_GIVEN) totals.given += 1;
        if (count > 0) totals.worked += 1;
        if (count > 1) totals.repeated += count - 1;
      }
    }
    return totals;
  }

  /** Runs of offsets below what is committed that nobody has worked on, nor put aside. */
  lost(
    committed: ReadonlyMap<number, number>,
    isOwed: IsOwed,
    isAside: IsOwed = () => false,
  ): readonly OffsetSpan[] {
    const lost: OffsetSpan[] = [];
    for (const [partition, to] of committed) {
      const times = this.#times.get(partition) ?? [];
      const first = times.findIndex((count) => count > NOT_GIVEN);
      if (first < 0) continue;
      let from = -1;
      for (let at = first; at <= to; at++) {
        const count = times[at] ?? NOT_GIVEN;
        const isDue = at < to && isLostOf(count, () => isOwed(partition, at));
        const isLost = isDue && !isAside(partition, at);
        if (isLost && from < 0) from = at;
        if (isLost || from < 0) continue;
        lost.push({ partition, from, to: at });
        from = -1;
      }
    }
    return lost;
  }

  save(): GroupAccountImage {
    return [...this.#times].map(([partition, times]) => [partition, times.slice()] as const);
  }

  restore(image: GroupAccountImage): void {
    this.#times.clear();
    for (const [partition, times] of image) this.#times.set(partition, times.slice());
  }

  #upTo({ partition, to }: OffsetSpan): number[] {
    let times = this.#times.get(partition);
    if (times === undefined) this.#times.set(partition, (times = []));
    while (times.length < to) times.push(NOT_GIVEN);
    return times;
  }
}

const isLostOf = (times: number, isOwed: () => boolean): boolean =>
  times === 0 || (times === NOT_GIVEN && isOwed());
