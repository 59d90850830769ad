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

/**
 * How far a name may reach beyond its room, relative: the whole of it, before it is shortened, and
 * the short one. Most letters are narrower than is reckoned, and the room ends before the edge.
 */
const OVERHANG = { whole: 1.45, short: 1.25 } as const;

/** The first letters of a name and its number, so that it has no more than `most` characters. */
export function shortName(name: string, most: number): string {
  if (name.length <= most) return name;
  const number = /\d*$/.exec(name)![0];
  const letters = name.slice(0, name.length - number.length);
  return letters.slice(0, Math.max(1, most - number.length)).replace(/(?<=.)[-_.]+$/, '') + number;
}

/**
 * A name in so much room: where it cannot be read any more it is shortened. `fits` is false where
 * the short one reaches beyond its room, too.
 */
export function fittedName(
  name: string,
  size: number,
  room: number,
  scale: number,
): { readonly text: string; readonly size: number; readonly fits: boolean } {
  const whole = fittedSize(name, size, room, scale);
  const letters = room / (LETTER_WIDTH * whole.size);
  if (whole.fits || name.length <= letters * OVERHANG.whole) return { text: name, ...whole };
  const text = shortName(name, Math.floor(letters * OVERHANG.short));
  return { text, ...fittedSize(text, size, room, scale) };
}
