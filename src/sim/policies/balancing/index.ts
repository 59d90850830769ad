/** The balancing policies of the catalogue: an explicit list. */
import type { Balancer } from './balancer.ts';
import { boundedLoad } from './bounded-load.ts';
import { hashedBalancers } from './hashed.ts';
import { leastConnections } from './least-connections.ts';
import { leastResponseTime } from './least-response-time.ts';
import { maglev } from './maglev.ts';
import { powerOfD } from './power-of-d.ts';
import { random } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';
import { smoothWeightedRoundRobin } from './smooth-weighted-round-robin.ts';
import { weightedRandom } from './weighted-random.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

export const BALANCERS: readonly Balancer[] = [
  roundRobin,
  smoothWeightedRoundRobin,
  random,
  weightedRandom,
  leastConnections,
  powerOfD,
  leastResponseTime,
  ringHash,
  maglev,
  boundedLoad,
  ...hashedBalancers,
  weightedRoundRobin,
];

export const BALANCER_NAMES: readonly string[] = BALANCERS.map((policy) => policy.name);
