/** Small parts that several panels use. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { CheckVerdict, FlightKind } from '../../sim/index.ts';
import { GLOSSARY } from '../state/glossary.ts';
import { OUTLINES, SHAPES } from '../theme/shapes.ts';

/** A word with its explanation, shown on a click or when it has the focus. */
export function Gloss({ word, children }: { word: string; children?: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const text = GLOSSARY.get(word);
  if (text === undefined) return <>{children ?? word}</>;
  return (
    <span class="gloss">
      <button
        type="button"
        class="gloss-word"
        aria-expanded={open}
        aria-describedby={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !open) return;
          event.stopPropagation();
          setOpen(false);
        }}
      >
        {children ?? word}
      </button>
      {open && (
        <span role="tooltip" id={id} class="gloss-text">
          {text}
        </span>
      )}
    </span>
  );
}

const MARKS: { readonly [V in CheckVerdict]: string } = { pass: '✓', fail: '✕', unknown: '?' };

/** A lamp: a mark and a colour, and the word for those who see neither. */
export function Lamp({ verdict, text }: { verdict: CheckVerdict; text?: string }) {
  return (
    <span class={`lamp lamp-${verdict}`}>
      <span aria-hidden="true">{MARKS[verdict]}</span>
      <span class="sr-only">{text ?? verdict}</span>
    </span>
  );
}

/** The shape of a kind of message, as it flies on the map. */
export function FlightIcon({ kind }: { kind: FlightKind }) {
  const shape = SHAPES[kind];
  const outline = OUTLINES[shape];
  const colour = `var(--flight-${kind})`;
  return (
    <svg class="flight-icon" viewBox="-1.5 -1.5 3 3" aria-hidden="true">
      {outline !== null ? (
        <polygon points={outline.join(' ')} fill={colour} />
      ) : shape === 'ring' ? (
        <circle r="0.9" fill="none" stroke={colour} stroke-width="0.45" />
      ) : (
        <circle r="1" fill={colour} />
      )}
    </svg>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function IconButton(props: {
  label: string;
  onClick: () => void;
  children: ComponentChildren;
  disabled?: boolean;
  pressed?: boolean;
  keys?: string;
  class?: string;
}) {
  const title = props.keys === undefined ? props.label : `${props.label} (${props.keys})`;
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      aria-label={props.label}
      aria-pressed={props.pressed}
      title={title}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}
