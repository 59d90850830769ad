/** The state of a producer: that of a writer, and the load that is offered to it. */
import type { Context } from '../../node/behaviour.ts';
import type { LogWriter } from '../../traffic/log-writer/state.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';
import type { LogProducerConfig } from './config.ts';

export type Ctx = Context<LogProducerConfig>;

export interface LogProducerState extends LogWriter {
  readonly load: OpenLoad;
}

/** The table of popularity follows from the configuration, and may be large. */
export function plainState({ load, transaction, ...rest }: LogProducerState): unknown {
  const { keys: _, ...clock } = load;
  return { ...rest, ...(transaction === null ? {} : { transaction }), load: clock };
}
