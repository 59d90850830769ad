/**
 * Random: any key goes, each equally likely.
 *
 * Its generator lies in the state, so that the sequence of victims depends on the seed and on what
 * happened before, and a copy goes on alike. Source: the textbook bound of knowing nothing; the
 * generator is splitmix with 32 bits (see kernel/seeded-draws.ts).
 */
import { mix32 } from '../../kernel/seeded-draws.ts';
import type { EvictionPolicy } from './eviction-policy.ts';
import { checkCapacity } from './slots.ts';

const WEYL = 0x9e3779b9;
const TWO_32 = 0x100000000;

export interface RandomState {
  readonly capacity: number;
  /** By key: where it stands in `keys`, which has no gaps. */
  readonly placeOf: Map<number, number>;
  readonly keys: number[];
  counter: number;
}

export const random: EvictionPolicy<RandomState> = {
  name: 'random',
  about: 'Any key goes, each equally likely.',
  source: 'Textbook',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    return { capacity, placeOf: new Map(), keys: [], counter: (settings.seed ?? 1) | 0 };
  },
  has: ({ placeOf }, key) => placeOf.has(key),
  touch: ({ placeOf }, key) => placeOf.has(key),
  insert(state, key) {
    const { placeOf, keys } = state;
    if (placeOf.has(key)) return -1;
    let gone = -1;
    if (keys.length >= state.capacity) {
      state.counter = (state.counter + WEYL) | 0;
      gone = keys[placeFor(state.counter, keys.length)]!;
      random.remove(state, gone);
    }
    placeOf.set(key, keys.length);
    keys.push(key);
    return gone;
  },
  remove({ placeOf, keys }, key) {
    const place = placeOf.get(key);
    if (place === undefined) return false;
    const last = keys.pop()!;
    if (last !== key) {
      keys[place] = last;
      placeOf.set(last, place);
    }
    placeOf.delete(key);
    return true;
  },
  size: ({ keys }) => keys.length,
  /** The next draws, without drawing them. */
  order({ keys, counter }, n) {
    const left = keys.slice();
    const first: number[] = [];
    for (let next = counter; first.length < n && left.length > 0;) {
      next = (next + WEYL) | 0;
      const place = placeFor(next, left.length);
      first.push(left[place]!);
      const last = left.pop()!;
      if (place < left.length) left[place] = last;
    }
    return first;
  },
};

function placeFor(counter: number, n: number): number {
  return Math.floor(((mix32(counter) >>> 0) / TWO_32) * n);
}
