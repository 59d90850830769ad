/** Cuts the network by choosing names: the knife for keyboards and small screens. */
import { useState } from 'preact/hooks';
import type { NodeFrame } from '../../sim/index.ts';
import { partitionDeed } from '../state/acts.ts';
import { islandLabel } from '../state/islands.ts';
import { useApp, usePage } from './context.ts';
import { Dialog } from './dialog.tsx';

type Side = ReadonlySet<number>;

export function CutDialog() {
  const { controller, stageView } = usePage();
  const nodes = useApp((state) => state.scene?.nodes ?? NONE);
  const spec = useApp((state) => state.spec);
  const selected = useApp((state) => state.selected);
  const [far, setFar] = useState<Side>(() => new Set(selected === null ? [] : [selected]));
  const { counted } = stageView;
  const { servers } = counted;
  const sides = [
    nodes.filter((node) => far.has(node.index)),
    nodes.filter((node) => !far.has(node.index)),
  ];
  const possible = spec !== null && sides.every((side) => side.length > 0);
  const label = (side: readonly NodeFrame[], i: number) =>
    islandLabel(
      i,
      side.map((node) => node.index),
      counted,
    );
  return (
    <Dialog title="Cut the network">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!possible) return;
          controller.act(
            partitionDeed(
              spec,
              sides.map((side) => side.map((node) => node.name)),
            ),
          );
          controller.patch({ dialog: null });
        }}
      >
        <p>Tick who goes to the other side. Nodes on different sides will not hear one another.</p>
        <Presets
          servers={nodes.filter((node) => servers.has(node.index))}
          clients={nodes.filter((node) => !servers.has(node.index))}
          onPick={setFar}
        />
        <Names nodes={nodes} far={far} onChange={setFar} />
        <p class="muted">{sides.map(label).join(' · ')}</p>
        <button type="submit" class="button primary" disabled={!possible}>
          Cut
        </button>
      </form>
    </Dialog>
  );
}

const NONE: readonly NodeFrame[] = [];

/** The splits that teach most, each by one press. */
function Presets(props: {
  servers: readonly NodeFrame[];
  clients: readonly NodeFrame[];
  onPick: (far: Side) => void;
}) {
  const { servers, clients, onPick } = props;
  // With clients on both sides one sees who is still served.
  const first = clients[0]?.group;
  const along = clients.some((node) => node.group !== first)
    ? clients.filter((node) => node.group === first).map((node) => node.index)
    : [];
  const alongName = along.length === 0 ? '' : `, with clients ${first}`;
  const leader = servers.find((node) => node.roles.includes('leader'))?.index;
  const others = servers.map((node) => node.index).filter((index) => index !== leader);
  const minority = Math.ceil(servers.length / 2) - 1;
  const presets: (readonly [string, readonly number[]])[] = [];
  if (leader !== undefined) {
    presets.push(['The leader alone', [leader]]);
    if (minority >= 2) {
      const few = [leader, ...others.slice(0, minority - 1)];
      presets.push([`The leader in a minority${alongName}`, [...few, ...along]]);
    }
  }
  presets.push(['A minority without the leader', others.slice(-Math.max(1, minority))]);
  return (
    <div class="presets">
      {presets.map(([name, indexes]) => (
        <button key={name} type="button" class="button" onClick={() => onPick(new Set(indexes))}>
          {name}
        </button>
      ))}
    </div>
  );
}

function Names(props: { nodes: readonly NodeFrame[]; far: Side; onChange: (far: Side) => void }) {
  const { nodes, far, onChange } = props;
  const flip = (index: number) => {
    const next = new Set(far);
    if (!next.delete(index)) next.add(index);
    onChange(next);
  };
  return (
    <fieldset class="sides">
      <legend>Other side</legend>
      {nodes.map((node) => (
        <label key={node.index} class="switch">
          <input type="checkbox" checked={far.has(node.index)} onChange={() => flip(node.index)} />
          {node.name}
          {node.roles.includes('leader') && ' (leader)'}
        </label>
      ))}
    </fieldset>
  );
}
