/** A client that asks what a test tells it to, and keeps the last answer. */
import { Type, broker, defineBehaviour } from 'faultline';
import type { CallResult, Message } from 'faultline';
import { ms } from '../../../../src/sim/kernel/time.ts';

export interface AskerState {
  /** The code of an error; undefined: none yet. */
  answer: Message | string | undefined;
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}

export const asker = defineBehaviour<AskerState, unknown, never, PlainView>({
  component: 'asker',
  about: 'Asks when a test says so.',
  source: 'this test',
  leavesOut: [],
  badge: 'AS',
  serves: [],
  links: { brokers: { about: 'Whom it asks.', contract: broker } },
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({ answer: undefined }),
  on: {},
  onResult(state, _ctx, _tag, result: CallResult) {
    state.answer = result.outcome === 'ok' ? result.value : result.error.code;
  },
  actions: {
    ask: {
      about: 'Asks a broker.',
      args: Type.Object({}),
      perform(state, ctx, args) {
        const { to, request } = args as { readonly to: number; readonly request: Message };
        state.answer = undefined;
        ctx.call(to, request, { timeout: ms(30_000), tag: 0 });
      },
    },
  },
  roles: () => [],
  view: () => ({ component: 'asker', fields: [] }),
});
