/** The application of a producer: a record comes, whatever became of those before. */
import type { LogRecord } from '../../contracts/record-batch.ts';
import { accept } from '../../traffic/log-writer/accumulator.ts';
import { drawKey, keyName } from '../../traffic/open-load.ts';
import type { Ctx, LogProducerState } from './state.ts';

const isTombstone = (ctx: Ctx): boolean =>
  ctx.config.tombstoneShare > 0 && ctx.stream('tombstones').open01() < ctx.config.tombstoneShare;

/** Counted by the records that came: it is the same ones, whatever becomes of those before. */
function isPoison({ counts }: LogProducerState, { config }: Ctx): boolean {
  const { poisonEvery, poisonMax } = config;
  if (poisonEvery === 0) return false;
  const number = counts.records + 1;
  return number % poisonEvery === 0 && (poisonMax === 0 || number <= poisonEvery * poisonMax);
}

/** Whether something may be sent now. */
export function produce(state: LogProducerState, ctx: Ctx): boolean {
  const { config } = ctx;
  const op = ctx.unique();
  const key = config.hasKeys ? keyName(drawKey(state.load, ctx)) : null;
  const value = isTombstone(ctx) ? null : op;
  const record: LogRecord = isPoison(state, ctx) ? { key, value, isPoison: true } : { key, value };
  return accept(state, ctx, record, op);
}
