/** Something an operator can do to a node: a button, and the fields of its arguments if any. */
import { useState } from 'preact/hooks';
import type { NodeFrame } from '../../sim/index.ts';
import { capital, spaced } from '../state/format.ts';
import type { ActionEntry } from '../worker/protocol.ts';
import { usePage } from './context.ts';
import { Param } from './param.tsx';

export function ActionControl({ node, action }: { node: NodeFrame; action: ActionEntry }) {
  const { controller } = usePage();
  const fields = Object.entries(action.args.properties ?? {});
  const [args, setArgs] = useState<{ readonly [name: string]: unknown }>(() =>
    Object.fromEntries(fields.map(([name, schema]) => [name, schema.default])),
  );
  const title = capital(spaced(action.name));
  const perform = () =>
    controller.act({
      name: `${spaced(action.name)} on ${node.name}`,
      acts: [{ do: 'action', node: node.name, action: action.name, args }],
    });
  const button = (
    <button
      type="button"
      class="button"
      disabled={action.unavailable !== null}
      title={action.unavailable ?? action.about}
      onClick={perform}
    >
      {title}
    </button>
  );
  if (fields.length === 0) return button;
  return (
    <details class="action">
      <summary>{title} …</summary>
      <p class="muted">{action.about}</p>
      {fields.map(([name, schema]) => (
        <Param
          key={name}
          name={name}
          schema={schema}
          value={args[name]}
          onChange={(value) => setArgs({ ...args, [name]: value })}
        />
      ))}
      {button}
    </details>
  );
}
