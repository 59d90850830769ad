/** Takes every call of Pixi's drawing; and a node drawn on it, with what is written. */
import type { Graphics } from 'pixi.js';
import type { NodeFrame, View } from '../../../src/sim/index.ts';
import { painterOf } from '../../../src/viz/painters/index.ts';
import type { LabelOptions } from '../../../src/viz/painters/painter.ts';
import { TOKENS } from '../../../src/viz/theme/tokens.ts';
import type { Theme } from '../../../src/viz/theme/tokens.ts';

export interface Call {
  readonly name: string;
  readonly given: readonly unknown[];
}

export function paper() {
  const calls: Call[] = [];
  const graphics: object = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...given: unknown[]) => {
          calls.push({ name: String(name), given });
          return graphics;
        },
    },
  );
  return { graphics: graphics as Graphics, calls, strokes: () => calls.length };
}

export interface Written {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly options: LabelOptions;
}

/** The same node, as if it said this of itself. */
export const saying = <V extends View>(node: NodeFrame, view: V): NodeFrame => ({ ...node, view });

export function drawn(
  node: NodeFrame,
  { near = true, theme = 'dark' as Theme, radius = 34, micros = 0 } = {},
) {
  const shape = paper();
  const over = paper();
  const labels: Written[] = [];
  painterOf(node.component).draw(
    {
      shape: shape.graphics,
      over: over.graphics,
      radius,
      tokens: TOKENS[theme],
      near,
      micros,
      label: (text, x, y, options) => labels.push({ text, x, y, options }),
    },
    node,
  );
  const calls = [...shape.calls, ...over.calls];
  return {
    texts: labels.map(({ text }) => text),
    labels,
    shape: shape.strokes(),
    over: over.strokes(),
    calls,
  };
}
