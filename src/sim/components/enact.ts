/**
 * What a protocol asks of its node, whichever protocol it is: to send, to write and sync, to set a
 * timer and to call it off. All other effects are its host's business.
 */
import type { Message } from '../contracts/contract.ts';
import { micros } from '../kernel/time.ts';
import type { Context, NodeIndex } from '../node/behaviour.ts';

type NodeEffect =
  | { readonly type: 'send'; readonly to: NodeIndex; readonly message: Message }
  | { readonly type: 'persist'; readonly ticket: number }
  | { readonly type: 'set-timer'; readonly timer: string; readonly afterMicros: number }
  | { readonly type: 'cancel-timer'; readonly timer: string };

export function enact(ctx: Context, effect: NodeEffect): void {
  switch (effect.type) {
    case 'send':
      return ctx.send(effect.to, effect.message);
    case 'persist':
      ctx.write(effect);
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer(effect.timer, 0, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, 0);
  }
}
