/** Readers of a partitioned log, by whatever component they are in. */
import type { LogReader } from '../traffic/log-reader/state.ts';
import type { WorldNode } from './world.ts';

/** What a member of a consumer group reads with; null: it is none, or down. */
export function readerOf({ component, state }: WorldNode): LogReader | null {
  if (component === 'log-consumer') return state as LogReader | null;
  if (component !== 'log-processor') return null;
  return (state as { readonly reader: LogReader } | null)?.reader ?? null;
}
