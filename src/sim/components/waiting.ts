/** Those who wait for something that a protocol will say under a tag: each is told once. */
import { InvariantError } from '../kernel/errors.ts';

/** Whoever waits under this tag, who does so no longer. */
export function take<V>(waiting: Map<number, V>, tag: number): V {
  const found = waiting.get(tag);
  if (found === undefined) throw new InvariantError(`nobody waits under tag ${tag}`);
  waiting.delete(tag);
  return found;
}
