/**
 * The map for keyboards and screen readers: one button per node, where the node is drawn.
 *
 * One Tab stop with roving focus: arrows go to the nearest node that way. Enter selects, M or
 * Shift+F10 opens the node's menu. Mouse clicks use the same buttons.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Point } from '../layout/geometry.ts';
import { toScreen } from '../layout/viewport.ts';
import { describeNode, painterOf } from '../painters/index.ts';
import type { StageView } from '../stage/view-model.ts';
import type { FaultFrame, NodeFrame } from '../../sim/index.ts';
import { useApp, usePage } from './context.ts';
import { focusNode } from './focus-node.ts';
import { NodeMenu } from './node-menu.tsx';

const TARGET_MIN = 44;

export function NodeMirror() {
  const { controller, loop, stageView } = usePage();
  const list = useRef<HTMLDivElement>(null);
  const nodes = useApp((state) => state.scene?.nodes ?? NONE);
  const faults = useApp((state) => state.scene?.faults ?? NO_FAULTS);
  const selected = useApp((state) => state.selected);
  const menuOf = useApp((state) => state.menuOf);
  const reachable = nodes.some((node) => node.index === selected) ? selected : nodes[0]?.index;

  useEffect(
    () =>
      loop.onDraw(() => {
        const { nodes, faults } = controller.scene();
        stageView.setNodes(nodes, faults);
        place(list.current, stageView);
      }),
    [loop, stageView, controller],
  );
  useEffect(() => {
    stageView.setNodes(nodes, faults);
    place(list.current, stageView);
  }, [nodes, faults, stageView]);

  return (
    <div ref={list} class="mirror" role="group" aria-label="Nodes">
      {nodes.map((node) => (
        <MirrorNode
          key={node.index}
          node={node}
          reachable={node.index === reachable}
          selected={node.index === selected}
        />
      ))}
      {menuOf !== null && <NodeMenu node={nodes.find((node) => node.index === menuOf) ?? null} />}
    </div>
  );
}

function MirrorNode(props: { node: NodeFrame; reachable: boolean; selected: boolean }) {
  const { controller, stageView } = usePage();
  const { node, reachable, selected } = props;
  const openMenu = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    controller.select(node.index);
    controller.patch({ menuOf: node.index });
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => {
    const way = ARROWS.get(event.key);
    if (way !== undefined && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      const next = neighbour(stageView, node.index, way);
      if (next !== null) focusNode(event.currentTarget.parentElement, next);
    } else if (event.key === ' ') {
      // Space plays, as everywhere on the page; Enter selects.
      event.preventDefault();
      event.stopPropagation();
      controller.toggle();
    } else if (event.key.toLowerCase() === 'm' || (event.key === 'F10' && event.shiftKey)) {
      openMenu(event);
    }
  };
  return (
    <button
      type="button"
      class="mirror-node"
      data-node={node.index}
      tabIndex={reachable ? 0 : -1}
      aria-pressed={selected}
      aria-haspopup="menu"
      aria-label={describeNode(node)}
      title={painterOf(node.component).hint(node) || undefined}
      onClick={() => {
        controller.select(node.index);
        if (controller.state.tab !== 'inspect') controller.patch({ tab: 'inspect' });
      }}
      onContextMenu={openMenu}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => {
        if (event.key === ' ') event.preventDefault();
      }}
      onFocus={(event) => {
        for (const other of event.currentTarget.parentElement?.children ?? []) {
          if (other instanceof HTMLButtonElement) other.tabIndex = -1;
        }
        event.currentTarget.tabIndex = 0;
      }}
    />
  );
}

const NONE: readonly NodeFrame[] = [];
const NO_FAULTS: readonly FaultFrame[] = [];

const ARROWS: ReadonlyMap<string, Point> = new Map([
  ['ArrowLeft', { x: -1, y: 0 }],
  ['ArrowRight', { x: 1, y: 0 }],
  ['ArrowUp', { x: 0, y: -1 }],
  ['ArrowDown', { x: 0, y: 1 }],
]);

/** The nearest node in a direction: nearness counts, and straying from the direction costs. */
function neighbour(view: StageView, from: number, way: Point): number | null {
  const start = view.layout.places.get(from);
  if (start === undefined) return null;
  let best: number | null = null;
  let bestCost = Infinity;
  for (const place of view.layout.places.values()) {
    const dx = place.x - start.x;
    const dy = place.y - start.y;
    const along = dx * way.x + dy * way.y;
    if (place.index === from || along <= 1) continue;
    const across = Math.abs(dx * way.y) + Math.abs(dy * way.x);
    const cost = along + 2 * across;
    if (cost < bestCost) {
      best = place.index;
      bestCost = cost;
    }
  }
  return best;
}

/** Puts every button where its node is drawn, and makes it big enough for a finger. */
function place(list: HTMLElement | null, view: StageView): void {
  for (const child of list?.children ?? []) {
    if (!(child instanceof HTMLElement)) continue;
    const index = Number(child.dataset['node']);
    const spot = view.layout.places.get(index);
    if (spot === undefined) continue;
    const at = toScreen(view.viewport, spot);
    const size = Math.max(TARGET_MIN, 2 * (spot.radius + 4) * view.viewport.scale);
    const { style } = child;
    style.width = `${size}px`;
    style.height = `${size}px`;
    style.transform = `translate(${at.x - size / 2}px, ${at.y - size / 2}px)`;
  }
}
