/** The owner of the key on a hash ring, or the next one that is eligible. */
import type { Balancer } from './balancer.ts';
import { startRing, updateRing, walk } from './ring-walk.ts';
import type { RingWalk } from './ring-walk.ts';
import { isUsable } from './usable.ts';

export const ringHash: Balancer<RingWalk> = {
  name: 'ring-hash',
  about: 'The owner of the key on a hash ring: equal keys meet, whatever the load.',
  source: 'nginx hash consistent (ketama); Envoy ring hash',
  usesKey: true,
  isRandom: false,
  learns: false,
  start: startRing,
  update: updateRing,
  pick: (state, view, keyHash) => walk(state, keyHash, (backend) => isUsable(view, backend)),
  ended() {},
};
