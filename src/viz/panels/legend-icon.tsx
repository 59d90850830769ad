/** The mark of a line of the legend, drawn as the map draws it. */
import type { ComponentChildren } from 'preact';
import { cornersOf } from '../painters/outline.ts';
import type { Outline } from '../painters/outline.ts';
import type { LegendMark, Outcome } from '../painters/painter.ts';
import type { Tokens } from '../theme/tokens.ts';
import { SvgPen } from './svg-pen.tsx';

type Glyph = Extract<LegendMark, { readonly shape: 'glyph' }>;

export function LegendIcon({ mark, tokens }: { mark: LegendMark; tokens: Tokens }) {
  return (
    <svg class="legend-icon" viewBox="-14 -14 28 28" aria-hidden="true">
      {mark.shape === 'glyph' ? glyph(mark.draw, tokens) : drawing(mark)}
    </svg>
  );
}

function glyph(draw: Glyph['draw'], tokens: Tokens): ComponentChildren {
  const pen = new SvgPen();
  draw(pen, tokens);
  return pen.drawing;
}

function drawing(mark: Exclude<LegendMark, Glyph>): ComponentChildren {
  switch (mark.shape) {
    case 'arc':
      return (
        <>
          <circle r="8" class="icon-node" />
          <path d="M0 -12 A12 12 0 1 1 -12 0" class="icon-arc" />
        </>
      );
    case 'hatched':
      return (
        <>
          <circle r="11" class="icon-node icon-fault" />
          <path d="M-9 3L3 -9M-7 7L7 -7M-3 9L9 -3" class="icon-fault" />
        </>
      );
    case 'bars':
      return <path d="M-4 -8V8M4 -8V8" class="icon-bars" />;
    case 'zigzag':
      return <path d="M-2 -12L4 -6L-4 0L4 6L-2 12" class="icon-fault icon-cut" />;
    case 'cell':
      return (
        <rect
          x="-5"
          y="-7"
          width="10"
          height="14"
          class={`icon-node ${mark.filled ? 'icon-committed' : ''}`}
        />
      );
    case 'outcome':
      return outcome(mark.outcome);
    default:
      return (
        <>
          {body(mark.shape, mark.strong === true ? 'icon-leader' : 'icon-node')}
          <text y="3.2" class="icon-badge">
            {mark.badge}
          </text>
        </>
      );
  }
}

function body(shape: Outline, name: string): ComponentChildren {
  if (shape === 'circle') return <circle r="11" class={name} />;
  return <polygon points={cornersOf(shape, 11).join(' ')} class={name} />;
}

function outcome(kind: Outcome): ComponentChildren {
  const name = `icon-${kind}`;
  if (kind === 'ok') return <circle r="5" class={name} />;
  if (kind === 'unknown') return <circle r="4.5" class={name} />;
  return <path d="M-5 -5L5 5M5 -5L-5 5" class={name} />;
}
