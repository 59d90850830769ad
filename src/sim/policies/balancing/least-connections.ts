/**
 * The fewest requests under way for its weight; those that tie take turns by weight (nginx's
 * least_conn). One look at every backend for each pick, as in nginx.
 */
import type { BackendsView, Balancer } from './balancer.ts';
import { startTurns, takeTurn, turnEnded, updateTurns } from './smooth-turns.ts';
import type { SmoothTurns } from './smooth-turns.ts';
import { isUsable } from './usable.ts';

/** Products instead of quotients: no rounding for whole weights. */
function tiesWith(view: BackendsView, backend: number, like: number): boolean {
  return (
    isUsable(view, backend) &&
    view.active[backend]! * view.weight[like]! === view.active[like]! * view.weight[backend]!
  );
}

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
    const { active, weight } = view;
    let least = -1;
    let tied = false;
    for (let backend = 0; backend < view.count; backend++) {
      if (!isUsable(view, backend)) continue;
      if (least < 0) {
        least = backend;
        continue;
      }
      const mine = active[backend]! * weight[least]!;
      const its = active[least]! * weight[backend]!;
      if (mine < its) {
        least = backend;
        tied = false;
      } else if (mine === its) tied = true;
    }
    return tied ? takeTurn(state, view, tiesWith, least) : least;
  },
  ended(state, backend, _latencyMicros, ok) {
    turnEnded(state, backend, ok);
  },
};
