/**
 * The fewest requests under way for its weight; those that tie take turns by weight (nginx's
 * least_conn). One look at every backend for each pick, as in nginx.
 */
import type { Balancer } from './balancer.ts';
import { startTurns, takeTurn, turnEnded, updateTurns } from './smooth-turns.ts';
import type { SmoothTurns } from './smooth-turns.ts';

export const leastConnections: Balancer<SmoothTurns> = {
  name: 'least-connections',
  about: 'The fewest requests under way for its weight; ties take turns by weight.',
  source: 'nginx, ngx_http_upstream_least_conn_module.c',
  usesKey: false,
  isRandom: false,
  learns: true,
  start: ({ maxFails }) => startTurns(maxFails),
  update: updateTurns,
  pick(state, view) {
    const { count, weight, eligible, active } = view;
    let least = -1;
    // Infinitely many requests, until the first is looked at.
    let leastActive = 1;
    let leastWeight = 0;
    let tied = false;
    for (let backend = 0; backend < count; backend++) {
      const own = weight[backend]!;
      if (!eligible[backend]! || !(own > 0)) continue;
      const mine = active[backend]! * leastWeight;
      const its = leastActive * own;
      if (mine < its) {
        least = backend;
        leastActive = active[backend]!;
        leastWeight = own;
        tied = false;
      } else if (mine === its) tied = true;
    }
    return tied ? takeTurn(state, view, least) : least;
  },
  ended(state, backend, _latencyMicros, ok) {
    turnEnded(state, backend, ok);
  },
};
