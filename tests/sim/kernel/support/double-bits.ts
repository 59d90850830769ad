/** The 64 bits of a double, for tests that count units in the last place. */
const view = new DataView(new ArrayBuffer(8));

/** 16 hex digits. */
export function bitsOf(x: number): string {
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

/** How many doubles lie between two of the same sign. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) && Number.isNaN(b)) return 0;
  view.setFloat64(0, a);
  const bitsA = view.getBigInt64(0);
  view.setFloat64(0, b);
  return Math.abs(Number(bitsA - view.getBigInt64(0)));
}
