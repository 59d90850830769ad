/** Speeds of play: a 1-2-5 ladder from a thousandth of real time to a thousand times it. */
import type { Plan } from '../../sim/index.ts';

export const SPEED_MIN = 0.001;
export const SPEED_MAX = 1_000;

const LADDER: readonly number[] = [-3, -2, -1, 0, 1, 2, 3].flatMap((power) => {
  const base = Number(`1e${power}`);
  return power === 3 ? [base] : [base, 2 * base, 5 * base];
});

/** The next rung above or below. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const slack = 1e-9;
  if (direction === 1) {
    return LADDER.find((rung) => rung > speed * (1 + slack)) ?? SPEED_MAX;
  }
  return LADDER.findLast((rung) => rung < speed * (1 - slack)) ?? SPEED_MIN;
}

/** Place of a speed on a slider from 0 to 1, and back: logarithmic, and snapped to the ladder. */
export function sliderOfSpeed(speed: number): number {
  return Math.log(speed / SPEED_MIN) / Math.log(SPEED_MAX / SPEED_MIN);
}

export function speedOfSlider(share: number): number {
  const raw = SPEED_MIN * (SPEED_MAX / SPEED_MIN) ** share;
  let best = LADDER[0]!;
  for (const rung of LADDER) {
    if (Math.abs(Math.log(rung / raw)) < Math.abs(Math.log(best / raw))) best = rung;
  }
  return best;
}

export const formatSpeed = (speed: number): string => `${Number(speed.toPrecision(3))}×`;

/** Nobody waits longer than about this, in seconds of the viewer, until something happens. */
export const FIRST_SIGHT_SECONDS = 5;

/** What one needs of a plan to know when it first gets interesting. */
type Opening = Pick<Plan, 'story' | 'faults'>;

/**
 * The speed a run begins with: its first step or fault that has a time is reached in about
 * `FIRST_SIGHT_SECONDS`. One that names no time goes at `otherwise`.
 */
export function startSpeed(plan: Opening, otherwise: number): number {
  const times = [
    ...plan.story.flatMap(({ at }) => ('ms' in at ? [at.ms] : [])),
    ...plan.faults.flatMap(({ atMs, every }) => atMs ?? every?.fromMs ?? []),
  ].filter((ms) => ms > 0);
  if (times.length === 0) return otherwise;
  const wanted = Math.min(...times) / 1_000 / FIRST_SIGHT_SECONDS;
  // A rung a little too slow beats one that is twice as fast.
  const rung = LADDER.find((candidate) => candidate * 1.25 >= wanted) ?? SPEED_MAX;
  return Math.max(rung, otherwise);
}
