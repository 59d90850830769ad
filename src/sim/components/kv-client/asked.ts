/** What may be asked of a store: its reads and writes, and the updates of data types that merge. */
import type { KvRequest, KvUpdate } from '../../contracts/kv.ts';

export type Asked = KvRequest | KvUpdate;
