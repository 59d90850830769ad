/**
 * A node's two clocks. The monotonic one runs at a rate of its own and never jumps; the wall clock
 * runs at the same rate and may be set. Timers are measured on the monotonic clock.
 */
import type { Duration, MonoMicros, SimMicros, WallMicros } from '../kernel/time.ts';

export interface ClockImage {
  readonly baseSim: number;
  readonly baseMono: number;
  readonly wallOffset: number;
  readonly driftPpm: number;
}

export class NodeClock {
  /** The rate holds from this instant on. */
  #baseSim = 0;
  #baseMono = 0;
  #wallOffset: number;
  #driftPpm: number;
  /** The drift it was built with, in parts per million: what remains when no fault is in force. */
  readonly ownDriftPpm: number;

  /** `offsetMicros` is how far the wall clock is ahead of true time at the start. */
  constructor(offsetMicros: number, driftPpm: number) {
    this.#wallOffset = offsetMicros;
    this.#driftPpm = driftPpm;
    this.ownDriftPpm = driftPpm;
  }

  mono(now: SimMicros): MonoMicros {
    const real = now - this.#baseSim;
    if (this.#driftPpm === 0) return (this.#baseMono + real) as MonoMicros;
    return (this.#baseMono + real + Math.round((real * this.#driftPpm) / 1_000_000)) as MonoMicros;
  }

  wall(now: SimMicros): WallMicros {
    return (this.mono(now) + this.#wallOffset) as WallMicros;
  }

  /** How long in true time until this clock has advanced by `delay`. */
  trueDelay(delay: Duration): number {
    if (this.#driftPpm === 0) return delay;
    return Math.max(0, Math.round(delay / (1 + this.#driftPpm / 1_000_000)));
  }

  /** From now on the clock runs `ppm` parts per million fast (or slow, when negative). */
  setDrift(now: SimMicros, ppm: number): void {
    this.#baseMono = this.mono(now);
    this.#baseSim = now;
    this.#driftPpm = ppm;
  }

  jump(byMicros: number): void {
    this.#wallOffset += byMicros;
  }

  save(): ClockImage {
    return {
      baseSim: this.#baseSim,
      baseMono: this.#baseMono,
      wallOffset: this.#wallOffset,
      driftPpm: this.#driftPpm,
    };
  }

  restore(image: ClockImage): void {
    this.#baseSim = image.baseSim;
    this.#baseMono = image.baseMono;
    this.#wallOffset = image.wallOffset;
    this.#driftPpm = image.driftPpm;
  }
}
