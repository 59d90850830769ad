/**
 * Moving hot set: a hot set that every so often gives way to the next keys, as many as it has. A
 * cache that counts requests forever serves the old set; one that forgets follows.
 *
 * Source: the hot set of YCSB, moved as by `latest` workloads: today's news, the sale of the hour.
 */
import { InvariantError } from '../../kernel/errors.ts';
import { hotSet, hotSetTable, rankOf } from './hot-set.ts';
import type { HotSetTable } from './hot-set.ts';
import type { Popularity } from './popularity.ts';

const MOVE_EVERY_MICROS = 60_000_000;

export interface MovingHotSetTable extends HotSetTable {
  readonly moveEveryMicros: number;
}

export const movingHotSet: Popularity<MovingHotSetTable> = {
  name: 'moving-hot-set',
  about: 'A hot set that every so often gives way to the next keys, as many as it has.',
  source: 'YCSB hotspot distribution (Cooper et al., SoCC 2010), moved',
  start(settings) {
    const moveEveryMicros = settings.moveEveryMicros ?? MOVE_EVERY_MICROS;
    if (!(moveEveryMicros > 0)) throw new InvariantError('a hot set moves after more than 0 us');
    return Object.freeze({ ...hotSetTable(settings), moveEveryMicros });
  },
  draw(table, nowMicros, stream) {
    const { keys, hotCount, moveEveryMicros } = table;
    const moves = Math.floor(nowMicros / moveEveryMicros) % keys;
    return (rankOf(table, stream.open01()) + moves * hotCount) % keys;
  },
  shareOf: (table, key) => hotSet.shareOf(table, key),
};
