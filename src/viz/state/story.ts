/**
 * Which step of the story the viewer is at: the last one whose moment has come.
 *
 * A step speaks of a time, or of the first time a predicate holds, which the engine reports.
 */
import type { StoryStep } from '../../sim/index.ts';
import type { Position } from './position.ts';

/** When a step's moment came or will come, or null where nobody knows yet. */
export function momentOf(
  step: StoryStep,
  number: number,
  reached: readonly (number | null)[],
): number | null {
  return 'ms' in step.at ? Math.round(step.at.ms * 1_000) : (reached[number] ?? null);
}

/** Index of the step at `position`, or -1 before the first. */
export function storyAt(
  story: readonly StoryStep[],
  reached: readonly (number | null)[],
  position: Position,
): number {
  return story.findLastIndex((step, number) => {
    const moment = momentOf(step, number, reached);
    return moment !== null && moment <= position.micros;
  });
}

/** The moment of the next question after `micros` that nobody has answered, or null. */
export function nextQuestion(
  story: readonly StoryStep[],
  reached: readonly (number | null)[],
  answered: { has(step: number): boolean },
  micros: number,
): number | null {
  let next: number | null = null;
  story.forEach((step, number) => {
    if (step.predict === undefined || answered.has(number)) return;
    const moment = momentOf(step, number, reached);
    if (moment === null || moment <= micros) return;
    if (next === null || moment < next) next = moment;
  });
  return next;
}
