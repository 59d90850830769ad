/** The dialogs: which one is open; loss and latency, share, keys. */
import { Copy } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { networkDeed, networkSetting } from '../state/acts.ts';
import { formatPercent, replayCommand } from '../state/format.ts';
import { useApp, usePage } from './context.ts';
import { CutDialog } from './cut-dialog.tsx';
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
  // How this page is drawn is the reader's own affair, so the query stays here.
  const whole = `${location.origin}${location.pathname}${fragment}`;
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
          <input type="text" readOnly value={replayCommand(whole)} />
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
