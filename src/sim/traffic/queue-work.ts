/**
 * Work on messages of a queue, as the history tells it: an operation `dequeue` begins when a
 * consumer begins to work on a message, and is `ok` when the work is done, which is its effect. So
 * a message that is worked on twice is there twice, and one that a crash interrupts is open.
 */
import type { ClientFact } from '../contracts/facts.ts';
import type { QueuedMessage } from '../contracts/queue.ts';
import { Type } from '../contracts/schema.ts';
import { micros } from '../kernel/time.ts';
import { hashText } from '../kernel/trace-hash.ts';
import type { Context } from '../node/behaviour.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Distribution } from '../policies/distribution.ts';

export const workSchema = Type.Unsafe<Distribution>(
  Type.Any({
    description: 'Work on a message, drawn from the message: the same at whichever consumer.',
    shape: 'distribution',
    default: { kind: 'exponential', meanMs: 10 },
  }),
);

const WORK = hashText('queue-work');

/** Begins the work; `onWorked` comes with the tag. Returns the operation of the history. */
export function beginWork(
  ctx: Context,
  work: Distribution,
  message: QueuedMessage,
  tag: number,
): number {
  const op = ctx.unique();
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op,
    client: ctx.id,
    f: 'dequeue',
    input: message.value,
  });
  ctx.work(micros(sampleMicros(work, ctx.seeded(message.seed, WORK))), tag);
  return op;
}

/** Its latency is counted from when the message was published, by the wall clocks of both. */
export function endWork(ctx: Context, op: number, message: QueuedMessage): void {
  const isOk = !message.isPoison;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op,
    client: ctx.id,
    f: 'dequeue',
    outcome: isOk ? 'ok' : 'fail',
    output: isOk ? message.value : null,
    ...(isOk ? {} : { error: 'poison' }),
    retries: 0,
    latencyMicros: Math.max(0, ctx.wall() - message.publishedMicros),
  });
}
