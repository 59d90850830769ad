/** The map: the canvas, the buttons that mirror its nodes, its tools and its legend. */
import { HeartPulse, Maximize, Scissors, SlidersHorizontal, ZoomIn, ZoomOut } from 'lucide-preact';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { listenToPointers } from '../stage/pointers.ts';
import type { RendererName } from '../stage/renderer.ts';
import type { StageView } from '../stage/view-model.ts';
import type { MountedStage } from '../stage/mount.ts';
import { cutLinksDeed, healAll, partitionDeed } from '../state/acts.ts';
import type { Controller } from '../state/controller.ts';
import { islandName } from '../state/islands.ts';
import { useApp, usePage } from './context.ts';
import { Legend } from './legend.tsx';
import { NodeMirror } from './node-mirror.tsx';
import { IconButton } from './parts.tsx';

const ICON = { size: 20, 'aria-hidden': true } as const;

export function StagePanel() {
  const { loop, stageView } = usePage();
  const host = useRef<HTMLDivElement>(null);
  const groups = useApp((state) => state.run?.plan.groups);
  const tool = useApp((state) => state.tool);

  useEffect(() => {
    if (groups !== undefined) stageView.setGroups(groups);
    loop.request();
  }, [groups, stageView, loop]);

  const { failed, renderer } = useStage(host);

  return (
    <section class="stage-panel" aria-label="Map of the system">
      <div
        ref={host}
        class={`stage-host tool-${tool}`}
        data-renderer={renderer}
        onContextMenu={(event) => event.preventDefault()}
      >
        {failed !== null && (
          <p class="problem" role="alert">
            The map could not be drawn: {failed} Everything else works; try ?renderer=canvas.
          </p>
        )}
        <NodeMirror />
      </div>
      <Tools />
      <InForce />
      <StrokeHint />
      <Legend />
    </section>
  );
}

/** Keeps a stage in the element: what draws it, or why nothing can. */
function useStage(host: RefObject<HTMLDivElement>) {
  const { controller, loop, stageView } = usePage();
  const [failed, setFailed] = useState<string | null>(null);
  const [renderer, setRenderer] = useState('');
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    let mounted: MountedStage | null = null;
    let gone = false;
    const measure = () => {
      stageView.setSize(element.clientWidth, element.clientHeight);
      loop.request();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const stopPointers = listenToPointers(element, pointerPorts(controller, stageView));
    // The page is there first; what draws is fetched after.
    const mount = (wanted?: RendererName): Promise<void> =>
      import('../stage/mount.ts')
        .then(({ mountStage }) => mountStage(element, controller, loop, stageView, lost, wanted))
        .then((stage) => {
          if (gone) {
            stage.destroy();
            return;
          }
          mounted = stage;
          setRenderer(stage.rendererName);
          loop.request();
        })
        .catch((error: unknown) => setFailed(String((error as Error).message)));
    // A graphics card can give up at any time; the picture goes on without it.
    const lost = () => {
      mounted?.destroy();
      mounted = null;
      if (!gone) void mount('canvas');
    };
    void mount();
    return () => {
      gone = true;
      observer.disconnect();
      stopPointers();
      mounted?.destroy();
    };
  }, [host, controller, loop, stageView]);
  return { failed, renderer };
}

function pointerPorts(controller: Controller, view: StageView) {
  return {
    viewport: () => view.viewport,
    setViewport: (next: StageView['viewport']) => view.setViewport(next),
    isKnife: () => controller.state.tool === 'knife',
    stroke: (line: StageView['strokeLine']) => view.setStroke(line),
    strokeEnd: (line: NonNullable<StageView['strokeLine']>) => {
      view.setStroke(line);
      cut(controller, view);
      view.setStroke(null);
    },
    background: () => {
      controller.select(null);
      controller.patch({ menuOf: null });
    },
  };
}

