/** What the shapes mean: kinds of messages, then what the painters of this run's nodes say. */
import { useState } from 'preact/hooks';
import { FLIGHT_KINDS } from '../../sim/index.ts';
import { painterOf } from '../painters/index.ts';
import type { LegendLine } from '../painters/painter.ts';
import { KIND_NAMES } from '../theme/shapes.ts';
import { TOKENS } from '../theme/tokens.ts';
import { useApp } from './context.ts';
import { LegendIcon } from './legend-icon.tsx';
import { FlightIcon } from './parts.tsx';

const COMMON: readonly LegendLine[] = [
  { mark: { shape: 'hatched' }, text: 'Crashed: what was only in memory is lost.' },
  { mark: { shape: 'bars' }, text: 'Paused: it does nothing, and what arrives waits.' },
  { mark: { shape: 'zigzag' }, text: 'The network is cut here: nothing gets across.' },
];

export function Legend() {
  const reduced = useApp((state) => state.reducedMotion);
  const nodes = useApp((state) => state.scene?.nodes);
  const theme = useApp((state) => state.theme);
  const [open, setOpen] = useState(false);
  const painters = new Set(open ? nodes?.map((node) => painterOf(node.component)) : []);
  // What several components show in the same way is explained once.
  const lines = new Map(
    [...[...painters].flatMap((painter) => painter.legend), ...COMMON].map((line) => [
      line.text,
      line.mark,
    ]),
  );
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
        <ul class="legend-lines" aria-label="Nodes and faults">
          {[...lines].map(([text, mark]) => (
            <li key={text}>
              <LegendIcon mark={mark} tokens={TOKENS[theme]} />
              <span>{text}</span>
            </li>
          ))}
          <li class="legend-note">
            {reduced
              ? 'Motion is reduced: a link is lit while messages are under way, with their number.'
              : 'With too many messages to tell apart, links are lit instead, with their number.'}
          </li>
        </ul>
      )}
    </div>
  );
}
