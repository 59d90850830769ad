/** Everything about the selected node: what it is, what it holds, what can be done to it. */
import { useEffect } from 'preact/hooks';
import { painterOf } from '../painters/index.ts';
import type { NodeFrame } from '../../sim/index.ts';
import { choicesFor } from '../state/acts.ts';
import { formatDuration, formatMoment } from '../state/format.ts';
import { ActionControl } from './action-control.tsx';
import { useApp, usePage } from './context.ts';
import { Details, Field } from './details.tsx';
import { Empty, Gloss } from './parts.tsx';
import { Requests } from './requests.tsx';

const REST_MS = 150;

export function Inspector() {
  const { controller } = usePage();
  const scene = useApp((state) => state.scene);
  const selected = useApp((state) => state.selected);
  const playing = useApp((state) => state.playing);
  const event = useApp((state) => state.position.event);
  const node = scene?.nodes.find((candidate) => candidate.index === selected) ?? null;
  useEffect(() => {
    if (selected === null || playing) return;
    // While someone scrubs, every moment would send the engine back: it is asked once they rest.
    const timer = setTimeout(() => controller.inspect(selected), REST_MS);
    return () => clearTimeout(timer);
  }, [controller, selected, playing, event]);
  return (
    <section class="panel" aria-labelledby="inspector-title">
      <header class="panel-head">
        <h2 id="inspector-title">{node === null ? 'Node' : node.name}</h2>
        {node !== null && <span class="muted">{node.component}</span>}
      </header>
      {node === null ? (
        <Empty>Choose a node on the map: click it, or Tab to it and press Enter.</Empty>
      ) : (
        <NodeDetails node={node} />
      )}
    </section>
  );
}

function NodeDetails({ node }: { node: NodeFrame }) {
  const scene = useApp((state) => state.scene)!;
  const zones = new Set(scene.nodes.map(({ zone }) => zone));
  return (
    <>
      <Deeds node={node} />
      <dl class="fields">
        <Field label="State" value={node.status} />
        {node.roles.length > 0 && (
          <div>
            <dt>Role</dt>
            <dd>
              {node.roles.map((role) => (
                <Gloss key={role} word={role} />
              ))}
            </dd>
          </div>
        )}
        {node.waiting > 0 && <Field label="Messages waiting" value={node.waiting} />}
        {zones.size > 1 && <Field label="Zone" value={node.zone} />}
      </dl>
      <Details details={painterOf(node.component).details(node)} />
      {node.view === null && <Empty>It is down: only its disk is left.</Empty>}
      <Timers node={node} now={scene.position.micros} />
      <Requests node={node.index} />
      <Config />
    </>
  );
}

function Deeds({ node }: { node: NodeFrame }) {
  const { controller } = usePage();
  const scene = useApp((state) => state.scene);
  const spec = useApp((state) => state.spec);
  const inspected = useApp((state) => state.inspected);
  if (scene === null || spec === null) return null;
  const actions = inspected?.node === node.index ? inspected.actions : [];
  return (
    <div class="deeds" role="group" aria-label={`What to do to ${node.name}`}>
      {choicesFor(node, scene, spec).map((choice) => (
        <button
          key={choice.key}
          type="button"
          class="button"
          disabled={choice.deed === null}
          title={choice.deed === null ? choice.because : undefined}
          onClick={() => choice.deed !== null && controller.act(choice.deed)}
        >
          {choice.label}
        </button>
      ))}
      {actions.map((action) => (
        <ActionControl key={action.name} node={node} action={action} />
      ))}
    </div>
  );
}

function Timers({ node, now }: { node: NodeFrame; now: number }) {
  if (node.timers.length === 0) return null;
  return (
    <>
      <h3>Timers</h3>
      <ul class="timers">
        {node.timers.map((timer) => {
          const left = Math.max(0, timer.firesMicros - now);
          const span = Math.max(1, timer.firesMicros - timer.setMicros);
          return (
            <li key={`${timer.kind}-${timer.key}`}>
              <span>
                {timer.kind === 'election' ? (
                  <Gloss word="election timeout">election</Gloss>
                ) : (
                  timer.kind
                )}
              </span>
              <progress max={1} value={left / span} aria-label={`${timer.kind} timer`} />
              <span title={`fires at ${formatMoment(timer.firesMicros)}`}>
                {formatDuration(left)}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Config() {
  const inspected = useApp((state) => state.inspected);
  const selected = useApp((state) => state.selected);
  if (inspected === null || inspected.node !== selected) return null;
  const entries = Object.entries(inspected.config);
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>Configuration</summary>
      <dl class="fields">
        {entries.map(([name, value]) => (
          <Field key={name} label={name} value={value} />
        ))}
      </dl>
    </details>
  );
}
