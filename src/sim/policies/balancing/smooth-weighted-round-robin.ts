/** Turns in proportion to the weights, spread as evenly as they can be (nginx). */
import type { Balancer } from './balancer.ts';
import { startTurns, takeTurn, turnEnded, updateTurns } from './smooth-turns.ts';
import type { SmoothTurns } from './smooth-turns.ts';

export const smoothWeightedRoundRobin: Balancer<SmoothTurns> = {
  name: 'smooth-weighted-round-robin',
  about: 'Turns in proportion to the weights, spread evenly; a failure lowers the weight.',
  source: 'nginx, ngx_http_upstream_round_robin.c at 3f6f7824',
  usesKey: false,
  isRandom: false,
  learns: true,
  start: ({ maxFails }) => startTurns(maxFails),
  update: updateTurns,
  pick: (state, view) => takeTurn(state, view, -1),
  ended(state, backend, _latencyMicros, ok) {
    turnEnded(state, backend, ok);
  },
};
