/**
 * Loop: one key after the other, then from the first again: a scan, and the worst case of LRU,
 * which holds nothing of a loop that is one key longer than the cache.
 *
 * The place in the loop follows the clock, not a count of requests, so that the table needs no
 * state and clients of one workload scan together.
 *
 * Source: the looping patterns of Jiang & Zhang, "LIRS", SIGMETRICS 2002.
 */
import { InvariantError } from '../../kernel/errors.ts';
import { checkKeys } from './popularity.ts';
import type { Popularity } from './popularity.ts';

const STEP_MICROS = 1_000;

export interface LoopTable {
  readonly keys: number;
  readonly stepMicros: number;
}

export const loop: Popularity<LoopTable> = {
  name: 'loop',
  about: 'One key after the other as time goes, then from the first again: a scan.',
  source: 'Looping patterns as in Jiang & Zhang, LIRS (SIGMETRICS 2002)',
  start({ keys, stepMicros = STEP_MICROS }) {
    checkKeys(keys);
    if (!(stepMicros > 0)) throw new InvariantError('a loop goes on after more than 0 us');
    return Object.freeze({ keys, stepMicros });
  },
  draw({ keys, stepMicros }, nowMicros, stream) {
    // Drawn for nobody: the next use of the stream must not depend on the kind of popularity.
    stream.open01();
    return Math.floor(nowMicros / stepMicros) % keys;
  },
  /** Over a whole round. */
  shareOf: ({ keys }, key) => (key < keys ? 1 / keys : 0),
};
