/**
 * Which step of the story the viewer is at: the last one whose moment has come.
 *
 * A step speaks of a time, or of the first time a predicate holds, which the engine reports.
 */
import type { StoryStep } from '../../sim/index.ts';
import type { StoryMoment } from '../worker/protocol.ts';
import type { Position } from './position.ts';
import { happened } from './position.ts';

/** When a step's moment came or will come, or null where nobody knows yet. */
export function momentOf(
  step: StoryStep,
  number: number,
  moments: readonly StoryMoment[],
): { readonly micros: number; readonly event: number | null } | null {
  if ('ms' in step.at) return { micros: Math.round(step.at.ms * 1_000), event: null };
  return moments.find((moment) => moment.step === number) ?? null;
}

/** Index of the step at `position`, or -1 before the first. */
export function storyAt(
  story: readonly StoryStep[],
  moments: readonly StoryMoment[],
  position: Position,
): number {
  let current = -1;
  story.forEach((step, number) => {
    const moment = momentOf(step, number, moments);
    if (moment === null) return;
    const { micros, event } = moment;
    const past = event === null ? micros <= position.micros : happened({ micros, event }, position);
    if (past) current = number;
  });
  return current;
}
