/** A count and what is counted, for people: "1 operation", "2 operations". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** "once", "2 times". */
export const often = (count: number): string => (count === 1 ? 'once' : `${count} times`);
