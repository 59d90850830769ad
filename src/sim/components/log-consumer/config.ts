/** What a consumer may be told: all that a reader of a log may. */
export { readerWords as logConsumerConfig } from '../../traffic/log-reader/words.ts';
export type { ReaderWords as LogConsumerConfig } from '../../traffic/log-reader/words.ts';
