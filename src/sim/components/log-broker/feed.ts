/**
 * One input to a replica, and everything that follows from it.
 *
 * Invariant: what the log gained or lost in a step is written to the disk in that step.
 */
import type {
  PartitionEffect,
  PartitionFact,
  PartitionInput,
} from '../../protocols/partition-log/index.ts';
import { step } from '../../protocols/partition-log/index.ts';
import type { Ctx } from './asking.ts';
import { askAlter } from './asking.ts';
import type { LogBrokerRecord } from './disk.ts';
import type { LogBrokerFact } from './facts.ts';
import type { Hosted, LogBrokerState, ShardTicket } from './state.ts';
import { answerTag } from './writes.ts';

/** The channel of the replicas: after each step the replica, for whoever watches invariants. */
export const PARTITION_STEP = 'partition.step';
/** A broker has started: its replicas are those of its disk. */
export const PARTITION_START = 'partition.start';

/** The effects, for answers that only the asker can give. */
export function feed(
  state: LogBrokerState,
  ctx: Ctx,
  hosted: Hosted,
  input: PartitionInput,
): readonly PartitionEffect[] {
  const { log } = hosted.state;
  const { start, end } = log;
  const effects: PartitionEffect[] = [];
  step(hosted.config, hosted.state, input, ctx.mono(), effects);
  if (log.end !== end || log.start !== start) journal(state, ctx, hosted, start, end, effects);
  if (hosted.isInternal) state.stirred.add(hosted.partition);
  ctx.probe(PARTITION_STEP, hosted);
  for (let i = 0; i < effects.length; i++) {
    perform(state, ctx, hosted, effects[i] as PartitionEffect);
  }
  return effects;
}

function perform(state: LogBrokerState, ctx: Ctx, hosted: Hosted, effect: PartitionEffect): void {
  switch (effect.type) {
    case 'produced': {
      const append = state.appends.get(effect.tag);
      if (append !== undefined) return onAppended(state, ctx, append, effect);
      return answerTag(state, ctx, effect.tag, effect.error, effect.baseOffset);
    }
    case 'alter':
      return askAlter(state, ctx, hosted, effect.proposed);
    case 'moved':
      state.moved.add(hosted.partition);
      return;
    case 'told':
      countFact(state, effect.fact);
      noteCut(hosted, ctx, effect.fact);
      // The union of facts with a name is that of names for facts.
      return ctx.tell<LogBrokerFact>({ ...effect.fact, of: hosted.name } as LogBrokerFact);
    case 'fetch-reply':
    case 'lookup-reply':
  }
}

function countFact(state: LogBrokerState, fact: PartitionFact): void {
  if (fact.type === 'partition.truncated') state.truncated += fact.dropped;
  else if (fact.type === 'partition.deleted') state.deleted += fact.to - fact.from;
  else if (fact.type === 'partition.compacted') state.compacted += fact.dropped;
}

function noteCut(hosted: Hosted, ctx: Ctx, fact: PartitionFact): void {
  if (fact.type !== 'partition.truncated') return;
  hosted.cut = { to: fact.to, dropped: fact.dropped, atMono: ctx.mono() };
}

type Produced = Extract<PartitionEffect, { readonly type: 'produced' }>;

/** A shard hears of it when this step is done. */
function onAppended(
  state: LogBrokerState,
  ctx: Ctx,
  { partition, epoch, ticket }: ShardTicket,
  { tag, error }: Produced,
): void {
  state.appends.delete(tag);
  ctx.cancelTimer('append', tag);
  state.inbox.push({ partition, epoch, input: { type: 'appended', ticket, error } });
}

function journal(
  state: LogBrokerState,
  ctx: Ctx,
  { partition, state: { log } }: Hosted,
  start: number,
  end: number,
  effects: readonly PartitionEffect[],
): void {
  state.isDirty = true;
  if (hasTold(effects, 'partition.truncated')) {
    return write(ctx, { type: 'truncate', partition, to: log.end });
  }
  if (hasTold(effects, 'partition.out-of-range')) {
    return write(ctx, { type: 'restart', partition, at: log.start });
  }
  if (log.end > end) {
    for (const batch of log.read(end, log.end, Infinity)) {
      write(ctx, { type: 'append', partition, batch });
    }
  }
  if (log.start > start) write(ctx, { type: 'delete', partition, to: log.start });
}

// Not closures of `journal`: it runs for every batch of every replica.
const write = (ctx: Ctx, record: LogBrokerRecord): void => ctx.write(record);

function hasTold(effects: readonly PartitionEffect[], type: string): boolean {
  for (const effect of effects) {
    if (effect.type === 'told' && effect.fact.type === type) return true;
  }
  return false;
}
