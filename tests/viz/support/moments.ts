/** Who is on the map of a run at a moment of it, as a page shows it. */
import type { NodeFrame } from '../../../src/sim/index.ts';
import { engine } from '../../../src/viz/worker/engine.ts';
import { harness } from './harness.ts';

/** A page that is open at this run, and goes to one moment after the other. */
export function pageOf(link: string): (micros: number) => readonly NodeFrame[] {
  const { controller, settle } = harness(engine);
  controller.start();
  controller.open({ from: 'link', link });
  settle();
  return (micros) => {
    controller.scrubTo(micros);
    settle();
    return controller.state.scene!.nodes;
  };
}

export const nodesAt = (link: string, micros: number): readonly NodeFrame[] => pageOf(link)(micros);

export const named = (nodes: readonly NodeFrame[], name: string): NodeFrame =>
  nodes.find((node) => node.name === name)!;

export const nodeAt = (link: string, micros: number, name: string): NodeFrame =>
  named(nodesAt(link, micros), name);