/** What the finished stroke cuts becomes a fault of the run. */
function cut(controller: Controller, view: StageView): void {
  const { scene, spec } = controller.state;
  const { stroke } = view;
  if (scene === null || spec === null || stroke.cuts === 'nothing') return;
  const nameOf = (index: number) => scene.nodes.find((node) => node.index === index)?.name ?? '';
  if (stroke.cuts === 'link') {
    const { a, b } = stroke.link;
    controller.act(cutLinksDeed(spec, [[nameOf(a), nameOf(b)]]));
  } else {
    controller.act(
      partitionDeed(
        spec,
        stroke.sides.map((indexes) => indexes.map(nameOf)),
      ),
    );
  }
  controller.patch({ tool: 'select' });
}

function Tools() {
  const { controller, stageView } = usePage();
  const tool = useApp((state) => state.tool);
  const scene = useApp((state) => state.scene);
  const heal = scene === null ? null : healAll(scene).deed;
  return (
    <div class="stage-tools" role="toolbar" aria-label="Tools of the map" data-control>
      <IconButton
        label="Knife: draw a line through links"
        keys="X"
        pressed={tool === 'knife'}
        onClick={() => controller.patch({ tool: tool === 'knife' ? 'select' : 'knife' })}
      >
        <Scissors {...ICON} />
      </IconButton>
      <button
        type="button"
        class="button"
        title="Choose who is on which side (C)"
        onClick={() => controller.patch({ dialog: 'cut' })}
      >
        Cut …
      </button>
      <IconButton
        label="Heal all"
        keys="H"
        disabled={heal === null}
        onClick={() => heal !== null && controller.act(heal)}
      >
        <HeartPulse {...ICON} />
      </IconButton>
      <IconButton
        label="Loss and latency of the network"
        keys="G"
        onClick={() => controller.patch({ dialog: 'network' })}
      >
        <SlidersHorizontal {...ICON} />
      </IconButton>
      <span class="tools-gap" />
      <IconButton class="zoom" label="Zoom in" keys="+" onClick={() => stageView.zoom(1.3)}>
        <ZoomIn {...ICON} />
      </IconButton>
      <IconButton class="zoom" label="Zoom out" keys="-" onClick={() => stageView.zoom(1 / 1.3)}>
        <ZoomOut {...ICON} />
      </IconButton>
      <IconButton class="zoom" label="Fit the map" keys="F" onClick={() => stageView.fit()}>
        <Maximize {...ICON} />
      </IconButton>
    </div>
  );
}

/** Every fault in force, in words: some have no place on the map. */
function InForce() {
  const faults = useApp((state) => state.scene?.faults ?? NONE);
  if (faults.length === 0) return null;
  return (
    <ul class="in-force" aria-label="Faults in force">
      {faults.map((fault) => (
        <li key={fault.id} class={`by-${fault.by}`}>
          {!fault.label.startsWith(fault.type) && <strong>{fault.type}</strong>} {fault.label}
        </li>
      ))}
    </ul>
  );
}

const NONE: readonly never[] = [];

function StrokeHint() {
  const { stageView, loop } = usePage();
  const tool = useApp((state) => state.tool);
  const scene = useApp((state) => state.scene);
  const [text, setText] = useState('');
  useEffect(() => {
    if (tool !== 'knife') return;
    const nameOf = (index: number) => scene?.nodes.find((node) => node.index === index)?.name;
    return loop.onDraw(() => {
      const { stroke, strokeLine } = stageView;
      if (strokeLine === null) setText('Draw a line through the links to cut. Esc puts it away.');
      else if (stroke.cuts === 'nothing') setText('This cuts nothing yet.');
      else if (stroke.cuts === 'link') {
        setText(`Cuts the link ${nameOf(stroke.link.a)} – ${nameOf(stroke.link.b)}.`);
      } else {
        const sides = stroke.sides.map(
          (indexes, i) => `${islandName(i)}: ${indexes.map(nameOf).join(' ')}`,
        );
        setText(`Cuts the network: ${sides.join(' · ')}`);
      }
    });
  }, [tool, loop, stageView, scene]);
  if (tool !== 'knife') return null;
  return (
    <p class="stroke-hint" role="status">
      {text}
    </p>
  );
}
