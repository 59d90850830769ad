/**
 * How big letters on the map are, in world units. On a small screen they grow against the scale,
 * so that nobody has to read letters of fewer than `LETTER_PIXELS_MIN` pixels.
 */
export const LETTER_PIXELS_MIN = 11;
/** Zoomed far out, letters are small again: there is no room for more. */
const GROWTH_MAX = 1.8;

export const letterSize = (size: number, scale: number): number =>
  Math.max(size, Math.min(size * GROWTH_MAX, LETTER_PIXELS_MIN / scale));
