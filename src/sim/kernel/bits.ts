/**
 * The 64 bits of a double as two integers.
 *
 * The view is scratch: it carries nothing from one call to the next. The low word comes first:
 * every platform with a JavaScript engine of today is little-endian. All NaNs count as one, since
 * engines are free in the bits that a NaN has.
 */
const DOUBLE = new Float64Array(1);
const WORDS = new Int32Array(DOUBLE.buffer);

export function lowWord(x: number): number {
  DOUBLE[0] = x;
  return x === x ? WORDS[0]! : 0;
}

export function highWord(x: number): number {
  DOUBLE[0] = x;
  return x === x ? WORDS[1]! : 0x7ff80000;
}
