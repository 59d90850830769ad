/**
 * Envoy's least request. Equal weights: the least busy of d drawn at random (the first drawn when
 * they tie), which with two hosts picks the busier one in a quarter of the picks, because
 * Envoy may draw one host twice. Unequal weights: a weighted schedule in which a busy host counts
 * weight / (active + 1)^bias.
 *
 * Mitzenmacher ("The Power of Two Choices in Randomized Load Balancing", 2001) draws without
 * replacement: see withReplacement.
 */
import { pow } from '../../kernel/maths.ts';
import type { Stream } from '../../kernel/random.ts';
import type { BackendsView, Balancer, BalancingSettings } from './balancer.ts';
import { again, earliest, startDeadlines, updateDeadlines } from './earliest-deadline.ts';
import type { Deadlines } from './earliest-deadline.ts';
import { drawDifferent, drawUsable, isUsable } from './usable.ts';

interface PowerOfD {
  readonly settings: BalancingSettings;
  /** Whether the weights of those usable are all the same. */
  equalWeights: boolean;
  readonly schedule: Deadlines;
  /** Scratch of one pick. */
  readonly drawn: number[];
}

/** What a backend counts in the weighted schedule. */
export function leastRequestWeight(weight: number, active: number, bias: number): number {
  if (bias === 1) return weight / (active + 1);
  return bias === 0 ? weight : weight / pow(active + 1, bias);
}

function haveEqualWeights(view: BackendsView): boolean {
  let first = 0;
  for (let backend = 0; backend < view.count; backend++) {
    if (!isUsable(view, backend)) continue;
    if (first === 0) first = view.weight[backend]!;
    else if (view.weight[backend] !== first) return false;
  }
  return true;
}

function leastOfDrawn(state: PowerOfD, view: BackendsView, draw: Stream): number {
  const { choiceCount, withReplacement } = state.settings;
  const { active } = view;
  if (withReplacement) {
    let least = drawUsable(view, draw);
    for (let i = 1; i < choiceCount && least >= 0; i++) {
      const other = drawUsable(view, draw);
      if (active[other]! < active[least]!) least = other;
    }
    return least;
  }
  drawDifferent(view, choiceCount, state.drawn, draw);
  let least = state.drawn[0] ?? -1;
  for (const other of state.drawn) if (active[other]! < active[least]!) least = other;
  return least;
}

export const powerOfD: Balancer<PowerOfD> = {
  name: 'power-of-d',
  about: 'The least busy of d drawn at random; with unequal weights a schedule by weight and load.',
  source: 'Envoy least request (data-plane-api at 84e84367); Mitzenmacher (2001)',
  usesKey: false,
  isRandom: true,
  learns: false,
  start: (settings) => ({ settings, equalWeights: true, schedule: startDeadlines(), drawn: [] }),
  update(state, view, identities) {
    const { activeRequestBias } = state.settings;
    state.equalWeights = haveEqualWeights(view);
    updateDeadlines(state.schedule, view, identities, (backend) =>
      leastRequestWeight(view.weight[backend]!, view.active[backend]!, activeRequestBias),
    );
  },
  pick(state, view, _keyHash, _nowMicros, draw) {
    if (state.equalWeights) return leastOfDrawn(state, view, draw);
    const backend = earliest(state.schedule, view);
    if (backend < 0) return -1;
    const { activeRequestBias } = state.settings;
    again(
      state.schedule,
      backend,
      leastRequestWeight(view.weight[backend]!, view.active[backend]!, activeRequestBias),
    );
    return backend;
  },
  ended() {},
};
