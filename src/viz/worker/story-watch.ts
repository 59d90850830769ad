/**
 * Finds the moments that a story waits for: the first time each of its predicates holds.
 *
 * While a step waits, the run goes event by event and the predicate is asked after each; so the
 * moment is that of the event, however the run was cut into chunks. Asking changes nothing.
 */
import type { Chunk, StoryStep } from '../../sim/index.ts';
import type { Position } from '../state/position.ts';
import { comparePositions } from '../state/position.ts';
import type { RunningSession } from './engine-port.ts';
import type { StoryMoment } from './protocol.ts';

export class StoryWatch {
  #waiting: number[];
  #moments: StoryMoment[] = [];

  constructor(story: readonly StoryStep[], reached: readonly StoryMoment[] = []) {
    const steps = story.flatMap((step, number) => ('when' in step.at ? [number] : []));
    this.#moments = [...reached];
    this.#waiting = steps.filter((step) => !reached.some((moment) => moment.step === step));
  }

  /** Advances like the session does, and notes what came true on the way. */
  advance(session: RunningSession, untilMicros: number, events: number): void {
    const last = session.eventNumber + events;
    while (this.#waiting.length > 0 && session.ended === null) {
      const before = session.eventNumber;
      session.advance({ untilMicros, events: 1 });
      this.#look(session);
      if (session.eventNumber === before || session.eventNumber >= last) return;
    }
    if (session.ended === null && session.eventNumber < last) {
      session.advance({ untilMicros, events: last - session.eventNumber });
    }
  }

  #look(session: RunningSession): void {
    const came = this.#waiting.filter((step) => session.holds(step));
    if (came.length === 0) return;
    const { nowMicros: micros, eventNumber: event } = session;
    for (const step of came) this.#moments.push({ step, micros, event });
    this.#waiting = this.#waiting.filter((step) => !came.includes(step));
  }

  /** Another future begins at `moment`: what came true later waits again. */
  forgetAfter(moment: Position): void {
    const later = this.#moments.filter((m) => comparePositions(m, moment) > 0);
    this.#moments = this.#moments.filter((m) => comparePositions(m, moment) <= 0);
    this.#waiting = [...this.#waiting, ...later.map((m) => m.step)].sort((a, b) => a - b);
  }

  /** Those that came true in a chunk. */
  within(chunk: Chunk): StoryMoment[] {
    const from = { micros: chunk.fromMicros, event: chunk.fromEvent };
    const to = { micros: chunk.toMicros, event: chunk.toEvent };
    return this.#moments.filter(
      (m) => comparePositions(m, from) > 0 && comparePositions(m, to) <= 0,
    );
  }
}
