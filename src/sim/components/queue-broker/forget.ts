/** The end of a channel on this broker's side: nobody is called any more, nobody is answered. */
import type { QueueBrokerFact } from './facts.ts';
import type { Ctx, Hosted, QueueBrokerState } from './state.ts';

/** What it held is for its queue to take back. */
export function forget(state: QueueBrokerState, ctx: Ctx, id: number, why: string): void {
  const channel = state.channels.get(id);
  if (channel === undefined) return;
  const { consumer, queue: place, calls, beat } = channel;
  const { config, state: queue } = state.hosted[place] as Hosted;
  state.channels.delete(id);
  for (const [asked, call] of calls.values()) {
    state.asked.delete(asked);
    ctx.abandon(call);
  }
  ctx.cancelTimer('silent', id);
  ctx.cancelTimer('beat', id);
  if (beat !== null) ctx.refuse(beat, 'no-such-channel');
  const held = queue.channels.find((one) => one.id === id)?.unacked ?? 0;
  const { name } = config;
  ctx.tell<QueueBrokerFact>({ type: 'queue.channel-closed', consumer, queue: name, held, why });
}
