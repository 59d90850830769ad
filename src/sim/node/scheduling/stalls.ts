/**
 * How long cores have stood still so far, for work whose end is already scheduled: it ends later by
 * what was added since it began. Work is told by its account, the time at which it would end on a
 * clock that stands still with the cores.
 */
export interface StallsImage {
  readonly untilMicros: number;
  readonly totalMicros: number;
  readonly lastMicros: number;
  readonly beforeMicros: number;
}

export class Stalls {
  /** Nothing goes on before. */
  untilMicros = 0;
  /** The sum of all stalls. */
  totalMicros = 0;
  /** When the last one was asked for, and the sum of those before that moment. */
  #lastMicros = -1;
  #beforeMicros = 0;

  constructor(image?: StallsImage) {
    if (image === undefined) return;
    this.untilMicros = image.untilMicros;
    this.totalMicros = image.totalMicros;
    this.#lastMicros = image.lastMicros;
    this.#beforeMicros = image.beforeMicros;
  }

  add(nowMicros: number, micros: number): void {
    if (nowMicros !== this.#lastMicros) {
      this.#lastMicros = nowMicros;
      this.#beforeMicros = this.totalMicros;
    }
    this.totalMicros += micros;
    this.untilMicros = Math.max(this.untilMicros, nowMicros) + micros;
  }

  /**
   * When work ends that would end at `account` if no core had ever stalled. A stall does not touch
   * what ends at or before its own moment.
   */
  endOf(accountMicros: number): number {
    const before = accountMicros + this.#beforeMicros;
    return before <= this.#lastMicros ? before : accountMicros + this.totalMicros;
  }

  save(): StallsImage {
    return {
      untilMicros: this.untilMicros,
      totalMicros: this.totalMicros,
      lastMicros: this.#lastMicros,
      beforeMicros: this.#beforeMicros,
    };
  }
}
