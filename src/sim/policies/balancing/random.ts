/** Anyone, each equally likely. */
import type { Balancer } from './balancer.ts';
import { drawUsable } from './usable.ts';

export const random: Balancer<null> = {
  name: 'random',
  about: 'Anyone, each equally likely, whatever their weight and load.',
  source: 'Envoy random load balancer',
  usesKey: false,
  isRandom: true,
  learns: false,
  start: () => null,
  update() {},
  pick: (_state, view, _keyHash, _nowMicros, draw) => drawUsable(view, draw),
  ended() {},
};
