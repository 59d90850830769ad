/** What can be done to a node: a menu beside it, for mouse, finger and keyboard alike. */
import { useEffect, useRef } from 'preact/hooks';
import { toScreen } from '../layout/viewport.ts';
import type { NodeFrame } from '../../sim/index.ts';
import { choicesFor } from '../state/acts.ts';
import { useApp, usePage } from './context.ts';
import { focusNode } from './focus-node.ts';

export function NodeMenu({ node }: { node: NodeFrame | null }) {
  const { controller, stageView } = usePage();
  const ref = useRef<HTMLDivElement>(null);
  const scene = useApp((state) => state.scene);
  const spec = useApp((state) => state.spec);
  useEffect(() => {
    const first = ref.current?.querySelector('[role=menuitem]:not([aria-disabled=true])');
    if (first instanceof HTMLElement) first.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && ref.current?.contains(event.target) === true) return;
      controller.patch({ menuOf: null });
    };
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
  }, [controller]);
  if (node === null || scene === null || spec === null) return null;
  const close = () => {
    controller.patch({ menuOf: null });
    focusNode(ref.current?.parentElement ?? null, node.index);
  };
  const spot = stageView.layout.places.get(node.index);
  const at = spot === undefined ? { x: 0, y: 0 } : toScreen(stageView.viewport, spot);
  const onKeyDown = (event: KeyboardEvent) => moveInMenu(event, ref.current, close);
  const choices = choicesFor(node, scene, spec);
  return (
    <div
      ref={ref}
      class="node-menu"
      role="menu"
      aria-label={`What to do to ${node.name}`}
      data-control
      style={menuPlace(at, document.querySelector('.stage-host'))}
      onKeyDown={onKeyDown}
    >
      <p class="node-menu-title" aria-hidden="true">
        {node.name}
      </p>
      {choices.map((choice) => (
        <button
          key={choice.key}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-disabled={choice.deed === null}
          title={choice.deed === null ? choice.because : undefined}
          onClick={() => {
            if (choice.deed === null) return;
            controller.act(choice.deed);
            close();
          }}
        >
          {choice.label}
          {choice.deed === null && <small>{choice.because}</small>}
        </button>
      ))}
    </div>
  );
}

/** Beside the node, and inside the stage. */
function menuPlace(at: { x: number; y: number }, host: Element | null) {
  const width = host?.clientWidth ?? window.innerWidth;
  const height = host?.clientHeight ?? window.innerHeight;
  const left = Math.max(6, Math.min(at.x + 30, width - 236));
  const top = Math.max(6, Math.min(at.y - 20, height - 330));
  return { left: `${left}px`, top: `${top}px` };
}

/** Arrows, Home and End go round the items; Escape and Tab leave. */
function moveInMenu(event: KeyboardEvent, menu: HTMLElement | null, close: () => void): void {
  const items = [...(menu?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const here = items.indexOf(document.activeElement as HTMLElement);
  const go = (index: number) => items[(index + items.length) % items.length]?.focus();
  event.stopPropagation();
  if (event.key === 'Escape' || event.key === 'Tab') close();
  else if (event.key === 'ArrowDown') go(here + 1);
  else if (event.key === 'ArrowUp') go(here - 1);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(items.length - 1);
  else return;
  event.preventDefault();
}
