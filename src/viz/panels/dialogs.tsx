/** The dialogs: cut the network by name, loss and latency, share, keys. */
import { Copy } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { NodeFrame } from '../../sim/index.ts';
import { networkDeed, networkSetting, partitionDeed } from '../state/acts.ts';
import { formatPercent } from '../state/format.ts';
import { islandLabel } from '../state/islands.ts';
import { useApp, usePage } from './context.ts';
import { Dialog } from './dialog.tsx';
import { KEY_HELP } from './keys.ts';
import { Gloss } from './parts.tsx';

export function Dialogs() {
  const dialog = useApp((state) => state.dialog);
  switch (dialog) {
    case 'cut':
      return <CutDialog />;
    case 'network':
      return <NetworkDialog />;
    case 'share':
      return <ShareDialog />;
    case 'keys':
      return <KeysDialog />;
    case null:
      return null;
  }
}

function CutDialog() {
  const { controller, stageView } = usePage();
  const nodes = useApp((state) => state.scene?.nodes ?? NONE);
  const spec = useApp((state) => state.spec);
  const selected = useApp((state) => state.selected);
  const [sideB, setSideB] = useState<ReadonlySet<number>>(
    () => new Set(selected === null ? [] : [selected]),
  );
  const { servers } = stageView;
  const serverNodes = nodes.filter((node) => servers.has(node.index));
  const leader = serverNodes.find((node) => node.roles.includes('leader'));
  const split = (indexes: readonly number[]) => setSideB(new Set(indexes));
  const minority = Math.ceil(serverNodes.length / 2) - 1;
  const followers = serverNodes.filter((node) => node !== leader).map((node) => node.index);
  const a = nodes.filter((node) => !sideB.has(node.index));
  const b = nodes.filter((node) => sideB.has(node.index));
  const possible = a.length > 0 && b.length > 0 && spec !== null;
  return (
    <Dialog title="Cut the network">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!possible) return;
          const names = (side: readonly NodeFrame[]) => side.map((node) => node.name);
          controller.act(partitionDeed(spec, [names(b), names(a)]));
          controller.patch({ dialog: null });
        }}
      >
        <p>Tick who goes to the other side. Nodes on different sides will not hear one another.</p>
        <div class="presets">
          {leader !== undefined && (
            <>
              <button type="button" class="button" onClick={() => split([leader.index])}>
                The leader alone
              </button>
              {minority >= 2 && (
                <button
                  type="button"
                  class="button"
                  onClick={() => split([leader.index, ...followers.slice(0, minority - 1)])}
                >
                  The leader in a minority
                </button>
              )}
            </>
          )}
          <button
            type="button"
            class="button"
            onClick={() => split(followers.slice(-Math.max(1, minority)))}
          >
            A minority without the leader
          </button>
        </div>
        <fieldset class="sides">
          <legend>Other side</legend>
          {nodes.map((node) => (
            <label key={node.index} class="switch">
              <input
                type="checkbox"
                checked={sideB.has(node.index)}
                onChange={() => {
                  const next = new Set(sideB);
                  if (!next.delete(node.index)) next.add(node.index);
                  setSideB(next);
                }}
              />
              {node.name}
              {node.roles.includes('leader') && ' (leader)'}
            </label>
          ))}
        </fieldset>
        <p class="muted">
          {[b, a]
            .map((side, i) =>
              islandLabel(
                i,
                side.map((node) => node.index),
                servers,
              ),
            )
            .join(' · ')}
        </p>
        <button type="submit" class="button primary" disabled={!possible}>
          Cut
        </button>
      </form>
    </Dialog>
  );
}

const NONE: readonly NodeFrame[] = [];
const LATENCY_FACTORS: readonly number[] = [1, 2, 5, 10, 20, 50, 100];

function NetworkDialog() {
  const { controller } = usePage();
  const scene = useApp((state) => state.scene);
  const spec = useApp((state) => state.spec);
  const setting =
    scene === null || spec === null
      ? { lossProbability: 0, latencyFactor: 1 }
      : networkSetting(spec, scene);
  const [loss, setLoss] = useState(setting.lossProbability);
  const [factor, setFactor] = useState(setting.latencyFactor);
  useEffect(() => setLoss(setting.lossProbability), [setting.lossProbability]);
  useEffect(() => setFactor(setting.latencyFactor), [setting.latencyFactor]);
  if (scene === null || spec === null) return null;
  return (
    <Dialog title="Loss and latency">
      <p>For all links, on top of what the scenario does. Each change is an act of the run.</p>
      <label class="param">
        <span class="param-name">
          Lost messages <output>{formatPercent(loss)}</output>
        </span>
        <input
          type="range"
          min={0}
          max={0.9}
          step={0.01}
          value={loss}
          aria-valuetext={formatPercent(loss)}
          onInput={(event) => setLoss(event.currentTarget.valueAsNumber)}
          onChange={(event) => {
            const lossProbability = event.currentTarget.valueAsNumber;
            controller.act(networkDeed(spec, scene, { lossProbability }));
          }}
        />
      </label>
      <label class="param">
        <span class="param-name">
          Latency <output>{factor} × normal</output>
        </span>
        <input
          type="range"
          min={0}
          max={LATENCY_FACTORS.length - 1}
          step={1}
          value={nearestFactor(factor)}
          aria-valuetext={`${factor} times the normal latency`}
          onInput={(event) => setFactor(LATENCY_FACTORS[event.currentTarget.valueAsNumber] ?? 1)}
          onChange={(event) => {
            const latencyFactor = LATENCY_FACTORS[event.currentTarget.valueAsNumber] ?? 1;
            controller.act(networkDeed(spec, scene, { latencyFactor }));
          }}
        />
      </label>
    </Dialog>
  );
}

function nearestFactor(factor: number): number {
  const at = LATENCY_FACTORS.findIndex((candidate) => candidate >= factor);
  return at < 0 ? LATENCY_FACTORS.length - 1 : at;
}

function ShareDialog() {
  const { controller } = usePage();
  const link = useApp((state) => state.link);
  const proof = useApp((state) => state.proof);
  const proving = useApp((state) => state.proving);
  const [copied, setCopied] = useState('');
  useEffect(() => controller.prove(), [controller]);
  const fragment = proof?.link ?? link;
  const whole = new URL(fragment, location.href).href;
  const copy = () => {
    navigator.clipboard.writeText(whole).then(
      () => setCopied('Copied.'),
      () => setCopied('Could not copy: select the text and copy it yourself.'),
    );
  };
  return (
    <Dialog title="Share this run">
      <p>Whoever opens this link gets the same run, with everything you did to it.</p>
      <label class="param">
        <span class="param-name">Link</span>
        <textarea
          class="share-link"
          readOnly
          rows={3}
          value={whole}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <p>
        <button type="button" class="button primary" onClick={copy}>
          <Copy size={16} aria-hidden="true" /> Copy
        </button>{' '}
        <span role="status">{copied}</span>
      </p>
      <p class="muted" role="status">
        {proving && 'Running it to its end, for its fingerprint …'}
        {proof !== null && (
          <>
            <Gloss word="trace hash">Trace hash</Gloss> <code>{proof.report.traceHash}</code>,
            verdict {proof.report.verdict}.
          </>
        )}
      </p>
      {proof !== null && (
        <label class="param">
          <span class="param-name">In a terminal</span>
          <input type="text" readOnly value={proof.report.repro.command} />
        </label>
      )}
    </Dialog>
  );
}

function KeysDialog() {
  return (
    <Dialog title="Keys">
      <dl class="keys">
        {KEY_HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
