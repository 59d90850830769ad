/**
 * Finagle's Peak EWMA: of d drawn at random the one with the least cost, an average of its
 * latencies times the requests that it would have under way. The average is sensitive to peaks: a
 * slower answer replaces it at once, a faster one only as the old is forgotten.
 *
 * As in Finagle, asking for the cost counts as seeing a latency of 0: an idle backend is forgiven.
 * One that never answered costs nothing until its first request is under way, and then more than
 * anybody.
 *
 * Differs: Finagle groups hosts by weight; here the cost is divided by the weight.
 *
 * Source: Finagle, loadbalancer/PeakEwma.scala at 1e8497ea, and its p2c distributor.
 */
import { exp } from '../../kernel/maths.ts';
import type { BackendsView, Balancer } from './balancer.ts';
import { drawDifferent, formerOrdinals } from './usable.ts';

export interface PeakEwma {
  readonly choiceCount: number;
  readonly decayMicros: number;
  identities: number[];
  /** By ordinal; 0 for one that never answered. */
  averageMicros: number[];
  /** By ordinal: when the average was brought up to date. */
  stampMicros: number[];
  /** Scratch of one pick. */
  readonly drawn: number[];
}

/** Finagle's Long.MaxValue >> 16 nanoseconds. */
const PENALTY_MICROS = 140_737_488_355;

function observe(state: PeakEwma, backend: number, latency: number, now: number): number {
  const elapsed = Math.max(0, now - state.stampMicros[backend]!);
  const average = state.averageMicros[backend]!;
  let next = latency;
  if (latency <= average && average > 0) {
    const share = elapsed === 0 ? 1 : exp(-elapsed / state.decayMicros);
    next = average * share + latency * (1 - share);
  }
  state.averageMicros[backend] = next;
  state.stampMicros[backend] = now;
  return next;
}

export function peakEwmaCost(
  state: PeakEwma,
  view: BackendsView,
  backend: number,
  now: number,
): number {
  const average = observe(state, backend, 0, now);
  const active = view.active[backend]!;
  const cost = average === 0 && active > 0 ? PENALTY_MICROS + active : average * (active + 1);
  return cost / view.weight[backend]!;
}

export const leastResponseTime: Balancer<PeakEwma> = {
  name: 'least-response-time',
  about: 'Of d drawn at random the least latency times load; a slow answer counts at once.',
  source: 'Finagle Peak EWMA (PeakEwma.scala at 1e8497ea)',
  usesKey: false,
  isRandom: true,
  learns: true,
  start: ({ choiceCount, decayMicros }) => ({
    choiceCount,
    decayMicros,
    identities: [],
    averageMicros: [],
    stampMicros: [],
    drawn: [],
  }),
  update(state, _view, identities) {
    const { averageMicros, stampMicros } = state;
    const former = formerOrdinals(state.identities, identities);
    state.identities = identities.slice();
    state.averageMicros = former.map((at) => (at < 0 ? 0 : averageMicros[at]!));
    state.stampMicros = former.map((at) => (at < 0 ? 0 : stampMicros[at]!));
  },
  pick(state, view, _keyHash, nowMicros, draw) {
    drawDifferent(view, state.choiceCount, state.drawn, draw);
    let best = -1;
    let bestCost = Infinity;
    for (const backend of state.drawn) {
      const cost = peakEwmaCost(state, view, backend, nowMicros);
      if (cost < bestCost) {
        bestCost = cost;
        best = backend;
      }
    }
    return best;
  },
  ended(state, backend, latencyMicros, _ok, nowMicros) {
    observe(state, backend, latencyMicros, nowMicros);
  },
};
