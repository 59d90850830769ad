/** The picture of a node of a quorum store, for the map and the inspector. */
import type { PeerId } from '../../contracts/raft.ts';
import type { NameOf } from '../../node/behaviour.ts';
import { valuesOf } from '../../protocols/quorum/cell.ts';
import type { QuorumStoreState } from './state.ts';
import { SHOWN_KEYS } from './view.ts';
import type { QuorumOpView, QuorumStoreView } from './view.ts';

const SHOWN_OPS = 4;

/** Keys with more than one concurrent value. */
export function siblingsOf({ store }: QuorumStoreState): number {
  let keys = 0;
  for (const cell of store.cells.values()) if (cell.versions.length > 1) keys += 1;
  return keys;
}

export function viewOf(state: QuorumStoreState, nameOf: NameOf): QuorumStoreView {
  const { store, config } = state;
  const hints = hintsByTarget(state, nameOf);
  const down = [...store.down.keys()].map(nameOf);
  const siblings = siblingsOf(state);
  return {
    component: 'quorum-store',
    keys: newest(state),
    ops: opsOf(state, nameOf),
    hints,
    down,
    siblings,
    fields: [
      { label: 'Keys', value: store.cells.size },
      { label: 'Hints waiting', value: store.hints.size },
      { label: 'Takes for down', value: down.length === 0 ? null : down.join(', ') },
      { label: 'Keys with siblings', value: siblings },
      { label: 'N, R, W', value: `${config.n}, ${config.readsNeeded}, ${config.writesNeeded}` },
      { label: 'Operations under way', value: store.ops.size },
      { label: 'Repairs', value: store.repairs },
      { label: 'Hints handed over', value: store.handedOff },
      { label: 'Keys from anti-entropy', value: store.synced },
    ],
  };
}

function hintsByTarget({ store }: QuorumStoreState, nameOf: NameOf): QuorumStoreView['hints'] {
  const counts = new Map<PeerId, number>();
  for (const { target } of store.hints.values()) counts.set(target, (counts.get(target) ?? 0) + 1);
  return [...counts].map(([target, count]) => ({ target: nameOf(target), count }));
}

function newest({ store }: QuorumStoreState): QuorumStoreView['keys'] {
  return [...store.cells]
    .slice(-SHOWN_KEYS)
    .reverse()
    .map(([key, cell]) => ({ key, values: valuesOf(cell).map(String) }));
}

function opsOf({ store, config }: QuorumStoreState, nameOf: NameOf): readonly QuorumOpView[] {
  const shown: QuorumOpView[] = [];
  for (const op of store.ops.values()) {
    if (op.kind === 'forward') continue;
    shown.push({
      kind: op.kind,
      key: op.key,
      needed: op.kind === 'read' ? config.readsNeeded : config.writesNeeded,
      replicas: op.targets.map(({ node, answered }) => ({ name: nameOf(node), answered })),
    });
    if (shown.length === SHOWN_OPS) break;
  }
  return shown;
}
