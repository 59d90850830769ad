/**
 * How big letters on the map are, in world units. On a small screen they grow against the scale,
 * so that nobody has to read letters of fewer than `LETTER_PIXELS_MIN` pixels.
 */
export const LETTER_PIXELS_MIN = 11;
/** Zoomed far out, letters are small again: there is no room for more. */
const GROWTH_MAX = 1.8;

export const letterSize = (size: number, scale: number): number =>
  Math.max(size, Math.min(size * GROWTH_MAX, LETTER_PIXELS_MIN / scale));

/** How wide a bold letter is at most, on the average of a name, for a size of 1. */
export const LETTER_WIDTH = 0.58;

/**
 * The size of a bold text that is to stand in so much room: smaller than asked for if need be, and
 * never so small that it cannot be read. `fits` is false where even that is too wide.
 */
export function fittedSize(
  text: string,
  size: number,
  room: number,
  scale: number,
): { readonly size: number; readonly fits: boolean } {
  const grown = letterSize(size, scale);
  const most = room / (LETTER_WIDTH * text.length);
  if (grown <= most) return { size: grown, fits: true };
  const least = Math.min(grown, LETTER_PIXELS_MIN / scale);
  return most >= least ? { size: most, fits: true } : { size: least, fits: false };
}
