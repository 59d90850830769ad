/**
 * A queue that promises each element once and no order: `enqueue`, `dequeue` (output null: it was
 * empty) and `len`.
 *
 * A dequeue of unknown result took something, nobody knows what. Invariant: which elements such
 * dequeues took is left open for as long as possible: `taken` of those in the bag are gone, any of
 * them, so one state stands for all choices and nothing is guessed.
 */
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { compareKeys, listText, place, unknownOperation } from './words.ts';

export interface Bag {
  /** How often each element was put in and not seen to come out, by its key. */
  readonly counts: ReadonlyMap<number | string, number>;
  /** Of these, how many are gone. */
  readonly taken: number;
}

const EMPTY: Bag = Object.freeze({ counts: new Map<number | string, number>(), taken: 0 });

export function unorderedQueueModel(initial: readonly Value[] = []): Model<Bag, Value, Value> {
  return {
    name: 'unordered-queue',
    init: () => initial.reduce<Bag>((bag, value) => changed(bag, value, 1), EMPTY),
    step: (bag, op) => {
      const left = sizeOf(bag) - bag.taken;
      switch (op.f) {
        case 'enqueue':
          return changed(bag, op.input, 1);
        case 'dequeue':
          if (op.output === undefined) return left === 0 ? bag : { ...bag, taken: bag.taken + 1 };
          if (op.output === null) return left === 0 ? EMPTY : ILLEGAL;
          if (left === 0 || !bag.counts.has(valueKey(op.output))) return ILLEGAL;
          return changed(bag, op.output, -1);
        case 'len':
          return op.output === undefined || op.output === left ? bag : ILLEGAL;
        default:
          throw unknownOperation('unordered-queue', op.f, ['enqueue', 'dequeue', 'len']);
      }
    },
    key: (bag) => {
      const keys = [...bag.counts.keys()].sort(compareKeys);
      return listText([bag.taken, ...keys.flatMap((key) => [key, bag.counts.get(key) ?? 0])]);
    },
    // A dequeue that found nothing settles what was taken, so it is no pure operation here.
    pure: (op) => op.f === 'len',
    describe: (op) => {
      if (op.f === 'enqueue') return `enqueued ${showValue(op.input)}${place('in', op)}`;
      if (op.f === 'len') return `counted ${showValue(op.output)}${place('in', op)}`;
      return `dequeued ${showValue(op.output)}${place('from', op)}`;
    },
    describeState: ({ counts, taken }) => {
      const inside = `{${[...counts.keys()].sort(compareKeys).join(', ')}}`;
      return taken === 0 ? inside : `${inside} without ${taken} of them`;
    },
  };
}

function changed({ counts, taken }: Bag, value: Value, by: number): Bag {
  const key = valueKey(value);
  const count = (counts.get(key) ?? 0) + by;
  const next = new Map(counts);
  if (count === 0) next.delete(key);
  else next.set(key, count);
  return { counts: next, taken };
}

function sizeOf({ counts }: Bag): number {
  let size = 0;
  for (const count of counts.values()) size += count;
  return size;
}
