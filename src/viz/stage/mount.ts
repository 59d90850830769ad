/** Puts the stage on the page: the part that needs Pixi, and is loaded after the page is there. */
import type { Controller } from '../state/controller.ts';
import { focusOf } from '../state/focus.ts';
import { TOKENS } from '../theme/tokens.ts';
import type { FrameLoop } from './loop.ts';
import { chooseRenderer } from './renderer.ts';
import type { RendererName } from './renderer.ts';
import { Stage } from './stage.ts';
import type { StageView } from './view-model.ts';

export interface MountedStage {
  readonly rendererName: RendererName;
  destroy(): void;
}

/** `lost` is told when the graphics card gave up: what is on the canvas then is gone. */
export async function mountStage(
  host: HTMLElement,
  controller: Controller,
  loop: FrameLoop,
  view: StageView,
  lost: () => void,
  wanted?: RendererName,
): Promise<MountedStage> {
  const rendererName = wanted ?? chooseRenderer(new URLSearchParams(location.search));
  const stage = await Stage.create(host, rendererName, TOKENS[controller.state.theme]);
  host.dataset['layers'] = stage.layers.join(' ');
  let width = host.clientWidth;
  let height = host.clientHeight;
  const draw = () => {
    if (host.clientWidth !== width || host.clientHeight !== height) {
      width = host.clientWidth;
      height = host.clientHeight;
      stage.resize(width, height);
    }
    const { state } = controller;
    const scene = controller.scene();
    view.setNodes(scene.nodes, scene.faults);
    view.advance(performance.now(), state.reducedMotion);
    stage.draw({
      scene,
      layout: view.layout,
      viewport: view.viewport,
      tokens: TOKENS[state.theme],
      counted: view.counted,
      lately: controller.lately(),
      reducedMotion: state.reducedMotion,
      marks: {
        selected: state.selected,
        focus: focusOf(state, scene),
        stroke: view.strokeLine,
        farSide: view.farSide,
      },
    });
  };
  const stop = loop.onDraw(draw);
  stage.canvas.addEventListener('webglcontextlost', lost);
  return {
    rendererName: stage.rendererName,
    destroy: () => {
      stop();
      stage.canvas.removeEventListener('webglcontextlost', lost);
      stage.destroy();
    },
  };
}
