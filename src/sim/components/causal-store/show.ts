/** The picture of a datacentre of a causal store, for the map and the inspector. */
import type { CausalWrite } from '../../contracts/causal.ts';
import type { NameOf } from '../../node/behaviour.ts';
import { missing } from '../../protocols/causal/dependencies.ts';
import type { CausalStoreState } from './state.ts';
import { SHOWN_KEYS } from './view.ts';
import type { CausalStoreView, HeldView } from './view.ts';

const SHOWN_HELD = 8;

export function viewOf(state: CausalStoreState, nameOf: NameOf): CausalStoreView {
  const { store } = state;
  return {
    component: 'causal-store',
    keys: [...store.cells.values()]
      .slice(-SHOWN_KEYS)
      .reverse()
      .map(({ key, value, origin, lamport }) => ({
        key,
        value: value === null ? null : String(value),
        version: `${nameOf(origin)} ${lamport}`,
      })),
    held: store.held.slice(0, SHOWN_HELD).map(({ write }) => heldView(state, write, nameOf)),
    unsent: store.outbox.length,
    fields: [
      { label: 'Keys', value: store.cells.size },
      { label: 'Held back', value: store.held.length },
      { label: 'Ever held back', value: store.heldBack },
      { label: 'Not applied everywhere', value: store.outbox.length },
      { label: 'Dropped as outdated', value: store.outdated },
      { label: 'Lamport clock', value: store.clock },
    ],
  };
}

function heldView({ store }: CausalStoreState, write: CausalWrite, nameOf: NameOf): HeldView {
  const { key, value, origin, count, dependencies } = write;
  // In the order of its origin, or of what its client had seen.
  const [node, lacked] = missing(store.applied, dependencies) ?? [origin, count - 1];
  return {
    key,
    value: value === null ? 'nothing' : String(value),
    from: nameOf(origin),
    waitsFor: `${nameOf(node)} ${lacked}`,
  };
}
