/**
 * How the checks of a run stand, event by event: what a picture of any moment says of them.
 *
 * Invariant: what it says of a moment depends on that moment alone, and not on where a chunk ends.
 */
import type { RunningCheck, Standing } from '../check/check.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CheckChange } from '../observe/frame.ts';

export type StandingNote = Omit<CheckChange, 'expected'>;

interface Judged {
  readonly running: Pick<RunningCheck, 'standing'>;
}

export class StandingLog {
  readonly #checks: readonly Judged[];
  readonly #kernel: Pick<Kernel, 'now' | 'eventNumber'>;
  readonly #last: Standing[] = [];
  #notes: StandingNote[] = [];

  /** `checks`: may still grow, until it begins. */
  constructor(checks: readonly Judged[], kernel: Pick<Kernel, 'now' | 'eventNumber'>) {
    this.#checks = checks;
    this.#kernel = kernel;
  }

  /** Begins afresh: how all of them stand at the present moment. */
  begin(ended: boolean): void {
    this.#notes = [];
    this.#last.length = 0;
    this.look(ended);
  }

  look(ended: boolean): void {
    const { now, eventNumber } = this.#kernel;
    for (let check = 0; check < this.#checks.length; check++) {
      const standing = (this.#checks[check] as Judged).running.standing(ended);
      const before = this.#last[check];
      if (before?.verdict === standing.verdict && before.text === standing.text) continue;
      this.#last[check] = standing;
      const { verdict, text: status } = standing;
      this.#notes.push({ micros: now, event: eventNumber, check, verdict, status });
    }
  }

  /** What there is since it began, and begins afresh. */
  take(ended: boolean): readonly StandingNote[] {
    const notes = this.#notes;
    this.begin(ended);
    return notes;
  }
}
