/** Settings of key-value servers that matter only by what clients ask them for. */
import { offersOf } from '../node/usage.ts';
import type { Usage } from '../node/usage.ts';

export const kvUsage: Usage<unknown> = {
  uses: () => [],
  offers: (_config, given) =>
    offersOf(['sessionTimeoutMs'], given, {
      what: ['session'],
      why: 'no client opens a session',
      hint: 'Write sessions: true for a client, or leave it out.',
    }),
};
