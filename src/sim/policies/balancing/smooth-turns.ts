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
import { formerOrdinals, isUsable } from './usable.ts';

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

/** Whether a backend is among those that take turns. */
type Candidate = (view: BackendsView, backend: number, like: number) => boolean;

/**
 * The next in turn among the candidates, -1 when there is none.
 *
 * @param like handed to `isCandidate`: a backend that the candidates resemble
 */
export function takeTurn(
  state: SmoothTurns,
  view: BackendsView,
  isCandidate: Candidate,
  like: number,
): number {
  const { current, effective } = state;
  let best = -1;
  let total = 0;
  for (let backend = 0; backend < view.count; backend++) {
    if (!isCandidate(view, backend, like)) continue;
    const gain = effective[backend]!;
    const weight = view.weight[backend]!;
    current[backend]! += gain;
    total += gain;
    if (gain < weight) effective[backend] = Math.min(weight, gain + 1);
    if (best < 0 || current[backend]! > current[best]!) best = backend;
  }
  if (best >= 0) current[best]! -= total;
  return best;
}

/** Everybody usable takes turns. */
export const anyUsable: Candidate = isUsable;

export function turnEnded(state: SmoothTurns, backend: number, ok: boolean): void {
  if (ok) return;
  const weight = state.weights[backend]!;
  state.effective[backend] = afterFailure(state.effective[backend]!, weight, state.maxFails);
}
