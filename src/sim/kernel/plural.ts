/** A count and what is counted, for people: "1 operation", "2 operations". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
