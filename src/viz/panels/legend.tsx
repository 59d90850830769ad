/** What the shapes mean: kinds of messages, roles, states. */
import { useState } from 'preact/hooks';
import { FLIGHT_KINDS } from '../../sim/index.ts';
import { KIND_NAMES } from '../theme/shapes.ts';
import { useApp } from './context.ts';
import { FlightIcon } from './parts.tsx';

const NODE_LINES = [
  'Rim with teeth LE: leader. Round FO: follower. Six corners CA: candidate, its dots are votes. ' +
    'Eight corners PC: pre-candidate.',
  'Arc around a node: what is left of its election timeout.',
  'Cells below: the tail of its log. Filled: committed. Outlined: not yet. Colour: the term.',
  'Hatched: crashed. Two bars: paused. Zigzag: the network is cut there.',
];

export function Legend() {
  const reduced = useApp((state) => state.reducedMotion);
  const [open, setOpen] = useState(false);
  return (
    <div class={`legend ${open ? 'legend-open' : ''}`} data-control>
      <ul class="legend-kinds" aria-label="Kinds of messages">
        {FLIGHT_KINDS.map((kind) => (
          <li key={kind}>
            <FlightIcon kind={kind} /> {KIND_NAMES[kind]}
          </li>
        ))}
        <li>
          <span class="legend-cross" aria-hidden="true">
            ✕
          </span>{' '}
          lost
        </li>
        <li>
          <button
            type="button"
            class="link-button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? 'Less' : 'Legend'}
          </button>
        </li>
      </ul>
      {open && (
        <ul class="legend-lines">
          {NODE_LINES.map((line) => (
            <li key={line}>{line}</li>
          ))}
          <li>
            {reduced
              ? 'Motion is reduced: a link is lit while messages are under way, with their number.'
              : 'With too many messages to tell apart, links are lit instead, with their number.'}
          </li>
        </ul>
      )}
    </div>
  );
}
