/** The replicated data types by name: what is empty, how they change, how they merge. */
import type { ActorId, CrdtKind, CrdtState, CrdtUpdate } from '../../contracts/crdt.ts';
import type { CrdtElement, GCounter, LwwRegister, OrSet, PnCounter } from '../../contracts/crdt.ts';
import {
  EMPTY_G_COUNTER,
  EMPTY_PN_COUNTER,
  changeBy,
  growBy,
  mergeGCounters,
  mergePnCounters,
  valueOfGCounter,
  valueOfPnCounter,
} from './counters.ts';
import { EMPTY_LWW_REGISTER, assignTo, mergeLwwRegisters } from './lww-register.ts';
import { EMPTY_OR_SET, addTo, mergeOrSets, removeFrom, valueOfOrSet } from './or-set.ts';

export const CRDT_KINDS = ['g-counter', 'pn-counter', 'or-set', 'lww-register'] as const;

export function emptyCrdt(kind: CrdtKind): CrdtState {
  switch (kind) {
    case 'g-counter':
      return EMPTY_G_COUNTER;
    case 'pn-counter':
      return EMPTY_PN_COUNTER;
    case 'or-set':
      return EMPTY_OR_SET;
    case 'lww-register':
      return EMPTY_LWW_REGISTER;
  }
}

/** Both of one kind. */
export function mergeCrdts(a: CrdtState, b: CrdtState): CrdtState {
  switch (a.kind) {
    case 'g-counter':
      return mergeGCounters(a, b as GCounter);
    case 'pn-counter':
      return mergePnCounters(a, b as PnCounter);
    case 'or-set':
      return mergeOrSets(a, b as OrSet);
    case 'lww-register':
      return mergeLwwRegisters(a, b as LwwRegister);
  }
}

/** The state after an update by one actor; null where this type knows no such update. */
export function updateCrdt(
  state: CrdtState,
  update: CrdtUpdate,
  actor: ActorId,
  wallMicros: number,
): CrdtState | null {
  switch (state.kind) {
    case 'g-counter':
      return update.do === 'increment' && update.by > 0 ? growBy(state, actor, update.by) : null;
    case 'pn-counter':
      return update.do === 'increment' ? changeBy(state, actor, update.by) : null;
    case 'or-set':
      if (update.do === 'add') return addTo(state, actor, update.element);
      return update.do === 'remove' ? removeFrom(state, update.element) : null;
    case 'lww-register':
      return update.do === 'assign' ? assignTo(state, actor, wallMicros, update.value) : null;
  }
}

/** What it means: a counter one number, a set its elements, a register its value if it has one. */
export function valuesOfCrdt(state: CrdtState): readonly CrdtElement[] {
  switch (state.kind) {
    case 'g-counter':
      return [valueOfGCounter(state)];
    case 'pn-counter':
      return [valueOfPnCounter(state)];
    case 'or-set':
      return valueOfOrSet(state);
    case 'lww-register':
      return state.wallMicros < 0 ? [] : [state.value];
  }
}
