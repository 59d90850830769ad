/** What a screenshot is made of: a blank one must not pass for a picture. */
import { PNG } from 'pngjs';

export function colours(image: Buffer): {
  /** Different colours. */
  readonly distinct: number;
  /** Share of the most frequent colour. */
  readonly ground: number;
} {
  const { data } = PNG.sync.read(image);
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return { distinct: counts.size, ground: Math.max(...counts.values()) / (data.length / 4) };
}
