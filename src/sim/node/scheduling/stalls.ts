/**
 * How long cores have stood still so far, for work whose end is already scheduled: it ends later by
 * what was added since it began.
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

  /** What work that ends now still owes. A stall does not touch what ends at its very moment. */
  owed(nowMicros: number, account: number): number {
    const counted = nowMicros === this.#lastMicros ? this.#beforeMicros : this.totalMicros;
    return counted - account;
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
