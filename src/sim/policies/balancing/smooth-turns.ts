/**
 * The schedule of nginx's smooth weighted round robin: at each pick every candidate gains its
 * effective weight, the highest is picked and pays the sum of what all have gained. So [5, 1, 1]
 * gives aabacaa, not aaaaabc.
 *
 * Invariant: the current weights of the candidates sum to 0 after each pick, as long as the
 * candidates stay the same.
 *
 * A failure lowers the effective weight by weight / maxFails; each pick gives 1 back.
 *
 * Source: nginx, src/http/ngx_http_upstream_round_robin.c (get_peer, free_peer).
 */
import type { BackendsView } from './balancer.ts';
import { formerOrdinals } from './usable.ts';

export interface SmoothTurns {
  /** nginx's max_fails. */
  readonly maxFails: number;
  identities: number[];
  /** Of the last update. */
  weights: number[];
  current: number[];
  effective: number[];
}

export function startTurns(maxFails: number): SmoothTurns {
  return { maxFails, identities: [], weights: [], current: [], effective: [] };
}

/** Survivors keep their place; what failures took from a weight is kept as a share of it. */
export function updateTurns(
  state: SmoothTurns,
  view: BackendsView,
  identities: readonly number[],
): void {
  const { weights, current, effective } = state;
  const former = formerOrdinals(state.identities, identities);
  state.identities = identities.slice();
  state.weights = view.weight.slice(0, view.count);
  state.current = former.map((at) => (at < 0 ? 0 : current[at]!));
  state.effective = former.map((at, backend) => {
    const weight = view.weight[backend]!;
    if (at < 0 || !(weights[at]! > 0) || effective[at]! === weights[at]!) return weight;
    return (effective[at]! * weight) / weights[at]!;
  });
}

/** What is left of an effective weight after one more failure, in whole weights as in nginx. */
export function afterFailure(effective: number, weight: number, maxFails: number): number {
  if (maxFails === 0) return effective;
  return Math.max(0, effective - Math.floor(weight / maxFails));
}

/**
 * The next in turn, -1 when there is none. Candidates are the usable backends that have as many
 * requests for their weight as `like` has; all of them when it is -1.
 */
export function takeTurn(state: SmoothTurns, view: BackendsView, like: number): number {
  const { current, effective } = state;
  const { count, weight, eligible, active } = view;
  // Products instead of quotients: no rounding for whole weights. 0 = 0 admits everybody.
  const likeActive = like < 0 ? 0 : active[like]!;
  const likeWeight = like < 0 ? 0 : weight[like]!;
  let best = -1;
  let highest = -Infinity;
  let total = 0;
  for (let backend = 0; backend < count; backend++) {
    const own = weight[backend]!;
    if (!eligible[backend]! || !(own > 0)) continue;
    if (active[backend]! * likeWeight !== likeActive * own) continue;
    const gain = effective[backend]!;
    const raised = current[backend]! + gain;
    current[backend] = raised;
    total += gain;
    if (gain < own) effective[backend] = Math.min(own, gain + 1);
    if (raised > highest) {
      highest = raised;
      best = backend;
    }
  }
  if (best >= 0) current[best]! -= total;
  return best;
}

export function turnEnded(state: SmoothTurns, backend: number, ok: boolean): void {
  if (ok) return;
  const weight = state.weights[backend]!;
  state.effective[backend] = afterFailure(state.effective[backend]!, weight, state.maxFails);
}
