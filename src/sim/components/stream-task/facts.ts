/** What a task of a stream job tells. */
import type { FactTable } from '../../contracts/facts.ts';

export type StreamTaskFact =
  | {
      readonly type: 'stream.fired';
      readonly key: string;
      readonly start: number;
      readonly end: number;
      readonly sum: number;
      readonly isUpdate: boolean;
    }
  | {
      readonly type: 'stream.late';
      readonly id: number;
      readonly at: number;
      readonly watermark: number;
    }
  | { readonly type: 'stream.idle'; readonly partition: number }
  | { readonly type: 'stream.active'; readonly partition: number }
  | { readonly type: 'stream.transaction-lost'; readonly id: string };

export const streamTaskFacts: FactTable<StreamTaskFact> = {
  'stream.fired': {
    weight: 'minor',
    sentence: (f) =>
      `has ${f.sum} for ${f.key} from ${f.start} to ${f.end} ms${f.isUpdate ? ', once more' : ''}`,
  },
  'stream.late': {
    weight: 'minor',
    sentence: (f) => `has closed the windows of an event of ${f.at} ms: it is late`,
  },
  'stream.idle': {
    weight: 'minor',
    sentence: (f) => `does not wait for partition ${f.partition} any more: it is idle`,
  },
  'stream.active': {
    weight: 'minor',
    sentence: (f) => `hears of partition ${f.partition} again`,
  },
  'stream.transaction-lost': {
    weight: 'major',
    sentence: (f) => `cannot commit ${f.id}: the transaction is gone, and its rows with it`,
  },
};
