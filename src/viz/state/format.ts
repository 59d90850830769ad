/** How numbers are written for people, the same in every panel. */

/** "1.240 s": a moment of the run. */
export function formatMoment(micros: number): string {
  return `${(micros / 1e6).toFixed(3)} s`;
}

/** "850 µs", "12.4 ms", "1.24 s": a length of time. */
export function formatDuration(micros: number): string {
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  if (micros < 1e6) return `${Number((micros / 1e3).toPrecision(3))} ms`;
  return `${Number((micros / 1e6).toPrecision(3))} s`;
}

/** "12,345" everywhere, whatever the browser's language. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export const formatPercent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

export function formatValue(value: unknown, unit = ''): string {
  const text =
    value === null || value === undefined
      ? 'none'
      : typeof value === 'number'
        ? String(Number(value.toPrecision(6)))
        : typeof value === 'boolean'
          ? value
            ? 'yes'
            : 'no'
          : typeof value === 'string'
            ? value
            : JSON.stringify(value);
  return unit === '' || unit === 'count' ? text : `${text} ${unit}`;
}

/** "cutAtMs" as people write it: "cut at". */
export const spaced = (name: string): string =>
  name
    .replace(/(Ms|Ppm|Percent)$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/[-_]/g, ' ')
    .trim();

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What repeats a run in a clone of the project; with the link's trace hash it says "same run". */
export const replayCommand = (link: string): string =>
  `npm run -s sim -- replay '${link.replaceAll("'", '%27')}'`;
