/** The hashing policies of the catalogue: an explicit list. */
import type { Hashing } from './hashing.ts';
import { jumpHashing } from './jump.ts';
import { maglevHashing } from './maglev.ts';
import { moduloHashing } from './modulo.ts';
import { rendezvousHashing } from './rendezvous.ts';
import { ringHashing } from './ring.ts';

export const HASHING_POLICIES: readonly Hashing[] = [
  moduloHashing,
  ringHashing,
  jumpHashing,
  rendezvousHashing,
  maglevHashing,
];

export const HASHING_POLICY_NAMES: readonly string[] = HASHING_POLICIES.map(
  (policy) => policy.name,
);
