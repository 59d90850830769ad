/**
 * One after the other. Those that are not eligible are passed over, and nobody inherits their turn.
 *
 * Differs: Envoy starts each worker at a random place so that they do not walk in step; here every
 * balancer starts at the first, and several of them do walk in step.
 */
import type { Balancer } from './balancer.ts';
import { isUsable } from './usable.ts';

interface Turn {
  next: number;
}

export const roundRobin: Balancer<Turn> = {
  name: 'round-robin',
  about: 'One after the other, whatever their weight and load.',
  source: 'HAProxy and Envoy round robin with equal weights',
  usesKey: false,
  isRandom: false,
  learns: false,
  start: () => ({ next: 0 }),
  update() {},
  pick(state, view) {
    const { count } = view;
    let backend = state.next < count ? state.next : 0;
    for (let i = 0; i < count; i++) {
      const after = backend + 1 === count ? 0 : backend + 1;
      if (isUsable(view, backend)) {
        state.next = after;
        return backend;
      }
      backend = after;
    }
    return -1;
  },
  ended() {},
};
