/**
 * Trace hashes along a run: so that a replay can say where it diverged, not only that it did.
 *
 * At most 64 marks at multiples of one spacing, which doubles whenever there are too many; the
 * marks depend on the run alone, not on how it was advanced.
 */
export interface Mark {
  readonly event: number;
  readonly atMicros: number;
  readonly traceHash: string;
}

const MARKS_MAX = 64;
const SPACING_FIRST = 512;

export class Marks {
  private spacing = SPACING_FIRST;
  private kept: Mark[] = [];

  /** The event before which the run must stop for the next mark. */
  get next(): number {
    return (this.kept.at(-1)?.event ?? 0) + this.spacing;
  }

  add(mark: Mark): void {
    this.kept.push(mark);
    if (this.kept.length <= MARKS_MAX) return;
    this.spacing *= 2;
    this.kept = this.kept.filter((one) => one.event % this.spacing === 0);
  }

  get list(): readonly Mark[] {
    return this.kept;
  }
}
