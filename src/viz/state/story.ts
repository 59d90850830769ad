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
