/** Speeds of play: a 1-2-5 ladder from a thousandth of real time to a thousand times it. */

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
