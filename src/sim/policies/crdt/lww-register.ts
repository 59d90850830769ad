/**
 * A register in which the later assignment wins; of two at one moment that of the higher actor
 * (specification 8 of Shapiro et al., 2011). The loser is gone: that is what it costs.
 */
import type { ActorId, CrdtElement, LwwRegister } from '../../contracts/crdt.ts';
import { compareElements } from './or-set.ts';

/** Nothing was ever assigned. */
export const EMPTY_LWW_REGISTER: LwwRegister = Object.freeze({
  kind: 'lww-register',
  value: null,
  wallMicros: -1,
  actor: -1,
});

/** A stamp is never below the one that it replaces: an assignment wins over what its maker saw. */
export const assignTo = (
  register: LwwRegister,
  actor: ActorId,
  wallMicros: number,
  value: CrdtElement,
): LwwRegister =>
  Object.freeze({
    kind: 'lww-register',
    value,
    wallMicros: Math.max(wallMicros, register.wallMicros + 1),
    actor,
  });

/** The values decide where an actor gave one stamp twice, so that the merge is one of both. */
export function mergeLwwRegisters(a: LwwRegister, b: LwwRegister): LwwRegister {
  const order =
    a.wallMicros - b.wallMicros || a.actor - b.actor || compareElements(a.value, b.value);
  return order >= 0 ? a : b;
}
