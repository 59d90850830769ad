/**
 * The conversation with a worker that makes unique ids: one is asked for, one is given.
 *
 * Source: Twitter's snowflake (2010), snowflake.thrift: get_id, and the exception
 * InvalidSystemClock
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

export interface IdsNext {
  readonly type: 'ids.next';
}
export interface IdsId {
  readonly type: 'ids.id';
  /** In decimals: it may have 63 bits. */
  readonly id: string;
}
export type IdsMessage = IdsNext | IdsId;

export const ids = defineContract<IdsMessage>({
  name: 'ids',
  about: 'A worker is asked for an id that nobody has been given before.',
  source: 'Twitter snowflake (2010), snowflake.thrift',
  messages: {
    'ids.next': {
      role: 'request',
      flight: 'request',
      digest: () => 0,
      label: () => 'an id, please',
    },
    'ids.id': {
      role: 'reply',
      flight: 'response',
      digest: (m) => hashText(m.id),
      label: (m) => `id ${m.id}`,
    },
  },
  errors: [
    {
      code: 'invalid-system-clock',
      definite: true,
      means: 'the clock of the worker shows a time at which it may make no id; none was made',
    },
  ],
});
