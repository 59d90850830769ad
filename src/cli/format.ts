/** Numbers, times and tables as people read them. The same text on every machine: no locale. */

/** 12345 -> "12,345". */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Simulated microseconds: "850 µs", "2.1 ms", "3.120 s", "2 min 5 s". */
export function formatMicros(micros: number): string {
  if (micros < 1_000) return `${trimmed(micros, 0)} µs`;
  if (micros < 1_000_000) return `${trimmed(micros / 1_000, micros < 100_000 ? 2 : 0)} ms`;
  if (micros < 120_000_000) return `${trimmed(micros / 1_000_000, 3)} s`;
  const seconds = Math.round(micros / 1_000_000);
  const rest = seconds % 60;
  return `${formatCount(Math.floor(seconds / 60))} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/** A rate or a large count in few letters: "1.2 M", "48 k", "312". */
export function formatShort(value: number): string {
  if (value >= 999_500) return `${trimmed(value / 1_000_000, value < 99_500_000 ? 1 : 0)} M`;
  if (value >= 9_995) return `${trimmed(value / 1_000, 0)} k`;
  return trimmed(value, value < 10 ? 1 : 0);
}

/** Wall time left or spent: "0.4 s", "13 s", "2 min 5 s". */
export function formatWallMillis(millis: number): string {
  const seconds = millis / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return formatMicros(Math.round(seconds) * 1_000_000);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** At most so many decimals, without zeros at the end. */
function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return decimals === 0 ? text : text.replace(/\.?0+$/, '');
}

/** Breaks a text into lines of at most `width` letters, at spaces where there are any. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** One argument of a shell command, quoted where the shell would read more than the text. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
