/**
 * A Poisson process whose rate changes in straight pieces: how far one piece brings it.
 *
 * By inversion of the integrated rate: what is needed is an exponential of mean 1, drawn once for
 * each arrival, whatever pieces it crosses. Areas are in micros times arrivals a second.
 */
import { sqrt } from '../../kernel/maths.ts';

/** The area under a line from one rate to another. */
export function pieceArea(rateFrom: number, rateUntil: number, lengthMicros: number): number {
  return ((rateFrom + rateUntil) / 2) * lengthMicros;
}

/**
 * How far into the piece the area reaches `need`, which is no more than the whole piece's.
 *
 * The root of rate * x + slope / 2 * x^2 = need in the form without cancellation: it is also right
 * where the slope is 0 or the rate falls to 0.
 */
export function reachIn(
  rateFrom: number,
  rateUntil: number,
  lengthMicros: number,
  need: number,
): number {
  const slope = (rateUntil - rateFrom) / lengthMicros;
  const square = Math.max(0, rateFrom * rateFrom + 2 * slope * need);
  const divisor = rateFrom + sqrt(square);
  return divisor > 0 ? Math.min(lengthMicros, (2 * need) / divisor) : 0;
}
